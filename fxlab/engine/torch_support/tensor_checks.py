"""Checks of the tensors that are passed to the functions of the engine."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.engine.torch_support.buffer_pool import NUMPY_DTYPES
from fxlab.engine.torch_support.precision import float64_device
from fxlab.errors import EngineError


def check_signal(caller: str, x: Tensor) -> None:
    """Raise an `EngineError` if `x` is not a real floating-point tensor with at least one dimension."""
    if not isinstance(x, Tensor):
        raise EngineError(f"{caller}: x is a {type(x).__name__}; it must be a tensor of shape (..., time)")
    if x.dim() == 0:
        raise EngineError(f"{caller}: x has no dimensions; it must have the shape (..., time)")
    if not x.is_floating_point():
        raise EngineError(f"{caller}: x has dtype {x.dtype}; it must be real floating point: convert it with x.float()")


def check_matches_signal(caller: str, name: str, value: Tensor, x: Tensor) -> None:
    """Raise an `EngineError` if `value` is not floating-point, not on the device of `x`, or less precise than `x`.

    A value on the CPU is also accepted if the device of `x` has no float64.
    """
    if not value.is_floating_point():
        raise EngineError(f"{caller}: {name} has dtype {value.dtype}; it must be float64 or float32")
    if value.device not in {x.device, float64_device(x.device)}:
        raise EngineError(f"{caller}: {name} is on {value.device}, x on {x.device}; move one with .to(device)")
    if torch.finfo(value.dtype).eps > torch.finfo(x.dtype).eps:
        raise EngineError(
            f"{caller}: {name} is {value.dtype} and x is {x.dtype}; {name} must be at least as precise as x: "
            f"compute it in {x.dtype}, or convert it with .to({x.dtype}) if its precision suffices"
        )


def all_finite(x: Tensor) -> bool:
    """Return whether no value of `x` is NaN or infinite.

    >>> all_finite(torch.tensor([1e308, 1e308], dtype=torch.float64))  # whose sum is infinite
    True
    """
    # A sum takes a third of the time of a test of all values, and it is not finite if a value is not.
    return bool(torch.isfinite(x.sum()) or torch.isfinite(x).all())


def may_use_numpy(*values: Tensor) -> bool:
    """Return whether NumPy may read all `values`: dense float32 or float64 tensors on the CPU that require no gradient.

    The result is False for a subclass of `Tensor` and for a view that PyTorch marks as negative, and while a dispatch
    mode of PyTorch is active, such as that of `torch.export`.
    """
    for value in values:
        if (
            type(value) is not Tensor
            or not value.is_cpu
            or value.requires_grad
            or value.is_neg()
            or value.layout is not torch.strided
            or value.dtype not in NUMPY_DTYPES
        ):
            return False
    return not torch._C._len_torch_dispatch_stack()


def check_count(caller: str, name: str, value: object, unit: str = "") -> None:
    """Raise an `EngineError` unless the argument `name` of `caller` is an `int` of at least 1.

    `unit` is what the value counts, such as "samples", or empty.
    """
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        of_unit = f" number of {unit}" if unit else ""
        raise EngineError(f"{caller}: {name} is {value!r}; it must be an integer{of_unit}, 1 or more")

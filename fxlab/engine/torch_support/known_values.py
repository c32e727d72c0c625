"""Functions that read the values of tensors where they are available.

Values are not available in tensors that `vmap` maps and on the meta device, and must not be read while PyTorch records
a graph, because they would become constants of the graph; see `tracing.is_recorded`. Checks of values use `any_true`
and `all_true`, which return False where values are not available.
"""

from __future__ import annotations

from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor

from fxlab.engine.torch_support.tracing import is_plain_tensor, is_recorded, needs_derivative


def scalar_value(x: Tensor) -> float | None:
    """Return the value of a tensor with one element, or None where it is not available.

    It is not available if `vmap` maps the tensor, on the meta device, and in a recorded graph.
    """
    if is_recorded():
        return None
    try:
        return x.item()
    except RuntimeError:
        return None


def plain_numbers(*values: Tensor) -> tuple[float, ...] | None:
    """Return the numbers in `values` if all are float64 tensors without dimensions on the CPU, otherwise None.

    The result is also None if a derivative is needed, while PyTorch records or transforms this code, and while a
    dispatch mode is active; see `tracing.is_plain_tensor`. Functions of a few numbers take a tenth of the time with
    Python's floats.

    >>> plain_numbers(torch.tensor(0.5, dtype=torch.float64))
    (0.5,)
    """
    for value in values:
        if value.dim() or value.dtype is not torch.float64 or not is_plain_tensor(value):
            return None
    return None if needs_derivative(*values) else tuple(value.item() for value in values)


def any_true(condition: Tensor) -> bool:
    """Return whether any element is known to be true.

    The result is False if `vmap` maps the tensor, on the meta device, and in a recorded graph.
    """
    if is_recorded():
        return False
    try:
        return bool(condition.any())
    except RuntimeError:
        return False


def all_true(condition: Tensor) -> bool:
    """Return whether all elements are known to be true.

    The result is False if `vmap` maps the tensor, on the meta device, and in a recorded graph.
    """
    if is_recorded():
        return False
    try:
        return bool(condition.all())
    except RuntimeError:
        return False


def numpy_values(x: Tensor) -> NDArray[Any] | None:
    """Return the values of `x` as a NumPy array, or None where they are not available.

    They are not available if `vmap` maps the tensor, on the meta device, in `torch.compile` and in `torch.export`. In
    `torch.jit.trace` they are, and PyTorch warns that they become constants of the graph.
    """
    if torch.compiler.is_compiling():
        return None
    try:
        with torch._C._DisableFuncTorch():
            return to_numpy(unwrap_gradients(x))
    except RuntimeError:
        return None


def to_numpy(x: Tensor) -> NDArray[Any]:
    """Return the values of `x` as a NumPy array, which may share its memory.

    NumPy cannot read views that PyTorch marks as conjugate or negative, so these are copied.

    >>> to_numpy(torch.tensor([1 + 2j]).conj().imag)
    array([-2.], dtype=float32)
    """
    array: NDArray[Any] = x.detach().cpu().resolve_conj().resolve_neg().numpy()
    return array


def unwrap_gradients(x: Tensor) -> Tensor:
    """Return the tensor inside the wrappers that `torch.func.grad`, `vjp` and `jvp` put around `x`.

    Unwrapping ends at a tensor with a dimension that `vmap` maps.
    """
    functorch = torch._C._functorch
    while functorch.is_functorch_wrapped_tensor(x) and not functorch.is_batchedtensor(x):
        x = functorch.get_unwrapped(x)
    return x


def unwrap_transforms(x: Tensor) -> Tensor:
    """Return the tensor inside all wrappers of `torch.func`; it includes the dimensions that `vmap` maps."""
    functorch = torch._C._functorch
    while functorch.is_functorch_wrapped_tensor(x):
        x = functorch.get_unwrapped(x)
    return x

"""Checks of second-order sections, `(..., sections, 6)`."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.engine.torch_support.precision import float64_device
from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.engine.torch_support.tensor_checks import all_finite
from fxlab.engine.torch_support.tracing import is_traced
from fxlab.errors import EngineError


def check_sections(caller: str, sos: Tensor) -> None:
    """Raise an `EngineError` if `sos` is not a tensor `(..., sections, 6)`."""
    if not isinstance(sos, Tensor):
        raise EngineError(f"{caller}: sos is a {type(sos).__name__}; it must be a tensor (..., sections, 6)")
    if sos.dim() < 2 or sos.shape[-1] != 6:
        raise EngineError(
            f"{caller}: sos has the shape {tuple(sos.shape)}; it must be (..., sections, 6) with rows b0 b1 b2 a0 a1 a2"
        )


def normalize_sections(caller: str, sos: Tensor, *, copy: bool = True) -> Tensor:
    """Return the sections in float64, divided by their `a0`.

    If `copy` is false, the result may be `sos` itself.

    Raises:
        EngineError: The shape is wrong, an `a0` is 0, or a coefficient is not finite; values are not checked if PyTorch
            traces this code (`is_traced`).
    """
    check_sections(caller, sos)
    coefficients = sos.to(float64_device(sos.device), torch.float64)
    if copy or sos.requires_grad or is_traced(sos) or not (coefficients[..., 3] == 1.0).all():
        coefficients = coefficients / coefficients[..., 3:4]
    if not (is_traced(sos) or all_finite(coefficients)):
        raise EngineError(_describe_bad_section(caller, sos))
    return coefficients


def _describe_bad_section(caller: str, sos: Tensor) -> str:
    flat = sos.detach().reshape(-1, sos.shape[-2], 6)
    bad = ~torch.isfinite(flat.double() / flat[..., 3:4].double()).all(-1)
    batch, section = torch.nonzero(bad)[0].tolist()
    row = flat[batch, section]
    reason = "a0 is 0" if row[3] == 0 else "a coefficient is not finite"
    return (
        f"{caller}: {reason} in section {section}: {row.tolist()} (b0 b1 b2 a0 a1 a2); "
        "every coefficient must be finite and a0 not 0; check the design that produced it"
    )


def broadcast_batch_shape(caller: str, x: Tensor, sos: Tensor, own_dims: int = 2) -> torch.Size:
    """Return the shape to which the leading dimensions of `x` and `sos` broadcast.

    These are all dimensions except the last of `x` and the last `own_dims` of `sos`.

    Raises:
        EngineError: The dimensions do not broadcast.
    """
    if sos.dim() == own_dims:
        return x.shape[:-1]
    try:
        return broadcast_shapes(x.shape[:-1], sos.shape[:-own_dims])
    except RuntimeError:
        raise EngineError(
            f"{caller}: x of shape {tuple(x.shape)} and sos of shape {tuple(sos.shape)}: "
            f"the leading dimensions {tuple(x.shape[:-1])} and {tuple(sos.shape[:-own_dims])} do not broadcast"
        ) from None

"""Second-order sections as an argument: what shapes and types are taken, and what is said of the others."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.errors import EngineError

WITHOUT_FLOAT64 = {"mps"}


def home(device: torch.device) -> torch.device:
    """Where float64 lives: the device itself, or the CPU where it has none (Apple's)."""
    return torch.device("cpu") if device.type in WITHOUT_FLOAT64 else device


def transformed(x: Tensor) -> bool:
    """Whether PyTorch is tracing or transforming this code, so that no value may be looked at."""
    return (
        x.is_meta
        or torch.compiler.is_compiling()
        or torch._C._are_functorch_transforms_active()
        or torch.autograd.forward_ad._current_level >= 0
    )


def check_signal(caller: str, x: Tensor) -> None:
    """Refuse what is not a tensor of real floating point with a time dimension."""
    if not isinstance(x, Tensor):
        raise EngineError(f"{caller}: x is a {type(x).__name__}; it must be a tensor of shape (..., time)")
    if x.dim() == 0:
        raise EngineError(f"{caller}: x has no dimensions; it must have the shape (..., time)")
    if not x.is_floating_point():
        raise EngineError(f"{caller}: x has dtype {x.dtype}; it must be real floating point: convert it with x.float()")


def check_companion(caller: str, name: str, value: Tensor, x: Tensor) -> None:
    """Refuse a tensor that lives elsewhere than the signal, or has fewer digits."""
    if not value.is_floating_point():
        raise EngineError(f"{caller}: {name} has dtype {value.dtype}; it must be float64 or float32")
    if value.device not in {x.device, home(x.device)}:
        raise EngineError(f"{caller}: {name} is on {value.device}, x on {x.device}; move one with .to(device)")
    if torch.finfo(value.dtype).eps > torch.finfo(x.dtype).eps:
        raise EngineError(
            f"{caller}: {name} is {value.dtype} and x is {x.dtype}; {name} must have at least "
            f"the digits of x: compute it in {x.dtype}, or convert it with .to({x.dtype}) where its digits suffice"
        )


def check_sections(caller: str, sos: Tensor) -> None:
    """Refuse what is not a tensor `(..., sections, 6)`."""
    if not isinstance(sos, Tensor):
        raise EngineError(f"{caller}: sos is a {type(sos).__name__}; it must be a tensor (..., sections, 6)")
    if sos.dim() < 2 or sos.shape[-1] != 6:
        raise EngineError(
            f"{caller}: sos has the shape {tuple(sos.shape)}; it must be (..., sections, 6) with rows b0 b1 b2 a0 a1 a2"
        )


def normalise(caller: str, sos: Tensor) -> Tensor:
    """Check the sections and give them in float64 with `a0 = 1`."""
    check_sections(caller, sos)
    coefficients = sos.to(home(sos.device), torch.float64)
    coefficients = coefficients / coefficients[..., 3:4]
    if not (transformed(sos) or torch.isfinite(coefficients).all()):
        raise EngineError(_reason(caller, sos))
    return coefficients


def _reason(caller: str, sos: Tensor) -> str:
    flat = sos.detach().reshape(-1, sos.shape[-2], 6)
    bad = ~torch.isfinite(flat.double() / flat[..., 3:4].double()).all(-1)
    batch, section = torch.nonzero(bad)[0].tolist()
    row = flat[batch, section]
    reason = "a0 is 0" if row[3] == 0 else "a coefficient is not finite"
    return (
        f"{caller}: {reason} in section {section}: {row.tolist()} (b0 b1 b2 a0 a1 a2); "
        "every coefficient must be finite and a0 not 0: look at the design that made it"
    )


def broadcast_lead(caller: str, x: Tensor, sos: Tensor) -> torch.Size:
    """The leading dimensions that the signal and the sections share."""
    if sos.dim() == 2:
        return x.shape[:-1]
    try:
        return broadcast_shapes(x.shape[:-1], sos.shape[:-2])
    except RuntimeError:
        raise EngineError(
            f"{caller}: x of shape {tuple(x.shape)} and sos of shape {tuple(sos.shape)}: "
            f"the leading dimensions {tuple(x.shape[:-1])} and {tuple(sos.shape[:-2])} do not broadcast"
        ) from None


def starting_state(caller: str, state: Tensor | None, lead: torch.Size, sections: int, x: Tensor) -> Tensor:
    """The state to begin with, `(*lead, sections, 2)` in float64: the one given, or silence."""
    if state is None:
        return torch.zeros(*lead, sections, 2, dtype=torch.float64, device=home(x.device))
    if not isinstance(state, Tensor):
        raise EngineError(f"{caller}: state is a {type(state).__name__}; it must be a tensor (..., sections, 2)")
    check_companion(caller, "state", state, x)
    message = f"{caller}: state has the shape {tuple(state.shape)}; x and sos need {(*lead, sections, 2)}"
    if state.dim() < 2 or state.shape[-2:] != (sections, 2):
        raise EngineError(message)
    try:
        return state.to(home(x.device), torch.float64).expand(*lead, sections, 2)
    except RuntimeError:
        raise EngineError(message) from None


def state_of(  # noqa: PLR0917
    caller: str, state: Tensor | None, lead: torch.Size, n: int, x: Tensor, others: str
) -> Tensor:
    """The state of `n` numbers to begin with, `(*lead, n)` in float64: the one given, or rest."""
    if state is None:
        return torch.zeros(*lead, n, dtype=torch.float64, device=home(x.device))
    if not isinstance(state, Tensor):
        raise EngineError(f"{caller}: state is a {type(state).__name__}; it must be a tensor (..., {n})")
    check_companion(caller, "state", state, x)
    try:
        if state.dim() == 0 or state.shape[-1] != n:
            raise RuntimeError
        return state.to(home(x.device), torch.float64).expand(*lead, n)
    except RuntimeError:
        raise EngineError(f"{caller}: state has the shape {tuple(state.shape)}; x{others} need {(*lead, n)}") from None

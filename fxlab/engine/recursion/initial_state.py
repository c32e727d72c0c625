"""The first state of a recursion: the state that the caller passes, or zeros."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.engine.torch_support.precision import float64_device
from fxlab.engine.torch_support.state_shape import StateShapeError
from fxlab.engine.torch_support.tensor_checks import check_matches_signal
from fxlab.errors import EngineError


def initial_section_state(
    caller: str, state: Tensor | None, batch_shape: torch.Size, sections: int, x: Tensor
) -> Tensor:
    """Return the first state of sections, `(*batch_shape, sections, 2)` in float64; a `state` of None means zeros.

    Raises:
        EngineError: `state` is not a tensor, or its shape, dtype or device is wrong.
    """
    if state is None:
        return torch.zeros(*batch_shape, sections, 2, dtype=torch.float64, device=float64_device(x.device))
    if not isinstance(state, Tensor):
        raise EngineError(f"{caller}: state is a {type(state).__name__}; it must be a tensor (..., sections, 2)")
    check_matches_signal(caller, "state", state, x)
    shape = (*batch_shape, sections, 2)
    message = f"{caller}: state has the shape {tuple(state.shape)}; x and sos need {shape}"
    if batch_shape and state.shape == (sections, *batch_shape, 2):
        message += ". SciPy puts the sections first: write state.movedim(0, -2)"
    if state.dim() < 2 or state.shape[-2:] != (sections, 2):
        raise StateShapeError(message, state.shape, shape)
    try:
        return state.to(float64_device(x.device), torch.float64).expand(shape)
    except RuntimeError:
        raise StateShapeError(message, state.shape, shape) from None


def initial_state(  # noqa: PLR0917
    caller: str, state: Tensor | None, batch_shape: torch.Size, n: int, x: Tensor, others: str
) -> Tensor:
    """Return the first state of a state space, `(*batch_shape, n)` in float64; a `state` of None means zeros.

    `others` names the arguments that determine the shape together with x, as they follow "x" in an error message, such
    as " and system".

    Raises:
        EngineError: `state` is not a tensor, or its shape, dtype or device is wrong.
    """
    if state is None:
        return torch.zeros(*batch_shape, n, dtype=torch.float64, device=float64_device(x.device))
    if not isinstance(state, Tensor):
        raise EngineError(f"{caller}: state is a {type(state).__name__}; it must be a tensor (..., {n})")
    check_matches_signal(caller, "state", state, x)
    try:
        if state.dim() == 0 or state.shape[-1] != n:
            raise RuntimeError
        return state.to(float64_device(x.device), torch.float64).expand(*batch_shape, n)
    except RuntimeError:
        shape = (*batch_shape, n)
        message = f"{caller}: state has the shape {tuple(state.shape)}; x{others} need {shape}"
        raise StateShapeError(message, state.shape, shape) from None

"""Checks of the arguments of recursions over rows: a signal, parameters for each row, and a state."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.engine.torch_support.precision import widest_dtype
from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.engine.torch_support.state_shape import StateShapeError
from fxlab.engine.torch_support.tensor_checks import check_matches_signal, check_signal
from fxlab.errors import EngineError


def broadcast_rows(caller: str, x: Tensor, **parameters: float | Tensor) -> tuple[Tensor, list[Tensor]]:
    """Check the signal and the parameters, and return them with broadcast leading dimensions.

    Returns:
        The signal, in float64 if it is float64 and otherwise in float32, and the parameters as `(..., 1)`, in float64
        (float32 on a device without float64).

    Raises:
        EngineError: A shape, dtype or device is wrong; the message names the function `caller`.
    """
    check_signal(caller, x)
    batch_shape = tuple(x.shape[:-1])
    tensors = []
    for name, value in parameters.items():
        if isinstance(value, Tensor):
            check_matches_signal(caller, name, value, x)
            try:
                batch_shape = broadcast_shapes(batch_shape, tuple(value.shape))
            except RuntimeError:
                raise EngineError(
                    f"{caller}: {name} has the shape {tuple(value.shape)}; it must broadcast to x's leading "
                    f"dimensions {tuple(x.shape[:-1])}"
                ) from None
            tensors.append(value.to(widest_dtype(x)))
        else:
            tensors.append(torch.tensor(value, dtype=widest_dtype(x), device=x.device))
    signal = x.to(torch.float64 if x.dtype == torch.float64 else torch.float32)
    return signal.expand(*batch_shape, x.shape[-1]), [t.expand(batch_shape).unsqueeze(-1) for t in tensors]


def initial_row_state(caller: str, state: Tensor | None, x: Tensor, size: int) -> Tensor:
    """Return the first state of each row, `(..., size)`, in float64 (float32 on MPS); a `state` of None means zeros.

    Raises:
        EngineError: `state` is not a tensor, or its shape, dtype or device is wrong.
    """
    shape = (*x.shape[:-1], size)
    if state is None:
        return torch.zeros(shape, dtype=widest_dtype(x), device=x.device)
    if not isinstance(state, Tensor):
        raise EngineError(f"{caller}: state is a {type(state).__name__}; it must be a tensor of shape {shape}")
    check_matches_signal(caller, "state", state, x)
    try:
        if state.shape[-1] != size:
            raise RuntimeError
        return state.to(widest_dtype(x)).expand(shape)
    except (RuntimeError, IndexError):
        message = f"{caller}: state has the shape {tuple(state.shape)}; x and the parameters need {shape}"
        raise StateShapeError(message, state.shape, shape) from None

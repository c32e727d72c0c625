"""What recursions over rows are handed: a signal, numbers for each row, a state; checked and brought to one shape."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.engine.torch_support.precision import widest_dtype
from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.engine.torch_support.tensor_checks import check_matches_signal, check_signal
from fxlab.errors import EngineError


def rows(caller: str, x: Tensor, **numbers: float | Tensor) -> tuple[Tensor, list[Tensor]]:
    """Give x in the type it is computed in, and the named numbers as `(..., 1)`, all of the same leading dimensions.

    Half precision is computed in float32. The numbers are carried in float64, however few digits x has.
    """
    check_signal(caller, x)
    lead = tuple(x.shape[:-1])
    tensors = []
    for name, number in numbers.items():
        if isinstance(number, Tensor):
            check_matches_signal(caller, name, number, x)
            try:
                lead = broadcast_shapes(lead, tuple(number.shape))
            except RuntimeError:
                raise EngineError(
                    f"{caller}: {name} has the shape {tuple(number.shape)}; it must broadcast to x's leading "
                    f"dimensions {tuple(x.shape[:-1])}"
                ) from None
            tensors.append(number.to(widest_dtype(x)))
        else:
            tensors.append(torch.tensor(number, dtype=widest_dtype(x), device=x.device))
    work = x.to(torch.float64 if x.dtype == torch.float64 else torch.float32)
    return work.expand(*lead, x.shape[-1]), [t.expand(lead).unsqueeze(-1) for t in tensors]


def first_state(caller: str, state: Tensor | None, x: Tensor, size: int) -> Tensor:
    """Give the state to begin with, `(..., size)` in float64: the one given, or silence."""
    wanted = (*x.shape[:-1], size)
    if state is None:
        return torch.zeros(wanted, dtype=widest_dtype(x), device=x.device)
    if not isinstance(state, Tensor):
        raise EngineError(f"{caller}: state is a {type(state).__name__}; it must be a tensor of shape {wanted}")
    check_matches_signal(caller, "state", state, x)
    try:
        if state.shape[-1] != size:
            raise RuntimeError
        return state.to(widest_dtype(x)).expand(wanted)
    except (RuntimeError, IndexError):
        raise EngineError(
            f"{caller}: state has the shape {tuple(state.shape)}; x and the parameters need {wanted}"
        ) from None

"""What recursions over rows are handed: a signal, numbers for each row, a state; checked and brought to one shape."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.engine.delay.lanes import wide
from fxlab.engine.recursion.section_arguments import check_companion, check_signal
from fxlab.engine.torch_support.shapes import broadcast_shapes
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
            check_companion(caller, name, number, x)
            try:
                lead = broadcast_shapes(lead, tuple(number.shape))
            except RuntimeError:
                raise EngineError(
                    f"{caller}: {name} has the shape {tuple(number.shape)}; it must broadcast to x's leading "
                    f"dimensions {tuple(x.shape[:-1])}"
                ) from None
            tensors.append(number.to(wide(x)))
        else:
            tensors.append(torch.tensor(number, dtype=wide(x), device=x.device))
    work = x.to(torch.float64 if x.dtype == torch.float64 else torch.float32)
    return work.expand(*lead, x.shape[-1]), [t.expand(lead).unsqueeze(-1) for t in tensors]


def first_state(caller: str, state: Tensor | None, x: Tensor, size: int) -> Tensor:
    """Give the state to begin with, `(..., size)` in float64: the one given, or silence."""
    wanted = (*x.shape[:-1], size)
    if state is None:
        return torch.zeros(wanted, dtype=wide(x), device=x.device)
    if not isinstance(state, Tensor):
        raise EngineError(f"{caller}: state is a {type(state).__name__}; it must be a tensor of shape {wanted}")
    check_companion(caller, "state", state, x)
    try:
        if state.shape[-1] != size:
            raise RuntimeError
        return state.to(wide(x)).expand(wanted)
    except (RuntimeError, IndexError):
        raise EngineError(
            f"{caller}: state has the shape {tuple(state.shape)}; x and the parameters need {wanted}"
        ) from None

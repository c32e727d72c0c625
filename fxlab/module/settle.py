"""`settle`: the steady state of a module for a constant input, from which a stream starts without a transient."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from fxlab.errors import EngineError, FxlabError
from fxlab.module.block_state import BlockState, kind_of
from fxlab.module.checked_values import checked_values
from fxlab.module.module import Module
from fxlab.module.parameters.active_values import use_values
from fxlab.module.parameters.clock import start_sample


def settle(module: Module, x: Tensor, rate: float) -> tuple[Tensor, BlockState]:
    """Return the steady output `(..., 1)` of `module` for the constant input `x`, `(..., 1)`, and its steady state.

    Raises:
        FxlabError: A parameter moves, or the module has no steady state or does not define it.
    """
    name = type(module).__name__
    if controls := module.controls():
        raise FxlabError(f"{name} cannot start settled: {', '.join(controls)} moves, so it has no steady state.")
    settled_state: Any = getattr(module, "settled_state", None)
    if settled_state is None:
        raise no_steady_state(name)
    with use_values(module, checked_values(module, x, rate)):
        try:
            state = settled_state(x, rate)
        except EngineError as error:
            raise FxlabError(f"{name} cannot start settled: {error}") from None
    before = BlockState(state, kind_of(x), start_sample(rate))
    return module._run_block(x, before, rate)[0], before


def no_steady_state(name: str) -> FxlabError:
    """Return the error for a module, called `name`, that does not define a steady state."""
    return FxlabError(
        f"{name} cannot start settled: its steady state for a constant input is not defined. Start the stream without "
        "settled=True, or define settled_state(self, x, sample_rate), which returns that state."
    )

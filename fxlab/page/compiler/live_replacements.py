"""Replacements of methods for block-by-block processing: of modules that look ahead or need the end of the sound."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, NoReturn

import torch
from torch import Tensor
from torch.utils import _pytree as pytree

from fxlab.effects.level.fade import FadeState
from fxlab.errors import CompileError
from fxlab.module import Chain, Module
from fxlab.page.compiler.interception import Replacement
from fxlab.page.compiler.recorder import Recorder


def live_replacements(recorder: Recorder, total: int | None) -> dict[tuple[str, str], Replacement]:
    """Return the replacements for a module that runs block by block; see `interception.replaced`.

    `total` is the length of the sound in samples, if it is known.
    """
    return {
        ("fxlab.effects.dynamics.limiter", "Limiter._first_state"): partial(_late_state, recorder),
        ("fxlab.effects.level.fade", "Fade.forward_block"): partial(_fade_at_position, total),
    }


def _late_state(recorder: Recorder, original: Any, limiter: Any, x: Tensor, ceiling: Tensor, rate: float) -> Any:
    """Return the first state of a limiter whose first output has the length of its input, and begins with silence."""
    state = original(limiter, x, ceiling, rate)
    recorder.lags[limiter] = state.missing
    return state._replace(missing=0)


def total_lag(recorder: Recorder, module: Module) -> int:
    """Return the delay of the output of the blocks in samples.

    Raises:
        CompileError: A part that looks ahead is beside others, which would have to be delayed.
    """
    series = list(_series(module))
    for part in recorder.lags:
        if part not in series:
            raise CompileError(
                f"{type(part).__name__} looks ahead, and is in a branch of {type(module).__name__}: the other branches "
                "would have to be delayed."
            )
    return sum(recorder.lags.values())


def check_time(recorder: Recorder, module: Module, x: Tensor, rate: float) -> None:
    """Check that no stage after one with look-ahead has a state that changes during silence, as that of an LFO does.

    A stage with look-ahead returns silence at first, during which the LFO would already advance.

    Args:
        recorder: The recorder of a trace whose first state is known.
        module: The module.
        x: A block.
        rate: The sample rate in Hz.

    Raises:
        CompileError: There is such a stage.
    """
    series = list(_series(module))
    first = next((n for n, part in enumerate(series) if part in recorder.lags), len(series))
    silence = torch.zeros_like(x)
    for part in series[first + 1 :]:
        state = part._run_block(silence, None, rate)[1]
        states = [pytree.tree_leaves(state), pytree.tree_leaves(part._run_block(silence, state, rate)[1])]
        if any(_moves(a, b) for a, b in zip(*states, strict=False)):
            refuse_lag(module)


def _moves(before: Any, after: Any) -> bool:
    """Return whether a part of a state has changed; memory that holds zeros alone may grow."""
    if not (isinstance(before, Tensor) and isinstance(after, Tensor)):
        return False
    return not torch.equal(before, after) and bool(before.any() or after.any())


def refuse_lag(module: Module) -> NoReturn:
    """Raise the error for a module that looks ahead and has a part that depends on the time."""
    raise CompileError(
        f"{type(module).__name__} looks ahead, so a part of it that depends on the position in the sound would be late."
    )


def lag_of(recorder: Recorder, module: Module) -> int:
    """Return the delay in samples of the output of a stage that has run."""
    return sum(recorder.lags.get(part, 0) for part in module.modules())


def _series(module: Module) -> Iterator[Module]:
    """Yield the modules that the sound passes one after the other."""
    if isinstance(module, Chain):
        for stage in module:
            yield from _series(stage)
    else:
        yield module


def _fade_at_position(
    total: int | None, _original: Any, fade: Any, x: Tensor, state: Any, rate: float
) -> tuple[Tensor, FadeState]:
    """Return a block faded by its position in a sound of `total` samples, without holding back its end, and the state.

    Raises:
        CompileError: `total` is None, since a fade-out needs the end of the sound.
    """
    if total is None:
        raise CompileError(f"{fade!r} fades out at the end of the sound, which a program that plays on does not know.")
    position = 0 if state is None else state.position
    index = torch.arange(x.shape[-1]) + position
    left = (total - 1 - index).clamp(min=0)
    gain = fade._gain("in_s", index.double(), x, rate) * fade._gain("out_s", left.double(), x, rate)
    return x * gain.to(x.dtype), FadeState(position + x.shape[-1], x[..., :0])

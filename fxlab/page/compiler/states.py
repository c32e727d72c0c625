"""The state of a module as buffers of the graph: before the first block, and after each block."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.utils import _pytree as pytree

from fxlab.errors import CompileError, FxlabError
from fxlab.page.compiler.clock import Position
from fxlab.page.compiler.graph import Buffer, PositionState, View
from fxlab.page.compiler.interception import Replacement, replaced
from fxlab.page.compiler.recorder import Recorder
from fxlab.page.compiler.replacements import uncached_functions


def first_state(
    module: Any, x: Tensor, rate: float, recorder: Recorder, operators: dict[tuple[str, str], Replacement]
) -> Any:
    """Return the state before the first block.

    Tensors of zeros stand for states that begin as None, and `Moving` for integers that change from block to block. To
    find them, the module runs on a block of 0 samples and then on the block `x`, with the replacements `operators`.
    """
    for assume in (True, False):
        try:
            with replaced({**uncached_functions(recorder, assume=assume), **operators}):
                before = _state_at_start(module, x[..., :0], rate)
                after = module._run_block(x, before, rate)[1]
            break
        except FxlabError:
            if not assume:
                raise
    return joined(before, after)


def _state_at_start(module: Any, nothing: Tensor, rate: float) -> Any:
    """Return the state after `nothing`, a block of 0 samples.

    Raises:
        CompileError: The module cannot process such a block.
    """
    try:
        return module._run_block(nothing, None, rate)[1]
    except FxlabError:
        raise
    except Exception as error:
        raise CompileError(
            f"forward_block cannot process a block of 0 samples, from which the compiler takes the first state: {error}"
        ) from error


class Moving(NamedTuple):
    """An integer of the state that is `first` before the first block and grows by `growth` in each block."""

    first: int
    growth: int


def joined(before: Any, after: Any) -> Any:
    """Return the state before a block in the structure of the state after it.

    Tensors of zeros replace None, and `Moving` an integer that has changed; a tensor is broadcast to its later shape if
    that is possible.
    """
    if before is None:
        return pytree.tree_map(lambda leaf: torch.zeros_like(leaf) if isinstance(leaf, Tensor) else leaf, after)
    if type(before) is int and type(after) is int and before != after:
        return Moving(before, after - before)
    if isinstance(before, Tensor) and isinstance(after, Tensor) and before.shape != after.shape:
        try:
            return before.expand(after.shape)  # the same for all rows at first
        except RuntimeError:
            return before
    if type(before) is type(after) and isinstance(before, dict):
        return {key: joined(before.get(key), value) for key, value in after.items()}
    if type(before) is type(after) and type(before) is not torch.Size and isinstance(before, (tuple, list)):
        if len(before) != len(after):
            return joined(None, after)
        parts = [joined(a, b) for a, b in zip(before, after, strict=True)]
        return type(before)(*parts) if hasattr(before, "_fields") else type(before)(parts)
    return before


def is_leaf(value: Any) -> bool:
    """Return whether a value is a leaf of a state that PyTorch would treat as a branch."""
    return value is None or isinstance(value, Moving)


def track_state(recorder: Recorder, leaves: list[Any], block: int) -> tuple[list[Any], list[View | None]]:
    """Make a buffer for every tensor and every `Moving` integer among the leaves of the state.

    Return the leaves, with recorded tensors and `Position`s in place of these, and for each leaf the view of its
    buffer, or None if it has none. `block` is the length of a block in samples.
    """
    tracked: list[Any] = []
    views: list[View | None] = []
    for number, leaf in enumerate(leaves):
        if isinstance(leaf, Moving):
            value = 1000 * block
            clock = torch.tensor(value)
            buffer = Buffer(1, "state", f"position{number}", [float(leaf.first)])
            recorder.graph.positions[buffer] = PositionState(float(leaf.first), float(leaf.growth))
            views.append(recorder.track(clock, buffer))
            tracked.append(Position.of(clock, block, value=value))
        elif isinstance(leaf, Tensor):
            copy = leaf.detach().clone(memory_format=torch.contiguous_format)
            values = (torch.view_as_real(copy) if copy.is_complex() else copy).double().flatten().tolist()
            views.append(recorder.track(copy, Buffer(len(values), "state", f"state{number}", values)))
            tracked.append(copy)
        else:
            tracked.append(leaf)
            views.append(None)
    return tracked, views


def match_states(recorder: Recorder, states: list[View | None], leaves: list[Any], later: list[Any]) -> None:
    """Add every state to the graph, with its value after the block.

    Args:
        recorder: The recorder with the graph.
        states: The view of each state before the block, or None for a leaf that is not recorded.
        leaves: The leaves of the state before the block.
        later: Those after the block.

    Raises:
        CompileError: The number of states or the shape of a state has changed.
    """
    if len(later) != len(leaves):
        raise CompileError(f"the state of the module has {len(leaves)} parts before a block and {len(later)} after it.")
    for view, before, value in zip(states, leaves, later, strict=True):
        if view is None:
            continue
        after = value.tensor() if isinstance(value, Position) else value
        shape = () if isinstance(before, Position) else tuple(before.shape)
        if not isinstance(after, Tensor) or tuple(after.shape) != shape:
            found = tuple(after.shape) if isinstance(after, Tensor) else after
            raise CompileError(
                f"a state of the module has the shape {shape} before a block and {found} after it. "
                "A state must keep its shape: give the module a state_shape."
            )
        recorder.graph.states.append((view, recorder.view(after)))

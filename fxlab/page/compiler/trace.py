"""Tracing a module: one block of samples, from its parameters, its state and its input to its output and next state."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.utils import _pytree as pytree

from fxlab.errors import CompileError
from fxlab.module.lti.finite import Finite
from fxlab.module.lti.recursive import Recursive
from fxlab.module.module import Module
from fxlab.module.parameters.continuous import Continuous
from fxlab.page.compiler.delay_operators import delay_operators
from fxlab.page.compiler.engine_operators import engine_operators
from fxlab.page.compiler.graph import Buffer, Graph, View
from fxlab.page.compiler.interception import replaced
from fxlab.page.compiler.operations import OPERATIONS
from fxlab.page.compiler.recorder import ReaderMode, Recorder
from fxlab.page.compiler.replacements import uncached_functions

BLOCK = 128
"""Frames of a block: the quantum of Web Audio."""


def trace(module: Module, sample_rate: float, channels: int, frames: int = BLOCK, *, live: bool = True) -> Graph:
    """Return the graph of one block.

    Args:
        module: The module, with the values at which it is traced.
        sample_rate: In Hz.
        channels: The channels of the input.
        frames: The length of the block; for a module that is not live, that of the whole sound.
        live: Whether the module runs block by block.

    Raises:
        CompileError: An operation, a state or a choice by value that cannot be compiled.
    """
    recorder = Recorder(OPERATIONS)
    generator = torch.Generator().manual_seed(1)
    x = 0.1 * torch.randn(channels, frames, dtype=torch.float64, generator=generator)
    with torch.no_grad():
        state = _first_state(module, x, sample_rate) if live else None
        for path, owner, declaration in module.walk():
            if isinstance(declaration, Continuous):
                stored = declaration.stored(owner)
                size = stored.numel() * (2 if stored.is_complex() else 1)
                values = (torch.view_as_real(stored) if stored.is_complex() else stored).double().flatten().tolist()
                own = f"{path}[]" if stored.ndim else path
                recorder.track(stored, Buffer(size, "parameter", own, values))
                recorder.graph.parameters[own] = recorder.view(stored).buffer
        recorder.graph.input = recorder.track(x, Buffer(x.numel(), "input", "x"))
        leaves, spec = pytree.tree_flatten(state, is_leaf=_is_none)
        leaves, states = _track_state(recorder, leaves)
        replacements = {**uncached_functions(recorder), **engine_operators(recorder), **delay_operators(recorder)}
        with replaced(replacements), ReaderMode(recorder), recorder:
            if live:
                y, after = module._run_block(x, pytree.tree_unflatten(leaves, spec), sample_rate)
            else:
                y, after = module(x, sample_rate), None
            responses = _responses(module, sample_rate)
        recorder.graph.output = recorder.view(y)
        _match_states(recorder, states, pytree.tree_flatten(after, is_leaf=_is_none), leaves, spec)
        for path, kind, design in responses:
            recorder.graph.responses.append((path, kind, recorder.array(design)))
    return recorder.graph


def _is_none(leaf: Any) -> bool:
    return leaf is None


def _first_state(module: Module, x: Tensor, rate: float) -> Any:
    """Return the state before the first block, in which tensors stand for states that begin as None."""
    before = module._run_block(x[..., :0], None, rate)[1]
    after = module._run_block(x, before, rate)[1]
    first, spec = pytree.tree_flatten(before, is_leaf=_is_none)
    later, later_spec = pytree.tree_flatten(after, is_leaf=_is_none)
    if spec == later_spec:
        leaves = [
            torch.zeros_like(b) if a is None and isinstance(b, Tensor) else a for a, b in zip(first, later, strict=True)
        ]
        return pytree.tree_unflatten(leaves, spec)
    return _zeros_for_none(before, after)


def _zeros_for_none(before: Any, after: Any) -> Any:
    """Return `before`, with zeros in the structure of `after` where it has None."""
    if before is None:
        return pytree.tree_map(lambda leaf: torch.zeros_like(leaf) if isinstance(leaf, Tensor) else leaf, after)
    if isinstance(before, (tuple, list)) and type(before) is type(after):
        parts = [_zeros_for_none(a, b) for a, b in zip(before, after, strict=False)]
        if len(before) != len(after):
            parts = [*pytree.tree_map(lambda leaf: torch.zeros_like(leaf) if isinstance(leaf, Tensor) else leaf, after)]
        return type(before)(*parts) if hasattr(before, "_fields") else type(before)(parts)
    return before


def _track_state(recorder: Recorder, leaves: list[Any]) -> tuple[list[Any], list[View | None]]:
    """Make every tensor of the state a buffer."""
    tracked: list[Any] = []
    views: list[View | None] = []
    for number, leaf in enumerate(leaves):
        if isinstance(leaf, Tensor):
            copy = leaf.detach().clone(memory_format=torch.contiguous_format)
            values = (torch.view_as_real(copy) if copy.is_complex() else copy).double().flatten().tolist()
            views.append(recorder.track(copy, Buffer(len(values), "state", f"state{number}", values)))
            tracked.append(copy)
        else:
            tracked.append(leaf)
            views.append(None)
    return tracked, views


def _match_states(
    recorder: Recorder, states: list[View | None], after: tuple[list[Any], Any], leaves: list[Any], spec: Any
) -> None:
    """Note the value after the block of every state."""
    later, later_spec = after
    if len(later) != len(leaves):
        raise CompileError(f"the state of the module has {len(leaves)} parts before a block and {len(later)} after it.")
    for view, before, value in zip(states, leaves, later, strict=True):
        if view is None:
            continue
        if not isinstance(value, Tensor) or value.shape != before.shape:
            shape = tuple(value.shape) if isinstance(value, Tensor) else value
            raise CompileError(
                f"a state of the module has the shape {tuple(before.shape)} before a block and {shape} after it. "
                "A state must keep its shape: give the module a state_shape."
            )
        recorder.graph.states.append((view, recorder.view(value)))
    del spec, later_spec


def _responses(module: Module, rate: float) -> list[tuple[str, str, Tensor]]:
    """Return the designs of the filters that the module is a series of, if it is."""
    parts = list(module.named_children()) if type(module).__name__ == "Chain" else [("", module)]
    if not all(isinstance(part, (Recursive, Finite)) and not part.controls() for _, part in parts):
        return []
    found: list[tuple[str, str, Tensor]] = []
    for path, part in parts:
        if isinstance(part, Recursive):
            found.append((path, "sections", part._sos(rate)))
        elif isinstance(part, Finite):
            found.append((path, "taps", part._taps(rate)))
    return found

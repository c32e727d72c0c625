"""The program of parameters that move: their values, and the designs of filters, at any position in the sound."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor
from torch.utils import _pytree as pytree

from fxlab.errors import CompileError
from fxlab.module import Chain
from fxlab.module.parameters.freeze_controls import freeze_at_times, moving_parameters
from fxlab.module.parameters.moving_value import MovingValue
from fxlab.module.parameters.moving_values import record_evaluations
from fxlab.page.compiler.bypass import BypassableChain
from fxlab.page.compiler.graph import Buffer, Graph
from fxlab.page.compiler.interception import replaced
from fxlab.page.compiler.operations import OPERATIONS
from fxlab.page.compiler.reader_mode import ReaderMode
from fxlab.page.compiler.recorder import Recorder
from fxlab.page.compiler.replacements import uncached_functions
from fxlab.page.compiler.states import Moving, first_state, is_leaf, match_states, track_state
from fxlab.page.compiler.trace import TraceOptions, input_block, operators_of, responses_of, track_parameters

if TYPE_CHECKING:
    from collections.abc import Container

    from fxlab.module.module import Module

Key = tuple[str, str]
"""The path of a part, and the name of the parameter of this part that moves."""


class MovementGraph(NamedTuple):
    """A graph whose output is one row of numbers: those of `paths`, and then those of `designs`."""

    graph: Graph
    paths: list[str]
    """The parameters that move, each of which has three numbers: its value, and its lowest and its highest value."""
    designs: list[tuple[str, str, int]]
    """The path of each filter that moves, the kind of its design (`sections` or `taps`), and the size of the design."""
    follows_input: bool
    """Whether a value depends on the preceding sound, so that the blocks have to be run in order."""

    def describe(self) -> str:
        """Return a description of the output for the page, as the entries of an object in JavaScript."""
        designs = [{"path": path, "kind": kind, "size": size} for path, kind, size in self.designs]
        entries = {"paths": self.paths, "designs": designs, "followsInput": self.follows_input}
        return ", ".join(f"{name}: {json.dumps(value)}" for name, value in entries.items())


def trace_movement(module: Module, options: TraceOptions, fixed: dict[str, str]) -> MovementGraph | None:
    """Return the graph of the parameters that move, or None if there are none or the graph cannot be traced.

    The input of the graph is a block of the sound. If no parameter follows the sound, the block has one sample, whose
    value does not matter.

    Args:
        module: The module.
        options: The options of the program that computes the sound.
        fixed: The reason for which a parameter is a constant in that program, by path.
    """
    controls = [control for _, _, control in moving_parameters(module)]
    if not controls:
        return None
    if not any(control.has_state for control in controls):
        options = options._replace(frames=1)
    try:
        return _trace(module, options._replace(live=True), {*fixed, *(f"{path}[]" for path in fixed)})
    except CompileError:  # the page then shows the values at the start
        return None


def _trace(module: Module, options: TraceOptions, fixed: Container[str]) -> MovementGraph:
    recorder = Recorder(OPERATIONS)
    keys = {id(part): path for path, part in module.named_modules()}
    controls = {(keys[id(part)], name): control for part, name, control in moving_parameters(module)}
    x = input_block(options)
    operators = operators_of(recorder, module, options)
    follows = any(control.has_state for control in controls.values())
    run = BypassableChain(module, recorder) if options.bypass and isinstance(module, Chain) else module
    with torch.no_grad():
        state = first_state(run, x, options.sample_rate, recorder, operators) if follows else None
        track_parameters(recorder, module, fixed)
        recorder.graph.input = recorder.track(x, Buffer(x.numel(), "input", "x"))
        # The position in the sound is a state of its own, since a module whose parameters do not follow has no others.
        leaves, spec = pytree.tree_flatten((Moving(0, options.frames), state), is_leaf=is_leaf)
        leaves, states = track_state(recorder, leaves, options.frames)
        with replaced({**uncached_functions(recorder), **operators}), ReaderMode(recorder), recorder:
            position, before = pytree.tree_unflatten(leaves, spec)
            known: dict[Key, Tensor] = {}
            after = None
            if follows:
                with record_evaluations() as evaluations:
                    _, after = run._run_block(x, before, options.sample_rate)
                for owner, name, _, values in evaluations:
                    known.setdefault((keys[id(owner)], name), values.reshape(-1, values.shape[-1])[0, 0])
            later = [position + options.frames, *pytree.tree_flatten(after, is_leaf=is_leaf)[0]]
            rows = _values(module, controls, position.tensor().reshape(1), options.sample_rate, known)
            output, designs = _output(module, controls, rows, options)
            match_states(recorder, states, leaves, later)
        recorder.graph.output = recorder.view(output)
    return MovementGraph(recorder.graph, [".".join(filter(None, key)) for key in rows], designs, follows)


def _values(
    module: Module, controls: dict[Key, MovingValue], position: Tensor, rate: float, known: dict[Key, Tensor]
) -> dict[Key, Tensor]:
    """Return the values of the controls at `position`, of shape `(1,)`.

    The value of a control that follows the input is taken from `known`; without an entry there it is left out.
    """
    parts = dict(module.named_modules())
    rows: dict[Key, Tensor] = {}
    for key, control in controls.items():
        if not control.has_state:
            scale = getattr(parts[key[0]].declarations[key[1]], "scale", "linear")
            rows[key] = control.evaluate(position.double(), rate, scale).reshape(-1)[0]
        elif key in known:
            rows[key] = known[key]
    return rows


def _output(
    module: Module, controls: dict[Key, MovingValue], rows: dict[Key, Tensor], options: TraceOptions
) -> tuple[Tensor, list[tuple[str, str, int]]]:
    """Return the row of numbers that a `MovementGraph` outputs, and its `designs`.

    `rows` are the values of the moving parameters, and `controls` compute them. If a value is missing, the row contains
    no designs.
    """
    parts: list[Tensor] = []
    for key, value in rows.items():
        parts += [value, *(limit.reshape(-1)[0] for limit in controls[key].limits())]
    numbers = [part.double().reshape(1) for part in parts]
    designs = []
    if len(rows) == len(controls):
        frozen = freeze_at_times(module, torch.tensor(0.0), rows)
        moving = {path.partition(".")[0] if isinstance(module, Chain) else "" for path, _ in rows}
        for path, kind, design in responses_of(frozen, options.sample_rate, options.bypass):
            if path in moving:
                designs.append((path, kind, design.numel()))
                numbers.append(design.double().reshape(-1))
    return torch.cat(numbers), designs

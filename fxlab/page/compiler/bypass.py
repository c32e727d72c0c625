"""`BypassableChain`: a chain whose stages the page can bypass."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from fxlab.module import Chain, Module
from fxlab.page.compiler.graph import Buffer
from fxlab.page.compiler.look_ahead import lag_of
from fxlab.page.compiler.recorder import Recorder


def gate_path(index: int) -> str:
    """Return the path of the parameter, with the value 0 or 1, that bypasses the stage `index` of a chain."""
    return f"{index}.bypassed"


def is_bypassable(module: Module, sample_rate: float) -> bool:
    """Return whether the page can bypass stages of a module.

    The module must be a plain `Chain` without a sample rate of its own, and no stage may change the sample rate.
    """
    return (
        type(module) is Chain
        and module.sample_rate is None
        and all(stage.output_rate(sample_rate) == sample_rate for stage in module)
    )


def without_bypass(module: Module) -> Module:
    """Return a new `Chain` of the stages of a plain `Chain`, none bypassed or soloed, or any other module itself."""
    return Chain(*module) if type(module) is Chain else module


class BypassableChain:
    """A chain that runs all of its stages, and selects either the output or the input of each stage.

    A stage has no such choice if its output depends on neither the sound nor a parameter, if the length of its output
    differs from that of its input, or if the number of channels differs and the input is not mono.
    """

    def __init__(self, chain: Chain, recorder: Recorder) -> None:
        self.chain, self.recorder = chain, recorder
        self.stages = list(chain)
        self.gates: dict[int, Tensor] = {}
        """The bypass parameters that are recorded already, by the index of the stage."""

    def _run_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Return the output of the stages for a block, and the state after the block.

        The state has an entry for each stage: the state of the stage, and the samples that `_delay` keeps.
        """
        states: list[Any] = [None] * len(self.stages) if state is None else list(state)
        for index, stage in enumerate(self.stages):
            inner, late = (None, x[..., :0]) if states[index] is None else states[index]
            y, inner = stage._run_block(x, inner, sample_rate)
            before, late = self._delay(x, late, lag_of(self.recorder, stage))
            x, states[index] = self._choose(index, before, y), (inner, late)
        return x, states

    def _delay(self, x: Tensor, late: Tensor, lag: int) -> tuple[Tensor, Tensor]:
        """Return the input `x` of a stage delayed by `lag` samples, and `late` for the next block.

        `lag` is the look-ahead of the stage. `late` contains the last `lag` samples before the block; it is empty at
        the start.
        """
        if not lag:
            return x, late
        late = late if late.shape[-1] else x.new_zeros(*x.shape[:-1], lag)
        row = torch.cat([late, x], -1)
        return row[..., : x.shape[-1]], row[..., x.shape[-1] :]

    def __call__(self, x: Tensor, sample_rate: float) -> Tensor:
        """Return the output of the stages for a complete sound."""
        for index, stage in enumerate(self.stages):
            x = self._choose(index, x, stage(x, sample_rate=sample_rate))
        return x

    def _choose(self, index: int, x: Tensor, y: Tensor) -> Tensor:
        if not self.recorder.is_tracked(y) or x.shape[-1] != y.shape[-1] or x.shape[-2] not in (1, y.shape[-2]):
            return y
        if index not in self.gates:
            active = {number for number, _ in self.chain._active_stages()}
            value = float(index not in active)
            gate = torch.tensor(value, dtype=torch.float64)
            buffer = Buffer(1, "parameter", gate_path(index), [value], whole=True)
            self.recorder.track(gate, buffer)
            self.recorder.graph.parameters[gate_path(index)] = buffer
            self.gates[index] = gate
        return torch.where(self.gates[index] != 0.0, x, y)

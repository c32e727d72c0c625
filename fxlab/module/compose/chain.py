"""`Chain`: modules in series, `a | b | c`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from fxlab.engine import sosfilt
from fxlab.module.checks import line_up, stale_state
from fxlab.module.compose.stages import Stages
from fxlab.module.description import Build, decode_parameters, describe_parameters
from fxlab.module.lti.chain_response import memory_in_all, stage_responses
from fxlab.module.lti.linear_analysis import LinearAnalysis, has_response
from fxlab.module.lti.recursive import Recursive, cascade, fit, idle
from fxlab.module.module import Module
from fxlab.module.parameters.broadcasting import align_batch, concatenate_vectors


class Chain(Stages):
    """Modules in series: `Chain(a, b)`, or `a | b`, feeds the output of `a` to `b`.

    A chain in a chain is taken apart, so that a chain is always flat; anything callable on a tensor may be a stage.
    Neighbouring second-order sections run as one call of the engine. It is linear and time-invariant when all of its
    stages are, and then answers what an `LTI` answers.

    It is a list of its stages: `chain[0]`, `len(chain)`, `append`, `insert`, `pop`, `move`, `del chain[0]`, `chain[0] =
    …`. Those in `bypassed` are left out, as if they were not there; with any in `soloed`, all others are.

    Args:
        stages: Modules, or anything callable on a tensor.
        bypassed: The numbers of stages to leave out.
        soloed: The numbers of stages to hear alone.
        sample_rate: In Hz, where calls are to name none.

    Shape:
        `(time,)` or `(..., channels, time)`.

    >>> from fxlab.filters import HighPass, LowPass
    >>> chain = HighPass(cutoff=100.0) | LowPass(cutoff=5000.0)
    >>> chain
    HighPass(cutoff=100.0) | LowPass(cutoff=5000.0)
    >>> chain.sos(sample_rate=48_000).shape
    torch.Size([2, 6])
    """

    def __init__(
        self,
        *stages: Any,
        bypassed: Iterable[int] = (),
        soloed: Iterable[int] = (),
        sample_rate: float | None = None,
    ) -> None:
        super().__init__(sample_rate=sample_rate)
        self._arrange(self._flat(stages))
        if bypassed:
            self.bypassed = frozenset(bypassed) | self.bypassed
        if soloed:
            self.soloed = frozenset(soloed)

    # -- sound --------------------------------------------------------------------------------------------------

    def forward(self, x: Tensor, sample_rate: float) -> Tensor:
        """Run the stages in turn."""
        for run in self._runs():
            if len(run) == 1:
                x = run[0](x, sample_rate=sample_rate)
            else:
                x = sosfilt(x, self._together(run, x, sample_rate))[0]
        return x

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Run the next block through the stages."""
        runs = self._runs()
        states = self._states(runs, state)
        for number, run in enumerate(runs):
            if len(run) == 1:
                x, states[number] = run[0]._advance(x, states[number], sample_rate)
            else:
                x, states[number] = sosfilt(x, self._together(run, x, sample_rate), states[number])
        return x, (runs, states)

    def _states(self, runs: list[list[Module]], state: Any) -> list[Any]:
        """The state of each run, none at the beginning."""
        if state is None:
            return [None] * len(runs)
        before, states = state
        if before != runs:
            raise stale_state(self._name(), f"its stages changed (they are {self!r} now)")
        return list(states)

    def flush_block(self, state: Any, sample_rate: float) -> Tensor | None:
        """Let what each stage still holds run through those behind it."""
        tail: Tensor | None = None
        runs = self._runs()
        for run, held in zip(runs, self._states(runs, state), strict=True):
            after = held
            if tail is not None and tail.shape[-1]:
                if len(run) == 1:
                    tail, after = run[0]._advance(tail, held, sample_rate)
                else:
                    tail, after = sosfilt(tail, self._together(run, tail, sample_rate), held)
            rest = run[0]._drain(after, sample_rate) if len(run) == 1 else None
            if rest is not None:
                tail = rest if tail is None else torch.cat([tail, rest], -1)
        return tail

    def _runs(self) -> list[list[Module]]:
        """The stages that are heard, grouped so that neighbours that are only sections stand together."""
        runs: list[list[Module]] = []
        for _, stage in self._heard():
            if runs and _only_sections(stage) and _only_sections(runs[-1][0]):
                runs[-1].append(stage)
            else:
                runs.append([stage])
        return runs

    def _together(self, run: list[Module], x: Tensor, rate: float) -> Tensor:
        for stage in run:
            stage.check(rate)
            line_up(stage.values(), x, type(stage).__name__, stage.ranks)
        return fit(cascade([stage._sos(rate) for stage in run if isinstance(stage, Recursive)]), x)

    # -- response -----------------------------------------------------------------------------------------------

    def _needed(self) -> Iterator[nn.Module]:
        yield self
        for _, stage in self._heard():  # a value of what is left out may be wrong: the chain sounds without it
            yield from stage.modules()

    def _why_no_response(self) -> str | None:
        for number, stage in self._heard():
            if not has_response(stage):
                return (
                    f"{self._name()}: stage {number}, {stage!r}, is not linear and time-invariant, so the chain has "
                    "no response; ask its other stages one by one."
                )
        return None

    def _parts(self, rate: float) -> list[tuple[int, LinearAnalysis]]:
        return [(number, stage) for number, stage in self._heard() if has_response(stage)]

    def _stages(self) -> list[LinearAnalysis]:
        return [stage for _, stage in self._heard() if has_response(stage)]

    def _response(self, frequencies: Tensor, rate: float) -> Tensor:
        return self._resolved(frequencies, rate)[0]

    def _resolved(self, grid: Tensor, rate: float) -> tuple[Tensor, list[int], Sequence[Tensor]]:
        total = torch.ones(grid.shape, dtype=torch.complex128, device=grid.device)
        parts = stage_responses(self._stages(), grid, rate)
        for part in parts:
            total = align_batch(total, part) * align_batch(part, total)
        return total, [number for number, _ in self._heard()], parts

    def _group_delay(self, frequencies: Tensor, rate: float) -> Tensor:
        total = torch.zeros(frequencies.shape, dtype=torch.float64, device=frequencies.device)
        for stage in self._stages():
            total = align_batch(total, part := stage._group_delay(frequencies, rate)) + align_batch(part, total)
        return total

    def _roots(self, rate: float) -> tuple[Tensor, Tensor]:
        pairs = [stage._roots(rate) for stage in self._stages()]
        empty = torch.zeros(0, dtype=torch.complex128)
        zeros, poles = ([pair[number] for pair in pairs] or [empty] for number in (0, 1))
        return concatenate_vectors(zeros), concatenate_vectors(poles)

    def _poles(self, rate: float) -> Tensor:
        empty = torch.zeros(0, dtype=torch.complex128)
        return concatenate_vectors([stage._poles(rate) for stage in self._stages()] or [empty])

    def _memory(self, rate: float, left: float) -> int | None:
        return memory_in_all(self._stages(), rate, left)

    def _modes(self, rate: float) -> Tensor:
        empty = torch.zeros(0, dtype=torch.complex128)
        return concatenate_vectors([stage._modes(rate) for stage in self._stages()] or [empty])

    def _decay(self, rate: float) -> int:
        # What a finite stage delays, no pole tells of.
        return min(max(super()._decay(rate), sum(stage._decay(rate) for stage in self._stages())), int(4 * rate))

    def _phase(self, grid: Tensor, rate: float) -> Tensor:
        total = torch.zeros(grid.shape, dtype=torch.float64, device=grid.device)
        for stage in self._stages():
            total = align_batch(total, part := stage._phase(grid, rate)) + align_batch(part, total)
        return total

    def _sos(self, rate: float) -> Tensor:
        return cascade([stage._sos(rate) for stage in self._stages()] or [idle()])

    # -- saving -------------------------------------------------------------------------------------------------

    def _describe(self) -> dict[str, Any]:
        description = {**describe_parameters(self), "stages": [stage._describe() for stage in self]}
        if self.bypassed:
            description["bypassed"] = sorted(self.bypassed)
        if self.soloed:
            description["soloed"] = sorted(self.soloed)
        return description

    @classmethod
    def _rebuild(cls, description: dict[str, Any], build: Build) -> Chain:
        chain = cls(*map(build, description.get("stages", [])), **decode_parameters(cls, description))
        chain.bypassed, chain.soloed = description.get("bypassed", ()), description.get("soloed", ())
        return chain

    def __repr__(self) -> str:
        if len(self) < 2 or self.sample_rate is not None or self.bypassed or self.soloed:
            return f"Chain({', '.join(self._arguments())})"
        return " | ".join(f"({stage!r})" if type(stage) is Chain else repr(stage) for stage in self)


def _only_sections(stage: Module) -> bool:
    """Whether calling the stage does nothing but run its sections, so that the engine may take it with others."""
    kind = type(stage)
    hooked = stage._forward_hooks or stage._forward_pre_hooks or stage._backward_hooks or stage._backward_pre_hooks
    if not issubclass(kind, Recursive) or hooked:
        return False
    plain = kind.forward is Recursive.forward and kind.forward_block is Recursive.forward_block
    return plain and kind.__call__ is Module.__call__

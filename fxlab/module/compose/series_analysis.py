"""`SeriesAnalysis`: the response, delay and roots of modules in series, computed from the stages."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

import torch
from torch import Tensor, nn

from fxlab.engine import frequency_response, settling_time
from fxlab.engine.torch_support.known_values import any_true
from fxlab.errors import FxlabError
from fxlab.module.lti.cascades import identity_section, join_cascades
from fxlab.module.lti.linear_analysis import LinearAnalysis, has_response
from fxlab.module.lti.recursive import Recursive
from fxlab.module.module import Module
from fxlab.module.parameters.broadcasting import align_batch, concatenate_vectors
from fxlab.module.tail import tail_samples


class SeriesAnalysis(LinearAnalysis):
    """The base class of modules in series, whose responses are multiplied; a subclass defines `_active_stages`."""

    @abstractmethod
    def _active_stages(self) -> list[tuple[int, Module]]:
        """Return the stages that process the signal, in order, each with its index."""

    def _stages_in_use(self) -> list[Module]:
        """Return the stages that process the signal, in order."""
        return [stage for _, stage in self._active_stages()]

    def _linear_stages(self) -> list[LinearAnalysis]:
        """Return the active stages that have a response."""
        return [stage for _, stage in self._active_stages() if has_response(stage)]

    def latency(self, sample_rate: float | None = None) -> float:
        """Return the sum of the latencies of the active stages, in samples of the output; see `Module.latency`."""
        return self._sum_samples(sample_rate, lambda stage, rate: stage.latency(rate))

    def output_rate(self, sample_rate: float | None = None) -> float:
        """Return the sample rate of the output of the last active stage in Hz; see `Module.output_rate`."""
        rate = self._resolve_rate(sample_rate)
        for _, stage in self._active_stages():
            rate = stage.output_rate(rate)
        return rate

    def tail_samples(self, sample_rate: float | None = None) -> int:
        """Return the sum of the tails of the active stages, in samples of the output, rounded up."""
        return math.ceil(self._sum_samples(sample_rate, tail_samples))

    def _sum_samples(self, sample_rate: float | None, count: Callable[[Module, float], float]) -> float:
        """Return the sum of `count(stage, rate)` over the active stages, converted to samples of the output."""
        rate, total = self._resolve_rate(sample_rate), 0.0
        for _, stage in self._active_stages():
            following = stage.output_rate(rate)
            total = (total + count(stage, rate)) * (following / rate)
            rate = following
        return total

    def _why_no_response(self) -> str | None:
        for index, stage in self._active_stages():
            if not has_response(stage):
                return (
                    f"{self._name()}: stage {index}, {stage!r}, is not linear and time-invariant, so the chain has "
                    "no response; call response of its other stages one by one."
                )
        return None

    def _modules_to_check(self) -> Iterator[nn.Module]:
        # Inactive stages do not affect the response, so their values may be invalid.
        yield self
        for _, stage in self._active_stages():
            yield from stage.modules()

    def _numbered_parts(self, rate: float) -> list[tuple[int, LinearAnalysis]]:
        return [(index, stage) for index, stage in self._active_stages() if has_response(stage)]

    def _response(self, frequencies: Tensor, rate: float) -> Tensor:
        return self._response_and_parts(frequencies, rate)[0]

    def _response_and_parts(self, grid: Tensor, rate: float) -> tuple[Tensor, list[int], Sequence[Tensor]]:
        total = torch.ones(grid.shape, dtype=torch.complex128, device=grid.device)
        responses = stage_responses(self._linear_stages(), grid, rate)
        for response in responses:
            total = align_batch(total, response) * align_batch(response, total)
        if any_true(total.isnan()):  # a pole of one stage meets a zero of another on the unit circle
            with suppress(FxlabError):
                total = torch.where(total.isnan(), frequency_response(self._sos(rate), grid, rate), total)
        return total, [index for index, _ in self._active_stages()], responses

    def _group_delay(self, frequencies: Tensor, rate: float) -> Tensor:
        return _sum([stage._group_delay(frequencies, rate) for stage in self._linear_stages()], frequencies)

    def _phase(self, grid: Tensor, rate: float) -> Tensor:
        return _sum([stage._phase(grid, rate) for stage in self._linear_stages()], grid)

    def _roots(self, rate: float) -> tuple[Tensor, Tensor]:
        roots = [stage._roots(rate) for stage in self._linear_stages()]
        return _join_roots([zeros for zeros, _ in roots]), _join_roots([poles for _, poles in roots])

    def _poles(self, rate: float) -> Tensor:
        return _join_roots([stage._poles(rate) for stage in self._linear_stages()])

    def _modes(self, rate: float) -> Tensor:
        return _join_roots([stage._modes(rate) for stage in self._linear_stages()])

    def _sos(self, rate: float) -> Tensor:
        return join_cascades([stage._sos(rate) for stage in self._linear_stages()] or [identity_section()])

    def _memory(self, rate: float, tolerance: float) -> int | None:
        return series_memory(self._linear_stages(), rate, tolerance)

    def _decay_length(self, rate: float) -> int:
        # The poles do not include the delay of a finite stage.
        length = sum(stage._decay_length(rate) for stage in self._linear_stages())
        return min(max(super()._decay_length(rate), length), int(4 * rate))


def stage_responses(stages: list[LinearAnalysis], frequencies: Tensor, rate: float) -> list[Tensor]:
    """Return the complex response of each stage at `frequencies` in Hz and the sample rate `rate`.

    Shape:
        frequencies: `(frequencies,)`. Returns `(..., frequencies)` for each stage.
    """
    # The sections of all stages are evaluated in one call, whose overhead exceeds the time for one section.
    cascades = _unbatched_cascades([stage for stage in stages if type(stage)._response is Recursive._response], rate)
    found: dict[LinearAnalysis, Tensor] = {}
    if len(cascades) > 1:
        sections = torch.cat(list(cascades.values())).unsqueeze(-2)
        by_section = frequency_response(sections, frequencies, rate)
        by_stage = torch.split(by_section, [len(sos) for sos in cascades.values()])
        found = {stage: responses.prod(0) for stage, responses in zip(cascades, by_stage, strict=True)}
    return [found[stage] if stage in found else stage._response(frequencies, rate) for stage in stages]


def series_memory(stages: list[LinearAnalysis], rate: float, tolerance: float) -> int | None:
    """Return the memory of stages in series, in samples, or None if that of a stage is None.

    See `LinearAnalysis.memory`.
    """
    cascades = _unbatched_cascades([s for s in stages if type(s)._memory is LinearAnalysis._memory], rate)
    spans = [stage._memory(rate, tolerance) for stage in stages if stage not in cascades]
    if cascades:
        # A stage that occurs twice counts twice.
        spans.append(settling_time(torch.cat([cascades[stage] for stage in stages if stage in cascades]), tolerance))
    return None if None in spans else sum(span for span in spans if span is not None)


def _unbatched_cascades(stages: list[LinearAnalysis], rate: float) -> dict[LinearAnalysis, Tensor]:
    """Return the sections, `(sections, 6)`, of each `Recursive` stage that has sections without batch dimensions."""
    designs = {stage: stage._sos(rate) for stage in stages if isinstance(stage, Recursive)}
    return {stage: sos for stage, sos in designs.items() if sos.ndim == 2 and len(sos)}


def _sum(terms: list[Tensor], grid: Tensor) -> Tensor:
    """Return the sum of `terms`, `(..., frequencies)` in float64, with batch dimensions aligned from the front.

    Without terms, the sum is 0 at the frequencies `grid`, `(frequencies,)`.
    """
    total = torch.zeros(grid.shape, dtype=torch.float64, device=grid.device)
    for term in terms:
        total = align_batch(total, term) + align_batch(term, total)
    return total


def _join_roots(roots: list[Tensor]) -> Tensor:
    return concatenate_vectors(roots or [torch.zeros(0, dtype=torch.complex128)])

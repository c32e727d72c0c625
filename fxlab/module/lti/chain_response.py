"""What stages in series answer one by one, asked together: a call of the engine costs more than a section in it."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.engine import frequency_response, settling
from fxlab.module.lti.linear_analysis import LinearAnalysis
from fxlab.module.lti.recursive import Recursive


def stage_responses(stages: list[LinearAnalysis], frequencies: Tensor, rate: float) -> list[Tensor]:
    """The response of each stage, `(..., frequencies)`."""
    rows = _rows([stage for stage in stages if type(stage)._response is Recursive._response], rate)
    found: dict[LinearAnalysis, Tensor] = {}
    if len(rows) > 1:
        each = frequency_response(torch.cat(list(rows.values())).unsqueeze(-2), frequencies, rate)
        parts = torch.split(each, [len(sos) for sos in rows.values()])
        found = {stage: part.prod(0) for stage, part in zip(rows, parts, strict=True)}
    return [found[stage] if stage in found else stage._response(frequencies, rate) for stage in stages]


def memory_in_all(stages: list[LinearAnalysis], rate: float, left: float) -> int | None:
    """Return the memory of the stages in series, in samples; see `LinearAnalysis.memory`."""
    rows = _rows([stage for stage in stages if type(stage)._memory is LinearAnalysis._memory], rate)
    spans = [stage._memory(rate, left) for stage in stages if stage not in rows]
    if rows:
        spans.append(settling(torch.cat([rows[stage] for stage in stages if stage in rows]), left))
    return None if None in spans else sum(span for span in spans if span is not None)


def _rows(stages: list[LinearAnalysis], rate: float) -> dict[LinearAnalysis, Tensor]:
    """The sections of those stages that are the same for every example, `(sections, 6)`."""
    designs = {stage: stage._sos(rate) for stage in stages if isinstance(stage, Recursive)}
    return {stage: sos for stage, sos in designs.items() if sos.ndim == 2 and len(sos)}

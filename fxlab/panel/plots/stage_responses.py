"""What a module is made of, as the plot shows it: curves of its own for each stage, branch or band."""

from __future__ import annotations

from contextlib import suppress
from typing import NamedTuple

import torch
from torch import Tensor

from fxlab.errors import FxlabError
from fxlab.module import ArrayParam, Chain, LinearAnalysis, Module, has_response
from fxlab.module.compose.stages import Stages
from fxlab.module.compose.sum import Sum
from fxlab.panel.controls.control_binding import has_sliders
from fxlab.panel.protocol import StageInfo


def color(module: Module, path: str) -> int | None:
    """The number of the colour of the stage or branch that `path` lies in; None where there is but one."""
    head = path.partition(".")[0]
    several = isinstance(module, (Stages, Sum)) and len(module) > 1
    return int(head) if several and head.isdigit() else None


class Responses(NamedTuple):
    """What a plot draws of a module, complex, `(frequencies,)` each."""

    total: Tensor | None
    """Of all of it, where it has one."""
    parts: dict[str, Tensor]
    """By path; none of what is whole."""
    notes: list[StageInfo]
    """Each part's colour and label, and `inactive` where it is bypassed, or another soloed."""


def responses(module: Module, frequencies: Tensor, rate: float) -> Responses:
    """The response of a module and of what it is made of.

    Raises:
        FxlabError: A value that is not valid at this rate.
    """
    if not isinstance(module, LinearAnalysis):
        return Responses(None, {}, [])
    if module.has_response:
        found = module._resolved(frequencies, module._ready(rate))
        total: Tensor | None = _first(found[0])
        numbers, each = found[1:]
    else:
        total = None
        numbers, each = module._part_responses(frequencies, rate)
    left = left_out(module, frequencies, rate) if isinstance(module, Chain) else {}
    if len(numbers) < 2 and not left:
        return Responses(total, {}, [])
    named = isinstance(module, (Stages, Sum))  # their parts have paths; of a bank the places of its arrays stand for it
    paths = [str(number) if named else str(place) for place, number in enumerate(numbers)]
    labels = module._part_names(rate)
    notes: list[StageInfo] = [{"color": number, "label": label} for number, label in zip(numbers, labels, strict=True)]
    notes += [{"color": number, "label": type(part).__name__, "inactive": True} for number, (part, _) in left.items()]
    shown = dict(zip(paths, map(_first, each), strict=True))
    return Responses(total, shown | {str(number): _first(response) for number, (_, response) in left.items()}, notes)


def left_out(chain: Chain, frequencies: Tensor, rate: float) -> dict[int, tuple[Module, Tensor]]:
    """The stages that are not heard, and what they would do: their handles stand on their curves all the same."""
    heard = {number for number, _ in chain._heard()}
    found: dict[int, tuple[Module, Tensor]] = {}
    for number, stage in enumerate(chain):
        if number not in heard and has_response(stage):
            with suppress(FxlabError):  # a value that is not valid at this rate is no fault of what is heard
                found[number] = stage, stage.response(frequencies, rate)
    return found


def _first(response: Tensor) -> Tensor:
    """That of the first example of a batch."""
    return response.reshape(-1, response.shape[-1])[0]


def places(module: Module, rate: float) -> dict[str, float]:
    """Where in Hz the numbers of arrays act that have a place each, by path."""
    found: dict[str, float] = {}
    for path, owner, declaration in module.walk():
        if isinstance(declaration, ArrayParam) and declaration.has_places and has_sliders(owner, declaration):
            with suppress(FxlabError), torch.no_grad():  # a value that is not valid at this rate has no place
                found |= {f"{path}.{n}": f for n, f in enumerate(declaration.places(owner, rate))}
    return found

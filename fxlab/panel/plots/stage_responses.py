"""The responses of a module and of its stages, branches or bands, for the magnitude plot."""

from __future__ import annotations

from contextlib import suppress
from typing import NamedTuple

import torch
from torch import Tensor

from fxlab.errors import FxlabError
from fxlab.module import ArrayParam, Chain, LinearAnalysis, Module, has_response
from fxlab.module.compose.sum import Sum
from fxlab.panel.controls.control_binding import has_sliders
from fxlab.panel.protocol import StageInfo


def color_index(module: Module, path: str) -> int | None:
    """Return the index of the color of the stage or branch of `module` that contains the part at `path`.

    It is None if `module` is not a chain or sum of several modules, or if `path` is that of `module` itself.
    """
    head = path.partition(".")[0]
    has_several = isinstance(module, (Chain, Sum)) and len(module) > 1
    return int(head) if has_several and head.isdigit() else None


class StageResponses(NamedTuple):
    """The complex responses of a module and its parts, of shape `(..., frequencies)`."""

    total: Tensor | None
    """The response of the complete module; None if it has none."""
    parts: dict[str, Tensor]
    """The responses of the stages or branches by path, or those of the bands by index.

    It is empty if there are fewer than two active parts, and no inactive stage with a response.
    """
    info: list[StageInfo]
    """The color and the label of each part, in the order of `parts`, and whether it is inactive."""


def stage_responses(module: Module, frequencies: Tensor, rate: float) -> StageResponses:
    """Return the responses of a module and of its stages, branches or bands at `frequencies`, in Hz.

    `rate` is the sample rate in Hz.

    Raises:
        FxlabError: A value is not valid at this sample rate.
    """
    if not isinstance(module, LinearAnalysis):
        return StageResponses(None, {}, [])
    if module.has_response:
        response, numbers, active = module._response_and_parts(frequencies, module._checked_rate(rate))
        total: Tensor | None = response
    else:
        total = None
        numbers, active = module._part_responses(frequencies, rate)
    inactive = inactive_stages(module, frequencies, rate) if isinstance(module, Chain) else {}
    if len(numbers) < 2 and not inactive:
        return StageResponses(total, {}, [])
    # The parts of chains and sums have paths; those of a bank are referred to by their indices in its arrays.
    parts_have_paths = isinstance(module, (Chain, Sum))
    paths = [str(number) if parts_have_paths else str(index) for index, number in enumerate(numbers)]
    labels = module._part_labels(rate)
    parts = dict(zip(paths, active, strict=True))
    info: list[StageInfo] = [{"color": n, "label": label} for n, label in zip(numbers, labels, strict=True)]
    for number, (stage, response) in inactive.items():
        parts[str(number)] = response
        info.append({"color": number, "label": type(stage).__name__, "inactive": True})
    return StageResponses(total, parts, info)


def inactive_stages(chain: Chain, frequencies: Tensor, rate: float) -> dict[int, tuple[Module, Tensor]]:
    """Return the inactive stages that have a response, by index, with their complex responses.

    A stage is inactive if it is bypassed, or if only other stages are soloed. It is omitted if a value of it is not
    valid at the sample rate `rate`, in Hz. `frequencies` are in Hz.
    """
    active = {number for number, _ in chain._active_stages()}
    found: dict[int, tuple[Module, Tensor]] = {}
    for number, stage in enumerate(chain):
        if number not in active and has_response(stage):
            with suppress(FxlabError):  # invalid values do not matter in an inactive stage
                found[number] = stage, stage.response(frequencies, rate)
    return found


def center_frequencies(module: Module, rate: float) -> dict[str, float]:
    """Return the center frequency in Hz of each slider of an array such as the gains of bands, by parameter path.

    An array whose frequencies cannot be computed, because values are not valid at the sample rate `rate`, is omitted.
    """
    found: dict[str, float] = {}
    for path, owner, declaration in module.walk():
        if isinstance(declaration, ArrayParam) and declaration.has_places and has_sliders(owner, declaration):
            with suppress(FxlabError), torch.no_grad():  # values that are not valid at this rate have no frequencies
                found |= {f"{path}.{n}": f for n, f in enumerate(declaration.places(owner, rate))}
    return found

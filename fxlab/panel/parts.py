"""What a module is made of, as the plot shows it: curves of its own for each stage, branch or band."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import torch
from torch import Tensor

from fxlab.errors import FxlabError
from fxlab.module import LTI, Module, Numbers
from fxlab.module.stages import Stages
from fxlab.module.sum import Sum
from fxlab.panel.slot import has_sliders


def color(module: Module, path: str) -> int | None:
    """The number of the colour of the stage or branch that `path` lies in; None where there is but one."""
    head = path.partition(".")[0]
    several = isinstance(module, (Stages, Sum)) and len(module) > 1
    return int(head) if several and head.isdigit() else None


def responses(module: Module, frequencies: Tensor, rate: float) -> tuple[dict[str, Tensor], list[dict[str, Any]]]:
    """The complex response of each part by path, `(frequencies,)`, and its colour and label; none of what is whole.

    Raises:
        FxlabError: A value that is not valid at this rate.
    """
    if not isinstance(module, LTI):
        return {}, []
    numbers, found = module._part_responses(frequencies, rate)
    if len(numbers) < 2:
        return {}, []
    named = isinstance(module, (Stages, Sum))  # their parts have paths; of a bank the places of its arrays stand for it
    paths = [str(number) if named else str(place) for place, number in enumerate(numbers)]
    labels = module._part_names(rate)
    notes = [{"color": number, "label": label} for number, label in zip(numbers, labels, strict=True)]
    rows = [row.reshape(-1, row.shape[-1])[0] for row in found]
    return dict(zip(paths, rows, strict=True)), notes


def places(module: Module, rate: float) -> dict[str, float]:
    """Where in Hz the numbers of arrays act that have a place each, by path."""
    found: dict[str, float] = {}
    for path, owner, declaration in module.walk():
        if isinstance(declaration, Numbers) and declaration.has_places and has_sliders(owner, declaration):
            with suppress(FxlabError), torch.no_grad():  # a value that is not valid at this rate has no place
                found |= {f"{path}.{n}": f for n, f in enumerate(declaration.places(owner, rate))}
    return found

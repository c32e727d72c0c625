"""The echoes view: the response to a click, each echo with its time and level."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import pad

from fxlab.analysis.click_response import click_response, rings
from fxlab.panel.protocol import Axis, TraceForm, TraceLine
from fxlab.panel.views.view import Drawing, Scene, View

COLUMNS = 1500
"""The maximum number of echoes that are drawn for each channel."""
RANGE_DB = 60.0
"""The range of levels that is drawn, in dB below the loudest sample."""
ROUND_NUMBERS = (1, 1.25, 1.6, 2, 2.5, 3.2, 4, 5, 6.4, 8, 10)


def draw(scene: Scene) -> Drawing:
    """Return the drawing of the response to a click, in dB and on a linear scale.

    It shows the largest sample in each column of the plot, except where that is `RANGE_DB` or more below the loudest
    sample of the response. It does so for each channel, or for only one if all are equal to within 1e-6.
    """
    response, rate = click_response(scene.module, scene.x.shape[0], scene.rate, scene.device)
    size = response.abs().amax(0)
    floor = float(size.max()) * 10 ** (-RANGE_DB / 20)
    if floor == 0:
        return {"error": "A click leads to no echo: the output is silent."}, {}
    length = int(torch.nonzero(size > floor)[-1]) + 1
    duration = round_length(length * 1000 / rate)
    rows = response if _differ(response) else response[:1]
    names = ("Left", "Right") if len(rows) == 2 else tuple(f"Channel {n}" for n in range(1, len(rows) + 1))
    vectors: dict[str, Tensor] = {}
    linear: list[TraceLine] = []
    levels: list[TraceLine] = []
    for number, row in enumerate(rows, 1):
        index, value = _largest(row[:length], floor)
        time, label = f"time{number}", names[number - 1] if len(rows) > 1 else "Echoes"
        vectors |= {time: index * (1000 / rate), f"value{number}": value}
        vectors[f"level{number}"] = 20 * value.abs().log10()
        line: TraceLine = {"x": time, "y": f"value{number}", "label": label, "style": "stem"}
        if len(rows) > 1:
            line["color"] = f"stage-{number}"
        linear.append(line)
        levels.append({**line, "y": f"level{number}"})
    top = 6 * math.ceil(20 * math.log10(float(size.max())) / 6 + 0.25)
    y: Axis = {"unit": "dB", "low": top - RANGE_DB - 6, "high": top, "steps": [6, 12, 24]}
    forms: list[TraceForm] = [
        {"label": "dB", "y": y, "lines": levels},
        {"label": "Linear", "y": {"unit": ""}, "lines": linear},
    ]
    return {"x": {"unit": "ms", "low": 0.0, "high": duration}, "forms": forms}, vectors


def round_length(duration: float) -> float:
    """Return the smallest round number of ms that is at least `duration`, in ms, and at least 10.

    An axis that ends there does not change with every move of a slider.

    >>> round_length(1300)
    1600.0
    """
    decade = 10.0 ** math.floor(math.log10(max(duration, 10.0)))
    return next(number * decade for number in ROUND_NUMBERS if number * decade >= duration)


def _differ(response: Tensor) -> bool:
    """Return whether any channel differs from the first by more than 1e-6."""
    return bool((response[1:] - response[:1]).abs().amax() > 1e-6) if len(response) > 1 else False


def _largest(row: Tensor, floor: float) -> tuple[Tensor, Tensor]:
    """Return the index, in float64, and the value of the sample with the largest magnitude in each column of `row`.

    Columns in which that magnitude does not exceed `floor` are omitted.
    """
    width = math.ceil(len(row) / COLUMNS)
    columns = pad(row, (0, -len(row) % width)).reshape(-1, width)
    place = columns.abs().argmax(-1)
    value = columns.gather(-1, place[:, None])[:, 0]
    index = torch.arange(len(columns)) * width + place
    is_heard = value.abs() > floor
    return index[is_heard].double(), value[is_heard]


ECHOES = View("echoes", "Echoes", "trace", rings, draw, needs_output=True)

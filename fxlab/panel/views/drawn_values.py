"""The view of the values that an augmentation drew, each on the range of its slider."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.augment.audition import Audition, DrawnValue
from fxlab.module import Module
from fxlab.panel.protocol import Axis, TraceForm
from fxlab.panel.views.view import Drawing, Scene, View

STAGE_COLORS = 8
"""The number of colors of the page's palette for the stages of a chain."""
PROBE = 0.1
"""The duration in seconds of the part of the input with which the values are drawn."""


def _is_audition(module: Module) -> bool:
    return isinstance(module, Audition)


def draw(scene: Scene) -> Drawing:
    """Return the drawing of the first 12 values that an augmentation draws for the input.

    Each is a horizontal line from the lower end of the parameter's range to the value, with the name of the parameter.
    """
    module = scene.module
    assert isinstance(module, Audition)
    x = scene.x[..., : max(64, round(PROBE * scene.rate))]
    return drawing_of(module.drawn_values(x, scene.rate))


def drawing_of(drawn: list[DrawnValue]) -> Drawing:
    """Return the drawing of the first 12 values of `drawn`; see `draw`.

    The vertical axis is labeled with the name and the value of each parameter, at the height of its line.
    """
    values = drawn[:12]
    vectors: dict[str, Tensor] = {}
    lines = []
    names = [f"{value.label}: {value.text}" for value in values]
    for number, (value, label) in enumerate(zip(values, names, strict=True)):
        vectors[f"x{number}"] = torch.tensor([0.0, 100 * min(1.0, max(0.0, value.position))])
        vectors[f"y{number}"] = torch.full((2,), float(len(values) - number))
        color = f"stage-{1 + number % STAGE_COLORS}"
        lines.append({"x": f"x{number}", "y": f"y{number}", "label": label, "color": color})
    axis: Axis = {"unit": "%", "low": 0.0, "high": 100.0}
    form: TraceForm = {
        "label": "Drawn values, within the ranges of the sliders",
        # The last value is line 1, at the bottom.
        "y": {"unit": "", "low": 0.0, "high": len(values) + 0.75, "labels": ["", *names[::-1]]},
        "lines": lines,  # type: ignore[typeddict-item]
    }
    return {"x": axis, "forms": [form]}, vectors


DRAWN_VALUES = View("drawn", "Drawn", "trace", _is_audition, draw)

"""The harmonics view: the distortion that a module adds to a tone of each frequency."""

from __future__ import annotations

import torch

from fxlab.engine.torch_support.shapes import first_example
from fxlab.panel.protocol import Axis, TraceLine
from fxlab.panel.views.view import FREQUENCY_AXIS, Drawing, Scene, View, is_measurable

LOW, HIGH = -120.0, 6.0  # dB


def draw(scene: Scene) -> Drawing:
    """Draw the harmonics and their sum, relative to the fundamental of the output, over the input's frequency."""
    measurement = scene.measurement()
    total = first_example(measurement.thd_db)
    harmonics = first_example(measurement.harmonics_db, 2)
    vectors = {"frequency": measurement.frequencies, "thd": total.clamp(min=LOW)}
    lines: list[TraceLine] = []
    for number, (order, level) in enumerate(zip(measurement.orders, harmonics, strict=True), 1):
        # Weaker harmonics are artefacts of the sweep.
        vectors[f"h{order}"] = torch.where(level < LOW, torch.nan, level)
        lines.append({"x": "frequency", "y": f"h{order}", "label": ordinal(order), "color": f"stage-{number}"})
    lines.append({"x": "frequency", "y": "thd", "label": "All", "style": "dashed", "color": "text"})
    y: Axis = {"unit": "dB", "low": LOW, "high": HIGH, "steps": [6, 12, 24]}
    return {"x": FREQUENCY_AXIS, "forms": [{"label": "Harmonics", "y": y, "lines": lines}]}, vectors


def ordinal(number: int) -> str:
    """Return `number` as an English ordinal.

    >>> [ordinal(n) for n in (2, 3, 4, 11, 21)]
    ['2nd', '3rd', '4th', '11th', '21st']
    """
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


HARMONICS = View("harmonics", "Harmonics", "trace", is_measurable, draw, uses_measurement=True)

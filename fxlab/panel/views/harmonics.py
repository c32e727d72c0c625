"""The harmonics view: what a module adds to each frequency that goes in."""

from __future__ import annotations

import torch

from fxlab.panel.views.view import HERTZ, Drawing, Scene, View, first, measurable

LOW, HIGH = -120.0, 6.0  # dB


def draw(scene: Scene) -> Drawing:
    """Each harmonic relative to the fundamental that comes out, and all together, over the frequency that goes in."""
    found = scene.measurement()
    together = first(found.thd_db)
    single = found.harmonics_db.reshape(-1, *found.harmonics_db.shape[-2:])[0]
    vectors = {"frequency": found.frequencies, "thd": together.clamp(min=LOW)}
    lines = []
    for number, (order, level) in enumerate(zip(found.orders, single, strict=True), 1):
        # As faint as that they are what the sweep itself leaves behind.
        vectors[f"h{order}"] = torch.where(level < LOW, torch.nan, level)
        lines.append({"x": "frequency", "y": f"h{order}", "label": ordinal(order), "color": f"stage-{number}"})
    lines.append({"x": "frequency", "y": "thd", "label": "All", "style": "dashed", "color": "text"})
    y = {"unit": "dB", "low": LOW, "high": HIGH, "steps": [6, 12, 24]}
    return {"x": HERTZ, "forms": [{"label": "Harmonics", "y": y, "lines": lines}]}, vectors


def ordinal(number: int) -> str:
    """As it is said.

    >>> [ordinal(n) for n in (2, 3, 4, 11, 21)]
    ['2nd', '3rd', '4th', '11th', '21st']
    """
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


HARMONICS = View("harmonics", "Harmonics", "trace", measurable, draw, measured=True)

"""The harmonics view: the distortion that a module adds to tones, with the aliases of one tone."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.engine.torch_support.shapes import first_example
from fxlab.panel.plots.tone_spectrum import tone_spectrum
from fxlab.panel.protocol import Axis, TraceForm, TraceLine
from fxlab.panel.views.view import FREQUENCY_AXIS, Drawing, Scene, View, is_measurable

LOW, HIGH = -120.0, 6.0  # dB


def draw(scene: Scene) -> Drawing:
    """Return the drawing of the harmonics and their sum over the input frequency, and of the spectrum for one tone.

    The harmonics are relative to the fundamental of the output. The tone has a frequency of about 1 kHz, and the levels
    of its spectrum are relative to its level at the input.
    """
    measurement = scene.measurement()
    total = first_example(measurement.thd_db)
    harmonics = first_example(measurement.harmonics_db, 2)
    vectors = {"frequency": measurement.frequencies, "thd": total.clamp(min=LOW)}
    lines: list[TraceLine] = []
    for number, (order, level) in enumerate(zip(measurement.orders, harmonics, strict=True), 1):
        # Weaker harmonics are artifacts of the sweep.
        vectors[f"h{order}"] = torch.where(level < LOW, torch.nan, level)
        lines.append({"x": "frequency", "y": f"h{order}", "label": ordinal(order), "color": f"stage-{number}"})
    lines.append({"x": "frequency", "y": "thd", "label": "All", "style": "dashed", "color": "text"})
    y: Axis = {"unit": "dB", "low": LOW, "high": HIGH, "steps": [6, 12, 24]}
    sweep: TraceForm = {"label": "Sweep", "y": y, "lines": lines}
    return {"x": FREQUENCY_AXIS, "forms": [sweep, _tone(scene, measurement.level_db, vectors)]}, vectors


def _tone(scene: Scene, level_db: float, vectors: dict[str, Tensor]) -> TraceForm:
    """Return the form with the harmonics and aliases of one tone, and add its vectors to `vectors`.

    `level_db` is the peak level of the tone in dBFS.
    """
    spectrum = tone_spectrum(scene.module, scene.rate, level_db)
    lines: list[TraceLine] = []
    kinds = (("aliases", "Aliases", "danger"), ("harmonics", "Harmonics", "accent"))
    for (name, label, color), (frequency, level) in zip(kinds, (spectrum.aliases, spectrum.harmonics), strict=True):
        is_visible = level > LOW
        vectors |= {f"{name}_at": frequency[is_visible], name: level[is_visible]}
        if bool(is_visible.any()):
            lines.append({"x": f"{name}_at", "y": name, "label": label, "style": "stem", "color": color})
    highest = max((float(vectors[line["y"]].max()) for line in lines), default=0.0)
    y: Axis = {"unit": "dB", "low": LOW, "high": max(HIGH, highest + 6.0), "steps": [6, 12, 24]}
    return {"label": f"Tone of {spectrum.frequency / 1000:.1f} kHz", "y": y, "lines": lines}


def ordinal(number: int) -> str:
    """Return `number` as an English ordinal.

    >>> [ordinal(n) for n in (2, 3, 4, 11, 21)]
    ['2nd', '3rd', '4th', '11th', '21st']
    """
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


HARMONICS = View("harmonics", "Harmonics", "trace", is_measurable, draw, uses_measurement=True)

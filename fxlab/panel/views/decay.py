"""The decay view: the energy decay of echoes and reverberation, and the reverberation time of each octave."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.analysis.click_response import click_response, rings
from fxlab.analysis.reverberation import (
    after_direct_sound,
    decay_line,
    energy_decay_db,
    octave_reverberation_times,
)
from fxlab.panel.protocol import TraceForm
from fxlab.panel.views.echoes import round_length
from fxlab.panel.views.view import FREQUENCY_AXIS, Drawing, Scene, View

LOWEST_DB = -66.0
POINTS = 1000
MIN_SECONDS = 0.05
"""The reverberation time below which no band is drawn: the filters of the bands ring about as long."""


def draw(scene: Scene) -> Drawing:
    """Return the drawing of the energy decay of the response to a click, without the direct sound.

    If the energy decays from −5 to −35 dB, the drawing also contains the reverberation time RT60, in total and by
    octave.
    """
    response, rate = click_response(scene.module, scene.x.shape[0], scene.rate, scene.device)
    tail = after_direct_sound(response, rate)
    start = response.shape[-1] - tail.shape[-1]
    if not bool((tail != 0).any()):
        return {"error": "Nothing decays: a click has neither echoes nor reverberation."}, {}
    level = energy_decay_db(tail)
    shown = int((level > LOWEST_DB).sum())
    duration = round_length((start + shown) * 1000 / rate)
    index = torch.linspace(0, shown - 1, min(POINTS, shown)).round().long()
    slope, offset = decay_line(tail, rate)
    vectors: dict[str, Tensor] = {"time": (start + index) * (1000 / rate), "level": level[index]}
    form: TraceForm = {
        "label": "Energy",
        "y": {"unit": "dB", "low": LOWEST_DB, "high": 3.0, "steps": [6, 12]},
        "lines": [{"x": "time", "y": "level", "label": "Energy still to come"}],
    }
    forms, note = [form], "It does not decay from −5 to −35 dB, so it has no RT60."
    if slope < 0:
        seconds = -60 / slope
        ends = torch.tensor([max(0.0, -offset / slope), (LOWEST_DB - offset) / slope], dtype=torch.float64)
        vectors |= {"line_time": start * (1000 / rate) + 1000 * ends, "line": offset + slope * ends}
        label = "RT60 " + (f"{seconds:.2f} s" if seconds >= 1 else f"{1000 * seconds:.0f} ms")
        form["lines"].append({"x": "line_time", "y": "line", "label": label, "style": "dashed", "color": "text"})
        forms.append(_by_octave(tail, rate, vectors))
        note = ""
    return {"x": {"unit": "ms", "low": 0.0, "high": duration}, "forms": forms, "note": note}, vectors


def _by_octave(tail: Tensor, rate: float, vectors: dict[str, Tensor]) -> TraceForm:
    """Return the form with the reverberation times of the octave bands, and add its vectors to `vectors`.

    `tail` is the response to a click without the direct sound, and `rate` its sample rate in Hz.
    """
    centers, times = octave_reverberation_times(tail, rate)
    known = [(center, seconds) for center, seconds in zip(centers, times, strict=True) if seconds > MIN_SECONDS]
    vectors["center"], vectors["seconds"] = torch.tensor(known or [(math.nan, math.nan)]).T
    longest = max((seconds for _, seconds in known), default=1.0)
    return {
        "label": "RT60",
        "x": FREQUENCY_AXIS,
        "y": {"unit": "s", "low": 0.0, "high": 1.15 * longest},
        "lines": [{"x": "center", "y": "seconds", "label": "RT60 by octave", "style": "stem"}],
    }


DECAY = View("decay", "Decay", "trace", rings, draw, needs_output=True)

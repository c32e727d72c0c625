"""The phase view: how far each frequency is turned."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.module import has_response
from fxlab.panel.views.view import HERTZ, Drawing, Scene, View, answers, first

STEPS = [15, 30, 45, 90, 180, 360, 720, 1440]  # degrees that lines of the plot may lie apart
LEAST = 20.0  # degrees, either side: of a phase that moves less there is no more to see


def draw(scene: Scene) -> Drawing:
    """The phase in degrees, unwrapped and wrapped, of a module without a response as measured; the first example."""
    frequencies = scene.frequencies
    if has_response(scene.module):
        whole = torch.rad2deg(first(scene.module.phase(frequencies.to(scene.device), scene.rate)))
    else:
        found = scene.measurement()
        frequencies, whole = found.frequencies, torch.rad2deg(first(found.phase))
    # Where the angle jumps from one end to the other there is no line.
    turned = torch.remainder(whole + 180, 360) - 180
    leap = torch.nn.functional.pad(turned.diff().abs() > 180, (1, 0))
    fields = {
        "x": HERTZ,
        "forms": [
            {"label": "Unwrapped", "y": {"unit": "°", "steps": STEPS, **_reach(whole)}, "lines": [_line("phase")]},
            {
                "label": "Wrapped",
                "y": {"unit": "°", "steps": STEPS, "low": -180, "high": 180},
                "lines": [_line("turned")],
            },
        ],
    }
    vectors = {"frequency": frequencies, "phase": whole, "turned": torch.where(leap, torch.nan, turned)}
    return fields, vectors


def _reach(phase: Tensor) -> dict[str, float]:
    """The ends of an axis that does not make a mountain range of the rounding of what turns nothing."""
    known = phase[phase.isfinite()]
    if not len(known) or float(known.max() - known.min()) > LEAST:
        return {}
    middle = float(known.max() + known.min()) / 2
    return {"low": middle - LEAST, "high": middle + LEAST}


def _line(name: str) -> dict[str, str]:
    return {"x": "frequency", "y": name, "label": "Phase"}


PHASE = View("phase", "Phase", "trace", answers, draw, measured=True)

"""The transfer view: what comes out over what goes in, sample by sample and level by level."""

from __future__ import annotations

from fxlab.panel.plots.measured import SOFTEST, transferred
from fxlab.panel.views.view import Drawing, Scene, View, measurable

ROOM = 1.08


def draw(scene: Scene) -> Drawing:
    """Two periods of a loud tone, out over in, and the level of a tone, out over in."""
    levels, heard, given, got = transferred(scene.module, scene.rate)
    reach = ROOM * max(float(given.abs().max()), float(got.abs().max()))
    loudest = max(3.0, float(heard.max()) + 3.0)
    forms = [
        {
            "label": "Waveform",
            "x": {"unit": "", "low": -reach, "high": reach},
            "y": {"unit": "", "low": -reach, "high": reach},
            "lines": [{"x": "given", "y": "got", "label": "Output over input"}],
            "diagonal": True,
            "closed": True,
        },
        {
            "label": "Level",
            "x": {"unit": "dB", "low": SOFTEST, "high": 0.0, "steps": [6, 12]},
            "y": {"unit": "dB", "low": SOFTEST - 3.0, "high": loudest, "steps": [6, 12, 24]},
            "lines": [{"x": "levels", "y": "heard", "label": "Output over input level"}],
            "diagonal": True,
        },
    ]
    return {"x": forms[0]["x"], "forms": forms}, {"given": given, "got": got, "levels": levels, "heard": heard}


TRANSFER = View("transfer", "Transfer", "trace", measurable, draw, measured=True)

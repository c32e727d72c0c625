"""The phase view: how far each frequency is turned."""

from __future__ import annotations

import torch

from fxlab.module import LTI, Module
from fxlab.panel.views.view import Drawing, Scene, View


def offered(module: Module) -> bool:
    """Whether it has a response."""
    return module.is_lti and isinstance(module, LTI)


def draw(scene: Scene) -> Drawing:
    """The phase in degrees, unwrapped; the first example of a batch."""
    assert isinstance(scene.module, LTI)
    radians = scene.module.phase(scene.frequencies.to(scene.device), scene.rate)
    fields = {
        "x": {"unit": "Hz", "scale": "log"},
        "y": {"unit": "°", "steps": [15, 30, 45, 90, 180, 360]},
        "lines": [{"x": "frequency", "y": "phase", "label": "Phase"}],
    }
    return fields, {"frequency": scene.frequencies, "phase": torch.rad2deg(radians.reshape(-1, radians.shape[-1])[0])}


PHASE = View("phase", "Phase", "trace", offered, draw)

"""The gain view: how much louder or softer the output is than the input, over the sound's time."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.panel.views.view import Drawing, Scene, View, measurable

SECONDS = 0.01  # over which a level is measured
MOST = 1500  # points
SILENT = 1e-8  # the power of an input, −80 dBFS, below which a ratio tells nothing
FLOOR = 1e-12  # of the output's


def draw(scene: Scene) -> Drawing:
    """The short-term level of all channels, output over input, in dB; a gap where the input is silent."""
    assert scene.y is not None
    frames = min(scene.x.shape[-1], scene.y.shape[-1])
    step = max(1, round(SECONDS * scene.rate), math.ceil(frames / MOST))
    given, got = (_power(x[..., :frames], step) for x in (scene.x, scene.y))
    gain = torch.where(given > SILENT, 10 * ((got + FLOOR) / given.clamp(min=SILENT)).log10(), torch.nan)
    known = gain[gain.isfinite()]
    low, high = (float(known.min()), float(known.max())) if known.numel() else (0.0, 0.0)
    time = (torch.arange(len(gain), dtype=torch.float64) + 0.5) * (step / scene.rate)
    form = {
        "label": "Gain",
        "y": {"unit": "dB", "low": min(-6.0, low - 1.5), "high": max(6.0, high + 1.5), "steps": [1, 2, 3, 6, 12, 24]},
        "lines": [{"x": "time", "y": "gain", "label": "Output over input"}],
    }
    axis = {"unit": "s", "low": 0.0, "high": scene.x.shape[-1] / scene.rate}
    return {"x": axis, "forms": [form]}, {"time": time, "gain": gain}


def _power(x: Tensor, step: int) -> Tensor:
    """Of all channels, over each `step` samples."""
    rest = -x.shape[-1] % step
    squares = torch.nn.functional.pad(x.detach().float().square().mean(0), (0, rest))
    return squares.reshape(-1, step).mean(-1).double().cpu()


GAIN = View("gain", "Gain", "trace", measurable, draw, heard=True)

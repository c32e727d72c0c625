"""The gain view: the level of the output relative to the input, over time."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.panel.protocol import Axis, TraceForm
from fxlab.panel.views.view import Drawing, Scene, View, is_measurable

WINDOW_SECONDS = 0.01  # seconds over which a level is measured
MAX_POINTS = 1500
MIN_INPUT_POWER = 1e-8  # −80 dBFS: below it the ratio of output to input is meaningless
OUTPUT_FLOOR = 1e-12  # added to the power of the output


def draw(scene: Scene) -> Drawing:
    """Return the drawing of the gain in dB over time: the power of the output divided by that of the input.

    The power is the mean over all channels and a short window. The curve has gaps where the input is below −80 dBFS.
    """
    assert scene.y is not None
    frames = min(scene.x.shape[-1], scene.y.shape[-1])
    window = max(1, round(WINDOW_SECONDS * scene.rate), math.ceil(frames / MAX_POINTS))
    p_in, p_out = (_mean_power(x[..., :frames], window) for x in (scene.x, scene.y))
    ratio = (p_out + OUTPUT_FLOOR) / p_in.clamp(min=MIN_INPUT_POWER)
    gain = torch.where(p_in > MIN_INPUT_POWER, 10 * ratio.log10(), torch.nan)
    finite = gain[gain.isfinite()]
    low, high = (float(finite.min()), float(finite.max())) if finite.numel() else (0.0, 0.0)
    time = (torch.arange(len(gain), dtype=torch.float64) + 0.5) * (window / scene.rate)
    form: TraceForm = {
        "label": "Gain",
        "y": {"unit": "dB", "low": min(-6.0, low - 1.5), "high": max(6.0, high + 1.5), "steps": [1, 2, 3, 6, 12, 24]},
        "lines": [{"x": "time", "y": "gain", "label": "Output over input"}],
    }
    axis: Axis = {"unit": "s", "low": 0.0, "high": scene.x.shape[-1] / scene.rate}
    return {"x": axis, "forms": [form]}, {"time": time, "gain": gain}


def _mean_power(x: Tensor, window: int) -> Tensor:
    """Return the mean power of all channels in each window of `window` samples; the last is padded with silence."""
    padding = -x.shape[-1] % window
    squares = torch.nn.functional.pad(x.detach().float().square().mean(0), (0, padding))
    return squares.reshape(-1, window).mean(-1).double().cpu()


GAIN = View("gain", "Gain", "trace", is_measurable, draw, needs_output=True)

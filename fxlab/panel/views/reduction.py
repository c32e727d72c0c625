"""The gain reduction view: the gain of a dynamics effect over time."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import pad

from fxlab.effects.dynamics.gain_reduction import GainReduction
from fxlab.effects.dynamics.multiband_compressor import MultibandCompressor
from fxlab.module import Chain, Module
from fxlab.panel.protocol import Axis, TraceForm, TraceLine
from fxlab.panel.views.view import Drawing, Scene, View

MAX_POINTS = 1500


def draw(scene: Scene) -> Drawing:
    """Return the drawing of the gain of the first dynamics effect of a module in dB over time.

    A multiband compressor has a curve for each band. At each moment, the reduction is the largest of all channels; of
    each short window, the value with the largest magnitude is drawn.
    """
    found = find_effect(scene.module)
    assert found is not None
    stages, effect = found
    with torch.no_grad():
        x = Chain(*stages)(scene.x, sample_rate=scene.rate) if stages else scene.x
        reduction = effect.gain_reduction_db(x, sample_rate=scene.rate)
    bands = isinstance(effect, MultibandCompressor)
    rows = _largest(reduction.amax(0, keepdim=not bands).double().cpu())
    names = effect.names(scene.rate) if isinstance(effect, MultibandCompressor) else ["Gain"]
    window = max(1, math.ceil(reduction.shape[-1] / MAX_POINTS))
    vectors = {"time": (torch.arange(rows.shape[-1], dtype=torch.float64) + 0.5) * (window / scene.rate)}
    lines: list[TraceLine] = []
    for number, (name, row) in enumerate(zip(names, rows, strict=True), 1):
        vectors[f"gain{number}"] = -row
        line: TraceLine = {"x": "time", "y": f"gain{number}", "label": name}
        lines.append({**line, "color": f"stage-{number}"} if bands else line)
    low, high = -max(6.0, float(rows.max()) + 1.5), max(1.0, 1.5 - float(rows.min()))
    form: TraceForm = {
        "label": "Gain reduction",
        "y": {"unit": "dB", "low": low, "high": high, "steps": [1, 2, 3, 6, 12, 24]},
        "lines": lines,
    }
    axis: Axis = {"unit": "s", "low": 0.0, "high": scene.x.shape[-1] / scene.rate}
    return {"x": axis, "forms": [form]}, vectors


def find_effect(module: Module) -> tuple[list[Module], GainReduction] | None:
    """Return the active stages before the first dynamics effect of a module, and that effect; None if there is none."""
    if isinstance(module, GainReduction):
        return [], module
    if isinstance(module, Chain):
        stages = [stage for _, stage in module._active_stages()]
        for number, stage in enumerate(stages):
            if isinstance(stage, GainReduction):
                return stages[:number], stage
    return None


def _largest(rows: Tensor) -> Tensor:
    """Return the value with the largest magnitude in each of at most `MAX_POINTS` windows of equal length.

    Shape:
        `(rows, time)` to `(rows, windows)`.
    """
    window = max(1, math.ceil(rows.shape[-1] / MAX_POINTS))
    framed = pad(rows, (0, -rows.shape[-1] % window)).reshape(len(rows), -1, window)
    return framed.gather(-1, framed.abs().argmax(-1, keepdim=True)).squeeze(-1)


REDUCTION = View(
    "reduction", "Gain reduction", "trace", lambda module: find_effect(module) is not None, draw, needs_output=True
)

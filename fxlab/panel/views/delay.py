"""The delay view: group delay and phase delay over frequency."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from fxlab.engine.torch_support.shapes import first_example
from fxlab.module import has_response
from fxlab.panel.protocol import TraceForm, TraceLine
from fxlab.panel.views.view import (
    FREQUENCY_AXIS,
    Drawing,
    Scene,
    View,
    has_or_measures_response,
)

HALF_WIDTH = 2 ** (1 / 12)  # the slope of a measured phase is taken from a semitone below to a semitone above
MARGIN = 0.08  # times the axis range: the margin above and below
PHASE_DELAY_SHARE = 0.5  # times the range of the group delay: the maximum extension of the axis for the phase delay


def draw(scene: Scene) -> Drawing:
    """Return the drawing of the exact or measured group and phase delay, in ms and samples, of the first example."""
    frequencies = scene.frequencies.to(scene.device)
    if has_response(scene.module):
        group = first_example(scene.module.group_delay(frequencies, scene.rate))
        phase = first_example(scene.module.phase_delay(frequencies, scene.rate))
    else:
        measurement = scene.measurement()
        frequencies, angle = measurement.frequencies, first_example(measurement.phase)
        phase = -angle * scene.rate / (2 * torch.pi * frequencies)
        group = _group_delay(frequencies, angle, scene.rate)
    low, high = _axis_range(group, phase)
    forms: list[TraceForm] = []
    vectors = {"frequency": frequencies}
    for unit, factor in (("ms", 1000 / scene.rate), ("samples", 1.0)):
        forms.append(_form(unit, low * factor, high * factor))
        vectors |= {f"group_{unit}": group * factor, f"phase_{unit}": phase * factor}
    return {"x": FREQUENCY_AXIS, "forms": forms}, vectors


def _group_delay(frequencies: Tensor, angle: Tensor, rate: float) -> Tensor:
    """Return the group delay in samples for a measured phase `angle` in radians, at `frequencies` in Hz.

    `rate` is the sample rate in Hz. The slope is taken over an interval, because differences between adjacent values
    would amplify the noise of the measurement.
    """
    at, known = frequencies.double().cpu().numpy(), angle.double().cpu().numpy()
    low, high = np.maximum(at / HALF_WIDTH, at[0]), np.minimum(at * HALF_WIDTH, at[-1])
    rise = np.interp(high, at, known) - np.interp(low, at, known)
    return torch.from_numpy(-rise / (2 * np.pi * (high - low)) * rate)


def _form(unit: str, low: float, high: float) -> TraceForm:
    lines: list[TraceLine] = [
        {"x": "frequency", "y": f"phase_{unit}", "label": "Phase delay", "style": "dashed", "color": "muted"},
        {"x": "frequency", "y": f"group_{unit}", "label": "Group delay"},
    ]
    return {"label": unit, "y": {"unit": unit, "low": low, "high": high}, "lines": lines}


def _axis_range(group: Tensor, phase: Tensor) -> tuple[float, float]:
    """Return the ends of an axis, in samples, for the group delay and the phase delay.

    The axis contains the whole range of the group delay, but not always that of the phase delay, which grows without
    bound toward 0 Hz if a filter's phase at 0 Hz is not 0.
    """
    finite = group[group.isfinite()]
    low, high = (float(finite.min()), float(finite.max())) if finite.numel() else (0.0, 1.0)
    low = min(low, 0.0)
    extension = PHASE_DELAY_SHARE * max(high - low, 1.0)
    finite = phase[phase.isfinite()]
    if finite.numel():
        low = min(low, max(float(finite.min()), low - extension))
        high = max(high, min(float(finite.max()), high + extension))
    margin = MARGIN * max(high - low, 1.0)
    return (low - margin if low < 0 else -margin / 2), high + margin


DELAY = View("delay", "Delay", "trace", has_or_measures_response, draw, uses_measurement=True)

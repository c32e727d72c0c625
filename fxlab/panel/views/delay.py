"""The delay view: how long an envelope, and how long a tone, takes to come out."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from fxlab.module import has_response
from fxlab.panel.views.view import HERTZ, Drawing, Scene, View, answers, first

WIDE = 2 ** (1 / 12)  # to either side of a frequency a measured slope is taken from
ROOM = 0.08  # of the range above and below
BEYOND = 0.5  # of the group delay's range: so far the axis follows the phase delay


def draw(scene: Scene) -> Drawing:
    """The group delay and the phase delay, in ms and in samples, exact or as measured; the first example of a batch."""
    frequencies = scene.frequencies.to(scene.device)
    if has_response(scene.module):
        group = first(scene.module.group_delay(frequencies, scene.rate))
        phase = first(scene.module.phase_delay(frequencies, scene.rate))
    else:
        found = scene.measurement()
        frequencies, turned = found.frequencies, first(found.phase)
        phase = -turned * scene.rate / (2 * torch.pi * frequencies)
        group = _slope(frequencies, turned, scene.rate)
    low, high = _range(group, phase)
    forms, vectors = [], {"frequency": frequencies}
    for unit, factor in (("ms", 1000 / scene.rate), ("samples", 1.0)):
        forms.append(_form(unit, low * factor, high * factor))
        vectors |= {f"group_{unit}": group * factor, f"phase_{unit}": phase * factor}
    return {"x": HERTZ, "forms": forms}, vectors


def _slope(frequencies: Tensor, turned: Tensor, rate: float) -> Tensor:
    """The group delay in samples of a phase that was measured: what a sweep leaves of noise in it, a slope enlarges."""
    at, known = frequencies.double().cpu().numpy(), turned.double().cpu().numpy()
    low, high = np.maximum(at / WIDE, at[0]), np.minimum(at * WIDE, at[-1])
    rise = np.interp(high, at, known) - np.interp(low, at, known)
    return torch.from_numpy(-rise / (2 * np.pi * (high - low)) * rate)


def _form(unit: str, low: float, high: float) -> dict[str, Any]:
    lines = [
        {"x": "frequency", "y": f"phase_{unit}", "label": "Phase delay", "style": "dashed", "color": "muted"},
        {"x": "frequency", "y": f"group_{unit}", "label": "Group delay"},
    ]
    return {"label": unit, "y": {"unit": unit, "low": low, "high": high}, "lines": lines}


def _range(group: Tensor, phase: Tensor) -> tuple[float, float]:
    """What shows the group delay well: a phase delay grows without end where a high-pass turns 0 Hz."""
    known = group[group.isfinite()]
    low, high = (float(known.min()), float(known.max())) if known.numel() else (0.0, 1.0)
    low = min(low, 0.0)
    more = BEYOND * max(high - low, 1.0)
    tones = phase[phase.isfinite()]
    if tones.numel():
        low = min(low, max(float(tones.min()), low - more))
        high = max(high, min(float(tones.max()), high + more))
    room = ROOM * max(high - low, 1.0)
    return (low - room if low < 0 else -room / 2), high + room


DELAY = View("delay", "Delay", "trace", answers, draw, measured=True)

"""The phase view: the phase response over frequency."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.engine.torch_support.shapes import first_example
from fxlab.module import has_response
from fxlab.panel.protocol import Axis, TraceFields, TraceLine
from fxlab.panel.views.view import FREQUENCY_AXIS, Drawing, Scene, View, has_or_measures_response

STEPS: list[float] = [15, 30, 45, 90, 180, 360, 720, 1440]  # degrees between the grid lines of the plot
MIN_HALF_RANGE = 20.0  # degrees: the axis shows at least this much on either side of the middle


def draw(scene: Scene) -> Drawing:
    """Return the drawing of the exact or measured phase in degrees, unwrapped and wrapped, of the first example."""
    frequencies = scene.frequencies
    if has_response(scene.module):
        phase = torch.rad2deg(first_example(scene.module.phase(frequencies.to(scene.device), scene.rate)))
    else:
        measurement = scene.measurement()
        frequencies, phase = measurement.frequencies, torch.rad2deg(first_example(measurement.phase))
    wrapped = torch.remainder(phase + 180, 360) - 180
    # The line is interrupted where the wrapped phase jumps between its limits.
    jumps = torch.nn.functional.pad(wrapped.diff().abs() > 180, (1, 0))
    fields: TraceFields = {
        "x": FREQUENCY_AXIS,
        "forms": [
            {"label": "Unwrapped", "y": _axis_of(phase), "lines": [_line("phase")]},
            {
                "label": "Wrapped",
                "y": {"unit": "°", "steps": STEPS, "low": -180, "high": 180},
                "lines": [_line("wrapped")],
            },
        ],
    }
    vectors = {"frequency": frequencies, "phase": phase, "wrapped": torch.where(jumps, torch.nan, wrapped)}
    return fields, vectors


def _axis_of(phase: Tensor) -> Axis:
    """Return the axis for `phase`, in degrees.

    It has limits only if the phase is almost constant, so that rounding errors are not magnified.
    """
    finite = phase[phase.isfinite()]
    if not len(finite) or float(finite.max() - finite.min()) > MIN_HALF_RANGE:
        return {"unit": "°", "steps": STEPS}
    middle = float(finite.max() + finite.min()) / 2
    return {"unit": "°", "steps": STEPS, "low": middle - MIN_HALF_RANGE, "high": middle + MIN_HALF_RANGE}


def _line(name: str) -> TraceLine:
    return {"x": "frequency", "y": name, "label": "Phase"}


PHASE = View("phase", "Phase", "trace", has_or_measures_response, draw, uses_measurement=True)

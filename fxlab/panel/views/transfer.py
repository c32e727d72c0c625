"""The transfer view: the output as a function of the input, for the samples of a tone and for its levels."""

from __future__ import annotations

from fxlab.analysis.transfer import MIN_LEVEL_DB
from fxlab.panel.plots.measure_module import measure_transfer_within_limit
from fxlab.panel.protocol import Axis, TraceForm
from fxlab.panel.views.reduction import find_effect
from fxlab.panel.views.view import Drawing, Scene, View, is_measurable
from fxlab.signal.samples import peak

MARGIN = 1.08  # the axes extend beyond the largest sample by this factor


def draw(scene: Scene) -> Drawing:
    """Return the drawing of the output over the input: samples of a loud tone, and levels of a tone that gets louder.

    The samples are those of two periods, and the levels are in dB. If the module has a dynamics effect, which changes
    the level rather than the waveform, the form with the levels is the first.
    """
    transfer = measure_transfer_within_limit(scene.module, scene.rate)
    x, y = transfer.input_samples, transfer.output_samples
    limit = MARGIN * max(peak(x), peak(y))
    max_level = max(3.0, float(transfer.output_levels.max()) + 3.0)
    waveform_axis: Axis = {"unit": "", "low": -limit, "high": limit}
    forms: list[TraceForm] = [
        {
            "label": "Waveform",
            "x": waveform_axis,
            "y": waveform_axis,
            "lines": [{"x": "input", "y": "output", "label": "Output over input"}],
            "diagonal": True,
            "closed": True,
            "dots": [{"y": "output", "follows": "peak"}, {"y": "output", "follows": "trough"}],
        },
        {
            "label": "Level",
            "x": {"unit": "dB", "low": MIN_LEVEL_DB, "high": 0.0, "steps": [6, 12]},
            "y": {"unit": "dB", "low": MIN_LEVEL_DB - 3.0, "high": max_level, "steps": [6, 12, 24]},
            "lines": [{"x": "input_level", "y": "output_level", "label": "Output over input level"}],
            "diagonal": True,
            "dots": [{"y": "output_level", "follows": "levels"}],
        },
    ]
    if find_effect(scene.module) is not None:
        forms.reverse()
    levels = {"input_level": transfer.input_levels, "output_level": transfer.output_levels}
    return {"x": waveform_axis, "forms": forms}, {"input": x, "output": y, **levels}


TRANSFER = View("transfer", "Transfer", "trace", is_measurable, draw, uses_measurement=True)

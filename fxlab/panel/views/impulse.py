"""The impulse response and step response views."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.engine.torch_support.shapes import first_example
from fxlab.module import LinearAnalysis, Module, has_response
from fxlab.panel.protocol import Axis, LineStyle, TraceForm, TraceLine
from fxlab.panel.views.view import Drawing, Scene, View
from fxlab.signal.min_max import min_max_blocks

RINGING_SHARE = 0.005  # times the largest sample after the first: the axis ends where all later samples are smaller
NEGLIGIBLE = 1e-5  # times the largest sample: the tail below it is never shown
MIN_SAMPLES = 24  # minimum number of samples that are shown
MAX_STEMS = 160  # samples: responses of at most this length are drawn with a stem for each sample
COLUMNS = 1024  # columns of a longer response, drawn as the minimum and the maximum in each column
DEPTH_DB = 90.0  # range of the level axis, in dB
ROUND_NUMBERS = (1, 1.25, 1.6, 2, 2.5, 3.2, 4, 5, 6.4, 8, 10)


def has_causal_response(module: Module) -> bool:
    """Return whether `module` has a known response and all of its parts are causal."""
    return has_response(module) and all(part.is_causal for part in module.modules() if isinstance(part, LinearAnalysis))


def draw_impulse(scene: Scene) -> Drawing:
    """Return the drawing of the impulse response of the first example, on a linear scale and in dB."""
    assert has_response(scene.module)
    h = first_example(scene.module.impulse_response(scene.rate))
    visible, start = _visible_part(h, scene)
    time, value, style = _curve(visible, start, scene.rate)
    level = 20 * h.abs().clamp(min=1e-9).log10()
    top = math.ceil(float(torch.nan_to_num(level, nan=0.0).max()) / 6 + 0.25) * 6
    level_time, max_level, _ = _curve(level[start : start + len(visible)], start, scene.rate, maximum_only=True)
    forms: list[TraceForm] = [
        {"label": "Linear", "y": {"unit": ""}, "lines": [_line("time", "value", "Impulse response", style)]},
        {
            "label": "dB",
            "y": {"unit": "dB", "low": top - DEPTH_DB, "high": top, "steps": [6, 12, 24]},
            "lines": [_line("level_time", "level", "Impulse response")],
        },
    ]
    vectors = {"time": time, "value": value, "level_time": level_time, "level": max_level}
    return {"x": _time_axis(h, scene), "forms": forms}, vectors


def draw_step(scene: Scene) -> Drawing:
    """Return the drawing of the step response of the first example, over the same time as the impulse response."""
    assert has_response(scene.module)
    h = first_example(scene.module.impulse_response(scene.rate))
    visible, start = _visible_part(h, scene)
    time, value, style = _curve(h.cumsum(0)[start : start + len(visible)], start, scene.rate)
    form: TraceForm = {"label": "Step", "y": {"unit": ""}, "lines": [_line("time", "value", "Step response", style)]}
    return {"x": _time_axis(h, scene), "forms": [form]}, {"time": time, "value": value}


def _length(h: Tensor) -> int:
    """Return the number of samples of the impulse response `h` to show, as a round number."""
    size = torch.nan_to_num(h.abs(), nan=math.inf)
    # The direct sound in the first sample may be much larger than the ringing that follows.
    ringing = size[1:].max() if len(size) > 1 else size.max()
    visible = torch.nonzero(size > torch.maximum(RINGING_SHARE * ringing, NEGLIGIBLE * size.max()))
    last = int(visible[-1]) + 1 if visible.numel() else 1
    # The length changes in steps of at least a tenth of a decade, so that the axis does not follow every slider move.
    wanted = max(MIN_SAMPLES, 1.05 * last)
    decade = 10 ** math.floor(math.log10(wanted))
    return int(next(number * decade for number in ROUND_NUMBERS if number * decade >= wanted))


def _time_axis(h: Tensor, scene: Scene) -> Axis:
    return {"unit": "ms", "low": 0, "high": _length(h) / scene.rate * 1000}


def _visible_part(h: Tensor, scene: Scene) -> tuple[Tensor, int]:
    """Return the part of the impulse response `h` that the page shows, and the index of its first sample."""
    length = _length(h)
    h = torch.nn.functional.pad(h[:length], (0, max(0, length - len(h))))
    low, high = scene.visible_range("ms", 0.0, length / scene.rate * 1000)
    start = max(0, min(int(low / 1000 * scene.rate) - 1, length - 2))
    return h[start : max(start + 2, math.ceil(high / 1000 * scene.rate) + 2)], start


def _curve(values: Tensor, start: int, rate: float, *, maximum_only: bool = False) -> tuple[Tensor, Tensor, LineStyle]:
    """Return the times in ms, the values and the line style with which `values` are drawn.

    A response of more than `2 * COLUMNS` samples is reduced to the minimum and the maximum in each column.

    Args:
        values: The samples, `(time,)`.
        start: The index of the first sample.
        rate: The sample rate in Hz.
        maximum_only: Whether such a response is reduced to only the maximum in each column.
    """
    values = values.cpu()
    block = -(-len(values) // COLUMNS)
    time = (start + torch.arange(len(values), dtype=torch.float64)) * (1000 / rate)
    if block < 3:
        return time, values, "stem" if len(values) <= MAX_STEMS else "line"
    low, high = min_max_blocks(values, block)
    if maximum_only:
        return time[::block], high, "line"
    return time[::block].repeat_interleave(2), torch.stack([low, high], -1).flatten(), "line"


def _line(x: str, y: str, label: str, style: LineStyle = "line") -> TraceLine:
    return {"x": x, "y": y, "label": label, "style": style}


IMPULSE = View("impulse", "Impulse", "trace", has_causal_response, draw_impulse)
STEP = View("step", "Step", "trace", has_causal_response, draw_step)

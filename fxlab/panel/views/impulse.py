"""The impulse and the step view: what comes out for a single 1, and for a 1 that stays."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from fxlab.module import LinearAnalysis, Module, has_response
from fxlab.panel.views.view import Drawing, Scene, View, first

LEFT = 0.005  # of the largest sample after the first: what is less is not worth the room
LEAST = 1e-5  # of the largest sample of all: less is none
FEWEST = 24  # samples that are shown
STEMS = 160  # samples up to which each is drawn by itself
COLUMNS = 1024  # parts of a longer response of which the least and the greatest is drawn
DEPTH_DB = 90.0  # of the level's axis


def causal(module: Module) -> bool:
    """Whether it has a response, and none of it comes before its cause."""
    return has_response(module) and all(part.is_causal for part in module.modules() if isinstance(part, LinearAnalysis))


def impulse(scene: Scene) -> Drawing:
    """The impulse response, and its level."""
    assert has_response(scene.module)
    h = first(scene.module.impulse_response(scene.rate))
    shown, start = _shown(h, scene)
    time, value, style = _curve(shown, start, scene.rate)
    level = 20 * h.abs().clamp(min=1e-9).log10()
    top = math.ceil(float(torch.nan_to_num(level, nan=0.0).max()) / 6 + 0.25) * 6
    hull, loudness, _ = _curve(level[start : start + len(shown)], start, scene.rate, highest=True)
    forms = [
        {"label": "Linear", "y": {"unit": ""}, "lines": [_line("time", "value", "Impulse response", style)]},
        {
            "label": "dB",
            "y": {"unit": "dB", "low": top - DEPTH_DB, "high": top, "steps": [6, 12, 24]},
            "lines": [_line("hull", "level", "Impulse response")],
        },
    ]
    return {"x": _axis(h, scene), "forms": forms}, {"time": time, "value": value, "hull": hull, "level": loudness}


def step(scene: Scene) -> Drawing:
    """The step response, as long as the impulse response."""
    assert has_response(scene.module)
    h = first(scene.module.impulse_response(scene.rate))
    shown, start = _shown(h, scene)
    time, value, style = _curve(h.cumsum(0)[start : start + len(shown)], start, scene.rate)
    form = {"label": "Step", "y": {"unit": ""}, "lines": [_line("time", "value", "Step response", style)]}
    return {"x": _axis(h, scene), "forms": [form]}, {"time": time, "value": value}


def _reach(h: Tensor) -> int:
    """How many samples there are to see, as a round number of them."""
    size = torch.nan_to_num(h.abs(), nan=math.inf)
    # What is passed on at once may be far above the ringing that follows.
    ringing = size[1:].max() if len(size) > 1 else size.max()
    seen = torch.nonzero(size > torch.maximum(LEFT * ringing, LEAST * size.max()))
    last = int(seen[-1]) + 1 if seen.numel() else 1
    # In steps of a tenth of a decade and more, so that the axis does not creep along with a slider.
    wanted = max(FEWEST, 1.05 * last)
    decade = 10 ** math.floor(math.log10(wanted))
    return int(next(lead * decade for lead in (1, 1.25, 1.6, 2, 2.5, 3.2, 4, 5, 6.4, 8, 10) if lead * decade >= wanted))


def _axis(h: Tensor, scene: Scene) -> dict[str, Any]:
    return {"unit": "ms", "low": 0, "high": _reach(h) / scene.rate * 1000}


def _shown(h: Tensor, scene: Scene) -> tuple[Tensor, int]:
    """What of it the page looks at, and where that begins."""
    reach = _reach(h)
    h = torch.nn.functional.pad(h[:reach], (0, max(0, reach - len(h))))
    low, high = scene.window("ms", 0.0, reach / scene.rate * 1000)
    start = max(0, min(int(low / 1000 * scene.rate) - 1, reach - 2))
    return h[start : max(start + 2, math.ceil(high / 1000 * scene.rate) + 2)], start


def _curve(values: Tensor, start: int, rate: float, *, highest: bool = False) -> tuple[Tensor, Tensor, str]:
    """Times in ms, values, and how to draw them: a long response by its least and greatest in each column."""
    values = values.cpu()
    few = -(-len(values) // COLUMNS)
    time = (start + torch.arange(len(values), dtype=torch.float64)) * (1000 / rate)
    if few < 3:
        return time, values, "stem" if len(values) <= STEMS else "line"
    rest = -len(values) % few
    low, high = torch.aminmax(
        torch.nn.functional.pad(values, (0, rest), value=float(values[-1])).reshape(-1, few), dim=-1
    )
    if highest:
        return time[::few], high, "line"
    return time[::few].repeat_interleave(2), torch.stack([low, high], -1).flatten(), "line"


def _line(x: str, y: str, label: str, style: str = "line") -> dict[str, str]:
    return {"x": x, "y": y, "label": label, "style": style}


IMPULSE = View("impulse", "Impulse", "trace", causal, impulse)
STEP = View("step", "Step", "trace", causal, step)

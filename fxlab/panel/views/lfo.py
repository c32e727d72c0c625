"""The LFO view: one cycle of the quantity that an oscillator modulates, and the current phase during playback."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from fxlab.effects.modulation.oscillating import Oscillating
from fxlab.module import Chain, Module
from fxlab.module.parameters.freeze_controls import freeze_at_times
from fxlab.panel.protocol import Axis, TraceDot, TraceForm
from fxlab.panel.views.view import Drawing, Scene, View

POINTS = 721
FASTEST = 20.0
"""The highest frequency in Hz of an oscillator whose phase the page shows; the eye cannot follow a faster one."""
STEP = 0.02
"""The time in seconds between two of the phases that are sent, if the frequency moves."""
MARGIN = 0.06


def oscillators(module: Module, path: str = "") -> Iterator[tuple[str, Oscillating]]:
    """Yield the path and the object of each active part of `module` that is `Oscillating`.

    `path` is the path of `module` itself, to which the paths of its parts are appended.
    """
    if isinstance(module, Oscillating):
        yield path, module
        return
    if isinstance(module, Chain):
        parts = [(str(number), stage) for number, stage in module._active_stages()]
    else:
        parts = [(name, part) for name, part in module.named_children() if isinstance(part, Module)]
    for name, part in parts:
        yield from oscillators(part, f"{path}.{name}" if path else name)


def draw(scene: Scene) -> Drawing:
    """Return the drawing of the oscillators: for each, a `TraceForm` with one cycle of the quantity that it modulates.

    Dots show the phase of the oscillator, which may differ between channels and between the voices of a chorus. An
    oscillator whose frequency exceeds `FASTEST` has no dots.
    """
    found = list(oscillators(scene.module))
    live = dict(oscillators(scene.live_module))
    forms: list[TraceForm] = []
    phase = torch.linspace(0.0, 1.0, POINTS, dtype=torch.float64)
    vectors: dict[str, Tensor] = {"phase": 360 * phase}
    for number, (path, part) in enumerate(found):
        effect = freeze_at_times(part, torch.tensor(0.0))
        # The last point belongs to the cycle that ends, not to the next one, so a square wave does not jump there.
        at = phase.clamp(max=1.0 - 1e-9).to(scene.device)
        values = effect.modulation_at(at, scene.rate).double().cpu()
        vectors[f"value{number}"] = values
        time, cycles = phase_over_time(live.get(path, part), scene)
        dots: list[TraceDot] = []
        if float(cycles.diff().max() / time.diff().max()) <= FASTEST:
            offsets = effect.phase_offsets(scene.x.shape[0])
            vectors[f"time{number}"] = time
            for copy, offset in enumerate(offsets.tolist()):
                vectors[f"phase{number}_{copy}"] = 360 * (cycles + offset)
                color = f"stage-{1 + copy % 8}" if len(offsets) > 1 else "accent"
                dot: TraceDot = {"y": f"value{number}", "follows": "phase", "color": color}
                dots.append({**dot, "time": f"time{number}", "phase": f"phase{number}_{copy}"})
        label, unit = effect.modulated
        name = type(part).__name__ if not path else f"{path} {type(part).__name__}"
        if path.isdigit():
            name = f"{int(path) + 1} {type(part).__name__}"
        form: TraceForm = {
            "label": name,
            "y": _axis(unit, values),
            "lines": [{"x": "phase", "y": f"value{number}", "label": label}],
            "dots": dots,
        }
        forms.append(form)
    axis: Axis = {"unit": "°", "low": 0.0, "high": 360.0, "steps": [15, 30, 45, 90]}
    return {"x": axis, "forms": forms}, vectors


def phase_over_time(effect: Oscillating, scene: Scene) -> tuple[Tensor, Tensor]:
    """Return times in seconds, and the oscillator's phase in cycles at these times, for the first example.

    The times cover the input of the scene. Between two times, the phase is approximately linear.
    """
    duration = max(scene.x.shape[-1] / scene.rate, STEP)
    name = effect.rate_parameter
    control = effect.controls().get(name)
    if control is None or control.has_state:
        rate = effect.values()[name].detach().double().flatten()[:1].cpu()
        return torch.tensor([0.0, duration], dtype=torch.float64), torch.cat([0 * rate, rate * duration])
    time = torch.arange(0.0, duration + STEP, STEP, dtype=torch.float64)
    scale = getattr(effect.declarations[name], "scale", "linear")
    rates = control.evaluate(time * scene.rate, scene.rate, scale).detach().reshape(-1, len(time))[0].cpu()
    steps = STEP * (rates[1:] + rates[:-1]) / 2
    return time, torch.cat([torch.zeros(1, dtype=torch.float64), steps.cumsum(0)])


def _axis(unit: str, values: Tensor) -> Axis:
    """Return an axis in `unit` that contains `values` and a margin above and below, even if they are constant."""
    low, high = float(values.min()), float(values.max())
    space = MARGIN * (high - low) if high > low else max(0.1 * abs(high), 0.1)
    return {"unit": unit, "low": low - space, "high": high + space}


LFO = View("lfo", "LFO", "trace", lambda module: next(oscillators(module), None) is not None, draw)

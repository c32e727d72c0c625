"""The values of parameters as text, including parameters that move."""

from __future__ import annotations

from typing import NamedTuple

from fxlab.augment.drawing.range import Range
from fxlab.control import LFO, Automation, Follower, Ramp
from fxlab.display.number_format import (
    format_count,
    format_duration,
    format_frequency,
    format_list,
    format_number,
    format_range,
    format_value,
)
from fxlab.module import Module, ParameterDeclaration
from fxlab.module.parameters.moving_value import MovingValue
from fxlab.module.parameters.owner import ParameterOwner


class MovingPart(NamedTuple):
    """A parameter that moves, and the control that moves it."""

    path: str
    """The path of the parameter in the module, such as `"0.cutoff"`."""
    label: str
    unit: str
    control: MovingValue


def value_text(declaration: ParameterDeclaration, value: object) -> str:
    """Return the value of a parameter with its unit, or a description of its movement.

    The value may also be the range or the options from which an augmentation draws.

    >>> from fxlab.filters import LowPass
    >>> value_text(LowPass.declarations["cutoff"], LFO(0.5, 200.0, 4000.0))
    '200 Hz to 4 kHz, sine at 0.5 Hz'
    """
    if isinstance(value, MovingValue):
        return movement_text(value, declaration.unit)
    if isinstance(declaration, Range) and isinstance(value, tuple):
        low, high = value
        return format_list([low], declaration.unit) if low == high else format_range(low, high, declaration.unit)
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return format_value(declaration, value)


def movement_text(control: MovingValue, unit: str) -> str:
    """Return a description of the movement of a control, with its range in `unit`."""
    low, high = (limit.detach() for limit in control.limits())
    ends = low.min().item(), high.max().item()
    if isinstance(control, LFO):
        return f"{format_range(*ends, unit)}, {control.shape}{_rate_text(control)}"
    if isinstance(control, Ramp):
        start, end, duration = (control.values()[name].detach() for name in ("start", "end", "duration"))
        if max(start.numel(), end.numel(), duration.numel()) == 1:
            return f"{format_range(start.item(), end.item(), unit)} in {format_duration(duration.item())}"
        return f"{format_range(*ends, unit)}, {_several(control)}"
    if isinstance(control, Automation):
        times = control.values()["times"].detach()
        points = f"{format_count(times.shape[-1], 'point')} in {format_duration(times.max().item())}"
        return f"{format_range(*ends, unit)}, {points}"
    if isinstance(control, Follower):
        at = control.values()
        if at["low"].numel() == at["high"].numel() == 1:
            ends = at["low"].item(), at["high"].item()
        return f"{format_range(*ends, unit)}, follows {'the input' if control.of is None else 'another sound'}"
    return f"{format_range(*ends, unit)}, {type(control).__name__}"


def moving_parts(module: Module) -> list[MovingPart]:
    """Return the parameters that move, among those of a module and its parts."""
    parts = [(path, part) for path, part in module.named_modules() if isinstance(part, ParameterOwner)]
    return [
        MovingPart(f"{path}.{name}" if path else name, declared.label, declared.unit, control)
        for path, part in parts
        for name, control in part.controls().items()
        for declared in (part.declarations[name],)
    ]


def _rate_text(lfo: LFO) -> str:
    if lfo.batch_shape():
        return f", {_several(lfo)}"
    if lfo.clock == "tempo":
        return f" of {lfo.note} at {format_number(lfo.values()['tempo_bpm'].item())} bpm"
    return f" at {format_frequency(lfo.cycles_per_second().item())}"


def _several(control: MovingValue) -> str:
    return f"{'×'.join(map(str, control.batch_shape()))} movements"

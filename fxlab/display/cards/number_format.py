"""Numbers as a card writes them: with a unit, in few digits, with a true minus sign."""

from __future__ import annotations

import math

from torch import Tensor

from fxlab.module import ArrayParam, ParameterDeclaration

_FEW = 6  # numbers of an array that are written one by one


def figure(value: float, digits: int = 4) -> str:
    """`value` in `digits` significant digits, whole numbers in full, with `−` for a minus.

    >>> figure(0.70710678), figure(12345.0), figure(-3.0)
    ('0.7071', '12345', '−3')
    """
    text = f"{value:.{digits}g}"
    if 10**digits <= abs(value) < 1e7:
        text = f"{value:.0f}"
    return text.replace("-", "−")


def radius(value: float) -> str:
    """The distance of a pole from the origin, in as few digits as tell it from 1.

    >>> radius(0.92264), radius(0.99991), radius(1.00002), radius(1.0)
    ('0.923', '0.9999', '1.00002', '1')
    """
    return next((text for digits in range(3, 16) if (text := figure(value, digits)) != "1"), "1")


def hertz(value: float) -> str:
    """A frequency.

    >>> hertz(440.0), hertz(22_050.0)
    ('440 Hz', '22.05 kHz')
    """
    return f"{figure(value / 1000)} kHz" if 1000 <= abs(value) < 1e7 else f"{figure(value)} Hz"


def seconds(value: float) -> str:
    """A duration.

    >>> seconds(0.0123), seconds(4.2), seconds(605.0)
    ('12.3 ms', '4.2 s', '10 min 5 s')
    """
    if value < 1e-3:
        return f"{figure(value * 1e6, 3)} µs"
    if value < 1:
        return f"{figure(value * 1e3, 3)} ms"
    if value < 100:
        return f"{figure(value, 3)} s"
    minutes, rest = divmod(round(value), 60)
    if minutes < 600:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    return f"{figure(value / 3600)} h"


def level(amplitude: float) -> str:
    """A linear amplitude in dBFS: 1 is full scale.

    >>> level(0.5), level(0.0)
    ('−6.0 dBFS', '−∞ dBFS')
    """
    if amplitude <= 0:
        return "−∞ dBFS"
    return f"{round(20 * math.log10(amplitude), 1) + 0.0:.1f} dBFS".replace("-", "−")


def between(low: float, high: float, unit: str) -> str:
    """A range.

    >>> between(20, 20_000, "Hz"), between(-24, 24, "dB"), between(0.1, 20, "")
    ('20 Hz to 20 kHz', '−24 to 24 dB', '0.1 to 20')
    """
    if unit == "Hz":
        return f"{hertz(low)} to {hertz(high)}"
    return f"{figure(low)} to {figure(high)}{f' {unit}' if unit else ''}"


def listed(values: list[float], unit: str) -> str:
    """Some numbers.

    >>> listed([200.0, 2000.0], "Hz"), listed([-3.0, 6.0], "dB")
    ('200 Hz, 2 kHz', '−3, 6 dB')
    """
    if unit == "Hz":
        return ", ".join(map(hertz, values))
    return f"{', '.join(map(figure, values))}{f' {unit}' if unit else ''}"


def count(number: int, noun: str) -> str:
    """A number of things.

    >>> count(1, "channel"), count(2, "channel")
    ('1 channel', '2 channels')
    """
    return f"{number} {noun}{'' if number == 1 else 's'}"


def value(declaration: ParameterDeclaration, held: object) -> str:
    """What a parameter holds, with its unit: one number, or the range of many.

    >>> from fxlab.module import Param
    >>> value(Param(1.0, low=0.0, high=2.0, unit="dB"), -6.5)
    '−6.5 dB'
    """
    unit = declaration.unit
    if isinstance(declaration, ArrayParam) and isinstance(held, Tensor):
        few = declaration.has_sliders and held.ndim == 1 and held.numel() <= _FEW
        return listed(held.tolist(), unit) if few else declaration.summary(held)
    if isinstance(held, Tensor):
        held = held.detach()
        if held.numel() != 1:
            shape = "×".join(map(str, held.shape))
            return f"{shape} values, {between(held.min().item(), held.max().item(), unit)}"
        held = held.item()
    if isinstance(held, bool):
        return "on" if held else "off"
    if isinstance(held, (int, float)):
        return hertz(held) if unit == "Hz" else f"{figure(float(held))}{f' {unit}' if unit else ''}"
    return str(held)

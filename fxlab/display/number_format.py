"""Numbers as text for cards: with a unit, few digits, and a typographic minus sign."""

from __future__ import annotations

import math

from torch import Tensor

from fxlab.module import ArrayParam, ParameterDeclaration

_MAX_LISTED = 6  # arrays with more numbers are shown as a range


def format_number(value: float, digits: int = 4) -> str:
    """Return `value` as text with at most `digits` significant digits, and with `−` as the minus sign.

    A number with more digits before the decimal point is rounded to an integer instead, if its magnitude is below 10
    million.

    >>> format_number(0.70710678), format_number(12345.0), format_number(-3.0)
    ('0.7071', '12345', '−3')
    """
    text = f"{value:.{digits}g}"
    if 10**digits <= abs(float(text)) < 1e7:
        text = f"{value:.0f}"
    return text.replace("-", "−")


def format_radius(value: float) -> str:
    """Return the distance of a pole from the origin as text, with 3 digits, or up to 15 if fewer give "1".

    >>> format_radius(0.92264), format_radius(0.99991), format_radius(1.00002), format_radius(1.0)
    ('0.923', '0.9999', '1.00002', '1')
    """
    return next((text for digits in range(3, 16) if (text := format_number(value, digits)) != "1"), "1")


def format_frequency(value: float) -> str:
    """Return a frequency in Hz as text.

    >>> format_frequency(440.0), format_frequency(22_050.0)
    ('440 Hz', '22.05 kHz')
    """
    return f"{format_number(value / 1000)} kHz" if 1000 <= abs(value) < 1e7 else f"{format_number(value)} Hz"


def format_duration(value: float) -> str:
    """Return a duration in seconds as text.

    >>> format_duration(0.0123), format_duration(4.2), format_duration(605.0)
    ('12.3 ms', '4.2 s', '10 min 5 s')
    """
    rounded = float(f"{value:.3g}")
    if rounded < 1e-3:
        return f"{format_number(value * 1e6, 3)} µs"
    if rounded < 1:
        return f"{format_number(value * 1e3, 3)} ms"
    if rounded < 100:
        return f"{format_number(value, 3)} s"
    minutes, seconds = divmod(round(value), 60)
    if minutes < 600:
        return f"{minutes} min {seconds} s" if seconds else f"{minutes} min"
    return f"{format_number(value / 3600)} h"


def format_level(amplitude: float) -> str:
    """Return a linear amplitude, where 1 is full scale, as text in dBFS.

    >>> format_level(0.5), format_level(0.0)
    ('−6.0 dBFS', '−∞ dBFS')
    """
    if amplitude <= 0:
        return "−∞ dBFS"
    return f"{round(20 * math.log10(amplitude), 1) + 0.0:.1f} dBFS".replace("-", "−")


def format_range(low: float, high: float, unit: str) -> str:
    """Return a range of values with its unit as text.

    >>> format_range(20, 20_000, "Hz"), format_range(-24, 24, "dB"), format_range(0.1, 20, "")
    ('20 Hz to 20 kHz', '−24 to 24 dB', '0.1 to 20')
    """
    if unit == "Hz":
        return f"{format_frequency(low)} to {format_frequency(high)}"
    return f"{format_number(low)} to {format_number(high)}{f' {unit}' if unit else ''}"


def format_list(values: list[float], unit: str) -> str:
    """Return several values with their unit as text.

    >>> format_list([200.0, 2000.0], "Hz"), format_list([-3.0, 6.0], "dB")
    ('200 Hz, 2 kHz', '−3, 6 dB')
    """
    if unit == "Hz":
        return ", ".join(map(format_frequency, values))
    return f"{', '.join(map(format_number, values))}{f' {unit}' if unit else ''}"


def format_count(number: int, noun: str) -> str:
    """Return a number and a noun, followed by "s" unless the number is 1; `noun` is the singular.

    >>> format_count(1, "channel"), format_count(2, "channel")
    ('1 channel', '2 channels')
    """
    return f"{number} {noun}{'' if number == 1 else 's'}"


def format_value(declaration: ParameterDeclaration, value: object) -> str:
    """Return the value of a parameter with its unit as text.

    The text of a tensor of several numbers contains its shape and the range of its numbers. The text of an array is its
    size, or lists its numbers if the parameter has sliders and the array has one dimension and at most `_MAX_LISTED`
    numbers. The text of a switch is "on" or "off", and that of an automatic value is "auto".

    >>> from fxlab.module import Param
    >>> format_value(Param(1.0, low=0.0, high=2.0, unit="dB"), -6.5)
    '−6.5 dB'
    """
    unit = declaration.unit
    if isinstance(declaration, ArrayParam) and isinstance(value, Tensor):
        is_short = declaration.has_sliders and value.ndim == 1 and value.numel() <= _MAX_LISTED
        return format_list(value.tolist(), unit) if is_short else declaration.summary(value)
    if isinstance(value, Tensor):
        value = value.detach()
        if value.numel() != 1:
            shape = "×".join(map(str, value.shape))
            return f"{shape} values, {format_range(value.min().item(), value.max().item(), unit)}"
        value = value.item()
    if isinstance(value, bool):
        return "on" if value else "off"
    if declaration.zero_is_automatic and value == 0:
        return "auto"
    if isinstance(value, (int, float)):
        return format_frequency(value) if unit == "Hz" else f"{format_number(float(value))}{f' {unit}' if unit else ''}"
    return str(value)

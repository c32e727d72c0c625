"""The frequencies at which a panel computes its curves."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.panel.protocol import AxisRange

POINTS = 512


def frequency_grid(rate: float, points: int = POINTS) -> Tensor:
    """Return `points` frequencies in Hz, evenly spaced on a log axis, from 20 Hz to half the sample rate `rate`.

    At a sample rate of 400 Hz or less, the lowest frequency is three decades below half the sample rate.
    """
    top = rate / 2
    bottom = 20.0 if top > 200 else top / 1000
    steps = torch.linspace(0, 1, points, dtype=torch.float64)
    return (bottom * (top / bottom) ** steps).clamp(max=top)


def grid_for_axis(rate: float, axis: AxisRange, points: int = POINTS) -> Tensor:
    """Return frequencies in Hz, in ascending order, for a frequency axis that may be zoomed or linear.

    They are `points` frequencies in the visible range, spaced evenly on the scale of the axis, and about half as many
    on a log scale over the full range. The page draws the curves at the latter when the visible range grows, until it
    receives new curves. If `axis` has no limits and is not linear, the result is that of `frequency_grid`.

    Args:
        rate: The sample rate in Hz.
        axis: The visible range and the scale of the axis.
        points: The number of frequencies in the visible range.
    """
    full = frequency_grid(rate, points)
    is_linear = axis.get("scale") == "linear"
    if not is_linear and "low" not in axis:
        return full
    lowest = 0.0 if is_linear else float(full[0])
    low = min(max(float(axis.get("low", lowest)), lowest), rate / 2)
    high = min(max(float(axis.get("high", rate / 2)), low), rate / 2)
    steps = torch.linspace(0, 1, points, dtype=torch.float64)
    visible = low + (high - low) * steps if is_linear else low * (high / low) ** steps
    combined: Tensor = torch.unique(torch.cat([visible.clamp(max=rate / 2), full[::2], full[-1:]]))
    return combined


def decibels(response: Tensor) -> Tensor:
    """Return the magnitude of `response` in dB, at least -150 dB, in float32."""
    return (20 * response.abs().clamp(min=10**-7.5).log10()).float()

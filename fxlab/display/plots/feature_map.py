"""The picture of a feature: its levels in cells over the axes of the feature, and the limits of the colors."""

from __future__ import annotations

import math
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from fxlab.display.canvas.axis import Axis, Scale, from_scale, to_scale
from fxlab.display.plots.cells import to_cells
from fxlab.features.axis import Axis as FeatureAxis
from fxlab.features.feature import DECIBELS, Feature

DEPTH_DB = 80.0
"""The range of the levels in dB, if the feature does not define limits."""
LOWEST = 20.0
"""The lower end in Hz of a logarithmic axis whose lowest row extends to 0 Hz, unless its upper end is below 2 kHz."""


class FeatureMap(NamedTuple):
    """The levels of one channel of a feature on a grid of cells, with the axes of the grid."""

    cells: NDArray[np.floating]
    """The levels, `(rows, columns)`, the highest row first."""
    y: Axis
    """The axis of the rows, without ticks."""
    x: Axis
    """The axis of the time in seconds, without ticks."""


def feature_map(feature: Feature, channel: int | None, size: tuple[int, int], scale: str | None = None) -> FeatureMap:
    """Return the levels of the first example of a feature in cells.

    The level of a cell that contains several values is the largest if the levels are in dB, so that a tone remains
    visible; otherwise it is the mean of these values.

    Args:
        feature: The feature.
        channel: The index of the channel; None for the mean of all channels, computed before the conversion to dB.
        size: The number of rows and of columns of cells.
        scale: The scale of the frequency axis; None for that of the feature.
    """
    y, x = row_axis(feature.frequency, feature.sample_rate, scale), time_axis(feature)
    first = feature.data.detach().reshape(-1, *feature.data.shape[-3:])[0]
    chosen = first if channel is None else first[channel : channel + 1]
    values = (chosen.abs() if chosen.is_complex() else chosen).mean(0).cpu().numpy()
    places = feature.frequency.values.cpu().numpy(), feature.time.values.cpu().numpy()
    in_decibels = feature.kind in DECIBELS
    if in_decibels:  # the largest level is the level of the largest value, and there are fewer cells than values
        cells = to_cells(values, places, (y, x), size)
        cells = to_levels(cells, feature)
    else:
        cells = to_cells(values, places, (y, x), size, reduction="mean")
    return FeatureMap(cells, y, x)


def to_levels(values: NDArray[np.floating], feature: Feature) -> NDArray[np.floating]:
    """Return values of a feature as the levels that a picture shows.

    They are in dB for the kinds of features in `DECIBELS`, with -inf for 0, and otherwise unchanged.
    """
    if feature.kind not in DECIBELS:
        return values
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(DECIBELS[feature.kind] * np.log10(values / feature.reference))


def level_limits(feature: Feature) -> tuple[float, float]:
    """Return the lowest and the highest level of the color scale: the limits of the feature, or those of its values.

    The limits of a feature are fixed, so that pictures of different sounds can be compared. Without them, levels in dB
    span `DEPTH_DB` below the highest value, rounded up to 10 dB, and other levels span their range. For coefficients,
    the first row is not considered: it represents the level, and its values are so much larger that all other rows
    would have the same color.
    """
    if feature.limits is not None:
        return feature.limits
    levels = feature.levels().detach()
    if has_coefficients(feature):
        levels = levels[..., 1:, :]
    finite = levels[levels.isfinite()]
    high = float(finite.max()) if len(finite) else 0.0
    if feature.kind in DECIBELS:
        high = 10.0 * math.ceil(high / 10)
        return high - DEPTH_DB, high
    low = float(finite.min()) if len(finite) else 0.0
    return (low, high) if high > low else (low - 0.5, low + 0.5)


def has_coefficients(feature: Feature) -> bool:
    """Return whether the rows of a feature are coefficients, numbered from 0, and not frequencies or classes.

    This is assumed if there are several rows, they have neither a unit nor names, and the value of the first is 0.
    """
    axis = feature.frequency
    return len(axis) > 1 and not axis.unit and not axis.labels and float(axis.values[0]) == 0.0


def row_axis(axis: FeatureAxis, sample_rate: float, scale: str | None = None) -> Axis:
    """Return the axis of the rows of a feature, from half a row below the first to half a row above the last.

    The result has the scale `scale`, or that of `axis` if `scale` is None. An axis in Hz is limited to the range from 0
    to half the sample rate, or to the last row if this is higher. It begins at `LOWEST`, or at a hundredth of its upper
    end if this is lower, where the result is logarithmic and the first row extends to 0 Hz, or where `axis` is
    logarithmic and its first row is at 0 Hz.
    """
    chosen = cast(Scale, scale or axis.scale)
    values = axis.values.double().cpu().numpy()
    # Rows that are even on the axis' own scale extend by half a row there, whatever scale they are drawn on.
    own = cast(Scale, axis.scale)
    known = values[1:] if own == "log" and values[0] <= 0 and len(values) > 1 else values
    places = to_scale(known, own)
    half = float(places[-1] - places[0]) / (2 * (len(places) - 1)) if len(places) > 1 else 0.5
    low, high = from_scale([places[0] - half, places[-1] + half], own).tolist()
    if axis.unit == "Hz":
        low, high = max(low, 0.0), min(high, max(sample_rate / 2, float(values[-1])))
        if (chosen == "log" and low <= 0) or (own == "log" and values[0] <= 0):
            low = min(LOWEST, high / 100)
    return Axis(low, high, (), chosen)


def time_axis(feature: Feature) -> Axis:
    """Return the axis of the time of the sound of `feature`, from 0 to its duration in seconds, without ticks."""
    return Axis(0.0, max(feature.samples / feature.sample_rate, 1e-9), ())

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fxlab.display.canvas.axis import Axis, even_ticks, frequency_axis, from_scale, step_ticks, to_scale


def test_a_log_axis_gives_every_octave_the_same_width():
    axis = frequency_axis(20.0, 20_480.0, "log", 430)
    octaves = axis.position([20.0 * 2**number for number in range(11)])
    assert np.diff(octaves) == pytest.approx(np.full(10, 0.1))


def test_a_log_axis_is_labeled_at_powers_of_ten_and_at_two_and_five():
    axis = frequency_axis(20.0, 22_050.0, "log", 430)
    assert [value for value, _ in axis.ticks] == [20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000]
    narrow = frequency_axis(20.0, 22_050.0, "log", 150)
    assert {100.0, 1000.0, 10_000.0} <= {value for value, _ in narrow.ticks}


def test_the_mel_scale_is_oshaughnessys():
    assert to_scale(1000.0, "mel") == pytest.approx(1000.0, abs=0.02)
    assert to_scale(700.0, "mel") == pytest.approx(2595 * math.log10(2))


@settings(max_examples=100, deadline=None)
@given(
    st.floats(1e-3, 1e6),
    st.floats(1.01, 1e5),
    st.sampled_from(["log", "mel"]),
    st.floats(60, 700),
)
def test_ticks_lie_on_the_axis_and_keep_their_distance(low, ratio, scale, width):
    axis = frequency_axis(low, low * ratio, scale, width)
    values = [value for value, _ in axis.ticks]
    assert values
    assert all(low * (1 - 1e-9) <= value <= low * ratio * (1 + 1e-6) for value in values)
    assert values == sorted(set(values))
    if len(values) > 1:
        assert np.diff(axis.position(values) * width).min() >= 29.9
    assert from_scale(to_scale(values, scale), scale) == pytest.approx(values)


@settings(max_examples=100, deadline=None)
@given(st.floats(-1e9, 1e9), st.floats(1e-9, 1e9), st.integers(2, 8))
def test_even_ticks_are_even_and_inside(low, span, count):
    if low + span == low or abs(low) > span * 1e9:
        return
    ticks = even_ticks(low, low + span, count)
    assert len(ticks) <= 2 * count + 2
    assert all(low - 1e-6 * span <= tick <= low + span * (1 + 1e-6) for tick in ticks)
    if len(ticks) > 2:
        assert np.diff(ticks) == pytest.approx(np.full(len(ticks) - 1, ticks[1] - ticks[0]), rel=1e-3)


def test_the_smallest_step_that_fits_is_chosen():
    assert step_ticks(-60, 6, 8, (6, 12, 24)) == [-60, -48, -36, -24, -12, 0]
    assert Axis(-60.0, 12.0, ()).position([-60, -24, 12]).tolist() == [0, 0.5, 1]

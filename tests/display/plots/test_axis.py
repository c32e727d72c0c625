import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fxlab.display.plots.axis import Axis, even, frequencies, stepped, unwarp, warp


def test_a_log_axis_gives_every_octave_the_same_room():
    axis = frequencies(20.0, 20_480.0, "log", 430)
    octaves = axis.place([20.0 * 2**number for number in range(11)])
    assert np.diff(octaves) == pytest.approx(np.full(10, 0.1))


def test_a_log_axis_is_labelled_at_powers_of_ten_and_at_two_and_five():
    axis = frequencies(20.0, 22_050.0, "log", 430)
    assert [value for value, _ in axis.ticks] == [20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000]
    narrow = frequencies(20.0, 22_050.0, "log", 150)
    assert {100.0, 1000.0, 10_000.0} <= {value for value, _ in narrow.ticks}


def test_the_mel_scale_is_oshaughnessys():
    assert warp(1000.0, "mel") == pytest.approx(1000.0, abs=0.02)
    assert warp(700.0, "mel") == pytest.approx(2595 * math.log10(2))


@settings(max_examples=100, deadline=None)
@given(
    st.floats(1e-3, 1e6),
    st.floats(1.01, 1e5),
    st.sampled_from(["log", "mel"]),
    st.floats(60, 700),
)
def test_ticks_lie_on_the_axis_and_keep_apart(low, ratio, scale, width):
    axis = frequencies(low, low * ratio, scale, width)
    values = [value for value, _ in axis.ticks]
    assert values
    assert all(low * (1 - 1e-9) <= value <= low * ratio * (1 + 1e-6) for value in values)
    assert values == sorted(set(values))
    if len(values) > 1:
        assert np.diff(axis.place(values) * width).min() >= 29.9
    assert unwarp(warp(values, scale), scale) == pytest.approx(values)


@settings(max_examples=100, deadline=None)
@given(st.floats(-1e9, 1e9), st.floats(1e-9, 1e9), st.integers(2, 8))
def test_even_ticks_are_even_and_inside(low, span, count):
    if low + span == low or abs(low) > span * 1e9:
        return
    ticks = even(low, low + span, count)
    assert len(ticks) <= 2 * count + 2
    assert all(low - 1e-6 * span <= tick <= low + span * (1 + 1e-6) for tick in ticks)
    if len(ticks) > 2:
        assert np.diff(ticks) == pytest.approx(np.full(len(ticks) - 1, ticks[1] - ticks[0]), rel=1e-3)


def test_the_smallest_step_that_fits_is_taken():
    assert stepped(-60, 6, 8, (6, 12, 24)) == [-60, -48, -36, -24, -12, 0]
    assert Axis(-60.0, 12.0, ()).place([-60, -24, 12]).tolist() == [0, 0.5, 1]

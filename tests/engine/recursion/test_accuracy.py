"""`sosfilt` against SciPy in float64."""

import numpy as np
import pytest
import scipy.signal as ss
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import fxlab as fx
from fxlab.engine import sosfilt
from tests.support.recursion_designs import RATE, TORTURE, cascade_gain, error_db, reference, stable_sections
from tests.support.signals import noise


@pytest.mark.parametrize("name", TORTURE)
@pytest.mark.parametrize(("dtype", "limit"), [(torch.float64, -165.0), (torch.float32, -100.0)])
def test_torture_set(name, dtype, limit):
    sos = TORTURE[name]
    x = noise(2, 10 * RATE).to(dtype)
    expected, last = reference(x, sos)
    y, state = sosfilt(x, torch.tensor(sos))
    assert y.dtype == dtype
    assert error_db(y, expected) < limit
    assert state.dtype == torch.float64
    assert error_db(state, last) < limit


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(stable_sections(), st.integers(0, 3000), st.integers(0, 2**31))
def test_random_stable_designs(sos, time, seed):
    x = noise(2, time, seed=seed)
    _, first = reference(noise(2, 500, seed=seed + 1), sos)
    expected, last = reference(x, sos, first)
    y, state = sosfilt(x, torch.tensor(sos), torch.tensor(first))
    np.testing.assert_allclose(y, expected, rtol=0, atol=1e-11 * np.abs(expected).max(initial=1e-6))
    np.testing.assert_allclose(state, last, rtol=0, atol=1e-11 * np.abs(last).max(initial=1e-6))


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(stable_sections(), st.integers(0, 2**31))
def test_random_stable_designs_in_float32(sos, seed):
    # Each section's largest gain is 1. Where sections cancel one another down to less than -60 dB, the error is the
    # rounding of the block matrices' float32 coefficients, and no limit is promised.
    assume(cascade_gain(sos) > 1e-3)
    x = noise(2, 4000, seed=seed).float()
    expected, _ = reference(x, sos)
    y, _ = sosfilt(x, torch.tensor(sos))
    assert error_db(y, expected) < -100.0


@pytest.mark.parametrize("name", TORTURE)
def test_impulse_tail_of_ten_seconds(name):
    impulse = torch.zeros(10 * RATE, dtype=torch.float64)
    impulse[0] = 1.0
    expected, _ = reference(impulse, TORTURE[name])
    y, _ = sosfilt(impulse, torch.tensor(TORTURE[name]))
    assert error_db(y, expected) < -165.0
    # The tail alone, unless it has decayed below the rounding of the reference.
    tail = expected[RATE:]
    if np.abs(tail).max() > 1e-12 * np.abs(expected).max():
        assert error_db(y[RATE:], tail) < -100.0


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_blocks_of_any_size_equal_one_shot(data):
    sos = torch.tensor(TORTURE[data.draw(st.sampled_from(sorted(TORTURE)))])
    cuts = sorted(data.draw(st.lists(st.integers(0, 6000), max_size=12)))
    x = noise(2, 6000)
    one_shot, last = sosfilt(x, sos)
    state, parts = None, []
    for start, end in zip([0, *cuts], [*cuts, 6000], strict=True):
        part, state = sosfilt(x[:, start:end], sos, state)
        parts.append(part)
    assert error_db(torch.cat(parts, -1), one_shot.numpy()) < -180.0
    assert error_db(state, last.numpy()) < -160.0


def test_blocks_in_float32_keep_the_float64_state():
    sos = TORTURE["8th-order high-pass at 20 Hz"]
    x = noise(2, 20_000).float()
    expected, _ = reference(x, sos)
    state, parts = None, []
    for part in x.split(100, -1):
        y, state = sosfilt(part, torch.tensor(sos), state)
        parts.append(y)
    assert error_db(torch.cat(parts, -1), expected) < -100.0


def test_starts_from_scipys_steady_state():
    sos = TORTURE["low-pass at 5 Hz"]
    steady = torch.tensor(ss.sosfilt_zi(sos))
    y, state = sosfilt(torch.ones(5000, dtype=torch.float64), torch.tensor(sos), steady)
    np.testing.assert_allclose(y, 1.0, rtol=1e-9)
    np.testing.assert_allclose(state, steady, rtol=1e-9)


@pytest.mark.parametrize("radius", [0.5, 0.99, 1.0 - 1e-9, 1.0])
def test_double_poles(radius):
    sos = np.array([[1.0, -0.3, 0.2, 1.0, -2 * radius, radius**2]])
    x = noise(5000)
    expected, _ = reference(x, sos)
    y, _ = sosfilt(x, torch.tensor(sos))
    assert error_db(y, expected) < -165.0


def test_long_cascades_use_longer_blocks():
    sos = np.concatenate([TORTURE["31-band graphic EQ"]] * 2)
    x = noise(3, 9000)
    expected, _ = reference(x, sos)
    y, _ = sosfilt(x, torch.tensor(sos))
    assert error_db(y, expected) < -165.0


@pytest.mark.parametrize(("boost", "detune"), [(24.0, 1.0), (36.0, 1.02), (54.0, 1.02), (60.0, 1.02)])
@pytest.mark.parametrize("time", [5000, 40_000])
def test_boosts_that_later_sections_cancel_in_float32(boost, detune, time):
    # The states of the first sections are a thousand times larger than what they contribute to the output. Coordinates
    # from the squares of the outputs, which lose half the digits, had errors of up to the size of the signal.
    shelves = [fx.LowShelf(48.0, gain_db=boost), fx.LowShelf(48.0 * detune, gain_db=-boost)]
    sos = torch.cat([shelf.sos(48_000) for shelf in shelves for _ in range(3)])
    x = noise(1, time).float()
    expected, _ = reference(x, sos.numpy())
    y, _ = sosfilt(x, sos)
    assert error_db(y, expected) < -120.0

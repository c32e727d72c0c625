"""`design` and `Mask`: orders and edges against SciPy, and masks met by the lowest order only."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal

import fxlab as fx

KINDS = ["lowpass", "highpass", "bandpass", "bandstop"]
ORDERS = {
    "butterworth": signal.buttord,
    "chebyshev1": signal.cheb1ord,
    "chebyshev2": signal.cheb2ord,
    "elliptic": signal.ellipord,
}
RATE = 48_000.0


def mask_edges(kind, four):
    """Return the pass and the stop band from four increasing frequencies."""
    a, b, c, d = four
    return {"lowpass": (a, b), "highpass": (b, a), "bandpass": ((b, c), (a, d)), "bandstop": ((a, d), (b, c))}[kind]


def random_masks(kind, count=24):
    """Yield random masks over the allowed range, with steep and gentle transitions."""
    rng = np.random.default_rng(KINDS.index(kind))
    for _ in range(count):
        passband, stopband = mask_edges(kind, np.sort(rng.uniform(0.004, 0.495, 4)) * RATE)
        ripple = 10 ** rng.uniform(-3, 0.7)
        yield passband, stopband, ripple, ripple + rng.uniform(1, 120)


@pytest.mark.slow
@pytest.mark.parametrize("method", ORDERS)
@pytest.mark.parametrize("kind", KINDS)
def test_orders_and_edges_match_scipy(kind, method):
    compared = 0
    for passband, stopband, ripple, depth in random_masks(kind):
        order, edges = ORDERS[method](passband, stopband, ripple, depth, fs=RATE)
        asked = {"ripple_db": ripple, "attenuation_db": depth, "method": method, "sample_rate": RATE}
        if order > (25 if kind == "bandstop" else 24):
            with pytest.raises(fx.ParameterError, match="needs order"):
                fx.design(kind, passband, stopband, **asked)
            continue
        designed = fx.design(kind, passband, stopband, **asked)
        if kind == "bandstop" and designed.order == order - 1:  # SciPy's numerical search missed the lowest order
            assert designed.mask.met_by(designed)
            continue
        assert designed.order == order, (passband, stopband, ripple, depth)
        found = [designed.cutoff, designed.upper] if isinstance(passband, tuple) else [designed.cutoff]
        # SciPy searches the edges of a band-stop with a tolerance of 1e-5 of the warped frequency; the other kinds have
        # closed forms.
        np.testing.assert_allclose(found, np.atleast_1d(edges), atol=RATE * (2e-5 if kind == "bandstop" else 1e-12))
        compared += 1
    assert compared > 10


@pytest.mark.slow
@pytest.mark.parametrize("method", ORDERS)
@pytest.mark.parametrize("kind", KINDS)
def test_mask_is_met_but_not_by_a_lower_order(kind, method):
    for passband, stopband, ripple, depth in random_masks(kind, 8):
        try:
            designed = fx.design(
                kind, passband, stopband, ripple_db=ripple, attenuation_db=depth, method=method, sample_rate=RATE
            )
        except fx.ParameterError:
            continue
        margins = designed.mask.margins(designed)
        assert margins.met
        assert margins.pass_db == pytest.approx(0.0, abs=1e-6)  # the ripple is used up
        if designed.order > 1 and method in ("chebyshev1", "elliptic"):  # their edges do not depend on the order
            designed.order -= 1
            assert not designed.mask.met_by(designed)


@pytest.mark.parametrize("method", ["butterworth", "chebyshev2"])
def test_ripple_is_reached_at_the_passband_edge(method):
    designed = fx.design(
        "lowpass", 3000.0, 6000.0, ripple_db=0.25, attenuation_db=50.0, method=method, sample_rate=RATE
    )
    assert designed.magnitude_db(3000.0).item() == pytest.approx(-0.25, abs=1e-9)
    assert designed.magnitude_db(6000.0).item() < -50.0


@given(st.integers(1, 24), st.sampled_from(["butterworth", "chebyshev1"]))
def test_mask_measured_on_a_filter_needs_its_order(order, method):
    make = {"butterworth": fx.Butterworth, "chebyshev1": fx.Chebyshev1}[method]
    known = make(2000.0, order)
    levels = known.magnitude_db([2000.0, 3000.0], RATE)
    again = fx.design(
        "lowpass",
        2000.0,
        3000.0,
        ripple_db=-levels[0].item(),
        attenuation_db=-levels[1].item(),
        method=method,
        sample_rate=RATE,
    )
    assert again.order == order
    assert again.cutoff == pytest.approx(2000.0)


def test_textbook_example():
    # Oppenheim and Schafer, Discrete-Time Signal Processing, example 7.3: 0.2 pi, 0.3 pi, 0.89125, 0.17783: order 6.
    designed = fx.design(
        "lowpass", 0.1, 0.15, ripple_db=1.0, attenuation_db=15.0, method="butterworth", sample_rate=1.0
    )
    assert designed.order == 6
    assert fx.design("lowpass", 0.1, 0.15, ripple_db=1.0, attenuation_db=15.0, sample_rate=1.0).order == 3


# -- the mask -------------------------------------------------------------------------------------------------------


def test_margins_include_extrema_between_grid_points():
    mask = fx.Mask("bandpass", (900.0, 1100.0), (500.0, 2000.0), ripple_db=1.0, attenuation_db=20.0)
    sharp = fx.Butterworth((800.0, 1250.0), 4, "bandpass") | fx.Peak(frequency=1000.0, gain_db=0.5, q=2000.0)
    margins = mask.margins(sharp, RATE)
    assert margins.pass_db == pytest.approx(-0.5, abs=0.01)  # the peak exceeds 0 dB
    assert margins.pass_hz == pytest.approx(1000.0, rel=1e-4)
    assert not margins.met
    assert margins.worst_db == margins.pass_db


@given(st.floats(0.01, 3.0), st.floats(10.0, 100.0), st.integers(3, 12))
def test_elliptic_ripples_touch_the_mask(ripple, depth, order):
    designed = fx.Elliptic(5000.0, order, ripple_db=ripple, attenuation_db=depth + ripple)
    stop = torch.linspace(5000.0, 24_000.0, 40_000, dtype=torch.float64)
    level = designed.magnitude_db(stop, RATE)
    edge = float(stop[int((level > 1e-6 - (depth + ripple)).nonzero().max()) + 1])
    margins = fx.Mask("lowpass", 5000.0, edge, ripple, depth + ripple).margins(designed, RATE)
    assert margins.pass_db == pytest.approx(0.0, abs=1e-7)  # rounding of the sections, largest at order 11
    assert margins.stop_db == pytest.approx(0.0, abs=0.05)  # limited by the grid on which the edge was found


def test_margins_of_a_batch_are_those_of_the_worst_example():
    mask = fx.Mask("lowpass", 1000.0, 4000.0, ripple_db=1.0, attenuation_db=30.0)
    cutoffs = [1500.0, 2500.0, 3500.0]
    each = [mask.margins(fx.Butterworth(cutoff, 4), RATE) for cutoff in cutoffs]
    batch = mask.margins(fx.Butterworth(torch.tensor(cutoffs, dtype=torch.float64), 4), RATE)
    assert batch.pass_db == pytest.approx(min(one.pass_db for one in each))
    assert batch.stop_db == pytest.approx(min(one.stop_db for one in each))


def test_mask_is_copied_but_not_in_state_dict():
    designed = fx.design("highpass", 300.0, 100.0, ripple_db=1.0, attenuation_db=40.0, sample_rate=RATE)
    for copied in (copy.copy(designed), copy.deepcopy(designed), pickle.loads(pickle.dumps(designed))):
        assert copied.mask == designed.mask
    assert "mask" not in designed.state_dict()
    assert "mask" not in repr(designed)
    assert fx.Module.from_dict(designed.to_dict()).mask is None
    assert fx.LowPass().mask is None
    designed.cutoff = 600.0
    assert not designed.mask.met_by(designed)


def test_mask_needs_a_frequency_response():
    mask = fx.Mask("lowpass", 100.0, 200.0, 1.0, 40.0)
    with pytest.raises(fx.ParameterError, match="not linear and time-invariant"):
        mask.margins(fx.wrap(torch.tanh), RATE)
    with pytest.raises(fx.ParameterError, match="below 75 Hz"):
        mask.margins(fx.Butterworth(10.0), 150.0)


GOOD = {"ripple_db": 1.0, "attenuation_db": 40.0, "sample_rate": RATE}


@pytest.mark.parametrize(
    ("kind", "passband", "stopband", "change", "words"),
    [
        ("lowpas", 1000, 2000, {}, "Did you mean 'lowpass'"),
        ("lowpass", 2000, 1000, {}, "passband is 2000 Hz and stopband 1000 Hz; a lowpass needs passband < stopband"),
        ("highpass", 1000, 2000, {}, "needs stopband < passband"),
        ("bandpass", (300, 3000), (400, 4000), {}, r"stopband \(400, 4000\) Hz; a bandpass needs stopband\[0\] <"),
        ("bandstop", (300, 3000), (200, 4000), {}, "a bandstop needs"),
        ("bandpass", 300, (200, 4000), {}, "needs a pair of numbers in Hz"),
        ("lowpass", (300, 400), 4000, {}, "needs one number in Hz"),
        ("lowpass", -5, 4000, {}, "above 0"),
        (
            "lowpass",
            1000,
            24_000,
            {},
            "stopband is 24000 Hz; at a sample rate of 48000 Hz, edges must be above 0 and below 24000 Hz",
        ),
        ("lowpass", 1000, 2000, {"ripple_db": 0.0}, "ripple_db is 0.0; it must be a number of dB above 0"),
        ("lowpass", 1000, 2000, {"ripple_db": float("nan")}, "ripple_db is nan"),
        ("lowpass", 1000, 2000, {"attenuation_db": 0.5}, "the attenuation must be more than the ripple"),
        ("lowpass", 1000, 2000, {"method": "eliptic"}, "Did you mean 'elliptic'"),
        ("lowpass", 1000, 1010, {"method": "butterworth"}, r"needs order 530.*method='elliptic' needs 10"),
        ("lowpass", 1000, 1000.0000000000001, {}, "needs order 52; the highest is 24. Move"),
    ],
)
def test_invalid_specifications_raise(kind, passband, stopband, change, words):
    with pytest.raises(fx.ParameterError, match=words):
        fx.design(kind, passband, stopband, **(GOOD | change))


def test_zero_sample_rate_raises():
    with pytest.raises(fx.SignalError, match="design: sample_rate is 0"):
        fx.design("lowpass", 1, 2, **(GOOD | {"sample_rate": 0}))

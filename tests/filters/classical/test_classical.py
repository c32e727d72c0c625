"""Butterworth, Bessel, Chebyshev and elliptic filters: SciPy's designs, and what a textbook says they do."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal

import fxlab as fx

KINDS = ["lowpass", "highpass", "bandpass", "bandstop"]
BANDS = KINDS[2:]
# Each family with SciPy's function and numbers that it takes beside edge, order and kind.
FAMILIES = {
    "Butterworth": (fx.Butterworth, signal.butter, [()]),
    "Bessel": (fx.Bessel, signal.bessel, [()]),
    "Chebyshev1": (fx.Chebyshev1, signal.cheby1, [(0.01,), (1.0,), (6.0,)]),
    "Chebyshev2": (fx.Chebyshev2, signal.cheby2, [(10.0,), (40.0,), (120.0,)]),
    "Elliptic": (fx.Elliptic, signal.ellip, [(0.01, 40.0), (1.0, 60.0), (3.0, 20.0), (0.1, 120.0)]),
}
ORDERS = [1, 2, 3, 4, 7, 12, 24]
EDGES = [(0.0005, 0.0006), (0.01, 0.02), (0.1, 0.3), (0.001, 0.45), (0.45, 0.49)]
RATES = [8000.0, 44_100.0, 768_000.0]


def edge(kind, edges, rate):
    low, high = edges[0] * rate, edges[1] * rate
    return (low, high) if kind in BANDS else low


def decibel(value):
    return 20 * torch.log10(value.abs().clamp(min=1e-30))


def each(orders=ORDERS, edges=EDGES, rates=RATES):
    return itertools.product(orders, edges, rates)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("family", FAMILIES)
def test_the_response_is_that_of_scipys_design(family, kind):
    make, design, levels = FAMILIES[family]
    rates = itertools.cycle(RATES)  # the edges are fractions of the rate, so one of the rates is enough for each case
    for order, edges, level in itertools.product(ORDERS, EDGES, levels):
        rate = next(rates)
        if level == (3.0, 20.0) and order == 24:
            continue  # SciPy's own prototype leaves its ripple there; see the next test
        f = np.geomspace(1e-5 * rate, 0.49999 * rate, 200)
        at = edge(kind, edges, rate)
        z, p, k = design(order, *level, at, kind, fs=rate, output="zpk")
        _, expected = signal.freqz_zpk(z, p, k, worN=f, fs=rate)
        found = make(at, order, kind, *level).response(f, rate).numpy()
        # The rounding of a section's coefficients moves a pole the more the nearer it lies to 1 or -1.
        rounding = np.sum(np.spacing(1.0) / np.minimum(np.abs(1 - p), np.abs(1 + p)) ** 2)
        worst = np.abs(found - expected).max()
        assert worst < 1e-9 + 40 * rounding, (order, edges, rate, level, worst, rounding)


@pytest.mark.parametrize("norm", ["phase", "delay", "mag"])
def test_bessels_norms_are_scipys(norm):
    f = np.geomspace(10, 23_000, 200)
    for order in (1, 2, 5, 10, 24):
        sos = signal.bessel(order, 2000.0, fs=48_000, norm=norm, output="sos")
        _, expected = signal.freqz_sos(sos, worN=f, fs=48_000)
        found = fx.Bessel(2000.0, order, norm=norm).response(f, 48_000).numpy()
        np.testing.assert_allclose(found, expected, atol=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("order", [1, 2, 3, 5, 8, 12, 24])
@pytest.mark.parametrize("levels", [(0.01, 40.0), (1.0, 60.0), (0.1, 120.0), (3.0, 30.0), (0.01, 200.0)])
def test_an_elliptic_filter_ripples_between_its_levels_and_nowhere_else(order, levels):
    """Equal ripple on both sides, order + 1 extremes on each, the definition of the family."""
    ripple, attenuation = levels
    made = fx.Elliptic(0.25 * 48_000, order, "lowpass", ripple, attenuation)  # the edge at 1 in the analog plane
    inside = np.arctan(np.sin(np.linspace(0, np.pi / 2, 20_001))) / np.pi * 48_000
    level = decibel(made.response(inside, 48_000)).numpy()
    assert level.max() == pytest.approx(0, abs=1e-6)
    assert level.min() == pytest.approx(-ripple, abs=1e-4 if order == 24 else 1e-6)
    turns = np.count_nonzero(np.diff(np.sign(np.diff(level)[np.abs(np.diff(level)) > 1e-13])))
    assert turns == order - 1 or order == 24  # where they lie closer than the points
    zeros = np.angle(made.zeros(48_000).numpy()) / (2 * np.pi) * 48_000
    if order > 1:
        # The attenuation is reached just below the first zero and kept from there on.
        beyond = np.linspace(np.abs(zeros).min(), 24_000, 200_001)
        assert decibel(made.response(beyond, 48_000)).numpy().max() == pytest.approx(-attenuation, abs=2e-3)


# -- what a textbook says -------------------------------------------------------------------------------------------


def test_butterworth_of_order_4_at_six_tenths_of_nyquist():
    """The reference of Altair Compose's `butter`."""
    b, a = signal.sos2tf(fx.Butterworth(0.6 * 24_000, 4).sos(48_000).numpy())
    np.testing.assert_allclose(b[:5], [0.16718, 0.66872, 1.00308, 0.66872, 0.16718], atol=5e-6)
    np.testing.assert_allclose(a[:5], [1, 0.78210, 0.67998, 0.18268, 0.03012], atol=5e-6)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("order", [1, 2, 5, 24])
def test_butterworth_is_3_db_down_at_every_edge_and_flat_between(order, kind):
    made = fx.Butterworth((500.0, 4000.0) if kind in BANDS else 500.0, order, kind)
    edges = [500.0, 4000.0] if kind in BANDS else [500.0]
    np.testing.assert_allclose(decibel(made.response(edges, 48_000)).numpy(), -10 * np.log10(2), atol=1e-9)
    level = decibel(made.response(np.geomspace(1, 23_999, 3000), 48_000)).numpy()
    assert level.max() < 1e-9
    steps = np.sign(np.diff(level)[np.abs(np.diff(level)) > 1e-10])
    assert np.count_nonzero(np.diff(steps)) == (1 if kind in BANDS else 0)  # up and down, or down and up


@pytest.mark.parametrize("order", [1, 2, 3, 6])
def test_each_pole_makes_it_6_db_an_octave_steeper(order):
    for kind, octave in (("lowpass", [8000.0, 16_000.0]), ("highpass", [20.0, 10.0])):
        high, low = decibel(fx.Butterworth(500.0, order, kind).response(octave, 768_000))
        assert (high - low).item() == pytest.approx(6.02 * order, rel=0.01)


@pytest.mark.parametrize("order", [2, 5, 8])
def test_chebyshev_ripples_as_often_as_its_order_says(order):
    first = decibel(fx.Chebyshev1(12_000.0, order, ripple_db=0.5).response(np.linspace(0, 12_000, 40_001), 48_000))
    assert first.max().item() == pytest.approx(0, abs=1e-6)
    assert first.min().item() == pytest.approx(-0.5, abs=1e-6)
    assert np.count_nonzero(np.diff(np.sign(np.diff(first.numpy())))) == order - 1
    second = fx.Chebyshev2(4000.0, order, attenuation_db=50.0)
    beyond = decibel(second.response(np.linspace(4000, 24_000, 40_001), 48_000))
    assert beyond.max().item() == pytest.approx(-50, abs=1e-5)
    assert len({round(abs(zero), 9) for zero in np.angle(second.zeros(48_000).numpy())}) == (order + 1) // 2
    passed = decibel(second.response(np.linspace(0, 1000, 500), 48_000)).numpy()
    assert np.all(np.diff(passed) < 1e-12)


def test_bessel_delays_all_that_passes_alike():
    below = np.linspace(0, 80, 50)
    bessel = fx.Bessel(200.0, 6).group_delay(below, 48_000)
    butterworth = fx.Butterworth(200.0, 6).group_delay(below, 48_000)
    assert (bessel.max() / bessel.min()).item() < 1.0001
    assert (butterworth.max() / butterworth.min()).item() > 1.05
    overshoot = fx.Bessel(1000.0, 6).step_response(48_000).max().item()
    assert overshoot < 1.01 < fx.Butterworth(1000.0, 6).step_response(48_000).max().item()


# -- digits ---------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("family", FAMILIES)
def test_no_section_takes_away_what_the_next_must_give_back(family, kind):
    """Every stage of the cascade stays within 80 dB of what comes out at the end, where that is not much less."""
    make, _, levels = FAMILIES[family]
    for order, edges, rate in each([1, 2, 7, 12], EDGES[1:3] if kind == "bandstop" else EDGES[1:4], [48_000.0]):
        made = make(edge(kind, edges, rate), order, kind, *levels[1 % len(levels)])
        sos = made.sos(rate)
        f = torch.linspace(10, rate / 2 - 10, 4000, dtype=torch.float64)
        total = made.response(f, rate).abs()
        within = total > 0.5
        if not bool(within.any()):
            continue
        steps = torch.stack([fx.engine.frequency_response(sos[: n + 1], f, rate).abs() for n in range(len(sos))])
        assert steps[:, within].min().item() > 1e-4, (order, edges)
        assert steps.max().item() < 1e3, (order, edges)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("family", FAMILIES)
def test_corners_at_5_hz_and_close_to_half_the_rate(family, kind):
    make, _, levels = FAMILIES[family]
    for order, rate, at in itertools.product([1, 2, 8, 24], [8000.0, 48_000.0, 768_000.0], ["low", "high", "wide"]):
        edges = {"low": (5.0, 8.0), "high": (0.48 * rate, 0.49 * rate), "wide": (5.0, 0.49 * rate)}[at]
        made = make(edges if kind in BANDS else edges[0], order, kind, *levels[1 % len(levels)])
        assert bool(torch.isfinite(made.sos(rate)).all())
        assert made.is_stable(rate)
        level = decibel(made.response(np.geomspace(1, 0.4999 * rate, 2000), rate)).max().item()
        assert level < 1e-3, (order, rate, at)


# -- edges, orders, gradients ---------------------------------------------------------------------------------------


def test_the_edges_of_a_band_are_a_pair_or_two_numbers():
    expected = signal.butter(3, [300.0, 3000.0], "bandpass", fs=48_000)
    for made in (
        fx.Butterworth((300.0, 3000.0), 3, "bandpass"),
        fx.Butterworth([300.0, 3000.0], order=3, kind="bandpass"),
        fx.Butterworth(300.0, 3, "bandpass", 3000.0),
        fx.Butterworth(kind="bandpass", order=3, upper=3000.0, cutoff=300.0),
    ):
        assert (made.cutoff, made.upper) == (300.0, 3000.0)
        b, a = signal.sos2tf(made.sos(48_000).numpy())
        np.testing.assert_allclose(b[:7], expected[0], atol=1e-12)
        np.testing.assert_allclose(a[:7], expected[1], atol=1e-9)
    made.cutoff = (500.0, 700.0)
    assert (made.cutoff, made.upper) == (500.0, 700.0)
    assert "upper" not in repr(fx.Butterworth(500.0))
    assert eval(repr(made), {"Butterworth": fx.Butterworth}).upper == 700.0
    with pytest.raises(fx.ParameterError, match="upper is given too"):
        fx.Butterworth((300.0, 3000.0), kind="bandpass", upper=4000.0)
    made = fx.Butterworth(np.array([300.0, 3000.0]), 3, "bandpass")
    with pytest.raises(fx.ParameterError):
        made.cutoff = (5000.0, -1.0)
    assert (made.cutoff, made.upper) == (300.0, 3000.0)  # what is refused changes nothing
    # Beside an upper edge a list is a value for each example, and so is a tensor always.
    for cutoff in ([300.0, 400.0], torch.tensor([300.0, 400.0], dtype=torch.float64)):
        both = fx.Butterworth(cutoff, kind="bandpass", upper=3000.0)
        again = fx.Module.from_dict(both.to_dict())
        assert torch.equal(again.cutoff, torch.tensor([300.0, 400.0], dtype=torch.float64))
        assert again.upper == 3000.0
    # For a low-pass a list is what it is elsewhere: a value for each example.
    assert fx.Butterworth([300.0, 3000.0]).sos(48_000).shape == (2, 2, 6)


def test_what_cannot_be_is_said_with_its_numbers():
    with pytest.raises(fx.ParameterError, match="cutoff is 3000 Hz and upper 300 Hz; the lower edge"):
        fx.Butterworth((3000.0, 300.0), kind="bandpass").sos(48_000)
    with pytest.raises(fx.ParameterError, match="cutoff is 500 Hz and upper 500 Hz"):
        fx.Bessel((500.0, torch.tensor([900.0, 500.0])), kind="bandstop")(torch.zeros(2, 1, 8), sample_rate=8000)
    with pytest.raises(fx.ParameterError, match="upper is 5000 Hz; it must be above 0 Hz and below half the sample"):
        fx.Chebyshev1((500.0, 5000.0), kind="bandpass").sos(8000)
    fx.Chebyshev1(500.0, upper=5000.0).sos(8000)  # a low-pass has no upper edge that could be wrong
    with pytest.raises(
        fx.ParameterError, match="ripple_db is 3 dB and attenuation_db 3 dB; the attenuation must exceed"
    ):
        fx.Elliptic(ripple_db=3.0, attenuation_db=3.0).sos(48_000)
    with pytest.raises(fx.ParameterError, match=r"ripple_db is 0 dB; it must be above 0 dB"):
        fx.Chebyshev1(ripple_db=0.0)
    with pytest.raises(fx.ParameterError, match="order is 25; it must be a whole number of at least 1 and at most 24"):
        fx.Butterworth(order=25)
    with pytest.raises(fx.ParameterError, match="Elliptic: with order 24, ripple_db 6 and attenuation_db 10 the trans"):
        fx.Elliptic(1000.0, 24, "lowpass", 6.0, 10.0).sos(48_000)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("order", [1, 4, 5])
def test_gradients_are_exact_to_edges_and_levels(family, kind, order):
    make, _, levels = FAMILIES[family]
    f = torch.tensor([200.0, 900.0, 2500.0, 7000.0], dtype=torch.float64)
    names = [name for name in ("ripple_db", "attenuation_db") if name in make.declarations]
    given = [
        torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (800.0, 2600.0, *levels[1 % len(levels)])
    ]

    def response(low, high, *values):
        edges = {"cutoff": low, "upper": high} if kind in BANDS else {"cutoff": low}
        made = make(order=order, kind=kind, **edges, **dict(zip(names, values, strict=True)))
        return torch.view_as_real(made.response(f, 48_000))

    used = given if kind in BANDS else [given[0], given[1].detach(), *given[2:]]
    assert torch.autograd.gradcheck(response, used, atol=1e-7, rtol=1e-5, fast_mode=True)


@given(seed=st.integers(0, 10_000), family=st.sampled_from(sorted(FAMILIES)), kind=st.sampled_from(KINDS))
def test_values_that_differ_by_example_equal_a_loop(seed, family, kind):
    draw = torch.Generator().manual_seed(seed)
    make, _, levels = FAMILIES[family]
    low = 100 + 900 * torch.rand(3, generator=draw, dtype=torch.float64)
    high = 2000 + 9000 * torch.rand(3, generator=draw, dtype=torch.float64)
    order = int(torch.randint(1, 9, (), generator=draw))
    x = torch.randn(3, 1, 300, generator=draw, dtype=torch.float64)
    edges = {"cutoff": low, "upper": high}
    y = make(order=order, kind=kind, **edges, **_levels(make, levels[-1]))(x, sample_rate=44_100)
    for example in range(3):
        alone = make(
            order=order, kind=kind, cutoff=low[example].item(), upper=high[example].item(), **_levels(make, levels[-1])
        )
        torch.testing.assert_close(y[example], alone(x[example], sample_rate=44_100), rtol=1e-8, atol=1e-10)


def _levels(make, values):
    names = [name for name in ("ripple_db", "attenuation_db") if name in make.declarations]
    return dict(zip(names, values, strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("family", FAMILIES)
def test_the_design_is_made_where_the_edges_are(family, kind):
    """On the device of the parameters, all of it; `meta` stands for any that is not the CPU."""
    made = FAMILIES[family][0](torch.tensor([500.0]), 5, kind).to("meta")
    assert made._sos(48_000.0).device.type == "meta"


def test_a_stream_says_when_its_filter_became_another():
    made = fx.Butterworth(500.0, 6)
    stream = made.stream(48_000)
    stream(torch.zeros(1, 64))
    made.kind = "highpass"
    stream(torch.zeros(1, 64))
    made.cutoff, made.kind = 300.0, "bandpass"
    with pytest.raises(fx.SignalError, match="the number of its sections changed from 3 to 6"):
        stream(torch.zeros(1, 64))

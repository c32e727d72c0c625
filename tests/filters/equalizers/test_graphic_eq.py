"""GraphicEQ: the requested gain at every center. ParametricEQ: any bands in one cascade."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import fxlab as fx
from tests.support.specimens import eval_repr, same_modules

RATE = 48_000.0


def patterns(bands: int, amplitude: float, count: int = 60) -> torch.Tensor:
    """Return gains that alternate, are all at the maximum, are at random extremes, and are uniformly random."""
    rng = np.random.default_rng(bands)
    alternating = amplitude * (-1.0) ** np.arange(bands)
    rows = [alternating, -alternating, np.full(bands, amplitude), *rng.choice([-amplitude, amplitude], (count, bands))]
    return torch.tensor(np.array([*rows, *rng.uniform(-amplitude, amplitude, (count, bands))]))


@pytest.mark.parametrize("bands", [10, 31])
@pytest.mark.parametrize("rate", [44_100.0, 48_000.0, 96_000.0])
@pytest.mark.parametrize(("amplitude", "most"), [(12.0, 1e-6), (24.0, 1e-3)])
def test_gain_at_every_center_is_the_requested_gain(bands, rate, amplitude, most):
    requested = patterns(bands, amplitude)
    eq = fx.GraphicEQ(requested)
    actual = eq.magnitude_db(eq.frequencies, rate)
    assert (actual - requested).abs().max().item() < most
    assert eq.is_stable(rate)


@pytest.mark.parametrize(
    ("bands", "rate"), [(10, 22_050.0), (10, 32_000.0), (10, 32_500.0), (31, 8000.0), (31, 22_050.0)]
)
def test_bands_below_half_the_sample_rate_are_exact_when_others_are_above(bands, rate):
    eq = fx.GraphicEQ(bands=bands)
    within = eq.frequencies < rate / 2
    requested = patterns(bands, 12.0) * within
    actual = fx.GraphicEQ(requested).magnitude_db(eq.frequencies[within], rate)
    assert (actual - requested[:, within]).abs().max().item() < 1e-3


def test_sample_rates_with_no_band_or_one_band():
    x = torch.randn(1, 30, dtype=torch.float64)
    torch.testing.assert_close(fx.GraphicEQ()(x, sample_rate=30), x)
    one = fx.GraphicEQ([6.0, *[0.0] * 9])
    assert one.magnitude_db(one.frequencies[:1], 100.0).item() == pytest.approx(6.0, abs=1e-6)


def test_layout_cached_in_inference_mode_allows_gradients_later():
    with torch.inference_mode():
        fx.GraphicEQ([1.0] * 10)(torch.zeros(1, 4), sample_rate=47_123.0)
    gains = torch.ones(10, dtype=torch.float64, requires_grad=True)
    fx.GraphicEQ(gains)(torch.ones(1, 4), sample_rate=47_123.0).sum().backward()
    assert gains.grad is not None
    assert gains.grad.isfinite().all()


@pytest.mark.parametrize("bands", [10, 31])
def test_gain_between_the_centers(bands):
    """With all gains at 12 dB it stays within 0.6 dB; with alternating gains it overshoots by at most 0.1 dB."""
    eq = fx.GraphicEQ([12.0] * bands)
    f = np.geomspace(*eq.frequencies[[0, -1]].tolist(), 2000)
    assert (fx.GraphicEQ([12.0] * bands).magnitude_db(f, RATE) - 12).abs().max() < 0.6
    assert fx.GraphicEQ(patterns(bands, 12.0)[0]).magnitude_db(f, RATE).abs().max() < 12.1


def test_flat_equalizer_is_identity():
    x = torch.randn(2, 200, dtype=torch.float64)
    for bands in (10, 31):
        for rate in (8000, 48_000):
            torch.testing.assert_close(fx.GraphicEQ(bands=bands)(x, sample_rate=rate), x, rtol=0, atol=1e-12)


def test_boost_and_equal_cut_cancel():
    gains = patterns(10, 12.0)[5]
    x = torch.randn(1, 400, dtype=torch.float64)
    both = fx.GraphicEQ(gains) | fx.GraphicEQ(-gains)
    torch.testing.assert_close(both(x, sample_rate=RATE), x, rtol=0, atol=1e-8)


@pytest.mark.parametrize("rate", [22_050.0, 48_000.0])
def test_gradients_by_every_gain(rate):
    x = torch.randn(1, 24, dtype=torch.float64)
    gains = torch.linspace(-9, 9, 10, dtype=torch.float64) * (torch.arange(10) < 9)
    gains = gains.requires_grad_()
    within = int((fx.GraphicEQ().frequencies < rate / 2).sum())

    def run(free: torch.Tensor) -> torch.Tensor:
        rest = torch.zeros(10 - within, dtype=torch.float64)
        return fx.GraphicEQ(torch.cat([free, rest]))(x, sample_rate=rate)

    assert torch.autograd.gradcheck(run, (gains[:within].detach().requires_grad_(),), rtol=1e-4, atol=1e-8)


def test_batch_equals_loop_over_examples():
    gains = patterns(10, 12.0)[:6].reshape(3, 2, 10)
    x = torch.randn(3, 2, 150, dtype=torch.float64)
    actual = fx.GraphicEQ(gains)(x, sample_rate=RATE)
    for one, two in itertools.product(range(3), range(2)):
        single = fx.GraphicEQ(gains[one, two])(x[one, two], sample_rate=RATE)
        torch.testing.assert_close(actual[one, two], single, rtol=1e-10, atol=1e-12)


@settings(max_examples=10)
@given(st.lists(st.integers(0, 300), max_size=5))
def test_stream_of_blocks_equals_one_call(cuts):
    eq = fx.GraphicEQ(patterns(31, 12.0)[4])
    x = torch.randn(2, 300, dtype=torch.float64)
    stream, edges = eq.stream(RATE), [0, *sorted(cuts), 300]
    y = torch.cat([stream(x[:, a:b]) for a, b in itertools.pairwise(edges)], -1)
    expected = eq(x, sample_rate=RATE)
    torch.testing.assert_close(y, expected, rtol=0, atol=1e-9 * float(expected.abs().max()))


def test_names_of_the_bands():
    assert fx.GraphicEQ().names == [
        "31.5 Hz",
        "63 Hz",
        "125 Hz",
        "250 Hz",
        "500 Hz",
        *(f"{k} kHz" for k in (1, 2, 4, 8, 16)),
    ]
    names = fx.GraphicEQ(bands=31).names
    assert (names[0], names[17], names[-1], len(names)) == ("20 Hz", "1 kHz", "20 kHz", 31)
    assert fx.GraphicEQ(bands=31) != fx.GraphicEQ()
    assert eval_repr(repr(fx.GraphicEQ(bands=31))).bands == 31


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: fx.GraphicEQ([1.0] * 9),
            "gains_db has 9 values; it must have 10, one per octave, or 31, one per third of an octave",
        ),
        (lambda: fx.GraphicEQ(bands=12), "bands is 12; it must be 10 or 31"),
        (lambda: fx.GraphicEQ([0.0] * 10, bands=31), "bands is 31, but gains_db has 10 values"),
        (lambda: fx.GraphicEQ([30.0] + [0.0] * 9), "gains_db is 30 dB; it must be above -25 dB and below 25 dB"),
        (
            lambda: fx.GraphicEQ([1.0] * 10, sample_rate=22_050),
            "bands from 16 kHz upwards are not below half of it, 11025 Hz",
        ),
        (lambda: fx.GraphicEQ([float("nan")] * 10), "gains_db is nan"),
    ],
)
def test_invalid_graphic_eq_raises(make, message):
    with pytest.raises(fx.ParameterError, match=message):
        make()


def test_an_invalid_number_of_gains_leaves_the_equalizer_unchanged():
    eq = fx.GraphicEQ(bands=31)
    with pytest.raises(fx.ParameterError, match="has 12 values"):
        eq.gains_db = [0.0] * 12
    assert eq.bands == 31


# -- ParametricEQ ---------------------------------------------------------------------------------------------------


def test_bands_are_the_stages_of_a_chain():
    eq = fx.ParametricEQ(bands=5)
    assert [type(stage).__name__ for stage in eq] == ["LowShelf", "Peak", "Peak", "Peak", "HighShelf"]
    assert [stage.cutoff if hasattr(stage, "cutoff") else stage.frequency for stage in eq] == [
        100.0,
        283.0,
        800.0,
        2260.0,
        6400.0,
    ]
    eq[2].gain_db = 6.0
    assert eq.magnitude_db(800.0, RATE).item() == pytest.approx(6.0)
    assert fx.ParametricEQ()(torch.ones(1, 8), sample_rate=RATE).tolist() == [[1.0] * 8]
    assert [path for path, _, _ in eq.walk()][3:6] == ["1.frequency", "1.gain_db", "1.q"]
    assert [len(fx.ParametricEQ(bands=n)) for n in (1, 2, 3, 8)] == [1, 2, 3, 8]


def test_equals_chain_of_its_stages_and_runs_as_one_cascade():
    stages = [fx.LowShelf(120.0, 4.0), fx.Peak(900.0, -7.0, 3.0), fx.Notch(3000.0), fx.HighShelf(7000.0, 3.0)]
    eq, chain = fx.ParametricEQ(*stages), fx.Chain(*stages)
    x = torch.randn(2, 300, dtype=torch.float64)
    torch.testing.assert_close(eq(x, sample_rate=RATE), chain(x, sample_rate=RATE), rtol=0, atol=0)
    assert eq.sos(RATE).shape == (4, 6)
    assert len(eq._section_runs()) == 1


@pytest.mark.parametrize("sample_rate", [None, 44_100])
def test_round_trip_through_dict_and_repr(sample_rate):
    eq = fx.ParametricEQ(fx.Peak(500.0, 3.0), fx.HighShelf(gain_db=-2.0), sample_rate=sample_rate)
    for back in (fx.Module.from_dict(json.loads(json.dumps(eq.to_dict()))), eval_repr(repr(eq))):
        assert same_modules(back, eq)
        assert type(back) is fx.ParametricEQ
    chain = fx.LowPass() | eq
    assert same_modules(eval_repr(repr(chain)), chain)
    assert "ParametricEQ" in repr(chain)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: fx.ParametricEQ(bands=0), "bands is 0; it must be a whole number of at least 1"),
        (lambda: fx.ParametricEQ(bands=2.5), "bands is 2.5"),
        (lambda: fx.ParametricEQ(fx.Peak(), bands=3), "both stages and bands are given"),
        (lambda: fx.ParametricEQ(fx.Peak(), fx.FIR([1.0])), r"stage 1, FIR\(\), is not made of second-order sections"),
        (lambda: fx.ParametricEQ(torch.tanh), "is not made of second-order sections"),
    ],
)
def test_invalid_parametric_eq_raises(make, message):
    with pytest.raises(fx.ParameterError, match=message):
        make()

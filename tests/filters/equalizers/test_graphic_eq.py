"""GraphicEQ and ParametricEQ: the gain asked for at every centre; one cascade of any bands."""

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
    """Up and down in turns, all at one end or the other by chance, and anything between."""
    draw = np.random.default_rng(bands)
    turns = amplitude * (-1.0) ** np.arange(bands)
    rows = [turns, -turns, np.full(bands, amplitude), *draw.choice([-amplitude, amplitude], (count, bands))]
    return torch.tensor(np.array([*rows, *draw.uniform(-amplitude, amplitude, (count, bands))]))


@pytest.mark.parametrize("bands", [10, 31])
@pytest.mark.parametrize("rate", [44_100.0, 48_000.0, 96_000.0])
@pytest.mark.parametrize(("amplitude", "most"), [(12.0, 1e-6), (24.0, 1e-3)])
def test_at_every_centre_the_gain_asked_for(bands, rate, amplitude, most):
    asked = patterns(bands, amplitude)
    eq = fx.GraphicEQ(asked)
    found = eq.magnitude_db(eq.frequencies, rate)
    assert (found - asked).abs().max().item() < most
    assert eq.is_stable(rate)


@pytest.mark.parametrize(
    ("bands", "rate"), [(10, 22_050.0), (10, 32_000.0), (10, 32_500.0), (31, 8000.0), (31, 22_050.0)]
)
def test_where_the_rate_leaves_out_bands_the_others_are_exact(bands, rate):
    eq = fx.GraphicEQ(bands=bands)
    within = eq.frequencies < rate / 2
    asked = patterns(bands, 12.0) * within
    found = fx.GraphicEQ(asked).magnitude_db(eq.frequencies[within], rate)
    assert (found - asked[:, within]).abs().max().item() < 1e-3


def test_at_a_rate_of_few_bands_or_none_it_is_what_is_left_of_it():
    x = torch.randn(1, 30, dtype=torch.float64)
    torch.testing.assert_close(fx.GraphicEQ()(x, sample_rate=30), x)
    one = fx.GraphicEQ([6.0, *[0.0] * 9])
    assert one.magnitude_db(one.frequencies[:1], 100.0).item() == pytest.approx(6.0, abs=1e-6)


def test_what_was_designed_without_gradients_may_be_learned_later():
    with torch.inference_mode():
        fx.GraphicEQ([1.0] * 10)(torch.zeros(1, 4), sample_rate=47_123.0)
    gains = torch.ones(10, dtype=torch.float64, requires_grad=True)
    fx.GraphicEQ(gains)(torch.ones(1, 4), sample_rate=47_123.0).sum().backward()
    assert gains.grad is not None
    assert gains.grad.isfinite().all()


@pytest.mark.parametrize("bands", [10, 31])
def test_between_the_centres_it_goes_from_one_to_the_next(bands):
    """All at 12 dB is 12 dB between them too, to 0.6 dB; up and down in turns goes no further than asked."""
    eq = fx.GraphicEQ([12.0] * bands)
    f = np.geomspace(*eq.frequencies[[0, -1]].tolist(), 2000)
    assert (fx.GraphicEQ([12.0] * bands).magnitude_db(f, RATE) - 12).abs().max() < 0.6
    assert fx.GraphicEQ(patterns(bands, 12.0)[0]).magnitude_db(f, RATE).abs().max() < 12.1


def test_flat_changes_nothing():
    x = torch.randn(2, 200, dtype=torch.float64)
    for bands in (10, 31):
        for rate in (8000, 48_000):
            torch.testing.assert_close(fx.GraphicEQ(bands=bands)(x, sample_rate=rate), x, rtol=0, atol=1e-12)


def test_a_boost_and_the_same_cut_undo_each_other():
    gains = patterns(10, 12.0)[5]
    x = torch.randn(1, 400, dtype=torch.float64)
    there = fx.GraphicEQ(gains) | fx.GraphicEQ(-gains)
    torch.testing.assert_close(there(x, sample_rate=RATE), x, rtol=0, atol=1e-8)


@pytest.mark.parametrize("rate", [22_050.0, 48_000.0])
def test_gradients_reach_every_gain(rate):
    x = torch.randn(1, 24, dtype=torch.float64)
    gains = torch.linspace(-9, 9, 10, dtype=torch.float64) * (torch.arange(10) < 9)
    gains = gains.requires_grad_()
    within = int((fx.GraphicEQ().frequencies < rate / 2).sum())

    def run(free: torch.Tensor) -> torch.Tensor:
        rest = torch.zeros(10 - within, dtype=torch.float64)
        return fx.GraphicEQ(torch.cat([free, rest]))(x, sample_rate=rate)

    assert torch.autograd.gradcheck(run, (gains[:within].detach().requires_grad_(),), rtol=1e-4, atol=1e-8)


def test_each_example_has_its_own():
    gains = patterns(10, 12.0)[:6].reshape(3, 2, 10)
    x = torch.randn(3, 2, 150, dtype=torch.float64)
    found = fx.GraphicEQ(gains)(x, sample_rate=RATE)
    for one, two in itertools.product(range(3), range(2)):
        alone = fx.GraphicEQ(gains[one, two])(x[one, two], sample_rate=RATE)
        torch.testing.assert_close(found[one, two], alone, rtol=1e-10, atol=1e-12)


@settings(max_examples=10)
@given(st.lists(st.integers(0, 300), max_size=5))
def test_blocks_equal_one_call(cuts):
    eq = fx.GraphicEQ(patterns(31, 12.0)[4])
    x = torch.randn(2, 300, dtype=torch.float64)
    stream, edges = eq.stream(RATE), [0, *sorted(cuts), 300]
    y = torch.cat([stream(x[:, a:b]) for a, b in itertools.pairwise(edges)], -1)
    whole = eq(x, sample_rate=RATE)
    torch.testing.assert_close(y, whole, rtol=0, atol=1e-9 * float(whole.abs().max()))


def test_its_bands_have_names():
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
    ("make", "says"),
    [
        (
            lambda: fx.GraphicEQ([1.0] * 9),
            "gains_db has 9 values; allowed are 10, one per octave, and 31, one per third of an octave",
        ),
        (lambda: fx.GraphicEQ(bands=12), "bands is 12; allowed are 10 and 31"),
        (lambda: fx.GraphicEQ([0.0] * 10, bands=31), "bands is 31, but gains_db has 10 values"),
        (lambda: fx.GraphicEQ([30.0] + [0.0] * 9), "gains_db is 30 dB; allowed is above -25 dB and below 25 dB"),
        (
            lambda: fx.GraphicEQ([1.0] * 10, sample_rate=22_050),
            "bands from 16 kHz upwards are not below half of it, 11025 Hz",
        ),
        (lambda: fx.GraphicEQ([float("nan")] * 10), "gains_db is nan"),
    ],
)
def test_what_cannot_be_is_refused_in_words(make, says):
    with pytest.raises(fx.ParameterError, match=says):
        make()


def test_a_refused_number_of_gains_changes_nothing():
    eq = fx.GraphicEQ(bands=31)
    with pytest.raises(fx.ParameterError, match="has 12 values"):
        eq.gains_db = [0.0] * 12
    assert eq.bands == 31


# -- ParametricEQ ---------------------------------------------------------------------------------------------------


def test_its_bands_are_the_stages_of_a_chain():
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


def test_it_is_the_chain_of_its_stages_in_one_run():
    stages = [fx.LowShelf(120.0, 4.0), fx.Peak(900.0, -7.0, 3.0), fx.Notch(3000.0), fx.HighShelf(7000.0, 3.0)]
    eq, chain = fx.ParametricEQ(*stages), fx.Chain(*stages)
    x = torch.randn(2, 300, dtype=torch.float64)
    torch.testing.assert_close(eq(x, sample_rate=RATE), chain(x, sample_rate=RATE), rtol=0, atol=0)
    assert eq.sos(RATE).shape == (4, 6)
    assert len(eq._section_runs()) == 1


@pytest.mark.parametrize("sample_rate", [None, 44_100])
def test_written_down_and_read_back_it_is_the_same(sample_rate):
    eq = fx.ParametricEQ(fx.Peak(500.0, 3.0), fx.HighShelf(gain_db=-2.0), sample_rate=sample_rate)
    for back in (fx.Module.from_dict(json.loads(json.dumps(eq.to_dict()))), eval_repr(repr(eq))):
        assert same_modules(back, eq)
        assert type(back) is fx.ParametricEQ
    chain = fx.LowPass() | eq
    assert same_modules(eval_repr(repr(chain)), chain)
    assert "ParametricEQ" in repr(chain)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: fx.ParametricEQ(bands=0), "bands is 0; it must be a whole number of at least 1"),
        (lambda: fx.ParametricEQ(bands=2.5), "bands is 2.5"),
        (lambda: fx.ParametricEQ(fx.Peak(), bands=3), "both stages and bands are given"),
        (lambda: fx.ParametricEQ(fx.Peak(), fx.FIR([1.0])), r"stage 1, FIR\(\), is not made of second-order sections"),
        (lambda: fx.ParametricEQ(torch.tanh), "is not made of second-order sections"),
    ],
)
def test_what_is_no_band_is_refused_in_words(make, says):
    with pytest.raises(fx.ParameterError, match=says):
        make()

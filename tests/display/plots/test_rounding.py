"""The card of a fixed-point filter compares it with the exact filter."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import fxlab as fx
from fxlab.display import module_picture
from fxlab.display.cards.module_card import draw_module
from fxlab.display.plots.rounding import compare_rounding

RATE = 48_000.0


def test_both_filters_are_compared_on_one_grid():
    made = fx.FixedPoint(fx.Butterworth(2000.0, 6), structure="direct2", coefficient_bits=14, headroom=8)
    comparison = compare_rounding(made, RATE)
    frequency = torch.from_numpy(comparison.both.frequency)
    for row, filter_ in enumerate((made.quantized, made.module)):
        level = filter_.magnitude_db(frequency, RATE).numpy().clip(-150)
        np.testing.assert_allclose(comparison.both.db[row].clip(-150), level, atol=1e-6)
        np.testing.assert_array_equal(comparison.both.poles[row], filter_.poles(RATE))
    assert comparison.both.poles.shape == (2, 6)


def test_the_error_is_that_of_the_given_signal():
    sound = fx.noise(duration=0.1, sample_rate=48_000, level_db=-20.0)
    comparison = compare_rounding(fx.FixedPoint(fx.LowPass(), bits=12), RATE, sound)
    np.testing.assert_array_equal(comparison.error, fx.FixedPoint(fx.LowPass(), bits=12).error(sound).numpy())
    assert comparison.input_name == "the sound"


@pytest.mark.parametrize(
    ("module", "text"),
    [
        (fx.FixedPoint(fx.Butterworth(1500.0, 6), structure="direct1", coefficient_bits=12), "unstable: a pole"),
        (fx.FixedPoint(fx.OnePole(100.0), bits=8), "limit cycle: 38 steps, period 1"),
        (fx.FixedPoint(fx.LowPass(), rounding="toward_zero"), "no limit cycle found"),
        (fx.FixedPoint(fx.LowPass(), bits=8), "no output"),
    ],
)
def test_the_facts_in_the_legend(module, text):
    comparison = compare_rounding(module, RATE)
    lines = [*comparison.facts(), comparison.unstable]
    assert any(line.startswith(text) for line in lines), lines


def test_cards_of_one_filter_of_a_batch_and_of_one_that_cannot_be_built():
    one = fx.FixedPoint(fx.LowPass())
    assert "poles and zeros with and without rounded coefficients" in draw_module(one, RATE).description
    assert draw_module(one, signal=fx.noise(duration=3.0, sample_rate=8000)).canvas
    batch = fx.FixedPoint(fx.LowPass(torch.tensor([500.0, 900.0])))
    assert "test tone" in draw_module(batch, RATE).description
    pole = fx.FixedPoint(fx.DCBlock(), structure="lattice")
    assert module_picture(pole, RATE)[1:4] == b"PNG"

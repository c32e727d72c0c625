"""The card of a filter in whole numbers shows it beside the filter that was meant."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import fxlab as fx
from fxlab.display import module_picture
from fxlab.display.cards.module_card import draw_module
from fxlab.display.plots.rounding import compare

RATE = 48_000.0


def test_both_filters_are_compared_on_one_grid():
    made = fx.FixedPoint(fx.Butterworth(2000.0, 6), structure="direct2", coefficient_bits=14, headroom=8)
    found = compare(made, RATE)
    frequency = torch.from_numpy(found.both.frequency)
    for row, filter_ in enumerate((made.quantised, made.module)):
        level = filter_.magnitude_db(frequency, RATE).numpy().clip(-150)
        np.testing.assert_allclose(found.both.db[row].clip(-150), level, atol=1e-6)
        np.testing.assert_array_equal(found.both.poles[row], filter_.poles(RATE))
    assert found.both.poles.shape == (2, 6)


def test_the_error_is_that_of_the_sound_given():
    sound = fx.noise(duration=0.1, sample_rate=48_000, level_db=-20.0)
    found = compare(fx.FixedPoint(fx.LowPass(), bits=12), RATE, sound)
    np.testing.assert_array_equal(found.error, fx.FixedPoint(fx.LowPass(), bits=12).error(sound).numpy())
    assert found.of == "the sound"


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (fx.FixedPoint(fx.Butterworth(1500.0, 6), structure="direct1", coefficient_bits=12), "unstable: a pole"),
        (fx.FixedPoint(fx.OnePole(100.0), bits=8), "limit cycle: 38 steps, period 1"),
        (fx.FixedPoint(fx.LowPass(), rounding="toward_zero"), "no limit cycle found"),
        (fx.FixedPoint(fx.LowPass(), bits=8), "nothing comes out"),
    ],
)
def test_what_is_said_beside_it(made, words):
    found = compare(made, RATE)
    said = [*found.facts(), found.unstable]
    assert any(line.startswith(words) for line in said), said


def test_cards_of_one_filter_of_a_batch_and_of_one_that_cannot_be_built():
    one = fx.FixedPoint(fx.LowPass())
    assert "poles and zeros with rounded coefficients" in draw_module(one, RATE).words
    assert draw_module(one, signal=fx.noise(duration=3.0, sample_rate=8000)).sheet
    batch = fx.FixedPoint(fx.LowPass(torch.tensor([500.0, 900.0])))
    assert "test tone" in draw_module(batch, RATE).words
    pole = fx.FixedPoint(fx.DCBlock(), structure="lattice")
    assert module_picture(pole, RATE)[1:4] == b"PNG"

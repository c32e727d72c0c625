"""`measure_levels`: it agrees with the single functions, and its card shows them."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

import fxlab as fx
from fxlab.analysis import loudness_over_time
from fxlab.display.canvas import colors
from tests.support.card_html import KINDS, read
from tests.support.pictures import bundle_pixels, color_mask


def test_it_agrees_with_the_single_functions():
    """Every figure is that of the function of its name."""
    sound = fx.noise(duration=6.0, seed=1, level_db=-20.0) | fx.Fade()
    levels = fx.measure_levels(sound)
    assert levels.integrated == fx.loudness(sound)
    assert levels.range == pytest.approx(fx.loudness_range(sound))
    assert levels.true_peak_db == fx.true_peak(sound)
    assert levels.crest_db == fx.crest_factor(sound) == pytest.approx(levels.peak_db - levels.rms_db)
    assert levels.momentary_max == float(loudness_over_time(sound).max())
    assert levels.short_term_max == float(loudness_over_time(sound, 3.0).max())
    assert levels.peak_to_loudness == levels.true_peak_db - levels.integrated


@pytest.mark.parametrize(
    ("sound", "missing"),
    [
        (lambda: fx.noise(duration=4.0, seed=1), set()),
        (lambda: fx.noise(duration=1.0, seed=1), {"short_term_max", "range"}),
        (lambda: fx.noise(duration=0.2, seed=1), {"short_term_max", "range", "momentary_max"}),
        (lambda: fx.silence(4.0), {"range", "crest_db", "peak_to_loudness"}),
        (
            lambda: fx.sine(100.0, duration=4.0, sample_rate=1000),
            {"integrated", "short_term_max", "momentary_max", "range", "peak_to_loudness"},
        ),
        (lambda: fx.Signal(torch.tensor([0.5]), 48_000), {"short_term_max", "range", "momentary_max"}),
    ],
    ids=["long", "short", "a block", "silence", "low rate", "one sample"],
)
def test_every_sound_has_levels_and_a_card(sound, missing):
    """What cannot be measured is NaN, and the card says that there is none."""
    levels = fx.measure_levels(sound())
    names = ("integrated", "short_term_max", "momentary_max", "range", "crest_db", "peak_to_loudness")
    assert {name for name in names if math.isnan(getattr(levels, name))} == missing
    data, metadata = levels._repr_mimebundle_()
    assert set(data) == KINDS
    words, found = read((data, metadata))
    (alt,) = (attributes["alt"] for tag, attributes in found if tag == "img")
    assert alt.count("none") == len(missing)
    assert ("need" in words) == bool(missing - {"range", "crest_db", "peak_to_loudness"})


def test_the_card_draws_the_short_term_loudness_at_its_level():
    """The card of a steady tone at -20 LUFS has the curve of the short-term loudness at a third of its height."""
    levels = fx.measure_levels(fx.sine(1000.0, duration=8.0, level_db=-17.0))
    assert levels.short_term_max == pytest.approx(-20.0, abs=0.05)
    mask = color_mask(bundle_pixels(levels._repr_mimebundle_()[0]), colors.MAIN)
    rows, columns = np.nonzero(mask[:, 88 : 88 + 896])
    in_plot = (rows > 92) & (rows < 92 + 352)
    assert rows[in_plot].mean() == pytest.approx(92 + 352 / 3, abs=4)
    assert columns[in_plot].min() == pytest.approx(896 * 3 / 8, abs=6)  # the first block of 3 s ends there


def test_it_refuses_what_is_not_a_signal():
    """The error says what to write."""
    with pytest.raises(fx.SignalError, match=r"measure_levels: the input is ndarray, not a Signal\. Write Signal"):
        fx.measure_levels(np.zeros(100))

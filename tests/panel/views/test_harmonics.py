"""The harmonics view's tone: harmonics and aliases are where theory puts them."""

import math

import pytest
import torch

import fxlab as fx
from fxlab.panel.plots.tone_spectrum import tone_spectrum

RATE = 44_100


def test_a_cubic_has_the_third_harmonic_and_nothing_else():
    """x − x³/3 of a sine with amplitude a has the harmonics a − a³/4 and a³/12."""
    spectrum = tone_spectrum(fx.wrap(lambda x: x - x**3 / 3), RATE, -6.0)
    amplitude = 10 ** (-6 / 20)
    level = spectrum.harmonics[1]
    assert spectrum.frequency == pytest.approx(1000.0, rel=0.01)
    assert float(level[0]) == pytest.approx(20 * math.log10(1 - amplitude**2 / 4), abs=1e-6)
    assert float(level[2]) == pytest.approx(20 * math.log10(amplitude**2 / 12), abs=1e-6)
    others = torch.cat([level[1:2], level[3:], spectrum.aliases[1]])
    assert float(others.max()) < -190.0


def test_hard_clipping_aliases_and_oversampling_removes_the_aliases():
    plain = tone_spectrum(fx.Distortion(36.0, "hard"), RATE, 0.0)
    frequencies, levels = plain.aliases
    assert bool((frequencies.diff() > 0).all()), "in ascending order"
    orders = torch.arange(1, 401, dtype=torch.float64)
    orders = orders[orders * plain.frequency > RATE / 2]
    folded = (orders * plain.frequency + RATE / 2) % RATE - RATE / 2
    torch.testing.assert_close(folded.abs().sort().values, frequencies, rtol=0, atol=0.02)
    assert float(levels.max()) > -32.0, "the 23rd harmonic of a square wave is 27 dB below the first"
    clean = tone_spectrum(fx.Distortion(36.0, "hard", oversample=8), RATE, 0.0)
    assert float(clean.aliases[1].max()) < float(levels.max()) - 12.0

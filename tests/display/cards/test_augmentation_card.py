"""The card of an augmentation: the distributions, and what was drawn."""

from __future__ import annotations

import torch

import fxlab as fx
from fxlab import augment
from fxlab.display.cards.augmentation_card import draw_augmentation


def composed():
    noise = augment.AddGaussianNoise(amplitude=0.01, p=0.25)
    lowpass = augment.random(fx.Butterworth, cutoff=(200, 4000), order=(2, 4), kind=["lowpass", "highpass"])
    return augment.Compose([noise, lowpass, fx.Invert()], seed=1)


def test_it_states_every_range_in_words():
    text = draw_augmentation(composed()).description
    assert "0 AddGaussianNoise, p = 0.25 · Amplitude: 0.01" in text
    assert "1 random(Butterworth), p = 0.5 · Cutoff: 200 to 4000 Hz, every octave equally likely" in text
    assert "Order: 2 to 4" in text
    assert "Kind: lowpass, highpass" in text
    assert "applied with p = 1 per example" in text


def test_an_augmentation_without_ranges():
    # It draws the place of the cut, which has no declared range.
    text = draw_augmentation(augment.AdjustDuration()).description
    assert text == "AdjustDuration, applied with p = 0.5 per batch, values per batch. It has no ranges and no options."


def test_the_last_draw_is_marked_and_a_frozen_one_is_noted():
    augmentation = augment.Gain()
    before = draw_augmentation(augmentation).canvas.to_png()
    augmentation(torch.ones(4, 1, 8), 8000)
    augmentation.freeze_parameters()
    card = draw_augmentation(augmentation)
    assert card.canvas.to_png() != before
    assert "frozen" in card.notes[0]


def test_the_bundle_has_picture_and_table():
    data, _ = composed()._repr_mimebundle_()
    assert "200\u00a0Hz to 4\u00a0kHz" in data["text/html"] or "200 Hz to 4 kHz" in data["text/html"]
    assert data["text/plain"].startswith("Compose([AddGaussianNoise(amplitude=0.01")
    assert augment.PolarityInversion()._repr_mimebundle_()[0]["image/png"]


def test_the_table_omits_the_value_that_is_drawn():
    html = augment.random(fx.LowPass(cutoff=1234.0, q=3.0), cutoff=(200, 4000))._repr_mimebundle_()[0]["text/html"]
    assert "module LowPass" in html
    assert "Q\u00a03" in html
    assert "1.234" not in html
    assert "random(LowPass)" in html

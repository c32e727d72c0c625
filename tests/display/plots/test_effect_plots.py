"""The cards of effects: echoes and RT60, the static curve, a cycle of the oscillator."""

import pytest

import fxlab as fx
from fxlab.display.canvas.canvas import Canvas
from fxlab.display.cards.module_card import draw_module
from fxlab.display.plots.effect_plots import draw_echoes
from tests.panel.views.test_echoes_and_decay import OneEcho
from tests.panel.views.test_lfo import Wobble


def rt60(module: fx.Module) -> str:
    return draw_echoes(Canvas(720, 352), (44, 212, 428, 116), (540, 46, 156, 200), module, 44_100)


def test_the_rt60_of_echoes_is_on_the_card():
    assert rt60(fx.Delay(delay_ms=100.0, feedback=0.5)) == "RT60 997 ms"
    assert rt60(fx.Delay(delay_ms=300.0, feedback=0.5)) == "RT60 2.99 s"
    for module in (fx.Delay(mix=0.0), fx.ConvolutionReverb([0.5, 0.2]), OneEcho()):
        assert rt60(module) == "It has no RT60."


@pytest.mark.parametrize(
    ("module", "content"),
    [
        (fx.Delay(delay_ms=10.0), "the response to a click, the decay of its energy"),
        (OneEcho(), "the response to a click"),
        (fx.Compressor(), "output level over input level, its harmonics"),
        (fx.Tremolo(), "output against input, one cycle of its oscillator"),
        (Wobble(), "one cycle of its oscillator"),
        (fx.Distortion(), "output against input, its harmonics"),
    ],
)
def test_a_card_shows_what_the_effect_is(module, content):
    assert content in draw_module(module).description


def test_a_card_with_a_sound_shows_its_spectra():
    card = draw_module(fx.Tremolo(), signal=fx.examples.voice().between(0.0, 0.2))
    assert "cycle" not in card.description

"""The LFO view: one cycle of what an oscillator moves, and the phase while the sound plays."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import fxlab as fx
from fxlab.effects.modulation.oscillating import Modulated, Oscillating
from fxlab.panel.rendering.renderer import Renderer
from fxlab.panel.views import view_tabs

RATE = 8000


class Wobble(Oscillating):
    """A teacher's own effect: a gain that swings with the square of a sine."""

    modulated = Modulated("Gain")
    speed = fx.Param(2.0, low=0.1, high=10.0, unit="Hz")
    rate_parameter = "speed"

    def modulation(self, phase, sample_rate):
        return torch.sin(2 * torch.pi * phase) ** 2

    def forward_block(self, x, state, sample_rate):
        count = 0 if state is None else state
        phase = (count + torch.arange(x.shape[-1])) * (self.speed / sample_rate)
        return x * self.modulation(phase, sample_rate).to(x.dtype), count + x.shape[-1]


def draw(module: fx.Module, channels: int = 2, seconds: float = 3.0) -> tuple[dict, dict]:
    sound = fx.Signal(torch.ones(channels, round(seconds * RATE)), RATE)
    return Renderer(module, sound, "cpu").draw_view("lfo")


@pytest.mark.parametrize(
    ("make", "offered"),
    [
        (fx.Tremolo, True),
        (fx.RingModulator, True),
        (Wobble, True),
        (lambda: fx.Gain() | fx.Mix(fx.Flanger()), True),
        (fx.Delay, False),
        (lambda: fx.Chain(fx.Chorus(), fx.Gain(), bypassed=[0]), False),
    ],
)
def test_what_has_an_oscillator_has_the_view(make, offered):
    assert ("lfo" in [tab["name"] for tab in view_tabs(make())]) == offered


@pytest.mark.parametrize("module", [fx.Tremolo(3.0, 0.8, shape="triangle"), Wobble()])
def test_the_curve_at_the_phase_of_the_dot_is_the_gain_of_the_effect(module):
    fields, drawn = draw(module)
    (form,) = fields["forms"]
    (dot,) = form["dots"]
    sound = module(torch.ones(2, 3 * RATE, dtype=torch.float64), sample_rate=RATE)[0].numpy()
    for second in (0.1, 0.77, 2.4):
        phase = np.interp(second, drawn[dot["time"]], drawn[dot["phase"]]) % 360
        gain = np.interp(phase, drawn["phase"], drawn["value0"])
        assert gain == pytest.approx(sound[round(second * RATE)], abs=1e-4)


def test_the_delay_of_a_flanger_covers_its_octaves():
    _, drawn = draw(fx.Flanger(depth=1.0, delay_ms=2.0))
    assert float(drawn["value0"].min()) == pytest.approx(0.5)
    assert float(drawn["value0"].max()) == pytest.approx(8.0)


def test_the_corner_of_a_phaser_moves_around_its_frequency():
    fields, drawn = draw(fx.Phaser(frequency=800.0, depth=0.5))
    assert fields["forms"][0]["y"]["unit"] == "Hz"
    assert float(drawn["value0"][0]) == pytest.approx(800.0)
    warped = torch.tan(torch.pi * drawn["value0"] / RATE)
    assert float(warped.max() / warped.min()) == pytest.approx(4.0)


def test_there_is_a_dot_for_each_channel_and_each_copy():
    fields, drawn = draw(fx.Chorus(voices=3, stereo_phase=90.0))
    starts = sorted(float(drawn[dot["phase"]][0]) % 360 for dot in fields["forms"][0]["dots"])
    assert starts == pytest.approx([0.0, 90.0, 120.0, 210.0, 240.0, 330.0])
    assert len(draw(fx.Chorus())[0]["forms"][0]["dots"]) == 1
    assert draw(fx.RingModulator(440.0))[0]["forms"][0]["dots"] == [], "it is too fast to follow"


def test_each_effect_of_a_chain_has_a_form():
    fields, _ = draw(fx.Tremolo() | fx.Gain() | fx.Phaser())
    assert [form["label"] for form in fields["forms"]] == ["1 Tremolo", "3 Phaser"]


def test_the_phase_of_a_moving_rate_is_its_integral():
    effect = fx.Tremolo(rate_hz=fx.Ramp(1.0, 5.0, duration=2.0))
    fields, drawn = draw(effect)
    (dot,) = fields["forms"][0]["dots"]
    cycles = np.interp([2.0, 3.0], drawn[dot["time"]], drawn[dot["phase"]]) / 360
    expected = (5.0 - 1.0) / np.log(5.0) * 2.0  # the ramp is even on the slider, which is logarithmic
    assert cycles == pytest.approx([expected, expected + 5.0], rel=2e-3)

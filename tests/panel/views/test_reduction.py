"""The gain reduction view of a panel: which modules have it, and what it draws."""

import pytest
import torch

import fxlab as fx
from fxlab.panel.rendering.renderer import Renderer
from fxlab.panel.views import view_tabs

RATE = 44_100


def loud() -> fx.Signal:
    x = torch.full((2, RATE), 0.01)
    x[:, RATE // 2 :] = 1.0
    return fx.Signal(x, RATE)


@pytest.mark.parametrize(
    ("make", "offered"),
    [
        (fx.Compressor, True),
        (lambda: fx.Gain(6.0) | fx.Limiter(), True),
        (fx.LowPass, False),
        (fx.Distortion, False),
        (lambda: fx.Chain(fx.Compressor(), fx.Gain(), bypassed=[0]), False),
    ],
)
def test_modules_with_a_dynamics_effect_have_the_view(make, offered):
    assert ("reduction" in [tab["name"] for tab in view_tabs(make())]) == offered


def test_the_curve_is_the_gain_of_the_effect():
    fields, drawn = Renderer(fx.Compressor(-20.0, 4.0, knee_db=0.0), loud(), "cpu").draw_view("reduction")
    time, gain = drawn["time"], drawn["gain1"]
    assert gain[time < 0.49].abs().max() == 0.0
    assert gain[time > 0.9].min().item() == pytest.approx(-15.0, abs=0.01)
    assert fields["forms"][0]["y"]["low"] < -15.0


def test_an_effect_in_a_chain_gets_the_output_of_the_stages_before_it():
    module = fx.Gain(-20.0) | fx.Compressor(-20.0, 4.0, knee_db=0.0)
    drawn = Renderer(module, loud(), "cpu").draw_view("reduction")[1]
    assert drawn["gain1"].min().item() == pytest.approx(0.0, abs=0.01)


def test_a_multiband_compressor_has_a_line_for_each_band():
    effect = fx.MultibandCompressor(-40.0 * torch.ones(1))
    fields, drawn = Renderer(effect, fx.examples.drums().between(0, 1), "cpu").draw_view("reduction")
    lines = fields["forms"][0]["lines"]
    assert [line["label"] for line in lines] == effect.names(RATE)
    assert all(drawn[line["y"]].min() < -1.0 for line in lines)

"""Tests of windows and curves of modules whose parameters move."""

from __future__ import annotations

import pytest
import torch

import fxlab as fx
from fxlab.panel.rendering.renderer import Renderer
from fxlab.signal import Signal

RATE = 8000
MINUS_90_DB = 10**-4.5

MODULES = {
    "an LFO": lambda: fx.LowPass(cutoff=fx.LFO(3.0, 100.0, 2000.0)),
    "two in a chain": lambda: (
        fx.HighPass(cutoff=fx.LFO(0.7, 40.0, 500.0)) | fx.Peak(800.0, gain_db=fx.LFO(2.0, -12.0, 12.0), q=4.0)
    ),
    "an automation": lambda: fx.LowPass(cutoff=fx.Automation(times=[0.0, 2.0, 5.0], values=[3000.0, 50.0, 3000.0])),
    "audio rate": lambda: fx.LowPass(cutoff=fx.LFO(40.0, 200.0, 900.0, hop=1)),
    "a state variable": lambda: fx.StateVariable(cutoff=fx.LFO(2.0, 100.0, 2000.0, "square"), q=5.0),
    "a follower": lambda: fx.LowPass(cutoff=fx.Follower(attack_ms=5.0, release_ms=50.0, low=200.0, high=3000.0)),
    "taps": lambda: fx.Gain(gain_db=fx.LFO(5.0, -20.0, 0.0)) | fx.MovingAverage(length=17),
}


@pytest.fixture(scope="module")
def noise() -> Signal:
    samples = torch.randn(2, 8 * RATE, generator=torch.Generator().manual_seed(3)) * 0.2
    return Signal(samples * torch.linspace(0.1, 1.0, 8 * RATE), RATE)


@pytest.mark.parametrize("name", MODULES)
def test_a_window_equals_the_same_samples_of_the_complete_output(name, noise):
    """A piece from the middle is rendered with the clock of its place, whatever the step that it begins in."""
    module = MODULES[name]()
    renderer, whole = Renderer(module, noise, "cpu"), module(noise).samples
    for start in (0, 1, 7001, 31_337, 8 * RATE - 2900):
        window = renderer.render_window(start, 2900)
        assert window is not None
        error = (window - whole[:, start : start + 2900]).abs().max() / whole.abs().max()
        assert error < MINUS_90_DB, start


def test_a_window_begins_as_early_as_the_slowest_moment_in_it_needs(noise):
    """The sweep is at its lowest cutoff just before the window, where the filter remembers longest."""
    sweep = fx.Automation(times=[0.0, 3.9, 4.0, 4.1, 8.0], values=[3000.0, 3000.0, 25.0, 3000.0, 3000.0])
    module = fx.LowPass(cutoff=sweep, q=3.0)
    window, whole = Renderer(module, noise, "cpu").render_window(int(4.05 * RATE), 800), module(noise).samples
    assert window is not None
    expected = whole[:, int(4.05 * RATE) :][:, :800]
    assert (window - expected).abs().max() / whole.abs().max() < MINUS_90_DB


def test_curves_show_the_moment_and_the_output_the_mean(noise):
    module = fx.LowPass(cutoff=fx.Ramp(100.0, 3000.0, duration=8.0))
    renderer = Renderer(module, noise, "cpu")
    for seconds in (0.0, 3.0):
        curves, _ = renderer.curves(seconds)
        expected = module.frozen_at(seconds).response(renderer.frequencies, sample_rate=RATE).abs()
        torch.testing.assert_close(curves["response"], (20 * expected.log10()).clamp(min=-150).float())
    times = torch.linspace(0, 8, 400)
    power = torch.stack(
        [module.frozen_at(float(t)).response(renderer.frequencies, sample_rate=RATE).abs().square() for t in times]
    )
    mean = 10 * power.mean(0).log10()
    audible = mean > -25
    found = renderer.mean_response()
    assert found is not None
    torch.testing.assert_close(found[audible], mean[audible].float(), atol=1.3, rtol=0)
    assert "output" not in curves, "it does not follow from the response of one moment"


def test_an_invalid_range_names_the_parameter_and_the_values_return(noise):
    module = fx.LowPass(cutoff=fx.LFO(1.0, 200.0, 2000.0))
    renderer = Renderer(module, noise, "cpu")
    renderer.apply_values({"cutoff.high": 5000.0})
    with pytest.raises(Exception, match="and 5000 Hz; it must stay") as raised:
        renderer.render_full()
    assert raised.value.path == "cutoff"
    assert module.cutoff.high == 2000.0

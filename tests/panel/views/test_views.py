"""The views beside the magnitude: which a module has, and what they draw."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import signal as scipy_signal

import fxlab as fx
from fxlab.errors import ParameterError
from fxlab.panel.rendering.renderer import Renderer
from fxlab.panel.views import initial_views, view_tabs
from tests.panel.controls.test_spec import Crunch

RATE = 44_100


def drawing(module: fx.Module, view: str, axes: dict | None = None) -> tuple[dict, dict]:
    renderer = Renderer(module, fx.noise(duration=0.5, sample_rate=RATE, seed=1), "cpu")
    renderer.set_axes(axes or {})
    return renderer.draw_view(view)


def test_a_module_has_the_views_that_tell_something_of_it():
    linear, other = ([tab["name"] for tab in view_tabs(module)] for module in (fx.LowPass(), Crunch()))
    assert linear[:2] == other[:2] == ["magnitude", "phase"]
    assert {"plane", "impulse", "step"} == set(linear) - set(other)
    assert {"transfer", "harmonics", "gain"} == set(other) - set(linear)


def test_the_axis_of_a_phase_that_hardly_turns_is_not_that_of_its_rounding():
    flat, turning = (drawing(module, "phase")[0]["forms"][0]["y"] for module in (fx.Peak(gain_db=0.01), fx.LowPass()))
    assert flat["high"] - flat["low"] == 40.0
    assert flat["low"] < 0.0 < flat["high"]
    assert "low" not in turning


def test_the_views_that_open_first_are_checked():
    assert initial_views(None, fx.LowPass()) == ("magnitude",)
    assert initial_views("phase", fx.LowPass()) == ("phase",)
    with pytest.raises(ParameterError, match=r"'step'; a panel of Crunch has magnitude"):
        initial_views(("magnitude", "step"), Crunch())
    with pytest.raises(ParameterError, match="views is empty"):
        initial_views((), fx.LowPass())


def test_the_phase_is_scipys_in_degrees():
    module = fx.Butterworth(cutoff=1000.0, order=4)
    _, drawn = drawing(module, "phase")
    sos = module.sos(RATE).numpy()
    frequency = drawn["frequency"].double().numpy()
    _, response = scipy_signal.sosfreqz(sos, worN=frequency, fs=RATE)
    turned = np.exp(1j * np.deg2rad(drawn["phase"].double().numpy()))
    assert np.abs(turned - response / np.abs(response))[:-1].max() < 1e-4
    assert np.abs(np.diff(drawn["phase"].numpy())).max() < 90, "unwrapped"
    wrapped = drawn["wrapped"].double().numpy()
    assert np.nanmax(np.abs(wrapped)) <= 180
    assert np.isnan(wrapped).sum() == 1, "a gap where it jumps, at half of the −360 degrees that it turns in all"
    there = ~np.isnan(wrapped)
    np.testing.assert_allclose(np.exp(1j * np.deg2rad(wrapped[there])), turned[there], atol=1e-6)


def test_the_delays_are_scipys_in_ms_and_in_samples():
    module = fx.Peak(frequency=1000.0, gain_db=9.0, q=2.0)
    fields, drawn = drawing(module, "delay")
    b, a = (part.numpy() for part in module.ba(RATE))
    frequency = drawn["frequency"].numpy()
    _, group = scipy_signal.group_delay((b, a), w=frequency, fs=RATE)
    np.testing.assert_allclose(drawn["group_samples"], group, atol=1e-6)
    np.testing.assert_allclose(drawn["group_ms"], group / RATE * 1000, atol=1e-6)
    _, response = scipy_signal.freqz(b, a, worN=frequency, fs=RATE)
    np.testing.assert_allclose(
        drawn["phase_samples"][:-1],
        -np.unwrap(np.angle(response))[:-1] * RATE / (2 * np.pi * frequency[:-1]),
        atol=1e-6,
    )
    assert [form["label"] for form in fields["forms"]] == ["ms", "samples"]
    _, low, high = (fields["forms"][1]["y"][key] for key in ("unit", "low", "high"))
    assert low <= group.min() < group.max() <= high


def test_a_phase_delay_without_end_leaves_the_group_delay_its_room():
    """A high-pass turns 0 Hz by half a turn: the delay of a low tone grows as one over its frequency."""
    fields, drawn = drawing(fx.HighPass(cutoff=2000.0), "delay")
    span = fields["forms"][1]["y"]["high"] - fields["forms"][1]["y"]["low"]
    assert span < 3 * float(drawn["group_samples"].max())
    assert float(drawn["phase_samples"].abs().max()) > 10 * span


def test_impulse_and_step_are_scipys():
    module = fx.LowPass(cutoff=2000.0)
    fields, drawn = drawing(module, "impulse")
    one = np.zeros(4000)
    one[0] = 1
    h = scipy_signal.sosfilt(module.sos(RATE).numpy(), one)
    count = len(drawn["value"])
    assert fields["forms"][0]["lines"][0]["style"] == "stem", "few enough to see each"
    np.testing.assert_allclose(drawn["value"], h[:count], atol=1e-9)
    np.testing.assert_allclose(drawn["time"], np.arange(count) / RATE * 1000)
    seen = np.flatnonzero(np.abs(h) > 0.005 * np.abs(h).max()).max()
    assert seen < fields["x"]["high"] * RATE / 1000 < 2.5 * seen, "as long as there is something to see"
    loud = np.abs(h[:count]) > 1e-6
    np.testing.assert_allclose(drawn["level"].numpy()[loud], 20 * np.log10(np.abs(h[:count][loud])), atol=1e-3)
    _, drawn = drawing(module, "step")
    np.testing.assert_allclose(drawn["value"], h.cumsum()[:count], atol=1e-9)


def test_a_long_impulse_response_is_its_reach_and_a_zoom_shows_its_samples():
    module = fx.Peak(frequency=60.0, gain_db=12.0, q=20.0)
    fields, drawn = drawing(module, "impulse")
    h = module.impulse_response(RATE).numpy()
    assert len(drawn["value"]) <= 2048
    assert fields["x"]["high"] > 500
    assert float(drawn["value"].max()) == pytest.approx(h.max())
    assert float(drawn["value"].min()) == pytest.approx(h.min())
    _, near = drawing(module, "impulse", {"ms": {"low": 100.0, "high": 102.0}})
    start = round(float(near["time"][0]) * RATE / 1000)
    assert near["time"][0] <= 100.0 <= 102.0 <= near["time"][-1]
    np.testing.assert_allclose(near["value"], h[start : start + len(near["value"])])


def test_what_answers_before_it_is_asked_has_no_impulse_view():
    names = [tab["name"] for tab in view_tabs(fx.ZeroPhase(fx.LowPass()))]
    assert "phase" in names
    assert "impulse" not in names


def test_a_zoomed_axis_gets_its_frequencies_and_the_rest_a_few():
    _, drawn = drawing(fx.LowPass(), "phase", {"Hz": {"low": 900.0, "high": 1100.0}})
    frequency = drawn["frequency"].numpy()
    assert (frequency[0], frequency[-1]) == (20.0, RATE / 2)
    assert ((frequency >= 900) & (frequency <= 1100)).sum() >= 512
    assert (np.diff(frequency) > 0).all()
    _, drawn = drawing(fx.LowPass(), "phase", {"Hz": {"scale": "linear"}})
    frequency = drawn["frequency"].numpy()
    assert frequency[0] == 0
    assert np.diff(frequency).max() < RATE / 2 / 500


def test_a_view_that_cannot_be_drawn_says_why():
    module = fx.LowPass(cutoff=30_000.0)
    fields, vectors = drawing(module, "phase")
    assert "cutoff" in fields["error"]
    assert vectors == {}
    assert torch.is_grad_enabled()


def test_levels_are_those_of_the_whole(noise: fx.Signal) -> None:
    """Integrated loudness and highest peak of input and output; of silence there are none."""
    renderer = Renderer(fx.LowPass(), noise, "cpu")
    fields, vectors = renderer.draw_view("levels", 0.5 * noise.samples)
    assert vectors == {}
    assert fields["input"] == pytest.approx(fx.loudness(noise))
    assert fields["output"] == pytest.approx(fx.loudness(noise) - 6.02, abs=0.01)
    assert fields["input_peak"] - fields["output_peak"] == pytest.approx(6.02, abs=0.01)
    fields, _ = renderer.draw_view("levels", torch.zeros_like(noise.samples))
    assert (fields["output"], fields["output_peak"]) == (None, None)

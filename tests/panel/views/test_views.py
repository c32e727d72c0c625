"""Tests of the views beside the magnitude: which ones a module has, and what they draw."""

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


def draw(module: fx.Module, view: str, axes: dict | None = None) -> tuple[dict, dict]:
    renderer = Renderer(module, fx.noise(duration=0.5, sample_rate=RATE, seed=1), "cpu")
    renderer.set_axes(axes or {})
    return renderer.draw_view(view)


def test_linear_and_nonlinear_modules_have_different_views():
    linear, nonlinear = ([tab["name"] for tab in view_tabs(module)] for module in (fx.LowPass(), Crunch()))
    assert linear[:2] == nonlinear[:2] == ["magnitude", "phase"]
    assert {"plane", "impulse", "step"} == set(linear) - set(nonlinear)
    assert {"transfer", "harmonics", "gain"} == set(nonlinear) - set(linear)


def test_axis_of_an_almost_constant_phase_does_not_magnify_rounding_errors():
    constant, varying = (draw(module, "phase")[0]["forms"][0]["y"] for module in (fx.Peak(gain_db=0.01), fx.LowPass()))
    assert constant["high"] - constant["low"] == 40.0
    assert constant["low"] < 0.0 < constant["high"]
    assert "low" not in varying


def test_initial_views_are_validated():
    assert initial_views(None, fx.LowPass()) == ("magnitude",)
    assert initial_views("phase", fx.LowPass()) == ("phase",)
    with pytest.raises(ParameterError, match=r"'step'; a panel of Crunch has magnitude"):
        initial_views(("magnitude", "step"), Crunch())
    with pytest.raises(ParameterError, match="views is empty"):
        initial_views((), fx.LowPass())


def test_phase_agrees_with_scipy():
    module = fx.Butterworth(cutoff=1000.0, order=4)
    _, drawn = draw(module, "phase")
    sos = module.sos(RATE).numpy()
    frequency = drawn["frequency"].double().numpy()
    _, response = scipy_signal.sosfreqz(sos, worN=frequency, fs=RATE)
    unit = np.exp(1j * np.deg2rad(drawn["phase"].double().numpy()))
    assert np.abs(unit - response / np.abs(response))[:-1].max() < 1e-4
    assert np.abs(np.diff(drawn["phase"].numpy())).max() < 90, "unwrapped"
    wrapped = drawn["wrapped"].double().numpy()
    assert np.nanmax(np.abs(wrapped)) <= 180
    assert np.isnan(wrapped).sum() == 1, "one gap, where the phase passes −180 of its −360 degrees"
    known = ~np.isnan(wrapped)
    np.testing.assert_allclose(np.exp(1j * np.deg2rad(wrapped[known])), unit[known], atol=1e-6)


def test_delays_agree_with_scipy_in_ms_and_samples():
    module = fx.Peak(frequency=1000.0, gain_db=9.0, q=2.0)
    fields, drawn = draw(module, "delay")
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


def test_unbounded_phase_delay_does_not_compress_the_group_delay():
    """The phase of a high-pass is 180° at 0 Hz, so that the phase delay grows as 1/f at low frequencies."""
    fields, drawn = draw(fx.HighPass(cutoff=2000.0), "delay")
    span = fields["forms"][1]["y"]["high"] - fields["forms"][1]["y"]["low"]
    assert span < 3 * float(drawn["group_samples"].max())
    assert float(drawn["phase_samples"].abs().max()) > 10 * span


def test_impulse_and_step_response_agree_with_scipy():
    module = fx.LowPass(cutoff=2000.0)
    fields, drawn = draw(module, "impulse")
    impulse = np.zeros(4000)
    impulse[0] = 1
    h = scipy_signal.sosfilt(module.sos(RATE).numpy(), impulse)
    count = len(drawn["value"])
    assert fields["forms"][0]["lines"][0]["style"] == "stem", "few samples are drawn as stems"
    np.testing.assert_allclose(drawn["value"], h[:count], atol=1e-9)
    np.testing.assert_allclose(drawn["time"], np.arange(count) / RATE * 1000)
    visible = np.flatnonzero(np.abs(h) > 0.005 * np.abs(h).max()).max()
    assert visible < fields["x"]["high"] * RATE / 1000 < 2.5 * visible, "the axis ends where the response is negligible"
    loud = np.abs(h[:count]) > 1e-6
    np.testing.assert_allclose(drawn["level"].numpy()[loud], 20 * np.log10(np.abs(h[:count][loud])), atol=1e-3)
    _, drawn = draw(module, "step")
    np.testing.assert_allclose(drawn["value"], h.cumsum()[:count], atol=1e-9)


def test_long_impulse_response_is_decimated_and_a_zoom_shows_its_samples():
    module = fx.Peak(frequency=60.0, gain_db=12.0, q=20.0)
    fields, drawn = draw(module, "impulse")
    h = module.impulse_response(RATE).numpy()
    assert len(drawn["value"]) <= 2048
    assert fields["x"]["high"] > 500
    assert float(drawn["value"].max()) == pytest.approx(h.max())
    assert float(drawn["value"].min()) == pytest.approx(h.min())
    _, zoomed = draw(module, "impulse", {"ms": {"low": 100.0, "high": 102.0}})
    start = round(float(zoomed["time"][0]) * RATE / 1000)
    assert zoomed["time"][0] <= 100.0 <= 102.0 <= zoomed["time"][-1]
    np.testing.assert_allclose(zoomed["value"], h[start : start + len(zoomed["value"])])


def test_non_causal_module_has_no_impulse_view():
    names = [tab["name"] for tab in view_tabs(fx.ZeroPhase(fx.LowPass()))]
    assert "phase" in names
    assert "impulse" not in names


def test_zoomed_axis_has_dense_frequencies_in_its_range():
    _, drawn = draw(fx.LowPass(), "phase", {"Hz": {"low": 900.0, "high": 1100.0}})
    frequency = drawn["frequency"].numpy()
    assert (frequency[0], frequency[-1]) == (20.0, RATE / 2)
    assert ((frequency >= 900) & (frequency <= 1100)).sum() >= 512
    assert (np.diff(frequency) > 0).all()
    _, drawn = draw(fx.LowPass(), "phase", {"Hz": {"scale": "linear"}})
    frequency = drawn["frequency"].numpy()
    assert frequency[0] == 0
    assert np.diff(frequency).max() < RATE / 2 / 500


def test_view_that_cannot_be_drawn_has_an_error():
    module = fx.LowPass(cutoff=30_000.0)
    fields, vectors = draw(module, "phase")
    assert "cutoff" in fields["error"]
    assert vectors == {}
    assert torch.is_grad_enabled()


def test_levels_are_those_of_the_complete_sound(noise: fx.Signal) -> None:
    """These are the integrated loudness and the peak of input and output; silence has none."""
    renderer = Renderer(fx.LowPass(), noise, "cpu")
    fields, vectors = renderer.draw_view("levels", 0.5 * noise.samples)
    assert vectors == {}
    assert fields["input"] == pytest.approx(fx.loudness(noise))
    assert fields["output"] == pytest.approx(fx.loudness(noise) - 6.02, abs=0.01)
    assert fields["input_peak"] - fields["output_peak"] == pytest.approx(6.02, abs=0.01)
    assert fields["input_true_peak"] == pytest.approx(fx.true_peak(noise, oversample=4))
    assert fields["input_true_peak"] - fields["output_true_peak"] == pytest.approx(6.02, abs=0.01)
    fields, _ = renderer.draw_view("levels", torch.zeros_like(noise.samples))
    assert (fields["output"], fields["output_peak"], fields["output_true_peak"]) == (None, None, None)
    tone = fx.sine(1000.0, duration=8.0, sample_rate=8000)
    louder = torch.cat([tone.samples[:, :32_000], 4 * tone.samples[:, 32_000:]], -1)
    fields, _ = Renderer(fx.LowPass(), tone, "cpu").draw_view("levels", louder)
    assert fields["input_range"] == pytest.approx(0.0, abs=0.01)
    assert fields["output_range"] == pytest.approx(fx.loudness_range(fx.Signal(louder, 8000)))

"""Tests of the measurements of modules without a known response, and of the views drawn from them."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest
import torch

import fxlab as fx
from fxlab.errors import FxlabError
from fxlab.panel.plots import measure_module
from fxlab.panel.rendering import render_thread, worker
from fxlab.panel.rendering.renderer import Renderer
from tests.panel.conftest import RATE
from tests.support.fake_page import Page


def saturated_lowpass() -> fx.Module:
    """Return a saturation before a filter; the measurement of a soft sound shows the filter alone."""
    return fx.wrap(torch.tanh) | fx.LowPass(cutoff=1000.0)


def measure_and_draw(module: fx.Module, signal: fx.Signal, view: str) -> tuple[dict, dict]:
    renderer = Renderer(module, signal, "cpu")
    renderer.measure()
    with torch.no_grad():
        y = module(signal).samples
    return renderer.draw_view(view, y)


def test_measured_response_of_a_soft_sound_is_that_of_the_filter() -> None:
    rate = 44_100
    quiet = fx.noise(duration=0.5, sample_rate=rate, seed=1) * 0.003
    renderer = Renderer(saturated_lowpass(), quiet, "cpu")
    assert renderer.measured_curves() == ({}, {})
    renderer.measure()
    curves, notes = renderer.measured_curves()
    assert notes["measurement_level"] == round(20 * np.log10(quiet.samples.abs().max().item()))
    frequency, level = renderer.frequencies.numpy(), curves["measured"].numpy()
    known = ~np.isnan(level)
    assert frequency[known].min() < 45
    assert 19_000 < frequency[known].max() < rate / 2
    expected = fx.LowPass(cutoff=1000.0).magnitude_db(frequency.tolist(), rate).numpy()
    inner = known & (frequency < 10_000)
    np.testing.assert_allclose(level[inner], expected[inner], atol=0.1)
    _, drawn = measure_and_draw(saturated_lowpass(), quiet, "phase")
    expected = np.rad2deg(fx.LowPass(cutoff=1000.0).phase(drawn["frequency"].tolist(), rate).numpy())
    inner = drawn["frequency"].numpy() < 5000
    np.testing.assert_allclose(drawn["phase"].numpy()[inner], expected[inner], atol=2.0)


def test_transfer_curve_is_the_waveshaping_function(noise: fx.Signal) -> None:
    fields, drawn = measure_and_draw(fx.wrap(lambda x: torch.tanh(3 * x)), noise, "transfer")
    np.testing.assert_allclose(drawn["output"], np.tanh(3 * drawn["input"].numpy()), atol=1e-6)
    assert float(drawn["input"].abs().max()) == pytest.approx(1.0, abs=0.02)
    assert [form["label"] for form in fields["forms"]] == ["Waveform", "Level"]
    # A soft tone is amplified by 3; a loud one becomes at most a square wave, whose RMS is 3 dB above that of a sine.
    gain = (drawn["output_level"] - drawn["input_level"]).numpy()
    assert gain[0] == pytest.approx(20 * np.log10(3), abs=0.02)
    assert 0 < drawn["output_level"][-1] < 3.01
    assert (np.diff(gain) < 1e-6).all()


def test_harmonics_are_those_of_the_function(noise: fx.Signal) -> None:
    """For a sine of amplitude A, x + x²/2 adds the second harmonic at A/4 of the fundamental, and no other."""
    loud = fx.Signal(torch.clamp(noise.samples, -0.5, 0.5), RATE)
    level = float(loud.samples.abs().max())
    fields, drawn = measure_and_draw(fx.wrap(lambda x: x + 0.5 * x**2), loud, "harmonics")
    middle = int((drawn["frequency"] - 500).abs().argmin())
    assert drawn["h2"][middle].item() == pytest.approx(20 * np.log10(sweep_amplitude(level) / 4), abs=0.1)
    assert drawn["thd"][middle].item() == pytest.approx(drawn["h2"][middle].item(), abs=0.1)
    assert torch.nan_to_num(drawn["h3"], nan=-120.0)[middle] < -60
    assert [line["label"] for line in fields["forms"][0]["lines"]] == ["2nd", "3rd", "4th", "5th", "All"]


def sweep_amplitude(peak: float) -> float:
    return 10 ** (measure_module.sweep_level(peak) / 20)


def test_gain_over_time_has_a_gap_for_silence() -> None:
    rate = 8000
    x = torch.cat([torch.zeros(2000), 0.1 * torch.ones(2000), 0.8 * torch.ones(4000)])
    _, drawn = measure_and_draw(fx.wrap(lambda x: torch.clamp(x, -0.4, 0.4)), fx.Signal(x, rate), "gain")
    gain, time_ = drawn["gain"].numpy(), drawn["time"].numpy()
    assert np.isnan(gain[time_ < 0.24]).all()
    np.testing.assert_allclose(gain[(time_ > 0.26) & (time_ < 0.49)], 0.0, atol=1e-6)
    np.testing.assert_allclose(gain[time_ > 0.51], 20 * np.log10(0.5), atol=1e-4)


def test_slow_module_is_not_measured(noise: fx.Signal, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(x: torch.Tensor) -> torch.Tensor:
        time.sleep(3e-6 * x.shape[-1])
        return torch.tanh(x)

    monkeypatch.setattr(measure_module, "TIME_LIMIT", 0.01)
    with pytest.raises(FxlabError, match=r"slow would take .* fx\.measure"):
        measure_module.measure_response(fx.wrap(slow), RATE, 0.5)
    fields, _ = measure_and_draw(fx.wrap(slow), noise, "harmonics")
    assert "fx.measure" in fields["error"]


def test_module_is_measured_when_the_worker_is_idle(
    opened: Callable[..., Page], noise: fx.Signal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "IDLE_DELAY", 0.02)
    page = opened(saturated_lowpass(), noise)
    page.send_values(dry=True)
    page.settle()
    page.wait(lambda: any("measured" in content["names"] for content in page.received("curves")), "the measured curve")
    order = [
        content["type"]
        for content, _ in page.messages
        if content.get("state") == "idle" or "measured" in content.get("names", ())
    ]
    assert order[:2] == ["status", "curves"], "measured before the worker is idle"
    assert len(page.curves(page.seq)["measured"]) == len(page.curves(page.seq)["frequency"])
    plain = opened(fx.LowPass(), noise)
    plain.send_values(dry=True)
    plain.settle()
    monkeypatch.setattr(render_thread, "IDLE_TIMEOUT", 0.05)
    plain.worker.submit(lambda: None)
    thread = plain.worker._thread
    if thread is not None:  # it ends when all its idle work is done
        thread.join(10.0)
    assert not plain.worker.is_alive
    assert not any("measured" in content["names"] for content in plain.received("curves")), (
        "no measurement where the response is known"
    )

"""Tests of the spectrogram view: its levels agree with SciPy, and its size does not depend on the sound."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import signal as scipy_signal

import fxlab as fx
from fxlab.panel.rendering.renderer import Renderer
from fxlab.panel.rendering.request import RenderRequest
from fxlab.panel.views import Superseded
from fxlab.panel.views.spectrogram import COLUMNS, ROWS
from tests.panel.controls.test_spec import Crunch

RATE = 44_100


def draw_levels(module: fx.Module, signal: fx.Signal, **options: str) -> tuple[dict, np.ndarray]:
    renderer = Renderer(module, signal, "cpu")
    fields, vectors = renderer.draw_view("spectrogram", renderer.render_full(), options)
    assert vectors["levels"].dtype == torch.uint8
    db = vectors["levels"].numpy().reshape(ROWS, COLUMNS) / 255 * 120 + fields["level"]["low"]
    return fields, db


def test_levels_agree_with_scipy() -> None:
    """The reference uses a Hann window of the same length."""
    chirp = fx.chirp(100.0, 8000.0, duration=4.0, sample_rate=RATE)
    module = fx.LowPass(2000.0)
    fields, db = draw_levels(module, chirp, scale="linear")
    wet = module(chirp).samples.numpy()[0].astype(np.float64)
    frequency, time, power = scipy_signal.spectrogram(
        wet, RATE, "hann", 2048, 2048 - 256, scaling="spectrum", mode="magnitude"
    )
    heights = fields["y"]["low"] + (fields["y"]["high"] - fields["y"]["low"]) * (ROWS - 0.5 - np.arange(ROWS)) / ROWS
    for column in (100, 300, 500):
        theirs = 20 * np.log10(2 * power[:, np.abs(time - (column + 0.5) * 4.0 / COLUMNS).argmin()] + 1e-9)
        ours = db[:, column]
        top = ours.argmax()
        assert heights[top] == pytest.approx(frequency[theirs.argmax()], abs=RATE / 2 / ROWS)
        assert ours[top] == pytest.approx(theirs.max(), abs=1.5)


def test_size_is_fixed_and_options_are_applied() -> None:
    for seconds in (0.2, 6.0):
        fields, db = draw_levels(Crunch(), fx.noise(duration=seconds, sample_rate=RATE, seed=1))
        assert db.shape == (ROWS, COLUMNS)
        assert fields["x"]["high"] == pytest.approx(seconds)
        assert fields["y"] == {"unit": "Hz", "scale": "log", "low": 20.0, "high": RATE / 2}
        assert fields["level"]["high"] % 6 == 0
    quiet = fx.noise(duration=0.5, sample_rate=RATE, seed=1) * 0.01
    module = fx.wrap(lambda x: 100 * x)
    assert draw_levels(module, quiet, source="input")[1].max() < draw_levels(module, quiet)[1].max() - 39
    fields, _ = draw_levels(module, quiet, scale="mel", source="an option of an older page")
    assert [choice["value"] for choice in fields["choices"]] == ["output", "mel"]


def test_short_sound_is_an_error() -> None:
    renderer = Renderer(Crunch(), fx.Signal(torch.zeros(1, 20), RATE), "cpu")
    fields, _ = renderer.draw_view("spectrogram", renderer.render_full())
    assert "20 samples; a spectrogram needs at least" in fields["error"]


def test_newer_request_cancels_it_and_it_follows_the_audio(opened, noise) -> None:
    renderer = Renderer(Crunch(), noise, "cpu")

    def supersede() -> None:
        raise Superseded

    with pytest.raises(Superseded):
        renderer.draw_view("spectrogram", renderer.render_full(), {}, supersede)
    page = opened(Crunch(), noise)
    page.seq = 1
    options = {"spectrogram": {"source": "input"}}
    page.worker.post(RenderRequest(1, {"drive": 3.0}, 0.0, "cpu", ("spectrogram",), options=options))
    page.settle()
    (message,) = page.received("view", 1)
    assert message["choices"][0]["value"] == "input"
    assert message["uint8_names"] == ["levels"]
    kinds = [(content["type"], content.get("view")) for content, _ in page.messages]
    assert kinds.index(("view", "spectrogram")) > kinds.index(("audio", None))

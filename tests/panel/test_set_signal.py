"""Tests of `panel.signal = other`: the pages, the history, and errors."""

from __future__ import annotations

import pytest
import torch

import fxlab as fx
from fxlab.panel.editing import history
from tests.support.panel_driver import PanelDriver


def test_another_signal_is_sent_rendered_and_undone(panel, chain, noise):
    page = PanelDriver(panel)
    page.received.clear()
    tone = fx.sine(440.0, duration=0.7, sample_rate=22_050)
    panel.signal = tone
    assert panel.signal is tone
    page.wait_until(lambda: page.editor["can_undo"], "the step")
    page.wait_for_render(page.seq)
    assert (panel.spec["rate"], panel.spec["frames"], panel.spec["channels"]) == (22_050, tone.frames, 1)
    assert any(content["type"] == "audio" and content["dry"] for content, _ in page.received), "the input is not sent"
    torch.testing.assert_close(panel.output.samples, chain(tone).samples)
    panel.undo()
    assert panel.signal is noise
    assert panel.spec["rate"] == noise.sample_rate
    panel.redo()
    assert panel.signal is tone


def test_the_signal_of_a_panel_that_is_not_displayed_can_be_set(panel, chain):
    tone = fx.sine(440.0, duration=0.2, sample_rate=22_050)
    panel.signal = tone
    assert panel.spec["rate"] == 22_050
    torch.testing.assert_close(panel.output.samples, chain(tone).samples)


def test_the_same_signal_is_no_step(panel, noise):
    page = PanelDriver(panel)
    panel.signal = noise
    assert not page.editor["can_undo"]


@pytest.mark.parametrize("value", ["voice.wav", torch.zeros(8), None])
def test_what_is_no_signal_is_an_error_and_changes_nothing(panel, noise, value):
    message = (
        rf"the signal must be a Signal, not {type(value).__name__}; write Signal\(samples, sample_rate\), fx\.load"
    )
    with pytest.raises(fx.SignalError, match=message):
        panel.signal = value
    assert panel.signal is noise


def test_a_signal_whose_rate_is_too_low_for_a_value_shows_the_error_until_the_value_fits(panel, chain):
    """As with a value set from Python: both are as assigned, and the last valid sound continues."""
    page = PanelDriver(panel)
    chain[0].cutoff = 3000.0
    page.wait_until(lambda: page.values["0.cutoff"] == 3000.0, "the value")
    page.wait_for_render(page.seq)
    panel.signal = fx.sine(440.0, duration=0.2, sample_rate=4000)
    page.wait_until(lambda: page.errors, "the error")
    assert "cutoff" in page.errors[-1]
    chain[0].cutoff = 1000.0
    page.wait_until(lambda: page.values["0.cutoff"] == 1000.0, "the value")
    page.wait_for_render(page.seq)
    assert panel.output.sample_rate == 4000


def test_a_warning_says_that_undo_loses_sounds(panel, monkeypatch):
    monkeypatch.setattr(history, "MAX_SOUND_BYTES", 1000)
    panel.signal = fx.sine(440.0, duration=0.1, sample_rate=8000)
    with pytest.warns(UserWarning, match="Undo keeps at most"):
        panel.signal = fx.sine(330.0, duration=0.1, sample_rate=8000)

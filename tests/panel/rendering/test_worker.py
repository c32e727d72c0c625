"""Tests of `Worker`: the newest values win, chunks wait for acknowledgements, and the thread ends."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import pytest
import torch

import fxlab as fx
from fxlab.panel.rendering import render_thread
from fxlab.panel.streaming import outbox
from tests.panel.conftest import RATE
from tests.support.fake_page import Page

Opened = Callable[..., Page]


class GatedGain(fx.Module):
    """A gain that waits for a semaphore in each render."""

    level = fx.Param(0.5, low=0.0, high=1.0)

    def __init__(self, **given: float) -> None:
        super().__init__(**given)
        self.entered, self.open = threading.Semaphore(0), threading.Semaphore(0)
        self.seen: list[float] = []

    def forward(self, x: torch.Tensor, sample_rate: float) -> torch.Tensor:
        self.seen.append(float(self.level))
        self.entered.release()
        assert self.open.acquire(timeout=30)
        return self.level * x


def test_new_page_gets_input_output_and_curves(noise: fx.Signal, opened: Opened) -> None:
    """The chunks together are the complete input and output for the values of the page."""
    page = opened(fx.LowPass(cutoff=500.0), noise)
    seq = page.send_values(dry=True, cutoff=800.0, q=2.0)
    assert page.settle() == {"type": "status", "seq": seq, "state": "idle", "message": "", "path": None}
    torch.testing.assert_close(page.sound(seq, dry=True).float(), noise.samples, atol=1e-4, rtol=0)
    expected = fx.LowPass(cutoff=800.0, q=2.0)(noise).samples
    torch.testing.assert_close(page.sound(seq).float(), expected, atol=1e-4, rtol=0)
    curves = page.curves(seq)
    assert set(curves) == {"frequency", "response", "input", "output"}
    assert all(np.isfinite(curve).all() and curve.shape == (512,) for curve in curves.values())


@pytest.mark.parametrize("position", [0.0, 0.7, 1.95, 2.0, 99.0])
def test_chunk_at_the_playhead_is_sent_first(noise: fx.Signal, opened: Opened, position: float) -> None:
    """The first chunk contains the playhead; in the end every frame is sent, and correct."""
    page = opened(fx.LowPass(), noise)
    page.send_values(dry=True, cutoff=500.0)
    page.settle()
    seq = page.send_values(position=position, cutoff=700.0)
    page.settle()
    first = page.received("audio", seq)[0]
    playhead = min(int(position * RATE), noise.frames - 1)
    assert first["start"] <= playhead < first["start"] + first["count"]
    assert [chunk["last"] for chunk in page.received("audio", seq)].count(True) == 1
    assert page.received("audio", seq)[-1]["last"]
    assert not any(chunk["dry"] for chunk in page.received("audio", seq)), "the input does not change"
    expected = fx.LowPass(cutoff=700.0)(noise).samples
    torch.testing.assert_close(page.sound(seq).float(), expected, atol=2e-4, rtol=0)


def test_newest_values_win(noise: fx.Signal, opened: Opened) -> None:
    """Of a hundred requests during one render, only the last is rendered."""
    module = GatedGain()
    page = opened(module, noise)
    page.send_values(level=0.1)
    assert module.entered.acquire(timeout=30)
    for step in range(100):
        page.send_values(level=0.2 + step / 200)
    module.open.release()
    assert module.entered.acquire(timeout=30)
    module.open.release()
    page.settle()
    assert module.seen == pytest.approx([0.1, 0.695])
    assert page.worker.renders == 2
    assert module.level == pytest.approx(0.695)
    torch.testing.assert_close(page.sound(100 + 1).float(), 0.695 * noise.samples, atol=1e-4, rtol=0)


def acknowledge_first(page: Page) -> None:
    """Acknowledge the first chunk as soon as it is received."""
    page.wait(lambda: bool(page.received("audio")), "the first chunk")
    page.worker.outbox.acknowledge([page.received("audio")[0]["id"]])


def test_at_most_two_chunks_are_in_flight(opened: Opened) -> None:
    """The third chunk waits for an acknowledgement; new values supersede the chunks that are not sent."""
    long = fx.Signal(torch.randn(1, 60 * RATE, generator=torch.Generator().manual_seed(3)), RATE)
    page = opened(fx.LowPass(), long, acknowledges=False)
    first = page.send_values(cutoff=500.0)
    acknowledge_first(page)
    page.wait(lambda: len(page.received("audio", first)) == 2, "two chunks")
    second = page.send_values(cutoff=900.0)
    acknowledged = 1
    while not page.received("audio", second):
        sent = page.received("audio")[acknowledged:]
        acknowledged += len(sent)
        for chunk in sent:
            page.worker.outbox.acknowledge([chunk["id"]])
        page.wait(lambda: len(page.received("audio")) > acknowledged, "the next chunk")  # noqa: B023 - called at once
    assert len(page.received("audio", first)) <= 4, "the old render is superseded"


def test_page_that_does_not_acknowledge_gets_all_chunks(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """A chunk that is not acknowledged counts as lost after a while, and the next one is sent."""
    monkeypatch.setattr(outbox, "LOST_AFTER", 0.05)
    long = fx.Signal(torch.randn(1, 20 * RATE, generator=torch.Generator().manual_seed(3)), RATE)
    page = opened(fx.LowPass(), long, acknowledges=False)
    seq = page.send_values(cutoff=500.0)
    page.settle()
    assert len(page.received("audio", seq)) > 4
    assert not page.sound(seq).isnan().any()


def test_error_is_reported_and_the_next_request_is_rendered(noise: fx.Signal, opened: Opened) -> None:
    """The status carries the path of the invalid parameter, and no audio is sent."""
    page = opened(fx.LowPass(), noise)
    invalid = page.send_values(cutoff=30_000.0)
    status = page.settle("error")
    assert status["path"] == "cutoff"
    assert "30000 Hz" in status["message"]
    assert page.received("audio", invalid) == []
    assert page.renderer.module.cutoff == 1000.0
    valid = page.send_values(cutoff=300.0)
    page.settle()
    expected = fx.LowPass(cutoff=300.0)(noise).samples
    torch.testing.assert_close(page.sound(valid).float(), expected, atol=1e-4, rtol=0)


def test_new_page_gets_the_input_despite_an_error(noise: fx.Signal, opened: Opened) -> None:
    """The page can play the input, and shows the error."""
    page = opened(fx.LowPass(cutoff=30_000.0), noise)
    seq = page.send_values(dry=True)
    assert page.settle("error")["path"] == "cutoff"
    page.wait(lambda: any(chunk["last"] for chunk in page.received("audio")), "the input")
    assert set(page.curves(seq)) == {"frequency", "input"}, "enough to draw the axes of the plot"
    torch.testing.assert_close(page.sound(seq, dry=True).float(), noise.samples, atol=1e-4, rtol=0)


def test_value_set_from_python_stays_and_is_sent_to_the_page(noise: fx.Signal, opened: Opened) -> None:
    """A request sets only what the page changed, even if it still contains the old value of another parameter."""
    page = opened(fx.LowPass(cutoff=500.0, q=1.0), noise)
    page.send_values(dry=True, cutoff=500.0, q=1.0)
    page.settle()
    module = page.renderer.module
    module.cutoff = 300.0
    seq = page.send_values(cutoff=500.0, q=2.0)
    page.settle()
    assert (module.cutoff, module.q) == (300.0, 2.0)
    assert [message["values"] for message in page.received("values", seq)] == [{"cutoff": 300.0}]
    torch.testing.assert_close(
        page.sound(seq).float(), fx.LowPass(cutoff=300.0, q=2.0)(noise).samples, atol=1e-4, rtol=0
    )
    page.send_values(cutoff=500.0, q=3.0)  # sent before the page received the new cutoff
    page.settle()
    assert (module.cutoff, module.q) == (300.0, 3.0)
    page.send_values(cutoff=300.0, q=3.0)
    page.settle()
    page.send_values(cutoff=800.0, q=3.0)
    page.settle()
    assert (module.cutoff, module.q) == (800.0, 3.0)


def test_two_panels_of_one_module_keep_each_others_values(noise: fx.Signal, opened: Opened) -> None:
    """Each sets what its own page changed, and receives what the other set."""
    module = fx.LowPass(cutoff=500.0, q=1.0)
    one, two = opened(module, noise), opened(module, noise)
    for page in (one, two):
        page.send_values(dry=True, cutoff=500.0, q=1.0)
        page.settle()
    one.send_values(cutoff=120.0, q=1.0)
    one.settle()
    seq = two.send_values(cutoff=500.0, q=4.0)
    two.settle()
    assert (module.cutoff, module.q) == (120.0, 4.0)
    assert [message["values"] for message in two.received("values", seq)] == [{"cutoff": 120.0}]


class FixedLength(fx.Module):
    """A source with its own number of frames and channels."""

    frames = fx.Count(1, low=1, high=100_000)
    channels = fx.Count(2, low=1, high=8)

    def forward(self, x: torch.Tensor, sample_rate: float) -> torch.Tensor:
        ramp = torch.linspace(-0.5, 0.5, self.frames)
        return ramp.expand(self.channels, -1).clone()


@pytest.mark.parametrize("frames", [1, 100, 2 * RATE - 1, 2 * RATE + 1, 5 * RATE])
@pytest.mark.parametrize("position", [0.0, 1.5])
def test_output_of_another_length_is_sent_completely(
    noise: fx.Signal, opened: Opened, frames: int, position: float
) -> None:
    """The output of a reverb is longer than its input, that of a trim shorter."""
    page = opened(FixedLength(frames=frames), noise)
    page.send_values(dry=True)
    page.settle()
    seq = page.send_values(position=position, channels=3)
    page.settle()
    sound = page.sound(seq)
    assert sound.shape == (3, frames)
    torch.testing.assert_close(sound[0], torch.linspace(-0.5, 0.5, frames).double(), atol=1e-4, rtol=0)


def test_output_spectrum_is_measured_without_a_response(noise: fx.Signal, opened: Opened) -> None:
    """The spectrum is sent after the audio."""
    page = opened(GatedGain(level=0.5), noise)
    page.renderer.module.open.release()
    seq = page.send_values(dry=True, level=0.25)
    page.settle()
    curves = page.curves(seq)
    assert "response" not in curves
    np.testing.assert_allclose(curves["output"] - curves["input"], 20 * np.log10(0.25), atol=0.01)


def test_thread_ends_with_stop_and_starts_with_the_next_request(noise: fx.Signal, opened: Opened) -> None:
    """There is no thread before the first request, and none after `stop`."""
    page = opened(fx.LowPass(), noise)
    assert not page.worker.is_alive
    page.send_values(cutoff=500.0)
    page.settle()
    assert page.worker.is_alive
    page.worker.stop(wait=10.0)
    assert not page.worker.is_alive
    seq = page.send_values(cutoff=600.0)
    page.settle()
    assert page.worker.is_alive
    assert not page.sound(seq).isnan().any()


def test_work_submitted_by_the_thread_itself_does_not_keep_it_alive(noise: fx.Signal, opened: Opened) -> None:
    """A page that is closed at once: `stop` is called while the thread prepares the page's first render."""
    page = opened(fx.LowPass(), noise)
    page.send_values(cutoff=500.0)
    page.settle()
    thread = page.worker._thread
    assert thread is not None

    def close_and_render() -> None:
        page.worker.stop()
        page.send_values(cutoff=600.0)

    page.worker.submit(close_and_render)
    thread.join(5.0)
    assert not thread.is_alive()


def test_thread_ends_after_a_time_without_requests(
    noise: fx.Signal, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A notebook tab that is closed sends no message."""
    monkeypatch.setattr(render_thread, "IDLE_TIMEOUT", 0.05)
    page = opened(fx.LowPass(), noise)
    page.send_values(cutoff=500.0)
    page.settle()
    thread = page.worker._thread
    if thread is not None:
        thread.join(10.0)
    assert not page.worker.is_alive
    page.send_values(cutoff=600.0)
    page.settle()


def test_thread_survives_an_error_of_the_connection(noise: fx.Signal, monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception of the socket must not end the panel."""
    monkeypatch.setattr(outbox, "LOST_AFTER", 0.05)
    page = Page(fx.LowPass(), noise)
    failures = iter([True])

    def fail_once(content: dict[str, object], buffers: list[bytes]) -> None:
        if content["type"] in ("audio", "batch") and next(failures, False):
            raise OSError("the socket is broken")
        page.receive(content, buffers)

    page.worker.outbox.deliver = fail_once
    page.send_values(cutoff=500.0)
    assert "the socket is broken" in page.settle("error")["message"]
    page.send_values(cutoff=600.0)
    page.settle()
    page.close()


def test_stop_ends_a_render(opened: Opened) -> None:
    """No further chunk is sent, and the thread does not wait for the acknowledgement of the second."""
    long = fx.Signal(torch.randn(1, 60 * RATE, generator=torch.Generator().manual_seed(3)), RATE)
    page = opened(fx.LowPass(), long, acknowledges=False)
    page.send_values(cutoff=500.0)
    acknowledge_first(page)
    page.wait(lambda: len(page.received("audio")) == 2, "two chunks")
    page.worker.stop(wait=10.0)
    assert not page.worker.is_alive
    assert len(page.received("audio")) == 2

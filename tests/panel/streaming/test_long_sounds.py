"""Tests of long sounds: the lookahead is rendered and sent, more on request, and a complete render where needed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import fxlab as fx
from fxlab.panel.rendering.full_render import BLOCK_SECONDS, FullRender
from fxlab.panel.rendering.renderer import Renderer
from fxlab.panel.streaming import lookahead
from fxlab.panel.streaming.audio_request import AudioRequest
from fxlab.panel.streaming.remaining_chunks import LEAD_IN_SECONDS
from tests.panel.conftest import RATE
from tests.support.fake_page import Page

Opened = Callable[..., Page]
MINUTES = 4


@pytest.fixture
def long(monkeypatch: pytest.MonkeyPatch) -> fx.Signal:
    """Four minutes of mono at 8 kHz, and a limit below which they are not sent completely."""
    monkeypatch.setattr(lookahead, "MAX_FULL_BYTES", 1_000_000)
    generator = torch.Generator().manual_seed(5)
    return fx.Signal(0.2 * torch.randn(1, MINUTES * 60 * RATE, generator=generator), RATE)


def assert_received(page: Page, seq: int, module: fx.Module, begin: float, end: float, *, dry: bool = False) -> None:
    """Check that the page has all audio from `begin` to `end`, in seconds, and that it is correct."""
    sound = page.sound(seq, dry=dry)[:, int(begin * RATE) : int(end * RATE)]
    x = page.signal.samples
    expected = (x if dry else module(x, sample_rate=RATE))[:, int(begin * RATE) : int(end * RATE)]
    torch.testing.assert_close(sound.float(), expected, atol=2e-4, rtol=0)


def seconds_received(page: Page, seq: int, *, dry: bool = False) -> float:
    """Return how many seconds of a sound the page has."""
    return float((~page.sound(seq, dry=dry)[0].isnan()).sum()) / RATE


def test_request_sends_the_lookahead_and_no_more(long: fx.Signal, opened: Opened) -> None:
    """The sound is never rendered completely."""
    page = opened(fx.LowPass(cutoff=500.0), long)
    page.renderer.render_full = None  # type: ignore[assignment, method-assign]
    seq = page.send_values(dry=True, position=100.0)
    page.settle()
    for dry in (True, False):
        assert_received(page, seq, fx.LowPass(cutoff=500.0), 100.0, 100.0 + lookahead.LOOKAHEAD_SECONDS - 0.1, dry=dry)
        assert seconds_received(page, seq, dry=dry) <= lookahead.LOOKAHEAD_SECONDS + 0.1
    assert page.received("audio", seq)[-1]["frames"] == long.frames
    second = page.send_values(position=103.0, cutoff=900.0)
    page.settle()
    assert_received(page, second, fx.LowPass(cutoff=900.0), 103.0, 103.0 + lookahead.LOOKAHEAD_SECONDS - 0.1)
    assert not any(chunk["dry"] for chunk in page.received("audio", second))


def test_more_audio_on_request_continues_through_the_loop(long: fx.Signal, opened: Opened) -> None:
    """It belongs to the same clip, and nothing is sent twice."""
    page = opened(fx.LowPass(cutoff=500.0), long)
    seq = page.send_values(dry=True, position=200.0)
    page.settle()
    clips = {chunk["dry"]: chunk["clip"] for chunk in page.received("audio")}
    available = lookahead.LOOKAHEAD_SECONDS - LEAD_IN_SECONDS - 8.0
    page.worker.request_audio(AudioRequest(208.0, (0.0, 240.0), available, available))
    page.wait(
        lambda: (
            seconds_received(page, seq) > lookahead.LOOKAHEAD_SECONDS + 7.9
            and seconds_received(page, seq, dry=True) > lookahead.LOOKAHEAD_SECONDS + 7.9
        ),
        "more",
    )
    assert_received(page, seq, fx.LowPass(cutoff=500.0), 200.0, 200.0 + lookahead.LOOKAHEAD_SECONDS + 7.9)
    page.worker.request_audio(AudioRequest(232.0, (0.0, 240.0), 0.0, 0.0))
    page.wait(
        lambda: not page.sound(seq)[0, : int((lookahead.LOOKAHEAD_SECONDS - 8.1) * RATE)].isnan().any(),
        "the start of the loop",
    )
    assert_received(page, seq, fx.LowPass(cutoff=500.0), 0.0, lookahead.LOOKAHEAD_SECONDS - 8.1)
    assert {(chunk["dry"], chunk["clip"]) for chunk in page.received("audio")} == set(clips.items())
    before = page.received("audio")
    page.worker.request_audio(
        AudioRequest(232.0, (0.0, 240.0), lookahead.LOOKAHEAD_SECONDS, lookahead.LOOKAHEAD_SECONDS)
    )
    page.send_values(position=10.0, cutoff=510.0)
    page.settle()
    assert [chunk for chunk in page.received("audio")[len(before) :] if chunk["start"] > 200 * RATE] == [], (
        "the page has all that it requested"
    )


def test_page_gets_the_overviews_of_input_and_output(long: fx.Signal, opened: Opened) -> None:
    """The minimum and maximum of each part are sent when there is nothing else to do."""
    page = opened(fx.LowPass(cutoff=500.0), long)
    page.send_values(dry=True)
    page.wait(lambda: len(page.received("overview")) == 2, "both overviews")
    y = fx.LowPass(cutoff=500.0)(long).samples
    for content, buffers in page.messages:
        if content["type"] != "overview":
            continue
        sound = (long.samples if content["dry"] else y)[0].numpy()
        low, high = (np.frombuffer(data, "<f4") for data in buffers)
        edges = np.arange(1201) * long.frames // 1200
        for part in (0, 1, 600, 1199):
            inside = sound[edges[part] : edges[part + 1]]
            np.testing.assert_allclose([low[part], high[part]], [inside.min(), inside.max()], atol=1e-4)
        assert (content["frames"], content["rate"]) == (long.frames, RATE)


class StreamedGain(fx.Module):
    """A gain that streams, has no known response, and records its level and position in each block."""

    level = fx.Param(0.5, low=0.0, high=1.0)

    def __init__(self, **given: float) -> None:
        super().__init__(**given)
        self.blocks: list[tuple[float, int]] = []
        self.gate: threading.Semaphore | None = None

    def forward(self, x: torch.Tensor, sample_rate: float) -> torch.Tensor:
        return self.forward_block(x, None, sample_rate)[0]

    def forward_block(self, x: torch.Tensor, state: Any, sample_rate: float) -> tuple[torch.Tensor, Any]:
        position = 0 if state is None else state
        if x.shape[-1] > 1:
            self.blocks.append((float(self.level), position))
            if self.gate is not None:
                assert self.gate.acquire(timeout=30)
        return self.level * x, position + x.shape[-1]


def test_full_render_is_sent_before_it_is_finished(long: fx.Signal, opened: Opened) -> None:
    module = StreamedGain(level=0.5)
    module.gate = threading.Semaphore(8)
    page = opened(module, long)
    seq = page.send_values(dry=True, level=0.25)
    has_wet = lambda: any(not chunk["dry"] for chunk in page.received("audio", seq))  # noqa: E731
    page.wait(lambda: has_wet() and seconds_received(page, seq) > 9, "the rendered blocks")
    assert len(module.blocks) < MINUTES * 60 / BLOCK_SECONDS, "not everything is rendered yet"
    for _ in range(200):
        module.gate.release()
    page.settle()
    assert_received(page, seq, module, 0.0, 9.0)
    assert "output" in page.curves(seq)
    assert seconds_received(page, seq) <= lookahead.LOOKAHEAD_SECONDS + 0.1


def test_newer_request_ends_a_full_render(long: fx.Signal, opened: Opened) -> None:
    """The render ends between two blocks, however long it would take."""
    module = StreamedGain(level=0.5)
    module.gate = threading.Semaphore(2)
    page = opened(module, long)
    page.send_values(dry=True, level=0.25)
    while len(module.blocks) < 3:
        time.sleep(0.01)
    page.send_values(level=0.75)
    for _ in range(200):
        module.gate.release()
    page.settle()
    assert len([level for level, _ in module.blocks if level == 0.25]) <= 4
    assert len([level for level, _ in module.blocks if level == 0.75]) == MINUTES * 60 / BLOCK_SECONDS + 1, (
        "one is shorter"
    )


def test_progress_of_a_long_render_is_reported(
    long: fx.Signal, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The progress increases to 1; a quick render reports none."""
    monkeypatch.setattr("fxlab.panel.rendering.progress.REPORT_AFTER", 0.0)
    monkeypatch.setattr("fxlab.panel.rendering.progress.REPORT_INTERVAL", 0.0)
    page = opened(StreamedGain(level=0.5), long)
    seq = page.send_values(dry=True, level=0.25)
    page.settle()
    reported = [status["progress"] for status in page.received("status", seq) if status["state"] == "rendering"]
    assert len(reported) > 10
    assert reported == sorted(reported)
    assert 0 < reported[0] < reported[-1] == 1
    monkeypatch.undo()
    quick = opened(fx.LowPass(), fx.Signal(torch.zeros(1, 1000), RATE))
    seq = quick.send_values(dry=True)
    quick.settle()
    assert [status["state"] for status in quick.received("status", seq)] == ["idle"]


class SlowGain(fx.Module):
    """A gain that takes 0.6 s and does not stream."""

    level = fx.Param(0.5, low=0.0, high=1.0)
    seconds = 0.6

    def forward(self, x: torch.Tensor, sample_rate: float) -> torch.Tensor:
        threading.Event().wait(self.seconds)
        return self.level * x


def test_slow_render_in_one_call_is_reported_without_progress(noise: fx.Signal, opened: Opened) -> None:
    page = opened(SlowGain(), noise)
    seq = page.send_values(level=0.3)
    page.settle()
    states = [(status["state"], status.get("progress")) for status in page.received("status", seq)]
    assert states == [("rendering", None), ("idle", None)]


@pytest.mark.parametrize("seconds", [1, 5, 6, 17])
def test_full_render_in_blocks_agrees_with_one_call(seconds: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """This holds for a module that streams and for one that does not."""
    monkeypatch.setattr(SlowGain, "seconds", 0.0)
    signal = fx.Signal(torch.randn(2, seconds * RATE + 3, generator=torch.Generator().manual_seed(2)), RATE)
    for module in (fx.Butterworth(order=4) | fx.FIR([0.5, 0.0, -0.25]), SlowGain(level=0.5)):
        render = FullRender(Renderer(module, signal, "cpu"))
        while not render.finished:
            render.advance()
        assert render.frames_done == signal.frames
        torch.testing.assert_close(render.read(0, render.frames_done), module(signal).samples, atol=1e-5, rtol=0)


def test_previous_render_goes_on_after_an_error(long: fx.Signal, opened: Opened) -> None:
    """The page can request more of the render that plays."""
    page = opened(fx.LowPass(cutoff=500.0), long)
    seq = page.send_values(dry=True, cutoff=500.0)
    page.settle()
    page.send_values(cutoff=30_000.0)
    page.settle("error")
    page.worker.request_audio(
        AudioRequest(10.0, None, lookahead.LOOKAHEAD_SECONDS - 10.1, lookahead.LOOKAHEAD_SECONDS - 10.1)
    )
    page.wait(lambda: seconds_received(page, seq) > 20, "more audio")
    assert_received(page, seq, fx.LowPass(cutoff=500.0), 0.0, 20.0)

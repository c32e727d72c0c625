"""The worker: the newest values win, pieces wait for their acknowledgement, and the thread ends."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import pytest
import torch

import fxlab as fx
from fxlab.panel.rendering import render_thread as under_test
from fxlab.panel.streaming import outbox as line
from tests.panel.conftest import RATE
from tests.support.fake_page import Page

Opened = Callable[..., Page]


class Gate(fx.Module):
    """Holds each render until it is let through."""

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


def test_a_page_that_opens_gets_input_sound_and_curves(noise: fx.Signal, opened: Opened) -> None:
    """All of it, in pieces that fit together, of the render that the values ask for."""
    page = opened(fx.LowPass(cutoff=500.0), noise)
    seq = page.move(dry=True, cutoff=800.0, q=2.0)
    assert page.settle() == {"type": "status", "seq": seq, "state": "idle", "message": "", "path": None}
    torch.testing.assert_close(page.sound(seq, dry=True).float(), noise.samples, atol=1e-4, rtol=0)
    expected = fx.LowPass(cutoff=800.0, q=2.0)(noise).samples
    torch.testing.assert_close(page.sound(seq).float(), expected, atol=1e-4, rtol=0)
    curves = page.curves(seq)
    assert set(curves) == {"frequency", "response", "input", "output"}
    assert all(np.isfinite(curve).all() and curve.shape == (512,) for curve in curves.values())


@pytest.mark.parametrize("position", [0.0, 0.7, 1.95, 2.0, 99.0])
def test_a_move_sends_what_is_heard_next_first(noise: fx.Signal, opened: Opened, position: float) -> None:
    """From just before the playhead; in the end every frame is there, and right."""
    page = opened(fx.LowPass(), noise)
    page.move(dry=True, cutoff=500.0)
    page.settle()
    seq = page.move(position=position, cutoff=700.0)
    page.settle()
    first = page.of("audio", seq)[0]
    playhead = min(int(position * RATE), noise.frames - 1)
    assert first["start"] <= playhead < first["start"] + first["count"]
    assert [piece["last"] for piece in page.of("audio", seq)].count(True) == 1
    assert page.of("audio", seq)[-1]["last"]
    assert not any(piece["dry"] for piece in page.of("audio", seq)), "the input does not change"
    expected = fx.LowPass(cutoff=700.0)(noise).samples
    torch.testing.assert_close(page.sound(seq).float(), expected, atol=2e-4, rtol=0)


def test_the_newest_values_win(noise: fx.Signal, opened: Opened) -> None:
    """A hundred moves while one render runs are one more render: that of the last."""
    module = Gate()
    page = opened(module, noise)
    page.move(level=0.1)
    assert module.entered.acquire(timeout=30)
    for step in range(100):
        page.move(level=0.2 + step / 200)
    module.open.release()
    assert module.entered.acquire(timeout=30)
    module.open.release()
    page.settle()
    assert module.seen == pytest.approx([0.1, 0.695])
    assert page.worker.renders == 2
    assert module.level == pytest.approx(0.695)
    torch.testing.assert_close(page.sound(100 + 1).float(), 0.695 * noise.samples, atol=1e-4, rtol=0)


def test_at_most_two_pieces_are_under_way(opened: Opened) -> None:
    """The third waits for an acknowledgement; a new value overtakes what was not sent."""
    long = fx.Signal(torch.randn(1, 60 * RATE, generator=torch.Generator().manual_seed(3)), RATE)
    page = opened(fx.LowPass(), long, acknowledges=False)
    first = page.move(cutoff=500.0)
    page.wait(lambda: len(page.of("audio", first)) == 2, "two pieces")
    second = page.move(cutoff=900.0)
    answered = 0
    while not page.of("audio", second):
        sent = page.of("audio")[answered:]
        answered += len(sent)
        for piece in sent:
            page.worker.outbox.acknowledge([piece["id"]])
        page.wait(lambda: len(page.of("audio")) > answered, "the next piece")  # noqa: B023 - called at once
    assert len(page.of("audio", first)) <= 4, "the old render made way"


def test_a_page_that_does_not_answer_gets_its_sound_all_the_same(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message without an answer counts as lost after a while: the panel does not hang on it."""
    monkeypatch.setattr(line, "LOST_AFTER", 0.05)
    long = fx.Signal(torch.randn(1, 20 * RATE, generator=torch.Generator().manual_seed(3)), RATE)
    page = opened(fx.LowPass(), long, acknowledges=False)
    seq = page.move(cutoff=500.0)
    page.settle()
    assert len(page.of("audio", seq)) > 4
    assert not page.sound(seq).isnan().any()


def test_a_fault_is_reported_and_the_next_move_recovers(noise: fx.Signal, opened: Opened) -> None:
    """With the path of the parameter at fault, and no sound of it."""
    page = opened(fx.LowPass(), noise)
    wrong = page.move(cutoff=30_000.0)
    status = page.settle("error")
    assert status["path"] == "cutoff"
    assert "30000 Hz" in status["message"]
    assert page.of("audio", wrong) == []
    assert page.renderer.module.cutoff == 1000.0
    right = page.move(cutoff=300.0)
    page.settle()
    expected = fx.LowPass(cutoff=300.0)(noise).samples
    torch.testing.assert_close(page.sound(right).float(), expected, atol=1e-4, rtol=0)


def test_a_page_that_opens_on_a_fault_gets_the_input(noise: fx.Signal, opened: Opened) -> None:
    """There is something to play, and the reason why it is not more."""
    page = opened(fx.LowPass(cutoff=30_000.0), noise)
    seq = page.move(dry=True)
    assert page.settle("error")["path"] == "cutoff"
    page.wait(lambda: any(piece["last"] for piece in page.of("audio")), "the input")
    assert set(page.curves(seq)) == {"frequency", "input"}, "the plot has its axes"
    torch.testing.assert_close(page.sound(seq, dry=True).float(), noise.samples, atol=1e-4, rtol=0)


def test_what_python_sets_stays_and_the_page_is_told(noise: fx.Signal, opened: Opened) -> None:
    """A move sets what the page changed, and nothing else; also when the page's next move still holds the old value."""
    page = opened(fx.LowPass(cutoff=500.0, q=1.0), noise)
    page.move(dry=True, cutoff=500.0, q=1.0)
    page.settle()
    module = page.renderer.module
    module.cutoff = 300.0
    seq = page.move(cutoff=500.0, q=2.0)
    page.settle()
    assert (module.cutoff, module.q) == (300.0, 2.0)
    assert [said["values"] for said in page.of("values", seq)] == [{"cutoff": 300.0}]
    torch.testing.assert_close(
        page.sound(seq).float(), fx.LowPass(cutoff=300.0, q=2.0)(noise).samples, atol=1e-4, rtol=0
    )
    page.move(cutoff=500.0, q=3.0)  # sent before the page had heard of it
    page.settle()
    assert (module.cutoff, module.q) == (300.0, 3.0)
    page.move(cutoff=300.0, q=3.0)
    page.settle()
    page.move(cutoff=800.0, q=3.0)
    page.settle()
    assert (module.cutoff, module.q) == (800.0, 3.0)


def test_two_panels_of_one_module_do_not_undo_each_other(noise: fx.Signal, opened: Opened) -> None:
    """Each sets what its own page changed, and shows what the other did."""
    module = fx.LowPass(cutoff=500.0, q=1.0)
    one, two = opened(module, noise), opened(module, noise)
    for page in (one, two):
        page.move(dry=True, cutoff=500.0, q=1.0)
        page.settle()
    one.move(cutoff=120.0, q=1.0)
    one.settle()
    seq = two.move(cutoff=500.0, q=4.0)
    two.settle()
    assert (module.cutoff, module.q) == (120.0, 4.0)
    assert [message["values"] for message in two.of("values", seq)] == [{"cutoff": 120.0}]


class Reshaped(fx.Module):
    """Gives back another number of frames or channels."""

    frames = fx.Count(1, low=1, high=100_000)
    channels = fx.Count(2, low=1, high=8)

    def forward(self, x: torch.Tensor, sample_rate: float) -> torch.Tensor:
        line = torch.linspace(-0.5, 0.5, self.frames)
        return line.expand(self.channels, -1).clone()


@pytest.mark.parametrize("frames", [1, 100, 2 * RATE - 1, 2 * RATE + 1, 5 * RATE])
@pytest.mark.parametrize("position", [0.0, 1.5])
def test_an_output_of_another_length_is_sent_whole(
    noise: fx.Signal, opened: Opened, frames: int, position: float
) -> None:
    """A reverb's tail is longer than its input, a trimmed sound shorter."""
    page = opened(Reshaped(frames=frames), noise)
    page.move(dry=True)
    page.settle()
    seq = page.move(position=position, channels=3)
    page.settle()
    sound = page.sound(seq)
    assert sound.shape == (3, frames)
    torch.testing.assert_close(sound[0], torch.linspace(-0.5, 0.5, frames).double(), atol=1e-4, rtol=0)


def test_a_module_without_a_response_has_its_output_measured(noise: fx.Signal, opened: Opened) -> None:
    """The spectrum comes after the sound."""
    page = opened(Gate(level=0.5), noise)
    page.renderer.module.open.release()
    seq = page.move(dry=True, level=0.25)
    page.settle()
    curves = page.curves(seq)
    assert "response" not in curves
    np.testing.assert_allclose(curves["output"] - curves["input"], 20 * np.log10(0.25), atol=0.01)


def test_the_thread_ends_with_stop_and_starts_with_the_next_move(noise: fx.Signal, opened: Opened) -> None:
    """None before the first request, one at a time, none after."""
    page = opened(fx.LowPass(), noise)
    assert not page.worker.is_alive
    page.move(cutoff=500.0)
    page.settle()
    assert page.worker.is_alive
    page.worker.stop(wait=10.0)
    assert not page.worker.is_alive
    seq = page.move(cutoff=600.0)
    page.settle()
    assert page.worker.is_alive
    assert not page.sound(seq).isnan().any()


def test_what_the_thread_asks_of_itself_does_not_keep_it_from_ending(noise: fx.Signal, opened: Opened) -> None:
    """A page that opens and goes at once: the farewell comes while the thread makes ready for it."""
    page = opened(fx.LowPass(), noise)
    page.move(cutoff=500.0)
    page.settle()
    thread = page.worker._thread
    assert thread is not None

    def ready() -> None:
        page.worker.stop()
        page.move(cutoff=600.0)

    page.worker.submit(ready)
    thread.join(5.0)
    assert not thread.is_alive()


def test_the_thread_of_a_page_that_vanished_ends_by_itself(
    noise: fx.Signal, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A closed notebook tab says nothing: after a while without a request there is nobody to wait for."""
    monkeypatch.setattr(under_test, "IDLE_TIMEOUT", 0.05)
    page = opened(fx.LowPass(), noise)
    page.move(cutoff=500.0)
    page.settle()
    thread = page.worker._thread
    if thread is not None:
        thread.join(10.0)
    assert not page.worker.is_alive
    page.move(cutoff=600.0)
    page.settle()


def test_the_thread_outlives_a_line_that_breaks(noise: fx.Signal) -> None:
    """A socket that fails once must not end the panel."""
    page = Page(fx.LowPass(), noise)
    failures = iter([True])

    def take(content: dict[str, object], buffers: list[bytes]) -> None:
        if content["type"] in ("audio", "batch") and next(failures, False):
            raise OSError("the line is broken")
        page.take(content, buffers)

    page.worker.outbox.send = take
    page.move(cutoff=500.0)
    assert "the line is broken" in page.settle("error")["message"]
    page.move(cutoff=600.0)
    page.settle()
    page.close()


def test_a_stop_in_the_middle_of_a_render_is_obeyed(opened: Opened) -> None:
    """No piece more is sent, though nobody acknowledges."""
    long = fx.Signal(torch.randn(1, 60 * RATE, generator=torch.Generator().manual_seed(3)), RATE)
    page = opened(fx.LowPass(), long, acknowledges=False)
    page.move(cutoff=500.0)
    page.wait(lambda: len(page.of("audio")) == 2, "two pieces")
    page.worker.stop(wait=10.0)
    assert not page.worker.is_alive
    assert len(page.of("audio")) == 2

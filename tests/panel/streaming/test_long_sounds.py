"""Long sounds: what follows the playhead is made and sent, the rest when it is asked for, the whole where needed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import fxlab as fx
from fxlab.panel.rendering.full_render import FullRender
from fxlab.panel.rendering.renderer import Renderer
from fxlab.panel.streaming import send_order as way
from fxlab.panel.streaming.send_queue import AudioRequest
from tests.panel.conftest import RATE
from tests.support.fake_page import Page

Opened = Callable[..., Page]
MINUTES = 4


@pytest.fixture
def long(monkeypatch: pytest.MonkeyPatch) -> fx.Signal:
    """Four minutes of mono at 8 kHz, which count as long here."""
    monkeypatch.setattr(way, "MAX_FULL_BYTES", 1_000_000)
    generator = torch.Generator().manual_seed(5)
    return fx.Signal(0.2 * torch.randn(1, MINUTES * 60 * RATE, generator=generator), RATE)


def heard(page: Page, seq: int, module: fx.Module, begin: float, end: float, *, dry: bool = False) -> None:
    """What the page has from `begin` to `end` is what SciPy's arithmetic makes of it, and all of it is there."""
    sound = page.sound(seq, dry=dry)[:, int(begin * RATE) : int(end * RATE)]
    x = page.signal.samples
    expected = (x if dry else module(x, sample_rate=RATE))[:, int(begin * RATE) : int(end * RATE)]
    torch.testing.assert_close(sound.float(), expected, atol=2e-4, rtol=0)


def there(page: Page, seq: int, *, dry: bool = False) -> float:
    """Seconds that the page has."""
    return float((~page.sound(seq, dry=dry)[0].isnan()).sum()) / RATE


def test_a_move_sends_what_lies_ahead_and_no_more(long: fx.Signal, opened: Opened) -> None:
    """And never makes the whole."""
    page = opened(fx.LowPass(cutoff=500.0), long)
    page.renderer.render_full = None  # type: ignore[assignment, method-assign]
    seq = page.move(dry=True, position=100.0)
    page.settle()
    for dry in (True, False):
        heard(page, seq, fx.LowPass(cutoff=500.0), 100.0, 100.0 + way.LOOKAHEAD_SECONDS - 0.1, dry=dry)
        assert there(page, seq, dry=dry) <= way.LOOKAHEAD_SECONDS + 0.1
    assert page.of("audio", seq)[-1]["frames"] == long.frames
    second = page.move(position=103.0, cutoff=900.0)
    page.settle()
    heard(page, second, fx.LowPass(cutoff=900.0), 103.0, 103.0 + way.LOOKAHEAD_SECONDS - 0.1)
    assert not any(piece["dry"] for piece in page.of("audio", second))


def test_what_a_page_asks_for_goes_on_where_it_has_it_through_the_loop(long: fx.Signal, opened: Opened) -> None:
    """Of one take with what was there, and nothing is sent twice."""
    page = opened(fx.LowPass(cutoff=500.0), long)
    seq = page.move(dry=True, position=200.0)
    page.settle()
    takes = {piece["dry"]: piece["clip"] for piece in page.of("audio")}
    has = way.LOOKAHEAD_SECONDS - way.LEAD_IN_SECONDS - 8.0
    page.worker.request_audio(AudioRequest(208.0, (0.0, 240.0), has, has))
    page.wait(
        lambda: (
            there(page, seq) > way.LOOKAHEAD_SECONDS + 7.9 and there(page, seq, dry=True) > way.LOOKAHEAD_SECONDS + 7.9
        ),
        "more",
    )
    heard(page, seq, fx.LowPass(cutoff=500.0), 200.0, 200.0 + way.LOOKAHEAD_SECONDS + 7.9)
    page.worker.request_audio(AudioRequest(232.0, (0.0, 240.0), 0.0, 0.0))
    page.wait(
        lambda: not page.sound(seq)[0, : int((way.LOOKAHEAD_SECONDS - 8.1) * RATE)].isnan().any(),
        "the start of the loop",
    )
    heard(page, seq, fx.LowPass(cutoff=500.0), 0.0, way.LOOKAHEAD_SECONDS - 8.1)
    assert {(piece["dry"], piece["clip"]) for piece in page.of("audio")} == set(takes.items())
    asked = page.of("audio")
    page.worker.request_audio(AudioRequest(232.0, (0.0, 240.0), way.LOOKAHEAD_SECONDS, way.LOOKAHEAD_SECONDS))
    page.move(position=10.0, cutoff=510.0)
    page.settle()
    assert [p for p in page.of("audio")[len(asked) :] if p["start"] > 200 * RATE] == [], "it had all it asked for"


def test_a_page_sees_the_whole_of_both(long: fx.Signal, opened: Opened) -> None:
    """The lowest and highest of each part, when nothing else is to be done."""
    page = opened(fx.LowPass(cutoff=500.0), long)
    page.move(dry=True)
    page.wait(lambda: len(page.of("overview")) == 2, "both pictures")
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


class Counting(fx.Module):
    """A gain that says how much of its input it has seen; it streams, and has no response."""

    level = fx.Param(0.5, low=0.0, high=1.0)

    def __init__(self, **given: float) -> None:
        super().__init__(**given)
        self.blocks: list[tuple[float, int]] = []
        self.gate: threading.Semaphore | None = None

    def forward(self, x: torch.Tensor, sample_rate: float) -> torch.Tensor:
        return self.forward_block(x, None, sample_rate)[0]

    def forward_block(self, x: torch.Tensor, state: Any, sample_rate: float) -> tuple[torch.Tensor, Any]:
        seen = 0 if state is None else state
        if x.shape[-1] > 1:
            self.blocks.append((float(self.level), seen))
            if self.gate is not None:
                assert self.gate.acquire(timeout=30)
        return self.level * x, seen + x.shape[-1]


def test_without_windows_it_is_made_in_parts_and_heard_before_it_is_whole(long: fx.Signal, opened: Opened) -> None:
    module = Counting(level=0.5)
    module.gate = threading.Semaphore(3)
    page = opened(module, long)
    seq = page.move(dry=True, level=0.25)
    wet = lambda: any(not piece["dry"] for piece in page.of("audio", seq))  # noqa: E731
    page.wait(lambda: wet() and there(page, seq) > 9, "what is made")
    assert len(module.blocks) < MINUTES * 60 / 5, "there is more to make"
    for _ in range(100):
        module.gate.release()
    page.settle()
    heard(page, seq, module, 0.0, 9.0)
    assert "output" in page.curves(seq)
    assert there(page, seq) <= way.LOOKAHEAD_SECONDS + 0.1


def test_a_newer_move_ends_what_is_made_for_an_old_one(long: fx.Signal, opened: Opened) -> None:
    """Between two parts, however long the whole would take."""
    module = Counting(level=0.5)
    module.gate = threading.Semaphore(2)
    page = opened(module, long)
    page.move(dry=True, level=0.25)
    while len(module.blocks) < 3:
        time.sleep(0.01)
    page.move(level=0.75)
    for _ in range(200):
        module.gate.release()
    page.settle()
    assert len([level for level, _ in module.blocks if level == 0.25]) <= 4
    assert len([level for level, _ in module.blocks if level == 0.75]) == MINUTES * 60 / 5


def test_what_takes_long_says_how_far_it_is(long: fx.Signal, opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """From 0 to 1, rising; and what cannot be told in parts says that it is at work. What is quick says nothing."""
    monkeypatch.setattr("fxlab.panel.rendering.progress.REPORT_AFTER", 0.0)
    monkeypatch.setattr("fxlab.panel.rendering.progress.REPORT_INTERVAL", 0.0)
    page = opened(Counting(level=0.5), long)
    seq = page.move(dry=True, level=0.25)
    page.settle()
    told = [status["progress"] for status in page.of("status", seq) if status["state"] == "rendering"]
    assert len(told) > 10
    assert told == sorted(told)
    assert 0 < told[0] < told[-1] == 1
    monkeypatch.undo()
    quick = opened(fx.LowPass(), fx.Signal(torch.zeros(1, 1000), RATE))
    seq = quick.move(dry=True)
    quick.settle()
    assert [status["state"] for status in quick.of("status", seq)] == ["idle"]


class Sleepy(fx.Module):
    """Takes its time, in one go."""

    level = fx.Param(0.5, low=0.0, high=1.0)

    def forward(self, x: torch.Tensor, sample_rate: float) -> torch.Tensor:
        threading.Event().wait(0.6)
        return self.level * x


def test_work_in_one_go_says_that_it_goes_on_before_its_end(noise: fx.Signal, opened: Opened) -> None:
    page = opened(Sleepy(), noise)
    seq = page.move(level=0.3)
    page.settle()
    states = [(status["state"], status.get("progress")) for status in page.of("status", seq)]
    assert states == [("rendering", None), ("idle", None)]


@pytest.mark.parametrize("seconds", [1, 5, 6, 17])
def test_the_parts_of_a_whole_are_the_whole(seconds: int) -> None:
    """Of a module that streams, and of one that does not."""
    signal = fx.Signal(torch.randn(2, seconds * RATE + 3, generator=torch.Generator().manual_seed(2)), RATE)
    for module in (fx.Butterworth(order=4) | fx.FIR([0.5, 0.0, -0.25]), Sleepy(level=0.5)):
        whole = FullRender(Renderer(module, signal, "cpu"))
        while not whole.finished:
            whole.advance()
        assert whole.frames_done == signal.frames
        torch.testing.assert_close(whole.read(0, whole.frames_done), module(signal).samples, atol=1e-5, rtol=0)


def test_a_fault_leaves_the_render_before_to_go_on(long: fx.Signal, opened: Opened) -> None:
    """A page that asks gets more of what is heard."""
    page = opened(fx.LowPass(cutoff=500.0), long)
    seq = page.move(dry=True, cutoff=500.0)
    page.settle()
    page.move(cutoff=30_000.0)
    page.settle("error")
    page.worker.request_audio(AudioRequest(10.0, None, way.LOOKAHEAD_SECONDS - 10.1, way.LOOKAHEAD_SECONDS - 10.1))
    page.wait(lambda: there(page, seq) > 20, "more of it")
    heard(page, seq, fx.LowPass(cutoff=500.0), 0.0, 20.0)

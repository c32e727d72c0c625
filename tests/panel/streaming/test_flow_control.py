"""The line: what may be under way follows what it carries."""

from __future__ import annotations

import threading

import pytest

from fxlab.panel.streaming.flow_control import INITIAL_WINDOW, MAX_WINDOW, MIN_WINDOW, FlowControl
from fxlab.panel.streaming.outbox import Outbox


class Wire:
    """A line that carries `rate` bytes a second after `delay` seconds, fed as fast as the link lets it."""

    def __init__(self, rate: float, delay: float) -> None:
        self.rate, self.delay = rate, delay
        self.line = Outbox(lambda *_: None, threading.Condition())
        self.now = self.busy = 0.0
        self.arrivals: list[tuple[float, int, int]] = []

    def fill(self, seconds: float) -> float:
        """Keep it full for so long; the longest time that anything waited in it."""
        link, number, worst, end = self.line.link, 0, 0.0, self.now + seconds
        while self.now < end:
            size = max(64_000, min(176_400, int(self.line.longest)))
            while self.line.free(size, rest=True):
                link.mark_sent(number, size, at=self.now)
                self.busy = max(self.busy, self.now) + size / self.rate
                worst = max(worst, self.busy - self.now - size / self.rate)
                self.arrivals.append((self.busy + self.delay, number, size))
                number += 1
            at, done, _ = self.arrivals.pop(0)
            self.now = max(self.now, at)
            link.acknowledge(done, at=self.now)
        return worst


@pytest.fixture(autouse=True)
def _no_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fxlab.panel.streaming.outbox.LOST_AFTER", 1e9)


def test_a_slow_line_is_used_and_nothing_waits_long_in_it() -> None:
    """10 Mbit/s and 60 ms: more than half of it is carried, and 150 ms is the most that anything lies before it."""
    wire = Wire(1.25e6, 0.06)
    wire.fill(3.0)
    worst = wire.fill(10.0)
    assert worst < 0.15
    assert wire.line.longest < 100_000
    carried = wire.line.link
    assert MIN_WINDOW <= carried.window_bytes < 400_000


def test_a_fast_line_takes_long_pieces_and_no_more_than_two() -> None:
    """On loopback a piece is as long as it may be, and one place is left for what is new."""
    wire = Wire(200e6, 0.003)
    wire.fill(2.0)
    assert wire.line.link.window_bytes > 5 * INITIAL_WINDOW / 2
    assert wire.line.longest > 120_000
    line = wire.line
    line.link.clear()
    line.link.mark_sent(10_001, 64_000, at=wire.now)
    assert not line.free(64_000, rest=True)
    assert line.free(64_000, rest=False)
    line.link.mark_sent(10_002, 64_000, at=wire.now)
    assert not line.free(64_000, rest=False)


def test_a_line_that_gets_slower_and_faster_again_is_followed() -> None:
    wire = Wire(50e6, 0.01)
    wire.fill(2.0)
    before = wire.line.link.window_bytes
    wire.rate = 1e6
    wire.fill(5.0)
    assert wire.line.link.window_bytes < before / 2
    wire.rate = 50e6
    wire.fill(5.0)
    assert wire.line.link.window_bytes > before / 2
    assert wire.line.link.window_bytes <= MAX_WINDOW


def test_what_the_page_waited_before_it_answered_does_not_count() -> None:
    link = FlowControl()
    link.mark_sent(1, 64_000, at=0.0)
    link.acknowledge(1, at=0.1, held=0.05)
    assert link.min_round_trip == pytest.approx(0.05)
    link.acknowledge(1, at=9.0)  # each piece is acknowledged many times
    assert (link.min_round_trip, link.median_round_trip, link.chunks_in_flight) == (
        pytest.approx(0.05),
        pytest.approx(0.05),
        0,
    )

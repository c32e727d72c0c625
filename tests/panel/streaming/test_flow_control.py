"""Tests of flow control: the bytes in flight follow the capacity of the connection."""

from __future__ import annotations

import threading

import pytest

from fxlab.panel.streaming.flow_control import INITIAL_WINDOW, MAX_WINDOW, MIN_WINDOW, FlowControl
from fxlab.panel.streaming.outbox import Outbox


class SimulatedConnection:
    """A connection with a capacity of `rate` bytes per second and a delay in seconds, filled as flow control allows."""

    def __init__(self, rate: float, delay: float) -> None:
        self.rate, self.delay = rate, delay
        self.outbox = Outbox(lambda *_: None, threading.Condition())
        self.now = self.free_at = 0.0
        self.arrivals: list[tuple[float, int, int]] = []

    def fill(self, seconds: float) -> float:
        """Send for this many seconds; return the longest time that a chunk was queued."""
        flow, number, longest_delay, end = self.outbox.flow, 0, 0.0, self.now + seconds
        while self.now < end:
            size = max(64_000, min(176_400, int(self.outbox.max_chunk_bytes)))
            while self.outbox.can_send(size, rest=True):
                flow.mark_sent(number, size, at=self.now)
                self.free_at = max(self.free_at, self.now) + size / self.rate
                longest_delay = max(longest_delay, self.free_at - self.now - size / self.rate)
                self.arrivals.append((self.free_at + self.delay, number, size))
                number += 1
            at, done, _ = self.arrivals.pop(0)
            self.now = max(self.now, at)
            flow.acknowledge(done, at=self.now)
        return longest_delay


@pytest.fixture(autouse=True)
def _no_chunk_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fxlab.panel.streaming.outbox.LOST_AFTER", 1e9)


def test_slow_connection_is_used_without_long_queues() -> None:
    """At 10 Mbit/s and 60 ms delay, no chunk is queued for more than 150 ms."""
    connection = SimulatedConnection(1.25e6, 0.06)
    connection.fill(3.0)
    longest_delay = connection.fill(10.0)
    assert longest_delay < 0.15
    assert connection.outbox.max_chunk_bytes < 100_000
    assert MIN_WINDOW <= connection.outbox.flow.window_bytes < 400_000


def test_fast_connection_gets_long_chunks_and_no_more_than_two() -> None:
    """On loopback chunks are as long as possible, and the rest of a render leaves room for a newer one."""
    connection = SimulatedConnection(200e6, 0.003)
    connection.fill(2.0)
    assert connection.outbox.flow.window_bytes > 5 * INITIAL_WINDOW / 2
    assert connection.outbox.max_chunk_bytes > 120_000
    outbox = connection.outbox
    outbox.flow.clear()
    outbox.flow.mark_sent(10_001, 64_000, at=connection.now)
    assert not outbox.can_send(64_000, rest=True)
    assert outbox.can_send(64_000, rest=False)
    outbox.flow.mark_sent(10_002, 64_000, at=connection.now)
    assert not outbox.can_send(64_000, rest=False)


def test_window_follows_a_change_of_capacity() -> None:
    connection = SimulatedConnection(50e6, 0.01)
    connection.fill(2.0)
    before = connection.outbox.flow.window_bytes
    connection.rate = 1e6
    connection.fill(5.0)
    assert connection.outbox.flow.window_bytes < before / 2
    connection.rate = 50e6
    connection.fill(5.0)
    assert connection.outbox.flow.window_bytes > before / 2
    assert connection.outbox.flow.window_bytes <= MAX_WINDOW


def test_round_trip_excludes_the_time_before_the_acknowledgement() -> None:
    flow = FlowControl()
    flow.mark_sent(1, 64_000, at=0.0)
    flow.acknowledge(1, at=0.1, held=0.05)
    assert flow.min_round_trip == pytest.approx(0.05)
    flow.acknowledge(1, at=9.0)  # every acknowledgement is repeated
    assert (flow.min_round_trip, flow.median_round_trip, flow.chunks_in_flight) == (
        pytest.approx(0.05),
        pytest.approx(0.05),
        0,
    )

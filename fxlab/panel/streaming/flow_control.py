"""`FlowControl`: the number of bytes that may be in flight to the page, adapted to the delays of chunks."""

from __future__ import annotations

from collections import deque
from statistics import median

HISTORY = 32  # number of recent round trips that are stored
GROW_BELOW = 0.025  # seconds: the window grows when a chunk was delayed by less than this
SHRINK_ABOVE = 0.06  # seconds: the window shrinks when a chunk was delayed by more than this
INITIAL_WINDOW = 200_000  # bytes that may be in flight before the first acknowledgement
MIN_WINDOW, MAX_WINDOW = 150_000, 1_000_000  # bytes; the smallest has room for two first chunks
MIN_LOAD = 0.2  # times the window: a chunk sent with less in flight gives no information about the capacity


class FlowControl:
    """The chunks in flight on a connection, and the limit on their bytes.

    A chunk whose round trip is longer than the shortest recent one has waited in a queue behind others. If that delay
    is small, the window grows; if it is large, the window shrinks. A fast connection is thus used fully, and on a slow
    connection a new render does not wait long behind an old one. All times are in seconds, on one clock.

    Source:
        S. Shalunov, G. Hazel, J. Iyengar and M. Kuehlewind, "Low Extra Delay Background Transport (LEDBAT)",
        RFC 6817 (2012).

    >>> flow = FlowControl()
    >>> for number in range(4):
    ...     flow.mark_sent(number, 150_000, at=float(number))
    ...     flow.acknowledge(number, at=number + 0.1 + 0.1 * (number > 0))
    >>> flow.min_round_trip, flow.window_bytes < INITIAL_WINDOW, flow.chunks_in_flight
    (0.1, True, 0)
    """

    def __init__(self) -> None:
        self._in_flight: dict[int, tuple[float, int, int]] = {}
        self._round_trips: deque[float] = deque(maxlen=HISTORY)
        self.window_bytes = float(INITIAL_WINDOW)
        """The number of bytes that may be in flight."""

    def mark_sent(self, number: int, size: int, at: float) -> None:
        """Record that chunk `number`, of `size` bytes, was sent at the time `at`."""
        self._in_flight[number] = (at, size, self.bytes_in_flight + size)

    def acknowledge(self, number: int, at: float, held: float = 0.0) -> None:
        """Record that chunk `number` was acknowledged at the time `at`, `held` seconds after the page received it.

        The window is adapted to the delay of the chunk. The number of a chunk that is not in flight is ignored.
        """
        entry = self._in_flight.pop(number, None)
        if entry is None:
            return
        sent_at, size, load = entry
        round_trip = round(max(at - held - sent_at, 1e-3), 6)
        self._round_trips.append(round_trip)
        queueing_delay = round_trip - self.min_round_trip
        if queueing_delay > SHRINK_ABOVE:
            self.window_bytes = max(MIN_WINDOW, 0.8 * self.window_bytes)
        elif queueing_delay < GROW_BELOW and load >= MIN_LOAD * self.window_bytes:
            self.window_bytes = min(MAX_WINDOW, self.window_bytes + size / 2)

    def drop_lost(self, sent_before: float) -> None:
        """Forget the unacknowledged chunks that were sent before the time `sent_before`, which count as lost."""
        self._in_flight = {number: entry for number, entry in self._in_flight.items() if entry[0] >= sent_before}

    def clear(self) -> None:
        """Forget all chunks in flight."""
        self._in_flight.clear()

    @property
    def chunks_in_flight(self) -> int:
        """The number of chunks in flight."""
        return len(self._in_flight)

    @property
    def bytes_in_flight(self) -> int:
        """The number of bytes in flight."""
        return sum(size for _, size, _ in self._in_flight.values())

    @property
    def min_round_trip(self) -> float:
        """The shortest recent round trip in seconds; 0 if unknown."""
        return min(self._round_trips, default=0.0)

    @property
    def median_round_trip(self) -> float:
        """The median of the recent round trips, in seconds; 0 if unknown."""
        return median(self._round_trips) if self._round_trips else 0.0

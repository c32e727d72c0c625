"""`SendOrder`: what is to be sent of one sound, in the order in which it is heard, piece by piece."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

FIRST = 0.36  # seconds: enough to play on while the next piece comes, and no more, see below
FIRST_BYTES = 64_000  # and no less, see below
GROWTH = 1.5  # each piece is this much longer than the one before
LONGEST = 1.0  # seconds: a long piece of an old render must not stand in the way of a new one
LEAD_IN = 0.02  # seconds before the reported playhead, since the report is a little old either way

WHOLE = 8_000_000  # bytes: a sound no larger is sent from end to end, and plays on without a kernel
AHEAD = 15.0  # seconds of a larger one that are sent from the playhead on

# Why so many bytes: Jupyter's server leaves Nagle's algorithm on, so what is shorter than one TCP segment (64 kB on
# loopback) waits until the browser has acknowledged the packet before, which it puts off for 40 ms. A message that
# fills a segment goes out at once; the curves that go with it make up what is missing. Why no more: Chromium reads what
# comes over a quiet WebSocket a thousand bytes at a time, and each costs the page a task.
#
# Why 8 MB: it is 45 s of stereo at 44.1 kHz, some 7 s of a line of 10 Mbit/s; and a page that holds the input, the
# render that is heard, the one that comes and what it keeps for the next stays below 40 MB, however long the file is.
# `MOST` in browser/take.js is no less.


def ahead(frames: int, rate: float, channels: int) -> int | None:
    """How many frames are sent from the playhead on; None of a sound that is sent from end to end.

    >>> ahead(441_000, 44_100.0, 2) is None, ahead(26_460_000, 44_100.0, 2)
    (True, 661500)
    """
    if 2 * channels * frames <= WHOLE:
        return None
    return min(int(AHEAD * rate), WHOLE // (6 * channels))


class SendOrder:
    """The pieces of a sound that are still to be sent, from the playhead on.

    Args:
        frames: How many the sound has.
        position: The playhead, in frames.
        loop: From where to where it loops, in frames; None where it plays to the end.
        skip: How many frames from the playhead on are there already; None sends a little from before it too.
        most: No more than so many from the playhead on, through the loop's seam; None: all of them, what is not heard
            at last.
    """

    def __init__(
        self,
        frames: int,
        position: int,
        rate: float,
        channels: int = 2,
        *,
        loop: tuple[int, int] | None = None,
        skip: int | None = None,
        most: int | None = None,
    ) -> None:
        self.rate = rate
        self.first = max(int(FIRST * rate), -(-FIRST_BYTES // (2 * channels)))
        self._length = float(self.first)
        begin = max(0, min(position, frames - 1) - (int(LEAD_IN * rate) if skip is None else 0))
        if frames <= self.first and skip is None:
            begin = 0  # one piece holds it all
        low, high = loop or (0, frames)
        high = frames if begin >= high else min(high, frames)
        stretches = [(begin, high), (low, min(begin, high)), (high, frames), (0, min(low, begin))]
        if most is not None:
            stretches = stretches[:2] if loop and low <= begin else stretches[:1]
        self._left = deque(_within(stretches, skip or 0, most))
        self.passed = skip or 0
        """Frames from the playhead on that are sent, or were there."""

    def peek(self, longest: float = LONGEST) -> tuple[int, int] | None:
        """`(start, count)` of the next piece, of at most `longest` seconds but no less than a first one."""
        if not self._left:
            return None
        low, high = self._left[0]
        return low, min(high - low, int(min(self._length, max(longest * self.rate, self.first))))

    def went(self, count: int) -> int:
        """The next piece, of `count` frames, is sent; at which frame it starts."""
        low, high = self._left.popleft()
        if low + count < high:
            self._left.appendleft((low + count, high))
        self._length = min(self._length * GROWTH, max(LONGEST * self.rate, self.first))
        self.passed += count
        return low

    def turn(self, position: int) -> None:
        """The playhead is elsewhere: what lies from there on comes first."""
        low, high = next(((low, high) for low, high in self._left if low <= position < high), (position, position))
        rest = [(a, b) for a, b in self._left if (a, b) != (low, high)]
        after = [stretch for stretch in rest if stretch[0] >= position]
        before = [stretch for stretch in rest if stretch[0] < position]
        self._left = deque(_within([(position, high), *after, *before, (low, position)], 0, None))
        self._length = float(self.first)

    def __bool__(self) -> bool:
        return bool(self._left)


def _within(stretches: list[tuple[int, int]], skip: int, most: int | None) -> Iterator[tuple[int, int]]:
    """What is left of `stretches`, run through in turn, from `skip` frames on up to `most`."""
    at = 0
    for low, high in stretches:
        size = max(0, high - low)
        begin = low + max(0, skip - at)
        end = high if most is None else min(high, low + most - at)
        if begin < end:
            yield begin, end
        at += size


def spans(frames: int, position: int, rate: float, channels: int = 2) -> Iterator[tuple[int, int]]:
    """`(start, count)` of the pieces of a whole sound: from just before `position` to the end, then from 0 up.

    >>> list(spans(200_000, 100_000, rate=44_100.0))
    [(99118, 16000), (115118, 24000), (139118, 36000), (175118, 24882), (0, 44100), (44100, 44100), (88200, 10918)]
    """
    way = SendOrder(frames, position, rate, channels)
    while (piece := way.peek()) is not None:
        yield piece
        way.went(piece[1])

"""`SendOrder`: the remaining chunks of one sound, in the order in which they will be played."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

FIRST_CHUNK_SECONDS = 0.36  # just long enough to play until the next chunk arrives
MIN_FIRST_CHUNK_BYTES = 64_000  # see below
GROWTH = 1.5  # each chunk is longer than the one before by this factor
MAX_CHUNK_SECONDS = 1.0  # a long chunk of an old render would delay the first chunk of a new one
LEAD_IN_SECONDS = 0.02  # sent before the reported playhead, whose position may be slightly wrong

MAX_FULL_BYTES = 8_000_000  # a sound of at most this size is sent completely, and can be played without a kernel
LOOKAHEAD_SECONDS = 15.0  # the part of a larger sound that is sent, from the playhead on

# Why a first chunk has at least 64 kB: Jupyter's server leaves Nagle's algorithm on, so a message shorter than one TCP
# segment (64 kB on loopback) waits until the browser has acknowledged the previous packet, which it delays by 40 ms. A
# message that fills a segment is sent at once; the curves that are sent with the chunk fill up the segment. Why it is
# not longer: Chromium reads an idle WebSocket a thousand bytes at a time, and each read costs the page a task.
#
# Why 8 MB: that is 45 s of stereo at 44.1 kHz, and takes about 7 s at 10 Mbit/s. A page that holds the input, the
# present render, the next render and a reserve for the one after stays below 40 MB, however long the file is.
# The page's own limit, in browser/src/audio/clip.js, must not be smaller.


def lookahead_frames(frames: int, rate: float, channels: int) -> int | None:
    """Return the number of frames that are sent from the playhead on; None for a sound that is sent completely.

    >>> lookahead_frames(441_000, 44_100.0, 2) is None, lookahead_frames(26_460_000, 44_100.0, 2)
    (True, 661500)
    """
    if 2 * channels * frames <= MAX_FULL_BYTES:
        return None
    return min(int(LOOKAHEAD_SECONDS * rate), MAX_FULL_BYTES // (6 * channels))


class SendOrder:
    """The remaining chunks of a sound, from the playhead on.

    Args:
        frames: The length of the sound.
        position: The playhead, in frames.
        rate: The sample rate, in Hz.
        channels: The number of channels.
        loop: The first frame of the loop and the frame after its last; None if the sound plays to its end.
        skip: The frames from the playhead on that the page already has; None also sends `LEAD_IN_SECONDS` before it.
        limit: The maximum number of frames to send from the playhead on, continuing at the start of the loop after its
            end; None sends all frames, those outside the loop last.
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
        limit: int | None = None,
    ) -> None:
        self.rate = rate
        self.first_chunk_frames = max(int(FIRST_CHUNK_SECONDS * rate), -(-MIN_FIRST_CHUNK_BYTES // (2 * channels)))
        self._chunk_frames = float(self.first_chunk_frames)
        begin = max(0, min(position, frames - 1) - (int(LEAD_IN_SECONDS * rate) if skip is None else 0))
        if frames <= self.first_chunk_frames and skip is None:
            begin = 0  # one chunk holds the complete sound
        low, high = loop or (0, frames)
        high = frames if begin >= high else min(high, frames)
        ranges = [(begin, high), (low, min(begin, high)), (high, frames), (0, min(low, begin))]
        if limit is not None:
            ranges = ranges[:2] if loop and low <= begin else ranges[:1]
        self._remaining = deque(_clip_ranges(ranges, skip or 0, limit))
        self.frames_ahead = skip or 0
        """The frames from the playhead on that have been sent or that the page already had."""

    def peek(self, max_seconds: float = MAX_CHUNK_SECONDS) -> tuple[int, int] | None:
        """Return `(start, count)` of the next chunk, of at most `max_seconds` but no shorter than a first chunk."""
        if not self._remaining:
            return None
        low, high = self._remaining[0]
        return low, min(high - low, int(min(self._chunk_frames, max(max_seconds * self.rate, self.first_chunk_frames))))

    def mark_sent(self, count: int) -> int:
        """Record that the next chunk was sent with `count` frames; return its first frame."""
        low, high = self._remaining.popleft()
        if low + count < high:
            self._remaining.appendleft((low + count, high))
        self._chunk_frames = min(
            self._chunk_frames * GROWTH, max(MAX_CHUNK_SECONDS * self.rate, self.first_chunk_frames)
        )
        self.frames_ahead += count
        return low

    def seek(self, position: int) -> None:
        """Move the playhead to frame `position`; the remaining chunks from there on are sent first."""
        low, high = next(((low, high) for low, high in self._remaining if low <= position < high), (position, position))
        others = [(a, b) for a, b in self._remaining if (a, b) != (low, high)]
        after = [frames for frames in others if frames[0] >= position]
        before = [frames for frames in others if frames[0] < position]
        self._remaining = deque(_clip_ranges([(position, high), *after, *before, (low, position)], 0, None))
        self._chunk_frames = float(self.first_chunk_frames)

    def __bool__(self) -> bool:
        """Return whether any chunk remains."""
        return bool(self._remaining)


def _clip_ranges(ranges: list[tuple[int, int]], skip: int, limit: int | None) -> Iterator[tuple[int, int]]:
    """Yield the concatenated `ranges` without their first `skip` frames and up to frame `limit`."""
    offset = 0
    for low, high in ranges:
        size = max(0, high - low)
        begin = low + max(0, skip - offset)
        end = high if limit is None else min(high, low + limit - offset)
        if begin < end:
            yield begin, end
        offset += size


def chunk_ranges(frames: int, position: int, rate: float, channels: int = 2) -> Iterator[tuple[int, int]]:
    """Yield `(start, count)` of all chunks of a sound: from just before `position` to its end, then from 0 on.

    >>> list(chunk_ranges(200_000, 100_000, rate=44_100.0))
    [(99118, 16000), (115118, 24000), (139118, 36000), (175118, 24882), (0, 44100), (44100, 44100), (88200, 10918)]
    """
    order = SendOrder(frames, position, rate, channels)
    while (chunk := order.peek()) is not None:
        yield chunk
        order.mark_sent(chunk[1])

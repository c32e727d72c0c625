"""`RemainingChunks`: the chunks of one sound that are still to be sent, in the order in which they will be played."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

FIRST_CHUNK_SECONDS = 0.36  # just long enough to play until the next chunk arrives
MIN_FIRST_CHUNK_BYTES = 64_000  # see below
GROWTH = 1.5  # each chunk is longer than the one before by this factor
MAX_CHUNK_SECONDS = 1.0  # a long chunk of an old render would delay the first chunk of a new one
LEAD_IN_SECONDS = 0.02  # sent before the reported playhead, whose position may be slightly wrong

# Why a first chunk has at least 64 kB: Jupyter's server leaves Nagle's algorithm on, so a message shorter than one TCP
# segment (64 kB on loopback) waits until the browser has acknowledged the previous packet, which it delays by 40 ms. A
# message that fills a segment is sent at once; the curves that are sent with the chunk fill up the segment. Why it is
# not longer: Chromium reads an idle WebSocket a thousand bytes at a time, and each read costs the page a task.


class RemainingChunks:
    """The chunks of a sound that are still to be sent, from the playhead on.

    Args:
        frames: The length of the sound, in frames.
        position: The playhead, in frames.
        rate: The sample rate, in Hz.
        channels: The number of channels.
        loop: The first frame of the loop and the frame after its last; None if the sound plays to its end.
        skip: The number of frames from the playhead on that the page already has; None if it has none, so that the
            `LEAD_IN_SECONDS` before the playhead are sent too.
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
        """Return the first frame and the number of frames of the next chunk, or None if none remains.

        The chunk lasts at most `max_seconds`, or as long as a first chunk if that is longer.
        """
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
    """Yield the concatenated `ranges` from frame `skip` of the concatenation to frame `limit`; to the end for None.

    A range is a tuple of its first frame and the frame after its last; empty ranges are omitted.
    """
    offset = 0
    for low, high in ranges:
        size = max(0, high - low)
        begin = low + max(0, skip - offset)
        end = high if limit is None else min(high, low + limit - offset)
        if begin < end:
            yield begin, end
        offset += size

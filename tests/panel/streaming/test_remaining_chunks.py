"""Tests of `RemainingChunks`: they cover a sound once, and follow the playhead and the loop up to the lookahead."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fxlab.panel.streaming.remaining_chunks import (
    FIRST_CHUNK_SECONDS,
    LEAD_IN_SECONDS,
    MAX_CHUNK_SECONDS,
    MIN_FIRST_CHUNK_BYTES,
    RemainingChunks,
)

RATE = 44_100
LONG = 600 * RATE  # frames
LOW_RATE = 100
FRAMES = 600 * LOW_RATE


def send_all(remaining: RemainingChunks) -> list[tuple[int, int]]:
    """Return `(start, count)` of all chunks."""
    chunks = []
    while (chunk := remaining.peek()) is not None:
        chunks.append(chunk)
        assert remaining.mark_sent(chunk[1]) == chunk[0]
    return chunks


def frames_of(chunks: list[tuple[int, int]]) -> np.ndarray:
    """Return the index of each frame, in the order in which it is sent."""
    return np.concatenate([np.arange(start, start + count) for start, count in chunks])


@given(st.integers(1, 400_000), st.integers(-10, 500_000), st.sampled_from([100.0, 8000.0, 44_100.0, 96_000.0]))
@settings(max_examples=200, deadline=None)
def test_chunks_cover_every_frame_once(frames: int, position: int, rate: float) -> None:
    """This holds for any playhead, even beyond the end, as when a shorter sound replaces a longer one."""
    covered = np.zeros(frames, int)
    chunks = send_all(RemainingChunks(frames, position, rate))
    for start, count in chunks:
        assert count > 0
        assert start + count <= frames
        assert count <= max(MAX_CHUNK_SECONDS * rate, MIN_FIRST_CHUNK_BYTES / 4) + 1
        covered[start : start + count] += 1
    assert np.all(covered == 1)


@given(st.integers(1, 400_000), st.floats(0, 1), st.sampled_from([8000.0, 44_100.0]))
@settings(max_examples=100, deadline=None)
def test_first_chunk_contains_the_playhead(frames: int, at: float, rate: float) -> None:
    """It begins just before the playhead; the chunks continue to the end, and then from frame 0 on."""
    position = int(at * (frames - 1))
    chunks = send_all(RemainingChunks(frames, position, rate))
    start, count = chunks[0]
    assert start <= position < start + max(count, 1)
    assert position - start <= max(LEAD_IN_SECONDS * rate, 0 if len(chunks) > 1 else frames)
    assert len(chunks) == 1 or count >= min(FIRST_CHUNK_SECONDS * rate, frames - start)
    ends = [begin + length for begin, length in chunks]
    breaks = [begin for begin, end in zip([b for b, _ in chunks][1:], ends[:-1], strict=True) if begin != end]
    assert breaks in ([], [0])


def test_chunks_grow_and_continue_at_the_start() -> None:
    """From 20 ms before the playhead; the first after the end of the sound continues to grow."""
    assert send_all(RemainingChunks(200_000, 100_000, RATE)) == [
        (99_118, 16_000), (115_118, 24_000), (139_118, 36_000), (175_118, 24_882), (0, 44_100), (44_100, 44_100),
        (88_200, 10_918),
    ]  # fmt: skip


@given(
    st.integers(-5, FRAMES + 5),
    st.sampled_from([None, (0, FRAMES), (100 * LOW_RATE, 110 * LOW_RATE), (300 * LOW_RATE, 301 * LOW_RATE)]),
    st.sampled_from([None, 1, 7 * LOW_RATE, 20 * LOW_RATE]),
)
@settings(max_examples=60, deadline=None)
def test_frames_are_sent_in_the_order_of_playback(
    position: int, loop: tuple[int, int] | None, skip: int | None
) -> None:
    """The frames continue from the end of the loop at its start, and none is sent twice."""
    limit = 15 * LOW_RATE
    chunks = send_all(RemainingChunks(FRAMES, position, LOW_RATE, 200, loop=loop, skip=skip, limit=limit))
    if not chunks:
        assert skip is not None
        return
    sent = frames_of(chunks)
    assert len(np.unique(sent)) == len(sent) <= limit
    assert sent.min() >= 0
    assert sent.max() < FRAMES
    breaks = np.flatnonzero(np.diff(sent) != 1)
    assert len(breaks) <= 1
    if len(breaks):
        assert loop is not None
        low, high = loop
        assert sent[breaks[0]] == (high if position < high else FRAMES) - 1
        assert sent[breaks[0] + 1] == low
    if skip is None:
        assert sent[0] <= min(max(position, 0), FRAMES - 1)


def test_chunk_length_has_a_maximum_and_is_not_below_the_first() -> None:
    chunks = RemainingChunks(LONG, 0, RATE, limit=15 * RATE)
    assert chunks.peek() == (0, 16_000)
    chunks.mark_sent(16_000)
    assert chunks.peek() == (16_000, 24_000)
    assert chunks.peek(0.4) == (16_000, 17_640)
    assert chunks.peek(0.01) == (16_000, 16_000)


def test_seek_sends_what_follows_the_new_playhead_first() -> None:
    """No frame is lost, and none is sent twice."""
    chunks = RemainingChunks(30 * RATE, 0, RATE)
    chunks.mark_sent(chunks.peek()[1])  # type: ignore[index]
    chunks.seek(20 * RATE)
    chunks = send_all(chunks)
    assert chunks[0][0] == 20 * RATE
    assert np.array_equal(np.sort(frames_of(chunks)), np.arange(16_000, 30 * RATE))
    assert sorted(frames_of(chunks)[: 10 * RATE]) == list(range(20 * RATE, 30 * RATE))


@pytest.mark.parametrize("position", [0, 16_000, 29 * RATE, 40 * RATE])
def test_seek_keeps_all_frames(position: int) -> None:
    chunks = RemainingChunks(30 * RATE, 5 * RATE, RATE)
    chunks.seek(position)
    assert np.array_equal(np.sort(frames_of(send_all(chunks))), np.arange(30 * RATE))

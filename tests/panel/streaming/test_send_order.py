"""Tests of `SendOrder`: the chunks follow the playhead through the loop, up to the lookahead."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fxlab.panel.streaming.send_order import LOOKAHEAD_SECONDS, MAX_FULL_BYTES, SendOrder, lookahead_frames

RATE = 44_100
LONG = 600 * RATE  # frames
LOW_RATE = 100
FRAMES = 600 * LOW_RATE


def send_all(order: SendOrder) -> list[tuple[int, int]]:
    """Return `(start, count)` of all chunks."""
    chunks = []
    while (chunk := order.peek()) is not None:
        chunks.append(chunk)
        assert order.mark_sent(chunk[1]) == chunk[0]
    return chunks


def frames_of(chunks: list[tuple[int, int]]) -> np.ndarray:
    """Return the index of each frame, in the order in which it is sent."""
    return np.concatenate([np.arange(start, start + count) for start, count in chunks])


def test_lookahead_applies_to_large_sounds() -> None:
    assert lookahead_frames(MAX_FULL_BYTES // 4, RATE, 2) is None
    assert lookahead_frames(MAX_FULL_BYTES // 4 + 1, RATE, 2) == LOOKAHEAD_SECONDS * RATE
    assert lookahead_frames(LONG, 96_000, 8) * 16 * 3 <= MAX_FULL_BYTES, (
        "less with very many channels, because the page's memory is limited"
    )  # type: ignore[operator]


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
    chunks = send_all(SendOrder(FRAMES, position, LOW_RATE, 200, loop=loop, skip=skip, limit=limit))
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
    order = SendOrder(LONG, 0, RATE, limit=15 * RATE)
    assert order.peek() == (0, 16_000)
    order.mark_sent(16_000)
    assert order.peek() == (16_000, 24_000)
    assert order.peek(0.4) == (16_000, 17_640)
    assert order.peek(0.01) == (16_000, 16_000)


def test_seek_sends_what_follows_the_new_playhead_first() -> None:
    """No frame is lost, and none is sent twice."""
    order = SendOrder(30 * RATE, 0, RATE)
    order.mark_sent(order.peek()[1])  # type: ignore[index]
    order.seek(20 * RATE)
    chunks = send_all(order)
    assert chunks[0][0] == 20 * RATE
    assert np.array_equal(np.sort(frames_of(chunks)), np.arange(16_000, 30 * RATE))
    assert sorted(frames_of(chunks)[: 10 * RATE]) == list(range(20 * RATE, 30 * RATE))


@pytest.mark.parametrize("position", [0, 16_000, 29 * RATE, 40 * RATE])
def test_seek_keeps_all_frames(position: int) -> None:
    order = SendOrder(30 * RATE, 5 * RATE, RATE)
    order.seek(position)
    assert np.array_equal(np.sort(frames_of(send_all(order))), np.arange(30 * RATE))

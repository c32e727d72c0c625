"""The way that a playhead takes through a sound: what is sent, in what order, and no more than lies ahead."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fxlab.panel.streaming.send_order import LOOKAHEAD_SECONDS, MAX_FULL_BYTES, SendOrder, lookahead_frames

RATE = 44_100
LONG = 600 * RATE
SLOW = 100
FAR = 600 * SLOW


def pieces(way: SendOrder) -> list[tuple[int, int]]:
    found = []
    while (piece := way.peek()) is not None:
        found.append(piece)
        assert way.mark_sent(piece[1]) == piece[0]
    return found


def frames(found: list[tuple[int, int]]) -> np.ndarray:
    return np.concatenate([np.arange(start, start + count) for start, count in found])


def test_a_sound_is_sent_whole_up_to_a_size_and_else_what_lies_ahead() -> None:
    assert lookahead_frames(MAX_FULL_BYTES // 4, RATE, 2) is None
    assert lookahead_frames(MAX_FULL_BYTES // 4 + 1, RATE, 2) == LOOKAHEAD_SECONDS * RATE
    assert lookahead_frames(LONG, 96_000, 8) * 16 * 3 <= MAX_FULL_BYTES, (
        "of very many channels less, for the page holds no more"
    )  # type: ignore[operator]


@given(
    st.integers(-5, FAR + 5),
    st.sampled_from([None, (0, FAR), (100 * SLOW, 110 * SLOW), (300 * SLOW, 301 * SLOW)]),
    st.sampled_from([None, 1, 7 * SLOW, 20 * SLOW]),
)
@settings(max_examples=60, deadline=None)
def test_what_is_sent_is_what_will_be_heard(position: int, loop: tuple[int, int] | None, skip: int | None) -> None:
    """Frame by frame: the playhead goes on, and from the loop's end to its start; no frame twice."""
    most = 15 * SLOW
    found = pieces(SendOrder(FAR, position, SLOW, 200, loop=loop, skip=skip, limit=most))
    if not found:
        assert skip is not None
        return
    sent = frames(found)
    assert len(np.unique(sent)) == len(sent) <= most
    assert sent.min() >= 0
    assert sent.max() < FAR
    breaks = np.flatnonzero(np.diff(sent) != 1)
    assert len(breaks) <= 1
    if len(breaks):
        assert loop is not None
        low, high = loop
        assert sent[breaks[0]] == (high if position < high else FAR) - 1
        assert sent[breaks[0] + 1] == low
    if skip is None:
        assert sent[0] <= min(max(position, 0), FAR - 1)


def test_a_piece_is_as_long_as_the_line_takes_and_no_shorter_than_a_first_one() -> None:
    way = SendOrder(LONG, 0, RATE, limit=15 * RATE)
    assert way.peek() == (0, 16_000)
    way.mark_sent(16_000)
    assert way.peek() == (16_000, 24_000)
    assert way.peek(0.4) == (16_000, 17_640)
    assert way.peek(0.01) == (16_000, 16_000)


def test_a_playhead_that_went_elsewhere_gets_what_lies_there_first() -> None:
    """Nothing is lost, and nothing comes twice."""
    way = SendOrder(30 * RATE, 0, RATE)
    way.mark_sent(way.peek()[1])  # type: ignore[index]
    way.seek(20 * RATE)
    found = pieces(way)
    assert found[0][0] == 20 * RATE
    assert np.array_equal(np.sort(frames(found)), np.arange(16_000, 30 * RATE))
    assert sorted(frames(found)[: 10 * RATE]) == list(range(20 * RATE, 30 * RATE))


@pytest.mark.parametrize("position", [0, 16_000, 29 * RATE, 40 * RATE])
def test_turning_to_anywhere_leaves_the_same_frames(position: int) -> None:
    way = SendOrder(30 * RATE, 5 * RATE, RATE)
    way.seek(position)
    assert np.array_equal(np.sort(frames(pieces(way))), np.arange(30 * RATE))

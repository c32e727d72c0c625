"""Tests of the lookahead: large sounds are sent in part."""

from __future__ import annotations

from fxlab.panel.streaming.lookahead import LOOKAHEAD_SECONDS, MAX_FULL_BYTES, lookahead_frames

RATE = 44_100
LONG = 600 * RATE  # frames


def test_lookahead_applies_to_large_sounds() -> None:
    assert lookahead_frames(MAX_FULL_BYTES // 4, RATE, 2) is None
    assert lookahead_frames(MAX_FULL_BYTES // 4 + 1, RATE, 2) == LOOKAHEAD_SECONDS * RATE
    assert lookahead_frames(LONG, 96_000, 8) * 16 * 3 <= MAX_FULL_BYTES, (
        "less with very many channels, because the page's memory is limited"
    )  # type: ignore[operator]

"""Pieces of sound: they cover it once, those after the playhead first, and come back within half a step."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fxlab.panel.streaming.encoding import encode_int16, int16_scale
from fxlab.panel.streaming.send_order import (
    FIRST_CHUNK_SECONDS,
    LEAD_IN_SECONDS,
    MAX_CHUNK_SECONDS,
    MIN_FIRST_CHUNK_BYTES,
    chunk_ranges,
)


@given(st.integers(1, 400_000), st.integers(-10, 500_000), st.sampled_from([100.0, 8000.0, 44_100.0, 96_000.0]))
@settings(max_examples=200, deadline=None)
def test_spans_cover_every_frame_once(frames: int, position: int, rate: float) -> None:
    """Whatever the playhead, even beyond the end, as after a shorter sound took the place of a longer one."""
    covered = np.zeros(frames, int)
    pieces = list(chunk_ranges(frames, position, rate))
    for start, count in pieces:
        assert count > 0
        assert start + count <= frames
        assert count <= max(MAX_CHUNK_SECONDS * rate, MIN_FIRST_CHUNK_BYTES / 4) + 1
        covered[start : start + count] += 1
    assert np.all(covered == 1)


@given(st.integers(1, 400_000), st.floats(0, 1), st.sampled_from([8000.0, 44_100.0]))
@settings(max_examples=100, deadline=None)
def test_the_first_piece_holds_the_playhead(frames: int, at: float, rate: float) -> None:
    """It begins just before it, and the pieces then follow one another to the end, before those from 0 up."""
    position = int(at * (frames - 1))
    pieces = list(chunk_ranges(frames, position, rate))
    start, count = pieces[0]
    assert start <= position < start + max(count, 1)
    assert position - start <= max(LEAD_IN_SECONDS * rate, 0 if len(pieces) > 1 else frames)
    assert len(pieces) == 1 or count >= min(FIRST_CHUNK_SECONDS * rate, frames - start)
    ends = [begin + length for begin, length in pieces]
    breaks = [begin for begin, end in zip([b for b, _ in pieces][1:], ends[:-1], strict=True) if begin != end]
    assert breaks in ([], [0])


@pytest.mark.parametrize("level", [1e-6, 0.03, 1.0, 8.0, 1e4])
def test_a_piece_comes_back_within_half_a_step_whatever_its_level(level: float) -> None:
    """16 bits are used in full: 90 dB below the peak of each piece, loud or faint."""
    x = level * torch.randn(3, 5000, generator=torch.Generator().manual_seed(1))
    scale = int16_scale(x)
    back = torch.from_numpy(np.frombuffer(encode_int16(x, scale), "<i2").reshape(3, 5000).copy()) * scale
    assert (back - x).abs().max() <= 0.51 * scale
    assert scale == pytest.approx(float(x.abs().max()) / 32767)


def test_silence_is_silence() -> None:
    """No division by nothing."""
    x = torch.zeros(1, 100)
    assert int16_scale(x) > 0
    assert set(np.frombuffer(encode_int16(x, int16_scale(x)), "<i2")) == {0}

"""Tests of chunks: they cover a sound once, from the playhead on, and int16 encoding is accurate to half a step."""

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
def test_chunks_cover_every_frame_once(frames: int, position: int, rate: float) -> None:
    """This holds for any playhead, even beyond the end, as when a shorter sound replaces a longer one."""
    covered = np.zeros(frames, int)
    chunks = list(chunk_ranges(frames, position, rate))
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
    chunks = list(chunk_ranges(frames, position, rate))
    start, count = chunks[0]
    assert start <= position < start + max(count, 1)
    assert position - start <= max(LEAD_IN_SECONDS * rate, 0 if len(chunks) > 1 else frames)
    assert len(chunks) == 1 or count >= min(FIRST_CHUNK_SECONDS * rate, frames - start)
    ends = [begin + length for begin, length in chunks]
    breaks = [begin for begin, end in zip([b for b, _ in chunks][1:], ends[:-1], strict=True) if begin != end]
    assert breaks in ([], [0])


@pytest.mark.parametrize("level", [1e-6, 0.03, 1.0, 8.0, 1e4])
def test_encoding_error_is_half_a_step_at_any_level(level: float) -> None:
    """The scale uses the full range of 16 bits, so that a step is 90 dB below the peak, at any level."""
    x = level * torch.randn(3, 5000, generator=torch.Generator().manual_seed(1))
    scale = int16_scale(x)
    decoded = torch.from_numpy(np.frombuffer(encode_int16(x, scale), "<i2").reshape(3, 5000).copy()) * scale
    assert (decoded - x).abs().max() <= 0.51 * scale
    assert scale == pytest.approx(float(x.abs().max()) / 32767)


def test_silence_is_encoded_as_zeros() -> None:
    """The scale of silence is not zero."""
    x = torch.zeros(1, 100)
    assert int16_scale(x) > 0
    assert set(np.frombuffer(encode_int16(x, int16_scale(x)), "<i2")) == {0}

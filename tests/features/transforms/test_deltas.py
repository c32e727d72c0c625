"""`Deltas` of few frames: slopes, or one error in a call and in a stream."""

from __future__ import annotations

import pytest
import torch

import fxlab as fx

LEAST = {"replicate": 1, "reflect": 5, "circular": 4, "constant": 0}
"""The least number of frames for a line of 9."""


def in_blocks(module: fx.Deltas, x: torch.Tensor) -> torch.Tensor:
    stream = module.stream(100.0)
    return torch.cat([stream(x[..., :2]), stream(x[..., 2:]), stream.flush()], -1)


@pytest.mark.parametrize("mode", LEAST)
@pytest.mark.parametrize("frames", range(7))
def test_few_frames_have_slopes_or_an_error(mode, frames):
    module, x = fx.Deltas(mode=mode, win_length=9), torch.randn(2, frames)
    calls = [module] if mode == "circular" else [module, lambda x: in_blocks(module, x)]
    for call in calls:
        if frames >= LEAST[mode]:
            assert call(x).shape == x.shape
            torch.testing.assert_close(call(x), module(x))
            continue
        words = f"Deltas: the input has {frames} frames; with win_length=9 .*mode='{mode}'.*at least {LEAST[mode]}"
        with pytest.raises(fx.SignalError, match=words):
            call(x)


@pytest.mark.parametrize("shape", [(0, 2, 5), (0, 5)])
def test_an_empty_batch(shape):
    assert fx.Deltas()(torch.zeros(shape)).shape == shape


def test_a_stream_cannot_be_circular():
    with pytest.raises(fx.SignalError, match=r"Deltas: mode='circular' takes the last frames.*use 'replicate'"):
        fx.Deltas(mode="circular").stream(100.0)(torch.randn(2, 20))

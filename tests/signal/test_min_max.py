"""Tests of the minimum and maximum of the parts of a signal."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from fxlab.signal.min_max import min_max_blocks, min_max_parts


@pytest.mark.parametrize(("frames", "size"), [(1, 1), (1, 5), (12, 4), (13, 4), (1000, 7)])
def test_blocks_agree_with_a_loop_over_the_blocks(frames: int, size: int) -> None:
    x = torch.randn(2, frames, generator=torch.Generator().manual_seed(frames))
    low, high = min_max_blocks(x, size)
    blocks = x.split(size, -1)
    torch.testing.assert_close(low, torch.stack([block.amin(-1) for block in blocks], -1), atol=0, rtol=0)
    torch.testing.assert_close(high, torch.stack([block.amax(-1) for block in blocks], -1), atol=0, rtol=0)


def test_parts_agree_with_a_loop_over_the_parts() -> None:
    samples = np.random.default_rng(1).standard_normal((3, 100))
    starts = np.array([0, 1, 40, 99])
    low, high = min_max_parts(samples, starts)
    parts = np.split(samples, starts[1:], axis=-1)
    np.testing.assert_array_equal(low, np.stack([part.min(-1) for part in parts], -1))
    np.testing.assert_array_equal(high, np.stack([part.max(-1) for part in parts], -1))

"""Channels with the same samples have the same output, to the last bit: their difference is silence."""

from __future__ import annotations

import pytest
import torch

from tests.support.specimens import ACROSS_CHANNELS, RATE, can_stream, specimens
from tests.support.threads import two_threads  # noqa: F401

MODULES = specimens()
SHAPES = [(2, 513, torch.float32), (9, 4097, torch.float32), (3, 20_001, torch.float32), (5, 9_999, torch.float64)]


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in MODULES if name not in ACROSS_CHANNELS])
def test_equal_channels_have_equal_outputs(name):
    made = MODULES[name]()
    for channels, time, dtype in SHAPES:
        x = torch.randn(1, time, dtype=dtype).expand(channels, -1).contiguous()
        outputs = [made(x, sample_rate=RATE)]
        if can_stream(made):
            stream = made.stream(RATE)
            outputs.append(
                torch.cat([*(stream(block) for block in torch.split(x, [time // 3, time - time // 3], -1))], -1)
            )
        for y in outputs:
            assert torch.equal(y, y[:1].expand_as(y))

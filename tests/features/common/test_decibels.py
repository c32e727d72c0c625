"""Levels in dB: a value of `top_db` for each example or channel."""

from __future__ import annotations

import pytest
import torch

import fxlab as fx

VALUES = [0.0, 20.0]
TOP = torch.tensor(VALUES)
OWNERS = [fx.MFCC, fx.LFCC, fx.OnsetStrength, fx.SpectralContrast]


def noise(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("kind", OWNERS)
@pytest.mark.parametrize("channels", [1, 2, 3])
def test_each_example_has_the_feature_of_its_own_top_db(kind, channels):
    x = noise(2, channels, 9000)
    y = kind(top_db=TOP)(x, sample_rate=8000)
    for index, value in enumerate(VALUES):
        torch.testing.assert_close(y[index], kind(top_db=value)(x[index], sample_rate=8000))


@pytest.mark.parametrize("kind", OWNERS)
def test_each_channel_has_its_own_top_db(kind):
    """The largest level is that of all channels, as with a single value."""
    x = noise(2, 9000)
    y = kind(top_db=TOP)(x, sample_rate=8000)
    for index, value in enumerate(VALUES):
        torch.testing.assert_close(y[index], kind(top_db=value)(x, sample_rate=8000)[index])


@pytest.mark.parametrize("kind", OWNERS)
def test_blocks_without_frames_have_a_channel_for_each_value_too(kind):
    module, x = kind(top_db=torch.zeros(2)), noise(1, 9000)
    stream = module.stream(8000)
    y = torch.cat([stream(x[:, :10]), stream(x[:, 10:]), stream.flush()], -1)
    torch.testing.assert_close(y, module(x, sample_rate=8000))

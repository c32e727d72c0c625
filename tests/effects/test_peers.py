"""Effects that pedalboard has too: by how much the outputs differ. It is installed for benchmarks only."""

import numpy as np
import pytest
import torch

import fxlab as fx

pedalboard = pytest.importorskip("pedalboard")
RATE = 44_100


def speech() -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    time = torch.arange(2 * RATE) / RATE
    gate = 0.1 + 0.8 * (torch.sin(8.2 * time) > 0)
    return gate * (0.6 * torch.sin(1382 * time) + 0.2 * torch.randn(2, len(time), generator=generator))


def peer(effect, x: torch.Tensor) -> torch.Tensor:
    return torch.from_numpy(effect(x.numpy(), RATE))


def test_a_distortion_is_the_same_tanh():
    x = speech()
    torch.testing.assert_close(
        fx.Distortion(25.0)(x, sample_rate=RATE), peer(pedalboard.Distortion(25.0), x), rtol=0, atol=2e-6
    )


def test_clipping_is_the_same():
    x = speech()
    clipped = fx.Distortion(12.0, "hard")(x, sample_rate=RATE) * 10 ** (-12 / 20)
    torch.testing.assert_close(clipped, peer(pedalboard.Clipping(-12.0), x), rtol=0, atol=1e-6)


def test_a_bit_crusher_has_half_as_many_levels_per_bit():
    """pedalboard counts the levels between 0 and 1, we between -1 and 1."""
    x = speech().clamp(-0.99, 0.99)
    ours, theirs = fx.BitCrush(9.0)(x, sample_rate=RATE), peer(pedalboard.Bitcrush(8), x)
    steps = (ours - theirs).abs() * 256
    assert np.quantile(steps.numpy(), 0.99) <= 1.0 + 1e-4


@pytest.mark.parametrize("level", [-30.0, -20.0, -10.0, 0.0])
def test_a_compressor_has_the_same_static_curve(level):
    """pedalboard follows the level in linear amplitude, and we the reduction in dB, so only the steady states agree."""
    x = torch.full((1, RATE), 10 ** (level / 20))
    ours = fx.Compressor(-20.0, 4.0, knee_db=0.0)(x, sample_rate=RATE)[0, -1]
    theirs = peer(pedalboard.Compressor(-20.0, 4.0, 10.0, 100.0), x)[0, -1]
    assert 20 * torch.log10(ours / theirs).item() == pytest.approx(0.0, abs=0.1)

"""A transient shaper: its gains at a step and after it, from the formulas of the envelopes."""

import math

import pytest
import torch

import fxlab as fx

RATE = 48_000


def step(on: int, off: int) -> torch.Tensor:
    return torch.cat([torch.ones(1, on), torch.zeros(1, off)], -1).double()


def test_the_gain_at_the_start_of_a_sound_is_that_of_the_envelopes():
    shaper = fx.TransientShaper(attack_db=9.0, sustain_db=0.0, attack_ms=20.0)
    gain = -shaper.gain_reduction_db(step(RATE // 2, 0), sample_rate=RATE)[0]
    for ms in (0.5, 2.0, 10.0, 50.0):
        at = round(ms / 1000 * RATE)
        expected = 9.0 * (1 - (1 - math.exp(-ms / 20)) / (1 - math.exp(-ms / 1)))
        assert gain[at - 1].item() == pytest.approx(expected, rel=1e-3)
    assert abs(gain[-1]) < 1e-3


def test_the_gain_while_a_sound_fades_is_that_of_the_envelopes():
    shaper = fx.TransientShaper(attack_db=0.0, sustain_db=-6.0, release_ms=300.0)
    gain = -shaper.gain_reduction_db(step(RATE // 2, RATE // 4), sample_rate=RATE)[0]
    assert gain[: RATE // 2].abs().max() < 1e-3
    for ms in (1.0, 20.0, 100.0):
        at = RATE // 2 + round(ms / 1000 * RATE) - 1
        assert gain[at].item() == pytest.approx(-6.0 * (1 - math.exp(-ms / 20 + ms / 300)), rel=1e-3)


def test_it_does_not_depend_on_the_level():
    x = fx.examples.drums().samples.double()
    shaper = fx.TransientShaper(6.0, -6.0)
    loud = shaper(x, sample_rate=RATE)
    torch.testing.assert_close(shaper(0.1 * x, sample_rate=RATE), 0.1 * loud, rtol=0, atol=3e-4)


@pytest.mark.parametrize("link", [True, False])
def test_blocks_equal_one_call_and_zero_gains_change_nothing(link):
    x = torch.randn(2, 1500, dtype=torch.float64)
    shaper = fx.TransientShaper(6.0, 4.0, link=link)
    stream = shaper.stream(RATE)
    y = torch.cat([stream(block) for block in x.split([1, 7, 512, 980], -1)], -1)
    torch.testing.assert_close(y, shaper(x, sample_rate=RATE), rtol=0, atol=1e-12)
    assert torch.equal(fx.TransientShaper(0.0, 0.0)(x, sample_rate=RATE), x)
    assert torch.equal(shaper(0 * x, sample_rate=RATE), 0 * x)


def test_gradients():
    generator = torch.Generator().manual_seed(2)
    x = torch.randn(1, 60, dtype=torch.float64, generator=generator).requires_grad_()
    values = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (6.0, 3.0, 20.0, 100.0)]
    assert torch.autograd.gradcheck(lambda x, *v: fx.TransientShaper(*v)(x, sample_rate=1000), (x, *values))

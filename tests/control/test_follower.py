"""A follower: its levels, its side chain, and that it is causal."""

from __future__ import annotations

import pytest
import torch

import fxlab as fx

RATE = 44_100


def noise(*shape: int) -> torch.Tensor:
    return 0.3 * torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(6))


def test_it_goes_from_low_at_silence_to_high_at_full_scale():
    x = torch.cat([torch.zeros(1, 100), torch.ones(1, 4000)], -1).double()
    gain = fx.Gain(gain_db=fx.Follower(attack_ms=1.0, low=-40.0, high=-20.0))(x, sample_rate=RATE)
    level = 20 * gain[0, 100:].log10()
    assert level[-1].item() == pytest.approx(-20.0, abs=1e-3)
    after = round(0.001 * RATE)
    assert level[after - 1].item() == pytest.approx(-40.0 + 20.0 * 0.632, abs=0.3)


@pytest.mark.parametrize(
    "module",
    [
        fx.LowPass(cutoff=fx.Follower(low=200.0, high=4000.0)),
        fx.LowPass(cutoff=fx.Follower(low=200.0, high=4000.0, link=False)),
        fx.WindowedSinc(cutoff=fx.Follower(low=200.0, high=4000.0)),
        fx.StateVariable(cutoff=fx.Follower(low=torch.tensor([200.0, 400.0]), high=4000.0)),
        fx.Mix(fx.LowPass(cutoff=fx.Follower(low=200.0, high=4000.0)), mix=fx.LFO(3.0, 0.0, 1.0)),
        fx.Tremolo(rate_hz=fx.Follower(low=1.0, high=9.0)),
        fx.Gain(gain_db=fx.Follower(low=-20.0, high=0.0, of=fx.noise(duration=0.1, sample_rate=RATE, seed=1))),
    ],
    ids=lambda module: type(module).__name__,
)
def test_a_stream_equals_one_call_and_no_sample_depends_on_later_ones(module):
    x = noise(2, 2, 1500)
    y, stream = module(x, sample_rate=RATE), module.stream(RATE)
    blocks = torch.cat([stream(block) for block in x.split([1, 7, 16, 300, 1176], -1)], -1)
    torch.testing.assert_close(blocks, y, rtol=0, atol=1e-11)
    later = x.clone()
    later[..., 1000:] *= 5
    torch.testing.assert_close(module(later, sample_rate=RATE)[..., :1000], y[..., :1000], rtol=0, atol=1e-12)


def test_gradients_reach_its_times_and_limits():
    x = noise(1, 60)

    def run(*values):
        return fx.LowPass(cutoff=fx.Follower(*values))(x, sample_rate=1000)

    values = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (3.0, 20.0, 50.0, 300.0, 3.0)]
    assert torch.autograd.gradcheck(run, values)


def test_a_followed_signal_that_does_not_fit_is_refused():
    side = fx.noise(duration=0.01, sample_rate=RATE)
    module = fx.Gain(gain_db=fx.Follower(low=-20.0, high=0.0, of=side))
    with pytest.raises(fx.SignalError, match="follows has 441 samples and the input at least 1000"):
        module(noise(1, 1000), sample_rate=RATE)
    with pytest.raises(fx.SignalError, match="runs at 44100 Hz and the input at 48000 Hz"):
        module(noise(1, 100), sample_rate=48_000)
    with pytest.raises(fx.ParameterError, match="not part of a dictionary"):
        module.to_dict()
    with pytest.raises(fx.ParameterError, match="it must be a Signal"):
        fx.Follower(of=noise(1, 10))

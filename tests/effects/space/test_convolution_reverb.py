"""Convolution with a recorded room: against SciPy, channels, tail, streams, errors."""

import numpy as np
import pytest
import scipy.signal
import torch

import fxlab as fx

RATE = 16_000


def room(channels: int = 1, seconds: float = 0.3, seed: int = 2) -> torch.Tensor:
    time = torch.arange(int(seconds * RATE)) / RATE
    noise = torch.randn(channels, len(time), generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return noise * torch.exp(-time / 0.05)


@pytest.mark.parametrize("tail", ["cut", "ring"])
@pytest.mark.parametrize(("inputs", "responses"), [(1, 1), (2, 1), (2, 2), (1, 2)])
def test_it_is_the_convolution_of_scipy(tail, inputs, responses):
    x, h = torch.randn(inputs, 5000, dtype=torch.float64), room(responses)
    y = fx.ConvolutionReverb(fx.Signal(h, RATE), mix=0.4, normalize="none", tail=tail)(x, sample_rate=RATE)
    channels = max(inputs, responses)
    wide, taps = x.expand(channels, -1), h.expand(channels, -1)
    full = np.stack([scipy.signal.fftconvolve(a, b) for a, b in zip(wide.numpy(), taps.numpy(), strict=True)])
    expected = 0.4 * torch.from_numpy(full)
    expected[:, :5000] += 0.6 * wide
    torch.testing.assert_close(y, expected if tail == "ring" else expected[:, :5000], rtol=0, atol=1e-9)


def test_a_normalized_room_keeps_the_level_of_noise():
    x = torch.randn(2, 60_000)
    y = fx.ConvolutionReverb(fx.Signal(10 * room(2), RATE), mix=1.0)(x, sample_rate=RATE)
    assert y[:, 10_000:].square().mean().item() == pytest.approx(1.0, rel=0.1)


@pytest.mark.slow
@pytest.mark.parametrize("size", [1, 7, 512, 3000])
@pytest.mark.parametrize("mix", [0.5, fx.LFO(4.0, 0.1, 0.9)])
def test_blocks_equal_one_call_with_the_tail(size, mix):
    reverb = fx.ConvolutionReverb(fx.Signal(room(2), RATE), mix=mix, tail="ring")
    x = torch.randn(2, 200 if size == 1 else 6000, dtype=torch.float64)
    stream = reverb.stream(RATE)
    y = torch.cat([*(stream(block) for block in x.split(size, -1)), stream.flush()], -1)
    torch.testing.assert_close(y, reverb(x, sample_rate=RATE), rtol=0, atol=1e-9)


def test_gradients_reach_the_impulse_response_and_the_mix():
    taps = torch.randn(2, 12, dtype=torch.float64, requires_grad=True)
    x, mix = torch.randn(3, 2, 30, dtype=torch.float64), torch.tensor([0.2, 0.5, 0.9], dtype=torch.float64)

    def run(taps, mix):
        return fx.ConvolutionReverb(taps, mix, tail="ring")(x, sample_rate=RATE)

    assert torch.autograd.gradcheck(run, (taps, mix.requires_grad_()))


def test_a_room_that_does_not_fit_is_refused():
    with pytest.raises(fx.SignalError, match="the impulse response has 2 channels and the signal 3"):
        fx.ConvolutionReverb(room(2))(torch.ones(3, 9), sample_rate=RATE)
    with pytest.raises(fx.ParameterError, match=r"recorded at 16000 Hz and the signal has 48000 Hz"):
        fx.ConvolutionReverb(fx.Signal(room(), RATE))(torch.ones(1, 9), sample_rate=48_000)
    with pytest.raises(fx.ParameterError, match="silent"):
        fx.ConvolutionReverb([0.0, 0.0])(torch.ones(1, 9), sample_rate=RATE)


def test_it_agrees_with_pedalboard(tmp_path):
    """Pedalboard scales the impulse response, so the outputs are equal up to a factor."""
    pedalboard = pytest.importorskip("pedalboard")
    path = tmp_path / "room.wav"
    h = fx.Signal(0.1 * room().float(), RATE)
    h.save(path)
    x = torch.randn(1, 20_000)
    theirs = torch.from_numpy(pedalboard.Convolution(str(path), mix=1.0)(x.numpy(), RATE))[0]
    ours = fx.ConvolutionReverb(h, mix=1.0)(x, sample_rate=RATE)[0]
    scale = (ours * theirs).sum() / (theirs * theirs).sum()
    assert (ours - scale * theirs).square().mean() < 1e-4 * ours.square().mean()

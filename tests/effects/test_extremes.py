"""Every effect of level or waveform on constants, squares, other rates, many channels and denormal numbers."""

import pytest
import torch

import fxlab as fx
from fxlab.effects.dynamics.gain_reduction import GainReduction

EFFECTS = {
    "compressor": fx.Compressor,
    "expander": fx.Expander,
    "gate": fx.Gate,
    "limiter": fx.Limiter,
    "limiter of true peaks": lambda: fx.Limiter(peak="true"),
    "transient shaper": lambda: fx.TransientShaper(6.0, -6.0),
    "de-esser": fx.DeEsser,
    "multiband compressor": fx.MultibandCompressor,
    **{f"distortion {shape}": lambda shape=shape: fx.Distortion(12.0, shape, 2) for shape in ("tanh", "fold", "fuzz")},
    "antiderivative": lambda: fx.Distortion(12.0, "soft", 1, "antiderivative"),
    "overdrive": fx.Overdrive,
    "waveshaper": fx.WaveShaper,
    "bit crusher": fx.BitCrush,
    "quantizer": lambda: fx.Quantize(dither="none"),
    "shaped dither": lambda: fx.Quantize(dither="shaped"),
    "decimation": fx.Decimate,
    "mu-law": fx.MuLaw,
}


@pytest.mark.parametrize("name", EFFECTS)
@pytest.mark.parametrize("rate", [16_000, 192_000])
def test_constants_and_squares_give_finite_bounded_samples(name, rate):
    square = torch.sign(torch.sin(torch.arange(3000) * 0.01 + 0.005))
    for x in (torch.ones(1, 3000), square.expand(8, -1), torch.full((2, 3000), -1e-3), torch.zeros(1, 3000)):
        y = EFFECTS[name]()(x, sample_rate=rate)
        assert y.shape == x.shape
        assert bool(torch.isfinite(y).all())
        assert y.abs().max() <= max(9.0 * float(x.abs().max()), 1e-3 if name == "shaped dither" else 0.0)


@pytest.mark.parametrize("name", [name for name in EFFECTS if name not in ("quantizer", "shaped dither")])
def test_a_sound_that_ends_leaves_no_denormal_numbers(name):
    """Arithmetic with them takes a hundred times as long."""
    x = torch.cat([torch.randn(1, 2000), torch.zeros(1, 60_000)], -1)
    y = EFFECTS[name]()(x, sample_rate=16_000)
    tail = y[:, -20_000:].abs()
    assert not bool(((tail > 0) & (tail < torch.finfo(torch.float32).tiny)).any())


@pytest.mark.parametrize("name", EFFECTS)
def test_very_quiet_sounds_pass_with_finite_gradients(name):
    x = (torch.randn(2, 400) * 1e-38).requires_grad_()
    y = EFFECTS[name]()(x, sample_rate=48_000)
    assert bool(torch.isfinite(torch.autograd.grad(y.sum(), x)[0]).all())


SPACES = {
    "convolution": lambda: fx.ConvolutionReverb([0.5, 0.2]),
    "delay network": fx.FeedbackDelayNetwork,
    "reverb": lambda: fx.Reverb(tail="ring"),
    "room": fx.Room,
    "auto-wah": fx.AutoWah,
}


@pytest.mark.parametrize("name", EFFECTS | SPACES)
@pytest.mark.parametrize("shape", [(0, 100), (2, 0, 100)])
def test_no_channels_give_no_channels(name, shape):
    effect, x = (EFFECTS | SPACES)[name](), torch.zeros(shape, requires_grad=True)
    y = effect(x, sample_rate=48_000)
    assert y.shape[:-1] == shape[:-1]
    assert torch.autograd.grad(y.sum(), x)[0].shape == shape
    stream = effect.stream(48_000)
    blocks = [stream(x.detach()), stream.flush()]
    assert torch.cat([block for block in blocks if block is not None], -1).shape == y.shape
    if isinstance(effect, GainReduction):
        assert effect.gain_reduction_db(x, sample_rate=48_000).numel() == 0


def test_no_channels_are_normalized_to_no_channels():
    assert fx.Normalize()(torch.zeros(2, 0, 100), sample_rate=48_000).shape == (2, 0, 100)

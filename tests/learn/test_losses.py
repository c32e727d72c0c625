"""The losses: auraloss as a reference, silence, gradients and wrong shapes."""

from __future__ import annotations

import math

import auraloss
import pytest
import torch

import fxlab as fx
from fxlab.learn.losses.loss import Loss

LOSSES: dict[str, Loss] = {
    "ESR": fx.losses.ESR(),
    "SISDR": fx.losses.SISDR(),
    "LogCosh": fx.losses.LogCosh(),
    "MultiResolutionSTFT": fx.losses.MultiResolutionSTFT(),
    "LogSpectrum": fx.losses.LogSpectrum(44_100),
    "LogMel": fx.losses.LogMel(44_100),
    "Loudness": fx.losses.Loudness(44_100),
    "WaveformAndSpectrum": fx.losses.WaveformAndSpectrum(44_100),
}


def signals(*shape: int, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    target = torch.randn(*shape, generator=generator, dtype=torch.float64)
    return 0.7 * target + 0.2 * torch.randn(*shape, generator=generator, dtype=torch.float64), target


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (fx.losses.ESR(), auraloss.time.ESRLoss()),
        (fx.losses.SISDR(), auraloss.time.SISDRLoss()),
        (fx.losses.LogCosh(), auraloss.time.LogCoshLoss(eps=0.0)),
        (fx.losses.MultiResolutionSTFT(), auraloss.freq.MultiResolutionSTFTLoss()),
        (
            fx.losses.MultiResolutionSTFT((512, 256), (64, 32), (400, 256), convergence=0.5, log_magnitude=2.0),
            auraloss.freq.MultiResolutionSTFTLoss([512, 256], [64, 32], [400, 256], w_sc=0.5, w_log_mag=2.0),
        ),
    ],
    ids=["ESR", "SISDR", "LogCosh", "MultiResolutionSTFT", "resolutions"],
)
def test_the_losses_are_those_of_auraloss(ours, theirs):
    # The spectral convergence of auraloss is that of the whole batch, and here of each channel of each example.
    output, target = signals(1, 1, 5000) if "MultiResolution" in type(ours).__name__ else signals(3, 2, 5000)
    assert torch.allclose(ours(output, target), theirs(output, target).double(), rtol=2e-5)


@pytest.mark.parametrize("name", LOSSES)
def test_silence_has_a_finite_loss_and_gradient(name):
    silence, (noise, other) = torch.zeros(1, 4000, dtype=torch.float64), signals(1, 4000)
    for output, target in ((silence, silence), (noise, other), (silence, noise), (noise, silence)):
        y = output.clone().requires_grad_()
        loss = LOSSES[name](y, target)
        loss.backward()
        assert loss.isfinite()
        assert y.grad.isfinite().all()


@pytest.mark.parametrize("name", LOSSES)
def test_examples_are_apart_and_the_mean_is_the_loss(name):
    output, target = signals(4, 2, 4000)
    each = LOSSES[name].per_example(output, target)
    assert each.shape == (4,)
    assert torch.allclose(each[2], LOSSES[name](output[2], target[2]))
    assert torch.allclose(each.mean(), LOSSES[name](output, target))


@pytest.mark.parametrize("name", LOSSES)
def test_equal_signals_have_the_smallest_loss(name):
    output, target = signals(1, 4000)
    loss = LOSSES[name]
    assert loss(target, target) < loss(0.5 * (output + target), target) < loss(output, target)


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_loss_has_the_dtype_of_the_output(name, dtype):
    output, target = (x.to(dtype) for x in signals(1, 20_000))
    assert LOSSES[name](output, target).dtype == dtype


def test_a_gain_changes_the_log_spectrum_by_as_many_decibels():
    _, target = signals(1, 20_000)
    assert fx.losses.LogSpectrum(44_100)(10 ** (3 / 20) * target, target).item() == pytest.approx(3.0, abs=1e-6)


def test_signals_are_accepted_and_other_rates_and_lengths_are_not():
    a, b = fx.noise(duration=0.1, seed=1), fx.noise(duration=0.1, seed=2)
    assert fx.losses.ESR()(a, b).isfinite()
    with pytest.raises(fx.SignalError, match="sample rate of 44100 Hz and the target of 8000 Hz"):
        fx.losses.ESR()(a, fx.noise(duration=0.1, sample_rate=8000))
    with pytest.raises(fx.SignalError, match="1 channels of 4410 samples, and the target has 1 of 8820"):
        fx.losses.ESR()(a, fx.noise(duration=0.2))
    with pytest.raises(fx.SignalError, match="needs more than 1024"):
        fx.losses.MultiResolutionSTFT()(torch.zeros(1, 500), torch.zeros(1, 500))


@pytest.mark.parametrize("name", [name for name, loss in LOSSES.items() if loss.sample_rate])
def test_signals_of_another_rate_than_that_of_the_loss_are_not_accepted(name):
    x = fx.noise(duration=0.5, sample_rate=16_000, seed=1)
    y = x.samples.clone()
    for output, target, part in ((x, x, "output"), (x, y, "output"), (y, x, "target")):
        with pytest.raises(fx.SignalError, match=f"^{name}: the {part} has .* 16000 Hz and the loss of 44100 Hz; use"):
            LOSSES[name](output, target)
    assert type(LOSSES[name])(16_000)(x, x).isfinite()


def test_the_losses_with_a_sample_rate_are_those_that_need_it():
    named = {name for name, loss in LOSSES.items() if loss.sample_rate}
    assert named == {"LogSpectrum", "LogMel", "Loudness", "WaveformAndSpectrum"}


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("shape", [(0,), (2, 1, 0), (0, 1, 4000)])
def test_no_samples_are_an_error(name, shape):
    with pytest.raises(fx.SignalError, match=rf"{name}: the output has shape \(.*0.*\), which has no samples"):
        LOSSES[name](torch.zeros(shape), torch.zeros(shape))


@pytest.mark.parametrize("arguments", [{"n_fft": ()}, {"hop_length": (0, 1, 1)}, {"win_length": (4096, 16, 16)}])
def test_invalid_resolutions_are_errors(arguments):
    with pytest.raises(fx.ParameterError, match="MultiResolutionSTFT"):
        fx.losses.MultiResolutionSTFT(**arguments)


def test_log_cosh_keeps_its_digits_for_small_errors():
    for error in (1e-4, 3e-4, 0.04, 0.06):
        loss = fx.losses.LogCosh()(torch.full((1, 10), error), torch.zeros(1, 10)).item()
        assert loss == pytest.approx(math.log(math.cosh(error)), rel=2e-4, abs=1e-12)

"""The adaptive filters: padasip as a reference, blocks, gradients and learning curves."""

from __future__ import annotations

import padasip
import pytest
import torch

import fxlab as fx
from fxlab.learn import adaptive

RATE = 8000


def system(samples: int = 300, seed: int = 0) -> torch.Tensor:
    """Return a reference, and its output from a room of five taps with some noise, `(2, samples)`."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(samples, generator=generator, dtype=torch.float64)
    room = torch.tensor([0.5, -0.3, 0.2, 0.1, -0.05], dtype=torch.float64)
    echo = torch.nn.functional.conv1d(torch.nn.functional.pad(x, (4, 0))[None, None], room.flip(0)[None, None])[0, 0]
    return torch.stack([x, echo + 0.01 * torch.randn(samples, generator=generator, dtype=torch.float64)])


def rows(x: torch.Tensor, taps: int):
    return torch.nn.functional.pad(x, (taps - 1, 0)).unfold(-1, taps, 1).flip(-1).numpy()


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (adaptive.LMS(taps=5, step=0.02), padasip.filters.FilterLMS(5, mu=0.02, w="zeros")),
        (adaptive.NLMS(taps=5, step=0.7, epsilon=0.1), padasip.filters.FilterNLMS(5, mu=0.7, eps=0.1, w="zeros")),
        (
            adaptive.RLS(taps=5, forgetting=0.98, regularization=0.1),
            padasip.filters.FilterRLS(5, mu=0.98, eps=0.1, w="zeros"),
        ),
        (
            adaptive.AffineProjection(taps=5, order=3, step=0.3, epsilon=0.01),
            padasip.filters.FilterAP(5, order=3, mu=0.3, ifc=0.01, w="zeros"),
        ),
    ],
    ids=["LMS", "NLMS", "RLS", "AffineProjection"],
)
def test_the_errors_are_those_of_padasip(ours, theirs):
    x = system()
    _, error, _ = theirs.run(x[1].numpy(), rows(x[0], 5))
    found = ours.adapt(x, sample_rate=RATE)
    assert torch.allclose(found.error[0], torch.tensor(error), atol=1e-9)
    assert torch.allclose(found.weights, torch.tensor(theirs.w), atol=1e-9)
    ours.output = "estimate"
    assert torch.allclose(ours(x, sample_rate=RATE)[0], x[1] - torch.tensor(error), atol=1e-9)


FILTERS = [adaptive.LMS, adaptive.NLMS, adaptive.RLS, adaptive.AffineProjection]


@pytest.mark.parametrize("kind", FILTERS)
def test_blocks_of_any_size_equal_one_call(kind):
    x, module = system(200), kind(taps=7)
    whole, stream = module(x, sample_rate=RATE), module.stream(RATE)
    blocks = [stream(part) for part in x.split([1, 2, 0, 70, 64, 63], -1)]
    assert torch.allclose(torch.cat(blocks, -1), whole, atol=1e-10)


@pytest.mark.parametrize("kind", FILTERS)
def test_gradients_reach_the_input_and_the_parameters(kind):
    module = (kind(taps=3, epsilon=0.1) if "epsilon" in kind.declarations else kind(taps=3)).learn()
    x = system(12).requires_grad_()
    values = {name: value.detach().clone().requires_grad_() for name, value in module.named_parameters()}
    names = list(values)

    def run(x, *parameters):
        return torch.func.functional_call(
            module, dict(zip(names, parameters, strict=True)), (x,), {"sample_rate": RATE}
        )

    assert torch.autograd.gradcheck(run, (x, *values.values()), atol=1e-5)


@pytest.mark.parametrize("kind", FILTERS)
def test_examples_of_a_batch_adapt_by_themselves(kind):
    batch = torch.stack([system(150, seed) for seed in range(3)])
    module = kind(taps=4)
    together = module.adapt(batch, sample_rate=RATE)
    assert together.weights.shape == (3, 4)
    assert torch.allclose(together.error[1], module.adapt(batch[1], sample_rate=RATE).error, atol=1e-10)


def test_rls_and_affine_projection_converge_faster_than_nlms_for_a_voice():
    x = system(1500)
    colored = fx.LowPass(cutoff=500.0)(x[:1], sample_rate=RATE)
    desired = fx.FIR([0.5, -0.3, 0.2, 0.1, -0.05])(colored, sample_rate=RATE)
    signal = torch.cat([colored, desired])
    level = {
        kind.__name__: kind(taps=5).adapt(signal, sample_rate=RATE).error[0, 500:].square().mean().log10().item() * 10
        for kind in FILTERS[1:]
    }
    assert max(level["RLS"], level["AffineProjection"]) < level["NLMS"] - 20


def test_an_echo_is_cancelled_and_the_voice_remains():
    far, near = fx.noise(duration=1.0, sample_rate=RATE, seed=3), fx.examples.voice().mono()
    near = fx.Resample(RATE)(near).between(0.0, 1.0)
    echo = fx.FIR([0.0, 0.0, 0.6, 0.3, -0.2, 0.1])(far)
    microphone = near.samples + echo.samples
    canceller = adaptive.RLS(taps=16, forgetting=1.0)
    y = canceller(fx.Signal(torch.cat([far.samples, microphone]), RATE))
    residual = (y.samples - near.samples)[0, RATE // 2 :]
    assert residual.square().mean() < 0.03 * echo.samples[0, RATE // 2 :].square().mean()  # -15 dB


def test_float32_keeps_its_dtype_and_one_channel_is_an_error():
    assert adaptive.NLMS()(system(50).float(), sample_rate=RATE).dtype == torch.float32
    with pytest.raises(fx.SignalError, match=r"NLMS: the input has shape \(1, 50\); it must have two channels"):
        adaptive.NLMS()(torch.zeros(1, 50), sample_rate=RATE)
    with pytest.raises(fx.ParameterError, match="forgetting"):
        adaptive.RLS(forgetting=1.1)


def test_rls_survives_silence_and_a_tone():
    noise, tone = system(300)[0], torch.sin(0.1 * torch.arange(20_000, dtype=torch.float64))
    silence = torch.zeros(9600, dtype=torch.float64)
    paused = torch.cat([noise, silence, noise])
    for x, module in ((paused, adaptive.RLS(taps=8, forgetting=0.9)), (tone, adaptive.RLS(taps=16))):
        found = module.adapt(torch.stack([x, 0.5 * x]), sample_rate=RATE)
        assert found.error[0, -100:].abs().max() < 1e-3


def test_a_signal_has_its_own_sample_rate():
    signal = fx.Signal(system(50), RATE)
    found, same = adaptive.NLMS().adapt(signal), adaptive.NLMS().adapt(signal, sample_rate=RATE)
    assert torch.equal(found.error, same.error)
    with pytest.raises(fx.SignalError, match="NLMS: the signal runs at 8000 Hz, but sample_rate=44100 was given"):
        adaptive.NLMS().adapt(signal, sample_rate=44_100)

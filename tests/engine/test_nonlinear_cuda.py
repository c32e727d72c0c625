"""Convolution, envelopes and feedback delays give the same results on a CUDA device as on the CPU."""

from collections.abc import Callable

import pytest
import torch

from fxlab.engine import (
    StreamingConvolver,
    branching_smoother,
    convolve,
    decoupled_smoother,
    feedback_comb,
    feedback_delay,
    one_pole,
    schroeder_allpass,
)

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here"),
]


def assert_cuda_equal(function: Callable[..., torch.Tensor], *inputs: torch.Tensor, tolerance: float = 1e-5) -> None:
    """Compare values and gradients on both devices, for float32 inputs."""
    cpu_inputs = [value.clone().requires_grad_() for value in inputs]
    cuda_inputs = [value.cuda().requires_grad_() for value in inputs]
    y, z = function(*cpu_inputs), function(*cuda_inputs)
    assert z.device.type == "cuda"
    torch.testing.assert_close(z.cpu(), y, rtol=tolerance, atol=tolerance)
    weight = torch.linspace(-1, 1, y.shape[-1])
    cpu_grads = torch.autograd.grad((y * weight).sum(), cpu_inputs)
    cuda_grads = torch.autograd.grad((z * weight.cuda()).sum(), cuda_inputs)
    for a, b in zip(cpu_grads, cuda_grads, strict=True):
        scale = a.abs().max().item() + 1.0
        torch.testing.assert_close(b.cpu(), a, rtol=10 * tolerance, atol=10 * tolerance * scale)


def noise(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(len(shape)))


@pytest.mark.parametrize("taps", [1, 20, 500, 40_000])
def test_convolve(taps: int) -> None:
    assert_cuda_equal(convolve, noise(3, 60_000), noise(taps) / taps**0.5)


def test_streaming() -> None:
    x, h = noise(2, 8000).cuda(), noise(2, 40_000).cuda() / 200
    stream = StreamingConvolver(h)
    y = torch.cat([stream(block) for block in x.split(500, -1)], -1)
    torch.testing.assert_close(y, convolve(x, h), rtol=1e-4, atol=1e-4)


def test_envelopes() -> None:
    attack, release = torch.tensor(0.99), torch.tensor([0.9999, 0.999])
    for follower in (branching_smoother, decoupled_smoother):
        assert_cuda_equal(lambda x, a, r, follow=follower: follow(x, a, r)[0], noise(2, 60_000).abs(), attack, release)
    assert_cuda_equal(lambda x, p: one_pole(x, p)[0], noise(2, 60_000), attack)


def test_feedback_delays() -> None:
    gain, damping = torch.tensor(0.8), torch.tensor(0.3)
    assert_cuda_equal(lambda x, g: feedback_comb(x, 300, g)[0], noise(2, 40_000), gain)
    assert_cuda_equal(lambda x, g: schroeder_allpass(x, [30, 500], g)[0], noise(2, 40_000), gain)
    assert_cuda_equal(lambda x, g, d: feedback_delay(x, [300, 411], g, d)[0], noise(2, 40_000), gain, damping)

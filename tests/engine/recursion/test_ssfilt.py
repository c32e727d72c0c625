"""State-space filters against SciPy's `dlsim` and against a loop over samples."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.signal as ss
import torch
from torch import Tensor

from fxlab.engine import ssfilt, ssfilt_saturating, ssfilt_varying
from fxlab.errors import EngineError
from tests.support.signals import noise


def systems(*lead: int, n: int = 3, seed: int = 1) -> Tensor:
    """Return random systems whose state shrinks by a tenth or more in each sample."""
    matrices = noise(*lead, n + 1, n + 1, seed=seed)
    matrices[..., :n, :n] *= 0.9 / torch.linalg.matrix_norm(matrices[..., :n, :n], 2)[..., None, None]
    return matrices


def sample_loop(x: Tensor, frames: Tensor, hop: int, s: Tensor) -> tuple[Tensor, Tensor]:
    out = []
    for k in range(x.shape[-1]):
        M = frames[k // hop]
        out.append(s @ M[-1, :-1] + M[-1, -1] * x[..., k])
        s = s @ M[:-1, :-1].T + x[..., k, None] * M[:-1, -1]
    return torch.stack(out, -1), s


@pytest.mark.parametrize("time", [1, 2, 63, 1000])
def test_ssfilt_against_scipy_dlsim(time):
    system, x, first = systems(), noise(time), noise(3, seed=2)
    M = system.numpy()
    expected = ss.dlsim((M[:3, :3], M[:3, 3:], M[3:, :3], M[3:, 3:], 1.0), x.numpy(), x0=first.numpy())[1][:, 0]
    y, last = ssfilt(x, system, first)
    np.testing.assert_allclose(y, expected, rtol=0, atol=1e-12)
    torch.testing.assert_close(last, sample_loop(x, system[None], time, first)[1], rtol=0, atol=1e-12)


@pytest.mark.parametrize("hop", [1, 2, 7, 100, 5000])
def test_varying_matrices_against_a_sample_loop(hop):
    x, first = noise(2, 1013), noise(2, 3, seed=2)
    frames = systems(-(-1013 // hop))
    y, last = ssfilt_varying(x, frames, first, hop_length=hop)
    expected, end = sample_loop(x, frames, hop, first)
    torch.testing.assert_close(y, expected, rtol=0, atol=1e-12)
    torch.testing.assert_close(last, end, rtol=0, atol=1e-12)


@pytest.mark.slow
def test_a_system_for_each_row_over_many_tiles():
    x, frames = noise(3, 2, 40_000), systems(3, 1, 40_000, n=2)
    y, last = ssfilt_varying(x.float(), frames)
    assert y.dtype == torch.float32
    for row in range(3):
        single, end = ssfilt_varying(x[row].float(), frames[row, 0])
        torch.testing.assert_close(y[row], single, rtol=0, atol=0)
        torch.testing.assert_close(last[row], end, rtol=0, atol=1e-12)
    many, _ = ssfilt_varying(x[0], frames[0, 0])
    torch.testing.assert_close(many, sample_loop(x[0], frames[0, 0], 1, torch.zeros(2, 2).double())[0])


def test_gradients_to_signal_system_and_state():
    x, system, state = noise(2, 9), systems(5, n=2), noise(2, 2, seed=4)
    leaves = [value.requires_grad_() for value in (x, system, state)]
    assert torch.autograd.gradcheck(lambda x, M, s: ssfilt_varying(x, M, s, hop_length=2), leaves)
    assert torch.autograd.gradcheck(lambda x, M, s: ssfilt(x, M[0], s), leaves)


def saturating_sample_loop(x: Tensor, M: Tensor, k: float, a: float) -> Tensor:
    A, B, C, D = (part.numpy() for part in (M[:-1, :-1], M[:-1, -1], M[-1, :-1], M[-1, -1]))
    s, out = np.zeros(len(A)), []
    for v in x.tolist():
        low, high = -abs(v) - k * np.abs(C @ s) - 1, abs(v) + k * np.abs(C @ s) + 1
        for _ in range(100):
            e = (low + high) / 2
            low, high = (e, high) if e + k * (C @ s + D * math.tanh(a * e) / a) < v else (low, e)
        u = math.tanh(a * e) / a
        out.append(C @ s + D * u)
        s = A @ s + B * u
    return torch.tensor(np.array(out))


@pytest.mark.parametrize(("k", "a", "level"), [(0.0, 1.0, 1.0), (0.8, 3.0, 1.0), (2.0, 1.0, 100.0), (6.0, 0.5, 1.0)])
def test_saturating_loop_against_a_sample_loop(k, a, level):
    M, x = systems(), level * noise(700)
    M[-1, -1] = M[-1, -1].abs()
    feedback, drive = (torch.tensor([value], dtype=torch.float64) for value in (k, a))
    y, _ = ssfilt_saturating(x, M[None], feedback, drive, hop_length=700)
    expected = saturating_sample_loop(x, M, k, a)
    torch.testing.assert_close(y, expected, rtol=0, atol=1e-10 * float(expected.abs().max()))


def test_gradients_through_a_saturating_loop():
    M = systems(5, n=2)
    M[:, -1, -1] = 0.7
    x, state = noise(2, 9), noise(2, 2, seed=4)
    feedback, drive = noise(5, seed=5).abs(), noise(5, seed=6).abs() + 0.5
    leaves = [value.requires_grad_() for value in (x, M, feedback, drive, state)]
    assert torch.autograd.gradcheck(lambda *v: ssfilt_saturating(*v, hop_length=2), leaves)


def test_empty_signal():
    for run in (lambda x, M: ssfilt(x, M[0]), ssfilt_varying):
        y, state = run(torch.zeros(2, 0), systems(0 if run is ssfilt_varying else 1))
        assert y.shape == (2, 0)
        assert state.shape == (2, 3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ssfilt(noise(4), noise(3, 4)), r"system has the shape \(3, 4\)"),
        (lambda: ssfilt(noise(4), torch.full((2, 2), torch.inf).double()), "not finite"),
        (lambda: ssfilt(noise(4), systems().float()), "at least as precise"),
        (lambda: ssfilt(noise(3, 4), systems(2)), "do not broadcast"),
        (lambda: ssfilt(noise(4), systems(), noise(4)), r"state has the shape \(4,\)"),
        (lambda: ssfilt_varying(noise(4), systems()), r"must be \(..., frames"),
        (lambda: ssfilt_varying(noise(4), systems(3)), "3 frames; 4 samples in hops of 1 need 4"),
        (lambda: ssfilt_varying(noise(4), systems(4), hop_length=0), "hop_length is 0"),
        (lambda: ssfilt_saturating(noise(4), systems(4), noise(3), noise(1)), r"feedback has the shape \(3,\)"),
        (lambda: ssfilt_saturating(noise(4), systems(4), 0.5, noise(1)), "feedback is a float; it must be a tensor"),
        (lambda: ssfilt_saturating(noise(4), systems(4), noise(1), noise(1).long()), "drive has dtype torch.int64"),
        (
            lambda: ssfilt_saturating(noise(2, 4), systems(4), noise(1), noise(3, 1)),
            r"drive has the shape \(3, 1\); its leading dimensions \(3,\) do not broadcast .*\(2,\)",
        ),
    ],
)
def test_invalid_arguments_raise(call, message):
    with pytest.raises(EngineError, match=message):
        call()


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
def test_cuda_equals_cpu():
    x, frames, loop = noise(2, 3000), systems(3000), torch.tensor([0.8]).double()
    frames[:, -1, -1] = frames[:, -1, -1].abs()
    for run in (
        lambda x, M, k: ssfilt(x, M[0])[0],
        lambda x, M, k: ssfilt_varying(x, M)[0],
        lambda x, M, k: ssfilt_saturating(x, M, k, k)[0],
    ):
        on_cuda = run(x.cuda(), frames.cuda(), loop.cuda())
        torch.testing.assert_close(on_cuda.cpu(), run(x, frames, loop), rtol=0, atol=1e-9)


@pytest.mark.parametrize(("n", "hop"), [(1, 1), (2, 16), (4, 16), (3, 100), (2, 3000)])
@pytest.mark.parametrize("batch", [(), (3,), (2, 1)])
def test_chunks_without_derivatives_equal_the_scan_of_pairs(n, hop, batch):
    generator = torch.Generator().manual_seed(n)
    x = torch.randn(2, 3, 5000, dtype=torch.float64, generator=generator)
    frames = 0.5 * torch.randn(*batch, -(-5000 // hop), n + 1, n + 1, dtype=torch.float64, generator=generator) / n
    state = torch.randn(2, 3, n, dtype=torch.float64, generator=generator)
    y, after = ssfilt_varying(x, frames, state, hop_length=hop)
    expected, last = ssfilt_varying(x.clone().requires_grad_(), frames, state, hop_length=hop)
    torch.testing.assert_close(y, expected, rtol=1e-9, atol=1e-11)
    torch.testing.assert_close(after, last, rtol=1e-9, atol=1e-11)

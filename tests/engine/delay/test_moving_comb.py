"""The feedback comb with a moving delay: against a loop over samples, in blocks, with gradients, and in silence."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from fxlab.engine.delay.fractional_delay import lagrange_taps
from fxlab.engine.delay.moving_comb import moving_comb


def loop(x: torch.Tensor, delay: np.ndarray, gain: np.ndarray) -> np.ndarray:
    """The definition, sample by sample, with linear interpolation."""
    written = x.numpy().copy()
    for n in range(len(written)):
        whole = int(np.floor(delay[n]))
        share = delay[n] - whole
        for lag, weight in ((whole, 1 - share), (whole + 1, share)):
            if n >= lag:
                written[n] += gain[n] * weight * written[n - lag]
    return written


def moving_delay(rows: int, time: int) -> torch.Tensor:
    phases = torch.arange(rows)[:, None] * 1.3
    return 12 + 10.9 * torch.sin(torch.arange(time) * 0.05 + phases).double()


@pytest.mark.parametrize("rows", [1, 2, 3])
@pytest.mark.parametrize("shared", [True, False])
def test_it_equals_a_loop_over_samples(rows, shared):
    x, delay = torch.randn(rows, 300, dtype=torch.float64), moving_delay(1 if shared else rows, 300)
    taps = lagrange_taps(delay[0] if shared else delay, 1, torch.float64)
    gain = torch.linspace(-0.9, 0.9, 300, dtype=torch.float64)
    _, written = moving_comb(x, torch.zeros(rows, 30, dtype=torch.float64), taps, gain)
    for row in range(rows):
        expected = loop(x[row], delay[0 if shared else row].numpy(), gain.numpy())
        np.testing.assert_allclose(written[row], expected, atol=1e-12)


@pytest.mark.parametrize("order", [1, 2, 3, 5])
@pytest.mark.parametrize("shape", [(200,), (2, 200), (3, 2, 200)])
def test_with_and_without_derivatives_the_result_is_the_same(order, shape):
    x, line = torch.randn(*shape, dtype=torch.float64), torch.randn(*shape[:-1], 40, dtype=torch.float64)
    for delay in (moving_delay(1, 200)[0], torch.tensor(7.3).double()):
        taps = lagrange_taps(delay, order, torch.float64)
        plain = moving_comb(x, line, taps, torch.tensor(0.7).double())
        tracked = moving_comb(x.clone().requires_grad_(), line, taps, torch.tensor(0.7).double())
        torch.testing.assert_close(plain, tracked, rtol=0, atol=1e-12)


def test_an_examples_gain_broadcasts():
    x, line = torch.randn(2, 50, dtype=torch.float64), torch.zeros(2, 20, dtype=torch.float64)
    taps, gains = lagrange_taps(torch.tensor(4.6).double(), 1, torch.float64), torch.tensor([[0.3], [-0.8]]).double()
    _, written = moving_comb(x, line, taps, gains)
    for row in range(2):
        _, alone = moving_comb(x[row], line[row], taps, gains[row])
        torch.testing.assert_close(written[row], alone)


def test_gradients_are_exact():
    def run(x, line, delay, gain):
        return moving_comb(x, line, lagrange_taps(delay, 3, torch.float64), gain)

    inputs = (torch.randn(2, 30), torch.randn(2, 12), 4.5 + torch.rand(30), torch.tensor(0.6))
    assert torch.autograd.gradcheck(run, [value.double().requires_grad_() for value in inputs])


def test_no_sample_becomes_denormal():
    x = torch.zeros(2, 60_000)
    x[:, 0] = 1.0
    taps = lagrange_taps(torch.tensor(30.0).double().expand(60_000), 1, torch.float32)
    _, written = moving_comb(x, torch.zeros(2, 40), taps, torch.tensor(0.5))
    assert written[:, 3000:].abs().max() < 1e-30
    assert not written[:, -20_000:].any()


def test_no_samples():
    taps = lagrange_taps(torch.zeros(0).double() + 3, 1, torch.float32)
    read, written = moving_comb(torch.zeros(2, 0), torch.zeros(2, 5), taps, torch.tensor(0.5))
    assert read.shape == written.shape == (2, 0)

"""The gradients of the analysis of linear time-invariant modules."""

from __future__ import annotations

import math

import pytest
import torch

import fxlab as fx

RATE = 48_000.0


@pytest.mark.slow
@pytest.mark.parametrize("ask", ["response", "group_delay", "phase_delay", "phase", "impulse_response", "sos", "poles"])
@pytest.mark.parametrize("shape", [(), (2,)])
def test_results_keep_the_gradient(ask, shape):
    place = torch.full(shape, 0.4, dtype=torch.float64).requires_grad_()
    f = torch.tensor([100.0, 900.0, 5000.0])
    kinds = {
        "peak": lambda p: fx.Peak(3000 * p, 20 * p, 1 + p),
        "chain": lambda p: fx.LowPass(2000 * p, 1 + p) | fx.HighPass(100 * p),
        "sum": lambda p: fx.LowPass(2000 * p, 1 + p) + fx.HighPass(4000 * p),
        "mix": lambda p: fx.Mix(fx.LowPass(2000 * p), p),
    }
    for name, make in kinds.items():
        if ask == "sos" and name in ("sum", "mix"):
            continue  # their sections are paired by SciPy, without gradient

        def run(p, make=make):
            answer = getattr(make(p), ask)
            out = (
                answer(RATE, duration=0.0005)
                if ask == "impulse_response"
                else answer(f, RATE)
                if ask in ("response", "group_delay", "phase_delay", "phase")
                else answer(RATE)
            )
            return torch.view_as_real(out) if out.is_complex() else out

        assert torch.autograd.gradcheck(run, (place,), atol=1e-6, rtol=1e-4)


def test_zeros_of_a_sum_keep_the_gradient():
    """The zeros of a sum have no order, so that symmetric functions of them are differentiated."""

    def run(p):
        zeros = (fx.LowPass(2000 * p, 1 + p) + fx.HighPass(4000 * p)).zeros(RATE)
        return torch.stack([zeros.sum().real, zeros.square().sum().real])

    assert torch.autograd.gradcheck(
        run, (torch.tensor(0.4, dtype=torch.float64, requires_grad=True),), atol=1e-6, rtol=1e-4
    )


def test_a_level_at_a_zero_leaves_other_gradients_finite():
    """A high-pass has a zero at 0 Hz: its level there is minus infinity, and the other levels keep their gradient."""
    cutoff = torch.tensor(1000.0, dtype=torch.float64, requires_grad=True)
    level = fx.HighPass(cutoff).magnitude_db([0.0, 500.0], 48_000)
    assert level[0].item() == -math.inf
    assert torch.isfinite(torch.autograd.grad(level[1], cutoff)[0])

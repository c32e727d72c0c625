"""Gradients of `sosfilt` against finite differences, and the hand-written backward against plain autograd."""

import numpy as np
import pytest
import scipy.signal as ss
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fxlab.engine import sosfilt
from fxlab.engine.recursion.matrices.state_space import state_space, to_coupled, to_direct
from fxlab.engine.recursion.rows.differentiable_filter import differentiable_filter
from tests.support.recursion_designs import RATE, TORTURE, stable_sections
from tests.support.signals import noise


def differentiable_sosfilt(x, sos, state):
    """Filter with differentiable operations alone."""
    sos = sos.double() / sos[..., 3:4].double()
    space, coupled_form = state_space(sos)
    y, s = differentiable_filter(x, to_coupled(state, *coupled_form), space, 32)
    return y, to_direct(s, *coupled_form)


def inputs(sos, time, lead=(2,), seed=0):
    values = noise(*lead, time, seed=seed), torch.tensor(sos), noise(*lead, len(sos), 2, seed=seed + 1)
    return tuple(value.requires_grad_() for value in values)


@pytest.mark.parametrize("time", [1, 7, 40, 64, 600, 1100])
def test_first_order_against_finite_differences(time):
    sos = ss.butter(3, 3000, fs=RATE, output="sos") * np.array([[2.0], [-0.7]])
    assert torch.autograd.gradcheck(sosfilt, inputs(sos, time), fast_mode=True)


@settings(max_examples=15, deadline=None)
@given(stable_sections(4), st.integers(1, 120), st.integers(0, 1000))
def test_random_stable_filters(sos, time, seed):
    # Finite differences need coefficients of the order of one and poles away from the unit circle.
    b = sos[:, :3] / np.abs(sos[:, :3]).max(-1, keepdims=True)
    sos = np.concatenate([b, sos[:, 3:] / sos[:, 3:4] * [1, 0.9, 0.81]], -1)
    assert torch.autograd.gradcheck(sosfilt, inputs(sos, time, seed=seed), fast_mode=True, atol=1e-4, rtol=1e-3)


@pytest.mark.parametrize("time", [5, 90])
def test_second_order_against_finite_differences(time):
    sos = ss.butter(3, 3000, fs=RATE, output="sos")
    assert torch.autograd.gradgradcheck(sosfilt, inputs(sos, time, lead=(1,)), fast_mode=True)


@pytest.mark.parametrize("filters_shape", [(2, 1), (1, 3), (3,), (2, 3)])
def test_a_filter_for_each_row(filters_shape):
    corners = np.geomspace(900, 9000, int(np.prod(filters_shape)))
    sos = np.stack([ss.butter(4, c, fs=RATE, output="sos") for c in corners]).reshape(*filters_shape, 2, 6)
    x, state = noise(2, 3, 75).requires_grad_(), noise(2, 3, 2, 2, seed=1).requires_grad_()
    coefficients = torch.tensor(sos).requires_grad_()
    assert torch.autograd.gradcheck(sosfilt, (x, coefficients, state), fast_mode=True)
    assert torch.autograd.gradgradcheck(sosfilt, (x, coefficients, state), fast_mode=True)


@pytest.mark.parametrize("requires_grad", [(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 0, 1), (1, 1, 0)])
def test_any_subset_of_the_inputs(requires_grad):
    values = inputs(ss.butter(4, 2000, fs=RATE, output="sos"), 150)
    some = tuple(v.detach().requires_grad_(bool(r)) for v, r in zip(values, requires_grad, strict=True))
    y, state = sosfilt(*some)
    weight_y, weight_s = noise(*y.shape, seed=5), noise(*state.shape, seed=6)
    found = torch.autograd.grad(
        [y, state], [v for v in some if v.requires_grad], [weight_y, weight_s], create_graph=False
    )
    y, state = differentiable_sosfilt(*values)
    expected = torch.autograd.grad([y, state], values, [weight_y, weight_s])
    for one, other in zip(found, (e for e, r in zip(expected, requires_grad, strict=True) if r), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", TORTURE)
@pytest.mark.parametrize(("dtype", "limit"), [(torch.float64, 1e-7), (torch.float32, 2e-3)])
def test_backward_over_a_second(name, dtype, limit):
    sos = torch.tensor(TORTURE[name])
    x, weight = noise(2, RATE).to(dtype), noise(2, RATE, seed=1).to(dtype)
    state = torch.zeros(2, len(sos), 2, dtype=torch.float64)
    exact = [v.double().requires_grad_() for v in (x, sos)]
    expected = torch.autograd.grad(differentiable_sosfilt(*exact, state)[0], exact, weight.double())
    leaves = [x.clone().requires_grad_(), sos.clone().requires_grad_()]
    found = torch.autograd.grad(sosfilt(*leaves)[0], leaves, weight)
    for one, other in zip(found, expected, strict=True):
        assert (one - other).norm() < limit * other.norm()
    assert found[0].dtype == dtype


def test_many_rows_filtered_in_parts():
    sos = torch.tensor(ss.butter(2, 1000, fs=RATE, output="sos"))
    filter_per_row = sos.expand(150, 1, 6) * torch.linspace(1, 2, 150, dtype=torch.float64)[:, None, None]
    x = noise(150, 17_000)
    weight = noise(150, 17_000, seed=1)
    for filters in (sos, filter_per_row):
        leaves = [x.clone().requires_grad_(), filters.clone().requires_grad_()]
        found = torch.autograd.grad(sosfilt(*leaves)[0], leaves, weight)
        state = torch.zeros(150, 1, 2, dtype=torch.float64)
        expected = torch.autograd.grad(differentiable_sosfilt(*leaves, state)[0], leaves, weight)
        for one, other in zip(found, expected, strict=True):
            torch.testing.assert_close(one, other, rtol=1e-8, atol=1e-8)


def test_gradients_through_consecutive_blocks():
    sos = torch.tensor(ss.butter(4, 500, fs=RATE, output="sos")).requires_grad_()
    x = noise(1000)
    one_shot = torch.autograd.grad(sosfilt(x, sos)[0].square().sum(), sos)[0]
    state, total = None, 0.0
    for part in x.split(300):
        y, state = sosfilt(part, sos, state)
        total = total + y.square().sum()
    torch.testing.assert_close(torch.autograd.grad(total, sos)[0], one_shot, rtol=1e-9, atol=1e-9)


def test_training_finds_a_cutoff():
    target = torch.tensor(ss.butter(2, 1000, fs=RATE, output="sos"))
    x = noise(4000).float()
    expected, _ = sosfilt(x, target)
    log_cutoff = torch.tensor(np.log(3000.0), requires_grad=True)
    optimiser = torch.optim.Adam([log_cutoff], lr=0.1)
    for _ in range(80):
        k = torch.tan(np.pi * log_cutoff.exp() / RATE)
        norm = 1 / (1 + 2**0.5 * k + k * k)
        b = torch.stack([k * k, 2 * k * k, k * k]) * norm
        a = torch.stack([torch.ones_like(k), 2 * (k * k - 1) * norm, (1 - 2**0.5 * k + k * k) * norm])
        loss = (sosfilt(x, torch.cat([b, a])[None])[0] - expected).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert log_cutoff.exp().item() == pytest.approx(1000.0, rel=0.02)

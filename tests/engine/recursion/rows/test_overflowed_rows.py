"""Unstable filters and samples that are not finite affect no other row and no earlier sample."""

import numpy as np
import pytest
import scipy.signal as ss
import torch

from fxlab.engine import sosfilt
from tests.support.recursion_designs import RATE, error_db, reference
from tests.support.signals import noise

STABLE = ss.butter(2, 1000, fs=RATE, output="sos")


def unstable(radius: float) -> np.ndarray:
    return np.array([[1.0, 0.5, 0.0, 1.0, -2 * radius * np.cos(0.3), radius**2]])


@pytest.mark.parametrize("radius", [1.0, 1.0001, 1.01, 1.3, 3.0, 50.0])
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_unstable_filter_grows_like_the_reference(radius, dtype):
    x = noise(30_000).to(dtype)
    with np.errstate(all="ignore"):
        expected, _ = reference(x, unstable(radius))
    y, _ = sosfilt(x, torch.tensor(unstable(radius)))
    largest = 1e30 if dtype == torch.float32 else 1e290
    late = np.flatnonzero(~(np.abs(expected) < largest))
    end = late[0] if late.size else len(expected)
    assert end > 15
    ratio = np.abs(y[:end].double().numpy() - expected[:end]) / np.maximum.accumulate(np.abs(expected[:end]))
    assert ratio.max() < (1e-3 if dtype == torch.float32 else 1e-9)
    assert torch.isfinite(y[:end]).all()


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_unstable_filter_leaves_other_rows_unchanged(dtype):
    filters = torch.tensor(np.stack([STABLE, unstable(2.0), STABLE]))
    x = noise(3, 20_000).to(dtype)
    y, state = sosfilt(x, filters)
    expected, last = reference(x[[0, 2]], STABLE)
    limit = -120.0 if dtype == torch.float32 else -200.0
    assert error_db(y[[0, 2]], expected) < limit
    assert error_db(state[[0, 2]], last) < limit
    assert not torch.isfinite(y[1, -1])
    assert torch.isfinite(y[1, :90]).all()


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
@pytest.mark.parametrize("index", [0, 31, 700, 19_999])
def test_non_finite_sample_affects_only_later_samples_of_its_row(value, index):
    x = noise(3, 20_000)
    expected, _ = reference(x, STABLE)
    x[1, index] = value
    y, state = sosfilt(x, torch.tensor(STABLE))
    np.testing.assert_allclose(y[[0, 2]], expected[[0, 2]], atol=1e-12)
    np.testing.assert_allclose(y[1, :index], expected[1, :index], atol=1e-12)
    assert y[1, index:].isnan().all()
    assert state[1].isnan().all()
    assert torch.isfinite(state[[0, 2]]).all()


def test_non_finite_state_affects_only_its_row():
    first = torch.zeros(2, 1, 2, dtype=torch.float64)
    first[1, 0, 0] = torch.nan
    x = noise(2, 900)
    y, _ = sosfilt(x, torch.tensor(STABLE), first)
    np.testing.assert_allclose(y[0], reference(x[0], STABLE)[0], atol=1e-12)
    assert y[1].isnan().all()


def test_unstable_filter_leaves_gradients_of_other_rows_unchanged():
    filters = torch.tensor(np.stack([STABLE, unstable(2.0)])).requires_grad_()
    x = noise(2, 20_000).requires_grad_()
    y, _ = sosfilt(x, filters)
    y[0].square().sum().backward()
    single = torch.tensor(STABLE).requires_grad_()
    x0 = x.detach()[0].requires_grad_()
    sosfilt(x0, single)[0].square().sum().backward()
    torch.testing.assert_close(filters.grad[0], single.grad, rtol=1e-9, atol=1e-12)
    torch.testing.assert_close(x.grad[0], x0.grad)

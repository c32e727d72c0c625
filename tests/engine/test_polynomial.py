"""Sections multiplied out, as SciPy does it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import signal

from fxlab.engine import multiplied


@pytest.mark.parametrize("order", [1, 2, 3, 8])
def test_it_is_scipys(order):
    sos = signal.cheby1(order, 1.0, 0.3, output="sos")
    b, a = multiplied(torch.from_numpy(sos))
    expected = signal.cheby1(order, 1.0, 0.3)
    assert b.shape == a.shape == (order + 1,)
    np.testing.assert_allclose(b.numpy(), expected[0], rtol=1e-9)
    np.testing.assert_allclose(a.numpy(), expected[1], rtol=1e-9)


def test_each_of_a_batch_as_if_it_were_alone():
    sos = torch.randn(3, 2, 4, 6, dtype=torch.float64)
    b, a = multiplied(sos)
    assert b.shape == (3, 2, 9)
    alone = multiplied(sos[1, 0])
    torch.testing.assert_close((b[1, 0], a[1, 0]), alone)
    assert bool((a[..., 0] == 1).all())


def test_a_pure_gain_has_order_0():
    b, a = multiplied(torch.tensor([[3.0, 0.0, 0.0, 2.0, 0.0, 0.0]]))
    assert (b.tolist(), a.tolist()) == ([1.5], [1.0])
    assert torch.autograd.gradcheck(
        lambda s: multiplied(s)[0], (torch.randn(2, 6, dtype=torch.float64).requires_grad_(),)
    )

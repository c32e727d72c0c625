"""Zeros, poles and stability of second-order sections."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings

from fxlab.engine import is_stable, roots
from tests.support.recursion_designs import stable_sections


@settings(max_examples=100, deadline=None)
@given(stable_sections(6))
def test_roots_satisfy_their_polynomials(sos):
    zeros, poles = roots(torch.tensor(sos))
    assert zeros.shape == poles.shape == (len(sos), 2)
    cases = [(row, *case) for row, z, p in zip(sos, zeros, poles, strict=True) for case in ((z, row[:3]), (p, row[3:]))]
    for row, found, c in cases:
        finite = found[~found.isnan()].numpy()
        size = np.abs(c).sum() * np.maximum(np.abs(finite), 1) ** 2
        assert (np.abs(np.polyval(c, finite)) < 1e-13 * size).all()
        shared = int(np.count_nonzero(row[[2, 5]]) == 0) + int(np.count_nonzero(row[[1, 2, 4, 5]]) == 0)
        infinite = len(c) - len(np.trim_zeros(c, "f"))
        assert len(finite) == 2 - min(2, shared + infinite)


@pytest.mark.parametrize("radius", [0.5, 0.999, 1 - 1e-12])
def test_accuracy_of_poles_near_the_circle(radius):
    angle = 1e-4
    row = [1.0, 0.0, 0.0, 1.0, -2 * radius * np.cos(angle), radius**2]
    _, poles = roots(torch.tensor([row], dtype=torch.float64))
    assert poles[0, 0].abs().item() == pytest.approx(radius, abs=2e-16)
    assert poles[0, 0].imag > 0 > poles[0, 1].imag


def test_missing_roots_are_nan():
    first_order = torch.tensor([[1.0, -0.5, 0.0, 1.0, 0.25, 0.0]])
    zeros, poles = roots(first_order)
    assert zeros[0, 0] == 0.5
    assert poles[0, 0] == -0.25
    assert zeros[0, 1].isnan()
    assert poles[0, 1].isnan()
    gain = roots(torch.tensor([[3.0, 0.0, 0.0, 1.0, 0.0, 0.0]]))
    assert gain[0].isnan().all()
    assert gain[1].isnan().all()
    zeros, poles = roots(torch.tensor([[0.0, 1.0, 0.0, 1.0, 0.0, 0.0]]))  # one sample of delay: z^-1
    assert zeros.isnan().all()
    assert poles[0, 0] == 0
    assert poles[0, 1].isnan()


def test_is_stable_inside_on_and_outside_the_circle():
    def poles_at(radius, angle):
        return [1.0, 0.0, 0.0, 2.0, -4 * radius * np.cos(angle), 2 * radius**2]

    for angle, gap in ((0.0, 1e-7), (1e-3, 1e-9), (1.0, 1e-12), (np.pi, 1e-7)):
        inside, outside = poles_at(1 - gap, angle), poles_at(1 + gap, angle)
        rows = torch.tensor([[inside, inside], [inside, outside]], dtype=torch.float64)
        assert is_stable(rows).tolist() == [True, False]
    assert not is_stable(torch.tensor([[1.0, 0, 0, 1.0, -2.0, 1.0]]))
    assert is_stable(torch.zeros(0, 6))


def test_gradients():
    apart = torch.tensor([[1.0, 0.3, 0.2, 1.0, -0.9, 0.8], [2.0, 3.0, 1.0, 1.0, -0.9, 0.1]]).double().requires_grad_()
    assert torch.autograd.gradcheck(lambda s: torch.stack(roots(s)), apart)

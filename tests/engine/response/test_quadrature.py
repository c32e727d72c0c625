"""`circle_quadrature` against means over the unit circle in closed form."""

from __future__ import annotations

import pytest
import torch

from fxlab.engine.response.quadrature import circle_quadrature


@pytest.mark.parametrize("radius", [0.0, 0.5, 0.9, 1 - 1e-4, 1 - 1e-9])
@pytest.mark.parametrize("angle", [0.0, 1e-5, 1.0, 3.1, torch.pi])
def test_mean_power_of_a_pole_pair_is_the_closed_form(radius, angle):
    """`1 / (1 - p z^-1)` has the energy `1 / (1 - |p|^2)`; the mean over both halves is that of the pair."""
    pole = torch.polar(torch.tensor(radius, dtype=torch.float64), torch.tensor(angle, dtype=torch.float64))
    turns, weights = circle_quadrature(torch.stack([pole, pole.conj()]))
    assert weights.sum().item() == pytest.approx(1.0, abs=1e-13)
    assert bool((turns > 0).all())
    assert bool((turns < 0.5).all())
    z = torch.polar(torch.ones_like(turns), -2 * torch.pi * turns)
    power = (1 / (1 - pole * z)).abs().square() + (1 / (1 - pole.conj() * z)).abs().square()
    # An error of 1e-16 in an angle is 1e-16 / (1 - radius) of the width of the resonance.
    assert (power @ weights).item() / 2 * (1 - radius**2) == pytest.approx(1.0, abs=1e-12 + 1e-15 / (1 - radius))


def test_without_poles_it_is_a_gauss_rule():
    turns, weights = circle_quadrature(torch.zeros(0, dtype=torch.complex128))
    assert ((2 * torch.pi * turns).cos() ** 2 @ weights).item() == pytest.approx(0.5, abs=1e-12)

"""`noise_gain` against the energy of SciPy's impulse response, and in closed form."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy import signal

from fxlab.engine import noise_gain
from fxlab.errors import EngineError


@pytest.mark.parametrize("order", [1, 2, 5, 12])
@pytest.mark.parametrize("edge", [0.002, 0.1, 0.9])
def test_noise_gain_is_the_energy_of_the_impulse_response(order, edge):
    sos = signal.ellip(order, 1.0, 60.0, edge, output="sos")
    slowest = 1 - abs(signal.sos2zpk(sos)[1]).max()
    impulse = np.zeros(int(15 / slowest))
    impulse[0] = 1.0
    energy = np.sum(signal.sosfilt(sos, impulse) ** 2)
    assert noise_gain(torch.from_numpy(sos)).item() == pytest.approx(energy, rel=1e-7)


def test_one_pole_in_closed_form():
    for pole in (0.0, -0.9, 0.999, 1 - 1e-12):
        sos = torch.tensor([[1.0, 0.0, 0.0, 1.0, -pole, 0.0]], dtype=torch.float64)
        assert noise_gain(sos).item() == pytest.approx(
            1 / ((1 - pole) * (1 + pole)), rel=1e-3 if pole > 0.9999 else 1e-12
        )


def test_batch_with_an_unstable_filter():
    rows = [[1.0, 0.0, 0.0, 1.0, -0.5, 0.0], [1.0, 0.0, 0.0, 1.0, -1.5, 0.0], [2.0, 0.0, 0.0, 1.0, 0.0, 0.0]]
    found = noise_gain(torch.tensor(rows, dtype=torch.float64).unsqueeze(1))
    assert found.tolist() == [pytest.approx(4 / 3), math.inf, 4.0]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ([math.nan, 0.0, 0.0, 1.0, -1.5, 0.0], "a coefficient is not finite in section 0"),
        ([1.0, 0.0, 0.0, 1.0, math.inf, 0.0], "a coefficient is not finite in section 0"),
        ([1.0, 0.0, 0.0, 0.0, 1.0, 0.0], "a0 is 0 in section 0"),
    ],
)
def test_an_invalid_section_is_no_infinite_energy(row, says):
    with pytest.raises(EngineError, match=f"^noise_gain: {says}"):
        noise_gain(torch.tensor([row]))


def test_gradient():
    sos = torch.tensor([[1.0, 0.3, -0.2, 1.0, -0.5, 0.3], [0.5, 0.1, 0.2, 1.0, 0.9, 0.2]], dtype=torch.float64)
    assert torch.autograd.gradcheck(noise_gain, (sos.requires_grad_(),))

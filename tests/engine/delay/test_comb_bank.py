"""The low-pass in the combs of a reverberator: its reach, and poles with which it does not decay."""

import pytest
import torch

from fxlab.engine.delay.comb_bank import LARGEST_POLE, MAX_REACH, low_pass_reach
from fxlab.errors import EngineError


@pytest.mark.parametrize("pole", [0.0, 0.2, -0.9, 0.9999])
def test_a_low_pass_has_decayed_at_its_reach(pole):
    reach = low_pass_reach(torch.tensor([0.1 * pole, pole], dtype=torch.float64))
    assert abs(pole) ** (reach + 1) <= 1e-18 < abs(pole) ** ((reach + 1) // 2) or reach == 0


@pytest.mark.parametrize("pole", [1.0, -1.0, 1.5, 1 - 1e-7])
def test_a_pole_whose_low_pass_hardly_decays_is_an_error(pole):
    with pytest.raises(EngineError, match=r"comb_bank: the magnitude of a pole is .*; it must be at most 0\.99999753"):
        low_pass_reach(torch.tensor([0.5, pole], dtype=torch.float64))
    assert low_pass_reach(torch.tensor(LARGEST_POLE, dtype=torch.float64)) == MAX_REACH - 1

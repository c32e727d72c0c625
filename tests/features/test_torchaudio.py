"""Features equal those of torchaudio, over grids of sizes, windows, padding, norms and scales."""

from __future__ import annotations

import pytest
import torch

from tests.support.feature_families import FEATURES, torchaudio_difference

CASES = [name for name, family in FEATURES.items() if family.torchaudio]


@pytest.mark.filterwarnings("ignore:.*bands are empty")
@pytest.mark.parametrize("name", CASES)
def test_equal_to_torchaudio(name):
    family = FEATURES[name]
    for options in family.grid:
        double = torchaudio_difference(family, options, torch.float64)
        assert double < family.torchaudio_tolerance, (options, double)
        # The phases of GriffinLim amplify rounding errors in each pass; a change of 1e-7 may be a sample of the period.
        single = torchaudio_difference(family, options, torch.float32)
        assert single < (1e-3 if name == "GriffinLim" else 1e-5), (options, single)

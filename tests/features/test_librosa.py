"""Features equal those of librosa. It takes seconds to import, so that no other test file uses it."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import fxlab as fx
from tests.support.feature_families import FEATURES, librosa_difference
from tests.support.feature_references import librosa

pytestmark = pytest.mark.slow

CASES = [name for name, family in FEATURES.items() if family.librosa]


@pytest.mark.filterwarnings("ignore:.*bands are empty", "ignore:Empty filters", "ignore:n_fft")
@pytest.mark.parametrize("name", CASES)
def test_equal_to_librosa(name):
    family = FEATURES[name]
    for options in family.librosa_grid:
        difference = librosa_difference(family, options, torch.float64)
        assert difference < family.librosa_tolerance, (options, difference)


def test_constant_q_over_seven_octaves_is_that_of_librosa_up_to_its_resampling():
    rate = 22_050
    time = np.arange(rate) / rate
    x = np.sin(2 * np.pi * 110 * time) + 0.5 * np.sin(2 * np.pi * 1760 * time)
    theirs = np.abs(librosa().cqt(x, sr=rate, sparsity=0, tuning=0))
    ours = fx.ConstantQ()(torch.from_numpy(x), sample_rate=rate).numpy()
    assert np.abs(ours - theirs).max() < 0.02 * theirs.max()

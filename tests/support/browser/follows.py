"""Whether a panel of a low-pass over two seconds of noise sounds, and as its slider says."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.browser.notebook_page import Laboratory
from tests.support.browser.sounds import band_levels, butterworth_db, noise


def follows(lab: Laboratory, seconds: float = 1.0, floor: float = -50.0, within: float = 1.5) -> None:
    """Move it, and hear the response down to `floor` dB, right `within` so many; listening longer makes that surer."""
    lab.play()
    lab.slide("cutoff", 0.45)
    lab.settle()
    cutoff = lab.value("cutoff")
    assert lab.ask("panel.module.cutoff") == pytest.approx(cutoff, rel=1e-9)
    centres, wet = band_levels(lab.listen(seconds)[0])
    expected = butterworth_db(centres, cutoff)
    audible = expected > floor
    np.testing.assert_allclose((wet - band_levels(noise(2.0))[1])[audible], expected[audible], atol=within)

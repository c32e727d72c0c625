"""The check that the sound of a low-pass panel follows its slider, which the tests of all front ends share."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.browser.notebook_page import NotebookPage
from tests.support.browser.sounds import band_levels, butterworth_db, noise


def assert_sound_follows_slider(
    lab: NotebookPage, seconds: float = 1.0, lowest_db: float = -50.0, tolerance_db: float = 1.5
) -> None:
    """Play a low-pass panel on two seconds of noise, move its slider and compare the sound with the new response.

    Args:
        lab: A page with the panel of a `LowPass`, as `panel` in the kernel.
        seconds: The length of the recording; a longer one has a smaller variance.
        lowest_db: Bands in which the expected response is lower are not compared.
        tolerance_db: The allowed difference in each band.
    """
    lab.play()
    lab.set_slider("cutoff", 0.45)
    lab.settle()
    cutoff = lab.value("cutoff")
    assert lab.evaluate("panel.module.cutoff") == pytest.approx(cutoff, rel=1e-9)
    centers, wet = band_levels(lab.listen(seconds)[0])
    expected = butterworth_db(centers, cutoff)
    audible = expected > lowest_db
    np.testing.assert_allclose((wet - band_levels(noise(2.0))[1])[audible], expected[audible], atol=tolerance_db)

"""Errors are shown in the panel, the last valid sound keeps playing, and the next valid value recovers."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.support.browser.notebook_page import NotebookPage
from tests.support.browser.sounds import band_levels, butterworth_db, noise, noise_cell
from tests.support.browser.wait import wait_until

FUSSY = '''
class Fussy(fx.Module):
    """A module that fails for some values."""
    level = fx.Param(0.5, low=0.0, high=1.0)

    def forward(self, x, sample_rate):
        if self.level > 0.8:
            raise RuntimeError("the lamp has burnt out")
        if self.level < 0.2:
            return x * float("nan")
        return self.level * x
'''


def test_an_invalid_value_is_reported_and_the_sound_continues(lab: NotebookPage) -> None:
    """30 kHz typed at a sample rate of 44.1 kHz, then a module that raises or returns NaN."""
    lab.open(
        noise_cell(2.0), FUSSY, "panel = fx.LowPass(cutoff=1000.0).panel(x)\npanel", "other = Fussy().panel(x)\nother"
    )
    lab.play()
    alert = lab.panel().get_by_role("alert")
    assert alert.is_hidden()
    dry = band_levels(noise(2.0))[1]

    lab.type_in("cutoff", "30000")
    lab.panel(state="error")
    for text in ("cutoff", "30000 Hz", "22050"):  # the parameter, its value and what is allowed
        expect(alert).to_contain_text(text)
    expect(lab.field("cutoff")).to_have_attribute("aria-invalid", "true")
    expect(lab.field("q")).not_to_have_attribute("aria-invalid", "true")
    assert lab.value("cutoff") == 30_000.0, "the typed value does not remain to be corrected"
    assert lab.evaluate("panel.module.cutoff") == 1000.0
    centers, wet = band_levels(lab.listen(2.0)[0])
    np.testing.assert_allclose(wet - dry, butterworth_db(centers, 1000.0), atol=1.0)

    lab.set_slider("cutoff", 0.4)
    lab.settle()
    lab.panel(state="idle")
    expect(alert).to_be_hidden()
    expect(lab.field("cutoff")).not_to_have_attribute("aria-invalid", "true")
    wet = band_levels(lab.listen(2.0)[0])[1]
    expected = butterworth_db(centers, lab.value("cutoff"))
    np.testing.assert_allclose((wet - dry)[expected > -60], expected[expected > -60], atol=1.0)
    lab.pause()

    lab.play(1)
    alert = lab.panel(1).get_by_role("alert")
    for invalid, words in ((0.9, "the lamp has burnt out"), (0.1, "NaN")):
        lab.set_slider("level", invalid, 1)
        lab.panel(1, state="error")
        expect(alert).to_contain_text(words)
        assert "Fussy" in alert.inner_text() or words == "NaN"
        # The last valid sound plays: at the level of the default or of the previous change.
        valid = lab.evaluate("other.module.level")
        assert valid not in (0.9, 0.1)
        assert np.std(lab.listen(1.0)[0]) == pytest.approx(valid * 0.1, rel=0.02)
        lab.set_slider("level", 0.7 if invalid == 0.9 else 0.3, 1)
        lab.settle(1)
        lab.panel(1, state="idle")
        expect(alert).to_be_hidden()
    assert lab.evaluate("other.module.level") == pytest.approx(0.3)
    assert np.std(lab.listen(1.0)[0]) == pytest.approx(0.03, rel=0.02)
    assert lab.page_errors == []


def test_a_panel_that_opens_with_an_invalid_value_plays_the_input_until_it_is_corrected(lab: NotebookPage) -> None:
    """It can be used and played, without a handle, since there is no curve."""
    lab.open(noise_cell(2.0), "panel = fx.LowPass(cutoff=30_000.0).panel(x)\npanel")
    panel = lab.panel(state="error")
    expect(panel.locator(".handle")).to_be_hidden()
    panel.locator("[data-action=play]").click()
    wait_until(lambda: lab.level() > -90, "the input to play")
    dry = band_levels(noise(2.0))[1]
    np.testing.assert_allclose(band_levels(lab.listen(2.0)[0])[1], dry, atol=1.0)
    lab.type_in("cutoff", "1000")
    lab.settle()
    centers, wet = band_levels(lab.listen(2.0)[0])
    np.testing.assert_allclose(wet - dry, butterworth_db(centers, 1000.0), atol=1.0)
    expect(panel.locator(".handle")).to_be_visible()
    assert lab.page_errors == []

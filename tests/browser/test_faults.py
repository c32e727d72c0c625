"""What goes wrong is said in the panel, the last good sound goes on, and the next move recovers."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.browser.notebook_page import NotebookPage
from tests.support.browser.sounds import band_levels, butterworth_db, noise, noise_cell
from tests.support.browser.wait import wait_until

FUSSY = '''
class Fussy(fx.Module):
    """A teacher's module that has its days."""
    level = fx.Param(0.5, low=0.0, high=1.0)

    def forward(self, x, sample_rate):
        if self.level > 0.8:
            raise RuntimeError("the lamp has burnt out")
        if self.level < 0.2:
            return x * float("nan")
        return self.level * x
'''


def test_a_value_that_is_not_valid_says_so_and_the_sound_goes_on(lab: NotebookPage) -> None:
    """30 kHz typed at a rate of 44.1 kHz, then modules that raise, or return what is no sound."""
    lab.open(
        noise_cell(2.0), FUSSY, "panel = fx.LowPass(cutoff=1000.0).panel(x)\npanel", "other = Fussy().panel(x)\nother"
    )
    lab.play()
    panel, alert = lab.panel(), lab.panel().get_by_role("alert")
    assert alert.is_hidden()
    dry = band_levels(noise(2.0))[1]

    lab.type_in("cutoff", "30000")
    lab.panel(state="error")
    text = alert.inner_text()
    assert "cutoff" in text
    assert "30000 Hz" in text
    assert "22050" in text, f"the message names what is allowed: {text}"
    assert lab.field("cutoff").get_attribute("aria-invalid") == "true"
    assert lab.field("q").get_attribute("aria-invalid") != "true"
    assert lab.value("cutoff") == 30_000.0, "what was typed stands there to be mended"
    assert lab.evaluate("panel.module.cutoff") == 1000.0
    centres, wet = band_levels(lab.listen(2.0)[0])
    np.testing.assert_allclose(wet - dry, butterworth_db(centres, 1000.0), atol=1.0)

    lab.set_slider("cutoff", 0.4)
    lab.settle()
    lab.panel(state="idle")
    assert alert.is_hidden()
    assert lab.field("cutoff").get_attribute("aria-invalid") != "true"
    wet = band_levels(lab.listen(2.0)[0])[1]
    expected = butterworth_db(centres, lab.value("cutoff"))
    np.testing.assert_allclose((wet - dry)[expected > -60], expected[expected > -60], atol=1.0)
    panel.locator("[data-action=play]").click()

    lab.play(1)
    alert = lab.panel(1).get_by_role("alert")
    for wrong, words in ((0.9, "the lamp has burnt out"), (0.1, "NaN")):
        lab.set_slider("level", wrong, 1)
        lab.panel(1, state="error")
        assert words in alert.inner_text()
        assert "Fussy" in alert.inner_text() or words == "NaN"
        # Half as loud, or what the move before made of it: the last good sound.
        good = lab.evaluate("other.module.level")
        assert good not in (0.9, 0.1)
        heard = lab.listen(1.0)[0]
        assert np.std(heard) == pytest.approx(good * 0.1, rel=0.02)
        lab.set_slider("level", 0.7 if wrong == 0.9 else 0.3, 1)
        lab.settle(1)
        lab.panel(1, state="idle")
        assert alert.is_hidden()
    assert lab.evaluate("other.module.level") == pytest.approx(0.3)
    assert np.std(lab.listen(1.0)[0]) == pytest.approx(0.03, rel=0.02)
    assert lab.page_errors == []


def test_a_panel_that_opens_on_a_fault_plays_the_input_until_it_is_mended(lab: NotebookPage) -> None:
    """There is something to see and to hear, and no handle for a curve that is not there."""
    lab.open(noise_cell(2.0), "panel = fx.LowPass(cutoff=30_000.0).panel(x)\npanel")
    panel = lab.panel(state="error")
    assert panel.locator(".handle").is_hidden()
    panel.locator("[data-action=play]").click()
    wait_until(lambda: lab.level() > -90, "the input to be heard")
    dry = band_levels(noise(2.0))[1]
    np.testing.assert_allclose(band_levels(lab.listen(2.0)[0])[1], dry, atol=1.0)
    lab.type_in("cutoff", "1000")
    lab.settle()
    centres, wet = band_levels(lab.listen(2.0)[0])
    np.testing.assert_allclose(wet - dry, butterworth_db(centres, 1000.0), atol=1.0)
    assert panel.locator(".handle").is_visible()
    assert lab.page_errors == []

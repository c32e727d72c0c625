"""The sound follows the slider: its spectrum changes, its playhead does not, and no swap clicks."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.browser.notebook_page import NotebookPage
from tests.support.browser.sounds import (
    RATE,
    band_levels,
    butterworth_db,
    filtered,
    loop_positions,
    lowpass,
    noise,
    noise_cell,
)
from tests.support.browser.wait import wait_until

POSITION = "() => [window.audioProbe.clock(), Number(document.querySelector('.fxlab-panel').dataset.position)]"


def test_the_spectrum_of_what_plays_is_the_slider_s(lab: NotebookPage) -> None:
    """Above the corner the level falls by what the bilinear transform says, wherever the slider stands."""
    lab.open(noise_cell(2.0), "panel = fx.LowPass(cutoff=1000.0).panel(x)\npanel")
    lab.play()
    _, dry = band_levels(noise(2.0))
    for position in (None, 0.3, 0.75, 0.5):
        if position is not None:
            lab.set_slider("cutoff", position)
            lab.settle()
        cutoff = lab.value("cutoff")
        assert lab.evaluate("panel.module.cutoff") == pytest.approx(cutoff, rel=1e-9)
        centres, wet = band_levels(lab.listen(2.0)[0])
        expected = butterworth_db(centres, cutoff)
        audible = expected > -60
        assert audible.sum() > 6
        np.testing.assert_allclose((wet - dry)[audible], expected[audible], atol=1.0)
    assert lab.page_errors == []


def test_the_playhead_goes_on_through_many_swaps(lab: NotebookPage) -> None:
    """Noise tells its own place: through thirty renders and the loop's seam, each sample follows the one before."""
    lab.open(noise_cell(2.0), "panel = fx.Peak(frequency=8000.0).panel(x)\npanel")
    lab.play()
    moments: list[tuple[float, float]] = []

    def sweep() -> None:
        for step in range(30):
            lab.wait_for_render(lab.set_slider("gain_db", 0.5 + 0.1 * np.sin(step + 1)))
            moments.append(lab.page.evaluate(POSITION))
            lab.page.wait_for_timeout(40)

    heard = lab.record(sweep)[0]
    assert lab.data("sent") == 30
    assert len(heard) > 2.5 * RATE, "the loop's seam is in it"
    found = loop_positions(heard, noise(2.0))
    assert np.unique(found).size == 1, f"the playhead jumped: {found}"
    # What the page says of the playhead goes with the clock of the sound, to a report and a block or two.
    clock, said = np.array(moments).T
    behind = (clock - said + 1.0) % 2.0
    assert np.ptp(behind) < 0.15
    assert lab.page_errors == []


def test_no_swap_steps_further_than_the_sound_itself(lab: NotebookPage) -> None:
    """A sine of 200 Hz, thirty moves of the corner across it: no step beyond that of the renders themselves."""
    lab.open(
        "import torch, fxlab as fx\n"
        f"t = torch.arange(20 * {RATE}, dtype=torch.float64) / {RATE}\n"
        f"x = fx.Signal((0.5 * torch.sin(2 * torch.pi * 200 * t)).float()[None], {RATE})",
        "panel = fx.LowPass(cutoff=5000.0).panel(x)\npanel",
    )
    lab.play()
    positions = np.random.default_rng(1).permutation(np.linspace(0.1, 0.9, 30))
    wide = []

    def sweep() -> None:
        for position in positions:
            lab.wait_for_render(lab.set_slider("cutoff", float(position)))
            wide.append(lab.value("cutoff"))

    heard = lab.record(sweep)[0]
    sine = 0.5 * np.sin(2 * np.pi * 200 * np.arange(RATE) / RATE)
    own = max(np.abs(np.diff(filtered(*lowpass(cutoff), sine))).max() for cutoff in [5000.0, *wide])
    assert np.ptp(np.log2(wide)) > 6, "the corner went up and down across the sine"
    # A crossfade of 15 ms between renders in any phase adds at most 2 × 0.5 / (0.015 × 44100) a sample.
    assert np.abs(np.diff(heard)).max() <= 1.06 * own
    assert np.abs(heard).max() > 0.45, "the sine was heard"
    assert lab.page_errors == []


SLOW = """
import time
class Slow(fx.LowPass):
    "A low-pass that takes its time."
    def forward(self, x, sample_rate):
        time.sleep(0.3)
        return super().forward(x, sample_rate)
"""

DRAG = """([path, count]) => new Promise(done => {
  const slider = document.querySelector(`input[type=range][data-param='${path}']`);
  const start = performance.now();
  let event = 0;
  const timer = setInterval(() => {
    event += 1;
    slider.value = 0.2 + 0.6 * event / count;
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    if (event === count) { clearInterval(timer); done((performance.now() - start) / 1000); }
  }, 1000 / count);
})"""


def test_a_drag_of_a_hundred_events_renders_few_times_and_ends_on_the_last(lab: NotebookPage) -> None:
    """What a busy kernel cannot follow is dropped, save the last value: in the kernel, in the sound, on the page."""
    lab.open(noise_cell(2.0), SLOW, "panel = Slow(cutoff=100.0).panel(x)\npanel")
    lab.play()
    before = lab.evaluate("panel._worker.renders")
    seconds = lab.page.evaluate(DRAG, ["cutoff", 100])
    lab.settle()
    wait_until(lambda: lab.data("drawn") == lab.data("sent"), "the curve of the last value")
    last = lab.value("cutoff")
    assert last == pytest.approx(20 * 1000**0.8, rel=1e-3)
    assert 1 < lab.data("sent") <= 100
    # One render after the other while the hand moves, the one that ran when it stopped, and the last; some for delay.
    assert lab.evaluate("panel._worker.renders") - before <= seconds / 0.3 + 5
    assert lab.evaluate("panel.module.cutoff") == pytest.approx(last, rel=1e-9)
    centres, wet = band_levels(lab.listen(2.0)[0])
    expected = butterworth_db(centres, last)
    np.testing.assert_allclose(wet - band_levels(noise(2.0))[1], expected, atol=1.0)
    assert lab.page_errors == []

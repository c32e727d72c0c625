"""The sound follows the slider: its spectrum changes, its playhead does not jump, and no new render clicks."""

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

# The time on the audio clock and the position that the panel shows, at the moment when it shows a new position.
POSITION = """() => new Promise(done => {
  const panel = document.querySelector('.fxlab-panel');
  const observer = new MutationObserver(() => {
    observer.disconnect();
    done([window.audioProbe.clock(), Number(panel.dataset.position)]);
  });
  observer.observe(panel, { attributes: true, attributeFilter: ['data-position'] });
})"""


def test_the_spectrum_of_the_sound_follows_the_slider(lab: NotebookPage) -> None:
    """The level in each band is that of a Butterworth filter by the bilinear transform, at every slider position."""
    lab.open(noise_cell(2.0), "panel = fx.LowPass(cutoff=1000.0).panel(x)\npanel")
    lab.play()
    _, dry = band_levels(noise(2.0))
    for position in (None, 0.3, 0.75, 0.5):
        if position is not None:
            lab.set_slider("cutoff", position)
            lab.settle()
        cutoff = lab.value("cutoff")
        assert lab.evaluate("panel.module.cutoff") == pytest.approx(cutoff, rel=1e-9)
        centers, wet = band_levels(lab.listen(2.0)[0])
        expected = butterworth_db(centers, cutoff)
        audible = expected > -60
        assert audible.sum() > 6
        np.testing.assert_allclose((wet - dry)[audible], expected[audible], atol=1.0)
    assert lab.page_errors == []


def test_the_playhead_does_not_jump_through_many_renders(lab: NotebookPage) -> None:
    """Noise shows its position: through thirty renders and the end of the loop each sample follows the previous one."""
    lab.open(noise_cell(2.0), "panel = fx.Peak(frequency=8000.0).panel(x)\npanel")
    lab.play()
    moments: list[tuple[float, float]] = []

    def sweep() -> None:
        for step in range(30):
            lab.wait_for_render(lab.set_slider("gain_db", 0.5 + 0.1 * np.sin(step + 1)))
            moments.append(lab.page.evaluate(POSITION))
            lab.record_more(0.04)
        lab.record_more(max(0.0, 2.6 - lab.recorded()))

    recording = lab.record(sweep)[0]
    assert lab.data("sent") == 30
    assert len(recording) > 2.5 * RATE, "the recording does not contain the end of the loop"
    found = loop_positions(recording, noise(2.0))
    assert np.unique(found).size == 1, f"the playhead jumped: {found}"
    # The position that the page shows follows the audio clock. A busy page shows it late, so that the smallest
    # differences count, in each half of the sweep. They are known up to the loop of 2 s: the smallest one of all
    # comes after the largest gap between them.
    clock, shown = np.array(moments).T
    difference = (clock - shown) % 2.0
    ordered = np.sort(difference)
    largest_gap = np.argmax(np.diff(ordered, append=ordered[0] + 2.0))
    difference = (difference - ordered[(largest_gap + 1) % ordered.size]) % 2.0
    assert abs(difference[:15].min() - difference[15:].min()) < 0.15
    assert lab.page_errors == []


def test_no_new_render_makes_a_larger_step_than_the_sound_itself(lab: NotebookPage) -> None:
    """While the cutoff moves thirty times across a 200 Hz sine, no step between samples exceeds the renders' own."""
    lab.open(
        "import torch, fxlab as fx\n"
        f"t = torch.arange(20 * {RATE}, dtype=torch.float64) / {RATE}\n"
        f"x = fx.Signal((0.5 * torch.sin(2 * torch.pi * 200 * t)).float()[None], {RATE})",
        "panel = fx.LowPass(cutoff=5000.0).panel(x)\npanel",
    )
    lab.play()
    positions = np.random.default_rng(1).permutation(np.linspace(0.1, 0.9, 30))
    cutoffs = []

    def sweep() -> None:
        for position in positions:
            lab.wait_for_render(lab.set_slider("cutoff", float(position)))
            cutoffs.append(lab.value("cutoff"))

    recording = lab.record(sweep)[0]
    sine = 0.5 * np.sin(2 * np.pi * 200 * np.arange(RATE) / RATE)
    largest = max(np.abs(np.diff(filtered(*lowpass(cutoff), sine))).max() for cutoff in [5000.0, *cutoffs])
    assert np.ptp(np.log2(cutoffs)) > 6, "the cutoff did not move across the sine"
    # A crossfade of 15 ms between renders of any phase adds at most 2 × 0.5 / (0.015 × 44100) to a step.
    assert np.abs(np.diff(recording)).max() <= 1.06 * largest
    assert np.abs(recording).max() > 0.45, "the sine was not played"
    assert lab.page_errors == []


SLOW = """
import time
class Slow(fx.LowPass):
    "A low-pass that takes 0.3 s."
    def forward(self, x, sample_rate):
        time.sleep(0.3)
        return super().forward(x, sample_rate)
"""

DRAG = """([path, count]) => new Promise(done => {
  const slider = document.querySelector(`input[type=range][data-param='${path}']`);
  let event = 0;
  const timer = setInterval(() => {
    event += 1;
    slider.value = 0.2 + 0.6 * event / count;
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    if (event === count) { clearInterval(timer); done(); }
  }, 1000 / count);
})"""


def test_a_drag_of_a_hundred_events_renders_few_times_and_ends_on_the_last(lab: NotebookPage) -> None:
    """A busy kernel skips values, but not the last one, which the kernel, the sound and the page all end on."""
    lab.open(noise_cell(2.0), SLOW, "panel = Slow(cutoff=100.0).panel(x)\npanel")
    lab.play()
    lab.execute("arrivals = []\npanel.observe(lambda _: arrivals.append(time.monotonic()), names='params')")
    before = lab.evaluate("panel._worker.renders")
    lab.page.evaluate(DRAG, ["cutoff", 100])
    lab.settle()
    wait_until(lambda: lab.data("drawn") == lab.data("sent"), "the curve of the last value")
    lab.wait_for_value("cutoff", 20 * 1000**0.8, rel=1e-3)
    last = lab.value("cutoff")
    assert 1 < lab.data("sent") <= 100
    # Renders one after the other while values arrive, one that runs at the end, the last one, and some for delays. How
    # long the values take to arrive depends on how busy the machine is.
    seconds = lab.evaluate("arrivals[-1] - arrivals[0]")
    assert lab.evaluate("panel._worker.renders") - before <= seconds / 0.3 + 5
    assert lab.evaluate("panel.module.cutoff") == pytest.approx(last, rel=1e-9)
    centers, wet = band_levels(lab.listen(2.0)[0])
    expected = butterworth_db(centers, last)
    np.testing.assert_allclose(wet - band_levels(noise(2.0))[1], expected, atol=1.0)
    assert lab.page_errors == []

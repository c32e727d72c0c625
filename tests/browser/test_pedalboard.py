"""Eight effects in a chain: the sound follows their sliders without a gap, and is what the chain computes."""

from __future__ import annotations

import base64
import statistics

import numpy as np

from tests.support.browser.notebook_page import NotebookPage
from tests.support.browser.sounds import RATE, loop_positions, noise_cell

BOARD = """
board = (
    fx.Gate(threshold_db=-60) | fx.Compressor(threshold_db=-24) | fx.Overdrive(drive_db=12) | fx.Phaser(rate_hz=0.3)
    | fx.Chorus() | fx.Tremolo(depth=0.3) | fx.Delay(delay_ms=300, feedback=0.4, mix=0.3) | fx.Reverb(mix=0.25)
)
panel = board.panel(x, views=("lfo", "echoes"))
panel
"""
SLIDERS = ("0.threshold_db", "1.ratio", "2.tone", "3.depth", "4.mix", "5.depth", "6.mix", "7.mix")

# Moves a slider; returns the milliseconds from its event until the new sound plays, by the clock of the audio thread.
MOVE = """([path, position]) => new Promise(done => {
  const root = document.querySelector('.fxlab-panel');
  const slider = root.querySelector(`input[type=range][data-param='${path}']`);
  const [before, start] = [Number(root.dataset.sent), performance.now()];
  const observer = new MutationObserver(() => {
    const sent = Number(root.dataset.sent);
    if (sent === before || Number(root.dataset.playing) < sent) return;
    observer.disconnect();
    done(performance.now() - start - Number(root.dataset.late));
  });
  observer.observe(root, { attributes: true });
  slider.value = position;
  slider.dispatchEvent(new Event('input', { bubbles: true }));
})"""


def kernel_output(lab: NotebookPage) -> np.ndarray:
    """Return the first channel of the output that the kernel has computed."""
    code = "__import__('base64').b64encode(panel.output.samples[0].numpy().astype('f4').tobytes()).decode()"
    return np.frombuffer(base64.b64decode(lab.evaluate(code)), dtype="<f4")


def test_eight_effects_stay_live(lab: NotebookPage, record_property) -> None:
    lab.open(noise_cell(6.0), BOARD)
    lab.play()
    times = []

    def play_with_it() -> None:
        for turn in range(2):
            for number, path in enumerate(SLIDERS):
                times.append(lab.page.evaluate(MOVE, [path, 0.25 + 0.05 * ((3 * number + turn) % 8)]))
                lab.record_more(0.15)

    recording = lab.record(play_with_it)[0]
    median = statistics.median(times)
    record_property("slider_to_sound_ms", median)
    print(f"slider to sound of eight effects: median {median:.0f} ms, longest {max(times):.0f} ms")
    blocks = recording[: len(recording) // 441 * 441].reshape(-1, 441)
    level = 20 * np.log10(np.sqrt(np.mean(blocks**2, -1)) + 1e-9)
    assert level.min() > np.median(level) - 20, "the sound was interrupted"
    lab.settle()
    heard = lab.listen(1.0)[0]
    assert len(heard) == RATE
    output = kernel_output(lab)
    assert np.unique(loop_positions(heard, output)).size == 1, "the page plays another sound than the kernel computes"
    assert lab.page_errors == []

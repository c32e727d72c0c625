"""Every kind of parameter has its control, and sounds of every shape play."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.support.browser.notebook_page import NotebookPage
from tests.support.browser.sounds import (
    RATE,
    filtered,
    highpass,
    loop_excerpt,
    loop_positions,
    lowpass,
    noise,
    noise_cell,
    peak,
    tone_level,
)
from tests.support.browser.wait import wait_until

CRUNCH = '''
class Crunch(fx.Module):
    """A module with one parameter of each kind."""
    kind = fx.Choice("linear", ["linear", "half", "off"], doc="Scale of the input.")
    invert = fx.Switch(False, doc="Invert the sign.")
    times = fx.Count(1, low=1, high=8, doc="Factor.")
    offset = fx.Param(0.0, low=-1.0, high=1.0, doc="Added to each sample.")

    def forward(self, x, sample_rate):
        gain = {"linear": 1.0, "half": 0.5, "off": 0.0}[self.kind] * (-1 if self.invert else 1)
        return gain * self.times * x + self.offset
'''


def test_a_chain_has_a_slider_for_each_of_its_parts(lab: NotebookPage) -> None:
    """`1.gain_db` is the gain of the peak filter; both channels sound as filtered by all three filters."""
    lab.open(
        noise_cell(8.0) + f"\nx = fx.Signal(torch.stack([x.samples[0], 0.5 * x.samples[0]]), {RATE})",
        "panel = (fx.HighPass(cutoff=200.0) | fx.Peak(frequency=1000.0) | fx.LowPass(cutoff=5000.0)).panel(x)\npanel",
        "taps = fx.Peak(frequency=1000.0, gain_db=torch.tensor([-6.0, 6.0])).panel(x)\ntaps",
    )
    lab.play()
    paths = lab.panel().locator("input[type=range][data-param]").evaluate_all("all => all.map(e => e.dataset.param)")
    assert paths == ["0.cutoff", "0.q", "1.frequency", "1.gain_db", "1.q", "2.cutoff", "2.q"]
    lab.set_slider("1.gain_db", 1.0)
    lab.set_slider("2.cutoff", 0.7)
    lab.settle()
    expect(lab.slider("1.gain_db")).to_have_attribute("aria-valuetext", "+24.0 dB")
    cutoff = lab.value("2.cutoff")
    assert lab.evaluate("[panel.module[1].gain_db, panel.module[2].cutoff]") == pytest.approx([24.0, cutoff])
    made = noise(8.0)
    for b, a in (highpass(200.0), peak(1000.0, 24.0), lowpass(cutoff)):
        made = filtered(b, a, made)
    lab.panel().locator("[data-action=seek]").press("Home")
    recording = lab.listen(1.0)
    expected = loop_excerpt(made, int(loop_positions(recording[0], made, 16_384)[0]), recording.shape[1])
    for channel, level in zip(recording, (1.0, 0.5), strict=True):
        np.testing.assert_allclose(channel, level * expected, atol=1e-3 * np.abs(made).max())
    lab.execute("panel.close()")

    # A value that differs between channels has no slider: it is shown as text and used as it is.
    fixed = lab.panel().locator("[data-param=gain_db]")
    expect(fixed).to_have_count(1)
    assert fixed.evaluate("element => element.tagName") != "INPUT"
    expect(fixed).to_contain_text("2")
    lab.play()
    lab.set_slider("frequency", 0.5)
    lab.settle()
    assert lab.evaluate("taps.module.gain_db.tolist()") == [-6.0, 6.0]
    lab.panel().locator("[data-action=seek]").press("Home")
    recording = lab.listen(1.0)
    for channel, gain, level in zip(recording, (-6.0, 6.0), (1.0, 0.5), strict=True):
        made = level * filtered(*peak(lab.value("frequency"), gain), noise(8.0))
        expected = loop_excerpt(made, int(loop_positions(channel, made, 16_384)[0]), len(channel))
        np.testing.assert_allclose(channel, expected, atol=1e-3 * np.abs(made).max())
    assert lab.page_errors == []


def test_a_user_defined_module_has_all_its_controls(lab: NotebookPage) -> None:
    """Choice, switch and count on a mono sound at 8 kHz: each changes the kernel's value and the sound."""
    lab.open(
        "import fxlab as fx\nx = fx.sine(500.0, 1.0, sample_rate=8000, level_db=-20.0)",
        CRUNCH,
        "panel = Crunch().panel(x)\npanel",
    )
    lab.play()
    panel = lab.panel()

    def level() -> float:
        lab.settle()
        return tone_level(lab.listen(0.5)[0], 500.0, 8000)

    assert level() == pytest.approx(-20.0, abs=0.1)
    choice = panel.locator("select[data-param=kind]")
    assert choice.locator("option").all_inner_texts() == ["linear", "half", "off"]
    before = lab.data("sent")
    choice.select_option("half")
    wait_until(lambda: lab.data("sent") > before, "the choice to be sent")
    assert level() == pytest.approx(-26.02, abs=0.1)
    assert lab.evaluate("panel.module.kind") == "half"

    lab.set_slider("times", 0.43)
    lab.wait_for_value("times", 4)
    assert level() == pytest.approx(-13.98, abs=0.1)
    assert lab.evaluate("panel.module.times") == 4
    lab.slider("times").press("ArrowRight")
    lab.wait_for_value("times", 5)
    assert level() == pytest.approx(-12.04, abs=0.1)

    before = lab.data("sent")
    panel.locator("[data-param=invert]").click()
    wait_until(lambda: lab.data("sent") > before, "the switch to be sent")
    lab.settle()
    assert lab.evaluate("panel.module.invert") is True
    lab.set_slider("offset", 0.75)
    lab.settle()
    assert np.mean(lab.listen(0.5)[0]) == pytest.approx(0.5, abs=0.01)
    assert lab.page_errors == []


SHAPES = {
    "wide": "fx.Signal(torch.stack([tone(1000.0 * (n + 1), 96_000) for n in range(5)]), 96_000)",
    "short": "fx.Signal(tone(1000.0, 44_100)[:2205], 44_100)",
    "slow": "fx.Signal(tone(100.0, 2000), 2000)",
}


def test_sounds_of_every_shape_play(lab: NotebookPage) -> None:
    """Five channels at 96 kHz, a clip of 0.05 s, and a rate that no browser opens."""
    lab.open(
        "import torch, fxlab as fx\n"
        "def tone(frequency, rate):\n"
        "    return 0.1 * torch.sin(2 * torch.pi * frequency / rate * torch.arange(rate, dtype=torch.float64))",
        *(f"{name} = fx.Peak(frequency=300.0, q=20.0).panel({made})\n{name}" for name, made in SHAPES.items()),
    )
    lab.panel(2)

    lab.play()
    lab.set_slider("gain_db", 0.6)
    lab.settle()
    recording = lab.listen(0.5)
    outputs = len(recording)
    share = 1 / np.ceil(5 / outputs)
    for channel in range(5):
        loud = tone_level(recording[channel % outputs], 1000.0 * (channel + 1), 96_000)
        assert loud == pytest.approx(20 * np.log10(0.1 * share), abs=0.2), f"channel {channel + 1} of 5"
        if outputs == 2:
            other = tone_level(recording[(channel + 1) % 2], 1000.0 * (channel + 1), 96_000)
            assert other < loud - 40, "odd channels play on the left, even ones on the right"
    if outputs <= 2:
        expect(lab.panel().get_by_role("status")).to_contain_text("5 channels")
    expect(lab.panel().locator("header")).to_contain_text("96 kHz")
    lab.execute("wide.close()")

    lab.play()
    lab.set_slider("gain_db", 0.7)
    lab.settle()
    recording = lab.listen(0.5)[0]
    assert tone_level(recording, 1000.0) == pytest.approx(-20.0, abs=0.2)
    assert 0 <= lab.position() <= 0.05
    lab.execute("short.close()")

    lab.play()
    lab.set_slider("gain_db", 0.6)
    lab.settle()
    expect(lab.panel().get_by_role("status")).to_contain_text("2000 Hz")  # the notice that the sound is resampled
    rate = lab.page.evaluate("() => window.audioProbe.rate()")
    assert tone_level(lab.listen(0.5)[0], 100.0, rate) == pytest.approx(-20.0, abs=0.3)
    assert lab.page_errors == []

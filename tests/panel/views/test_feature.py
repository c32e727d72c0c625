"""The view of a feature: the picture over the sound that plays, its choices, and curves."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import fxlab as fx
from fxlab.features.axis import Axis
from fxlab.features.common.feature_module import Description, FeatureModule
from fxlab.panel.controls.spec import describe
from fxlab.panel.rendering.renderer import Renderer
from fxlab.panel.rendering.sounding_part import sounding_part
from fxlab.panel.views import initial_views, view_tabs

RATE = 16_000
TONE = fx.sine(2000.0, duration=1.0, sample_rate=RATE, level_db=0.0)


class PeakLevel(FeatureModule):
    """The peak of each block of 160 samples."""

    has_rows = False

    def forward(self, x, sample_rate):
        return x.unfold(-1, 160, 160).abs().amax(-1)

    def describe(self, sample_rate):
        return Description("Peak level", "Peak", "", Axis("Peak", "", torch.zeros(1)), limits=(0.0, 1.0))

    def frame_times(self, frames, sample_rate):
        return (torch.arange(frames, dtype=torch.float64) + 0.5) * 160 / sample_rate

    def hop(self):
        return 160


def draw(module, signal=TONE, y=None, **options):
    return Renderer(module, signal, "cpu").draw_view("feature", y, options)


@pytest.mark.parametrize("scale", ["linear", "log", "mel"])
def test_a_tone_is_in_its_row(scale):
    """The brightest row of the picture is that of 2 kHz on the chosen scale, at full scale at the top of the range."""
    fields, vectors = draw(fx.Spectrogram(n_fft=512), scale=scale)
    levels = vectors["levels"].reshape(fields["rows"], fields["columns"]).numpy()
    low, high = fields["y"]["low"], fields["y"]["high"]
    warp = {"linear": lambda f: f, "log": np.log, "mel": lambda f: np.log1p(f / 700)}[scale]
    expected = 1 - (warp(2000.0) - warp(low)) / (warp(high) - warp(low))
    rows = np.flatnonzero(levels[:, fields["columns"] // 2] > 250)
    assert (rows.mean() + 0.5) / fields["rows"] == pytest.approx(expected, abs=0.01)
    assert fields["level"] == {"unit": "dB", "low": -100.0, "high": 0.0}
    assert fields["x_is_time"]
    assert fields["x"] == {"unit": "s", "low": 0.0, "high": 1.0}
    assert "full-scale sine" in fields["note"]


def test_coefficients_keep_all_their_levels_and_pitch_classes_their_names():
    assert draw(fx.MFCC(n_mfcc=20))[0]["spans_all_levels"]
    assert not draw(fx.Spectrogram(n_fft=512))[0]["spans_all_levels"]
    assert draw(fx.Chroma())[0]["y"]["labels"][:3] == ["C", "C♯", "D"]


def test_the_channels_of_a_stereo_sound():
    """One channel or the mean power of both can be chosen; a mono sound has no such choice."""
    stereo = fx.Signal(torch.cat([TONE.samples, 0 * TONE.samples]), RATE)
    assert [choice["name"] for choice in draw(fx.Spectrogram())[0]["choices"]] == ["scale"]
    fields, _ = draw(fx.Spectrogram(), stereo)
    (channel,) = (choice for choice in fields["choices"] if choice["name"] == "channel")
    assert channel["values"] == ["mean", "1", "2"]
    loudest = [int(draw(fx.Spectrogram(), stereo, channel=name)[1]["levels"].max()) for name in channel["values"]]
    assert loudest == [round(255 * (100 - 10 * np.log10(2)) / 100), 255, 0]


def test_a_feature_of_one_number_is_a_curve():
    """Each channel is a line over time, in the fixed limits of the feature."""
    stereo = fx.Signal(torch.cat([TONE.samples, 0.5 * TONE.samples]), RATE)
    assert view_tabs(PeakLevel())[0] == {"name": "feature", "label": "Peak level", "kind": "trace"}
    fields, vectors = draw(PeakLevel(), stereo)
    (form,) = fields["forms"]
    assert [line["label"] for line in form["lines"]] == ["Left", "Right"]
    assert (form["y"]["low"], form["y"]["high"]) == (0.0, 1.0)
    assert vectors["value_1"].numpy() == pytest.approx(0.5, abs=0.02)
    assert vectors["time"][0].item() == pytest.approx(0.005)


def test_the_input_plays_and_there_is_nothing_to_compare_it_with():
    """The sound of the panel of a feature is its input, without a bypass; its views are drawn from it."""
    module = fx.Spectrogram()
    renderer = Renderer(module, TONE, "cpu")
    assert torch.equal(renderer.render_full(), TONE.samples)
    assert torch.equal(renderer.render_window(100, 50), TONE.samples[:, 100:150])
    assert not describe(module, TONE, "cpu")["takes_input"]
    assert describe(fx.LowPass(), TONE, "cpu")["takes_input"]
    assert initial_views(None, module) == ("feature",)
    assert [tab["name"] for tab in view_tabs(module)] == ["feature", "magnitude", "waveform", "levels"]
    assert len(sounding_part(module)) == 0


def test_an_error_of_the_feature_is_shown_in_its_place():
    """A window longer than its FFT is said in the picture."""
    module = fx.Spectrogram(n_fft=256)
    renderer = Renderer(module, TONE, "cpu")
    module.win_length = 512
    fields, _ = renderer.draw_view("feature")
    assert "win_length is 512 samples and n_fft 256" in fields["error"]


def test_many_channels_may_be_short():
    many = fx.Signal(torch.randn(70, 200), 8000).between(0.0, 0.005)
    fields, _ = Renderer(fx.Spectrogram(n_fft=16, hop_length=4), many, "cpu").draw_view("feature")
    assert "error" not in fields

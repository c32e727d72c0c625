"""The card of a feature: axes and units, fixed colors, every shape of data, and the card of a feature's module."""

from __future__ import annotations

from dataclasses import replace

import matplotlib as mpl
import numpy as np
import pytest
import torch

import fxlab as fx
from fxlab.display import panel_fallback
from fxlab.display.canvas import colors
from fxlab.display.canvas.canvas import DENSITY
from fxlab.display.plots.color_map import LEVELS
from fxlab.display.plots.feature_map import feature_map, level_limits, row_axis
from fxlab.features.axis import Axis
from fxlab.features.feature import Feature
from tests.support.card_html import KINDS, read
from tests.support.pictures import bundle_pixels, color_mask

RATE = 16_000
LEFT, TOP, WIDTH, HEIGHT = (DENSITY * number for number in (52, 48, 600, 200))
CELL = 4
MAP = (255 * mpl.colormaps["magma"](np.linspace(0, 1, LEVELS))[:, :3]).round().astype(int)


def feature(rows, *, channels=1, frames=20, unit="Hz", scale="linear", **changes) -> Feature:
    """Return a feature whose values rise along both axes."""
    data = torch.linspace(0.001, 1.0, channels * rows * frames).reshape(channels, rows, frames)
    values = torch.linspace(0.0, RATE / 2, rows) if unit == "Hz" else torch.arange(float(rows))
    names = {"name": "Test", "quantity": "Power", "unit": "", "hop": 160, "samples": 160 * frames, "kind": "power"}
    axes = {"frequency": Axis("Frequency" if unit else "Coefficient", unit, values.double(), scale)}
    axes["time"] = Axis("Time", "s", torch.arange(frames, dtype=torch.float64) / 100)
    return Feature(sample_rate=RATE, **{"data": data, **names, **axes, "limits": (-60.0, 0.0), **changes})


def shown(card) -> np.ndarray:
    """Return the index of the color of each cell of the picture on a card."""
    pixels = bundle_pixels(card._repr_mimebundle_()[0])[TOP : TOP + HEIGHT, LEFT : LEFT + WIDTH, :3].astype(int)
    pixels = pixels[CELL // 2 :: CELL, CELL // 2 :: CELL]
    return np.abs(pixels[..., None, :] - MAP).sum(-1).argmin(-1)


@pytest.mark.parametrize("scale", ["linear", "log", "mel"])
def test_a_tone_is_at_its_frequency_and_time(scale):
    """A tone of 2 kHz in the second half of the sound is bright in the row of 2 kHz of every scale, and there only."""
    x = fx.sine(2000.0, duration=1.0, sample_rate=RATE, level_db=0.0).samples * (torch.arange(RATE) >= RATE // 2)
    drawn = fx.Signal(x, RATE) | fx.Spectrogram(n_fft=512, hop_length=128)
    drawn = replace(drawn, frequency=replace(drawn.frequency, scale=scale))
    index = shown(drawn)
    axis = row_axis(drawn.frequency, RATE)
    rows, columns = np.nonzero(index == LEVELS - 1)
    assert 1 - (rows.mean() + 0.5) / len(index) == pytest.approx(float(axis.position(2000.0)), abs=0.02)
    assert columns.min() == pytest.approx(150, abs=6)
    assert index[:, :100].max() == 0


def test_colors_are_fixed_so_that_pictures_compare():
    """A sound 20 dB softer is darker by 20 dB, and the bar states the same range."""
    loud = fx.noise(duration=0.5, sample_rate=RATE, seed=1, level_db=-20.0)
    pictures = [shown(sound | fx.Spectrogram()) for sound in (loud, loud * 0.1)]
    difference = pictures[0][pictures[1] > 0].mean() - pictures[1][pictures[1] > 0].mean()
    low, high = level_limits(loud | fx.Spectrogram())
    assert difference == pytest.approx(20 * LEVELS / (high - low), abs=0.3)


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (lambda: feature(257), "power in dB re 1 from −60 to 0 over frequency and time"),
        (lambda: feature(40, scale="mel", reference_name="a tone"), "power in dB re a tone from −60"),
        (lambda: feature(40, scale="log", channels=2), "2 channels"),
        (lambda: feature(13, unit="", kind="linear", limits=None), "over coefficient and time"),
        (lambda: feature(1, kind="linear", unit="", limits=None), "power in numbers"),
        (lambda: feature(1, channels=2), "power in dB re 1 from −60 to 0"),
        (lambda: feature(5, channels=7), "7 channels"),
        (lambda: feature(5, frames=1), "5 × 1"),
        (lambda: feature(1, frames=1, kind="linear", limits=None), "1 frame"),
        (lambda: feature(2, data=torch.zeros(1, 2, 20)), "from −60 to 0"),
        (lambda: feature(2, data=torch.zeros(1, 2, 20), limits=None), "from −80 to 0"),
        (lambda: feature(3, data=torch.full((1, 3, 20), torch.nan), kind="linear", limits=None), "from −0.5 to 0.5"),
        (lambda: feature(3, data=torch.rand(2, 1, 3, 20)), "3 × 20"),
        (lambda: feature(3, data=torch.rand(1, 3, 20, dtype=torch.complex64), kind="magnitude"), "3 × 20"),
    ],
    ids=[
        *("rows", "mel", "log, stereo", "coefficients", "curve", "curves", "channels", "frame", "number"),
        *("silence", "silence without limits", "nan", "batch", "complex"),
    ],
)
def test_every_feature_has_a_card(made, words):
    """Rows and curves, channels and batches, silence and NaN have a card that says what it shows."""
    made = made()
    data, metadata = made._repr_mimebundle_()
    assert set(data) == KINDS
    text, found = read((data, metadata))
    (alt,) = (attributes["alt"] for tag, attributes in found if tag == "img")
    assert words in alt
    assert ("A batch of 2 examples" in text) == (made.data.ndim == 4)
    assert ("The first 4 of 7 channels" in text) == (made.channels == 7)
    is_open = made.limits is None and len(made.frequency) > 1
    assert ("another sound may differ" in text) == is_open


def test_named_rows_and_coefficients():
    """The limits of coefficients leave out coefficient 0, the level; rows with names have them as ticks."""
    data = torch.rand(1, 13, 20)
    data[:, 0] = -1000.0
    coefficients = feature(13, data=data, kind="linear", unit="", limits=None)
    assert level_limits(coefficients) == pytest.approx((float(data[:, 1:].min()), float(data[:, 1:].max())))
    assert "coefficient 0, the level" in coefficients._repr_mimebundle_()[0]["text/html"]
    names = Axis(
        "Pitch class",
        "",
        torch.arange(12.0),
        labels=tuple("CDEFGABHIJKL"),
    )
    chroma = feature(12, frequency=names, kind="linear", limits=(0.0, 1.0))
    assert row_axis(names, RATE).low == -0.5
    assert "over pitch class and time" in chroma._repr_mimebundle_()[0]["text/html"]


def test_a_curve_is_drawn_at_its_value():
    """A feature of one number per frame is a line at its value."""
    data = torch.full((1, 1, 20), 0.25)
    card = feature(1, data=data, kind="linear", limits=(0.0, 1.0))._repr_mimebundle_()[0]
    rows, _ = np.nonzero(color_mask(bundle_pixels(card), colors.MAIN))
    assert rows.mean() == pytest.approx(DENSITY * (48 + 0.75 * 140), abs=2)


def test_the_mean_of_channels_and_one_channel():
    """The panel draws the mean power of all channels, or one of them."""
    data = torch.stack([torch.full((3, 20), 1.0), torch.full((3, 20), 0.01)])
    stereo = feature(3, channels=2, data=data)
    levels = [feature_map(stereo, channel, (3, 4)).cells[0, 0] for channel in (0, 1, None)]
    assert levels == pytest.approx([0.0, -20.0, 10 * np.log10(0.505)], abs=1e-4)


def test_modules_show_the_feature_of_a_sweep_and_panels_that_of_their_sound():
    """The card of `fx.MelSpectrogram()` and the picture of its panel for viewers without a kernel."""
    module = fx.MelSpectrogram(n_fft=1024, n_mels=40, sample_rate=RATE)
    data, metadata = module._repr_mimebundle_()
    text, found = read((data, metadata))
    (alt,) = (attributes["alt"] for tag, attributes in found if tag == "img")
    assert alt.startswith("MelSpectrogram at 16 kHz: power in dB re a full-scale sine")
    assert "sweeps from 50 Hz to 7.2 kHz" in text
    index = shown(module)
    peaks = index[:, 20:-20:20].argmax(0)
    assert (np.diff(peaks) <= 0).all(), "the sweep rises"
    fallback, size = panel_fallback(module, fx.silence(0.5, sample_rate=RATE))
    assert size["image/png"] == {"width": 516, "height": 184}
    assert "sweep" not in fallback["text/html"]

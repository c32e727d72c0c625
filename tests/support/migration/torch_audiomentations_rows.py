"""torch-audiomentations 0.12 → fxlab. The drawn values are fixed, so that the outputs can be compared."""

import warnings
from typing import Any

import torch

from tests.support.migration.row import SOUND, Row, names


def peer_names() -> dict[str, Any]:
    """Return the names that the calls of torch-audiomentations use: `x` is `(batch, channels, time)`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import torch_audiomentations as ta
    return names(ta=ta, x=torch.from_numpy(SOUND).float()[None, None])


def call(made: str) -> str:
    """Return the text of a call on a batch."""
    return f'ta.{made[:-1]}, p=1, output_type="tensor")(x, fs)'


ROWS = [
    Row(call("Gain(-6, -5.9999)"), "augment.Gain((-6, -5.9999), p=1)(x, fs)", tolerance=2e-5),
    Row(call("PolarityInversion()").replace("(, ", "("), "augment.PolarityInversion(p=1)(x, fs)", tolerance=1e-6),
    Row(call("TimeInversion()").replace("(, ", "("), "augment.TimeInversion(p=1)(x, fs)", tolerance=1e-6),
    Row(
        call("PeakNormalization()").replace("(, ", "("),
        "augment.PeakNormalization(p=1)(x, fs)",
        tolerance=1e-6,
    ),
    Row(
        call("Shift(0.25, 0.25)"),
        "augment.Shift((0.25, 0.25), fade_ms=0, p=1)(x, fs)",
        tolerance=1e-6,
        note="fxlab fades the seam over 5 ms unless it is told not to.",
    ),
    Row(
        call("LowPassFilter(1000, 1000)"),
        "augment.LowPass(cutoff=(1000, 1000), p=1)(x, fs)",
        tolerance=None,
        note="A windowed sinc there; a Butterworth filter here, whose slope is drawn.",
    ),
    Row(
        call("HighPassFilter(1000, 1000)"),
        "augment.HighPass(cutoff=(1000, 1000), p=1)(x, fs)",
        tolerance=None,
        note="As above.",
    ),
    Row(
        call("BandPassFilter(1000, 1000)"),
        "augment.BandPass(frequency=(1000, 1000), p=1)(x, fs)",
        tolerance=None,
        note="As above.",
    ),
    Row(
        call("BandStopFilter(1000, 1000)"),
        "augment.BandStop(frequency=(1000, 1000), p=1)(x, fs)",
        tolerance=None,
        note="As above.",
    ),
    Row(
        call("AddColoredNoise(20, 20, 0, 0)"),
        "augment.AddColoredNoise(snr_db=(20, 20), decay=(0, 0), p=1)(x, fs)",
        tolerance=None,
        note="Other random numbers; a seed of one's own.",
    ),
    Row(
        'ta.PitchShift(16_000, 2, 2, p=1, output_type="tensor")',
        "augment.PitchShift((2, 2), p=1)(x, fs)",
        tolerance=None,
        note="The phase vocoders differ.",
    ),
    Row(
        "ta.AddBackgroundNoise(folder, 10, 10, p=1)",
        "augment.AddBackgroundNoise([fx.noise()], snr_db=(10, 10), p=1)(x, fs)",
        tolerance=None,
        note="A folder, files or `Signal`s.",
    ),
    Row(
        "ta.ApplyImpulseResponse(folder, p=1)",
        "augment.ApplyImpulseResponse([fx.Signal(h, fs)], p=1)(x, fs)",
        tolerance=None,
        note="A folder, files or `Signal`s.",
    ),
    Row("ta.ShuffleChannels(p=1)", "augment.ShuffleChannels(p=1)(stereo, fs)", tolerance=None),
    Row(
        "ta.SpliceOut(8, 400, p=1)",
        "augment.SpliceOut(width_s=(0.001, 0.008), p=1)(x, fs)",
        tolerance=None,
        note="Widths in seconds.",
    ),
    Row(
        'ta.Compose([ta.Gain(-6, -5.9999, p=1), ta.PolarityInversion(p=1)], output_type="tensor")(x, fs)',
        "augment.Compose([augment.Gain((-6, -5.9999), p=1), augment.PolarityInversion(p=1)])(x, fs)",
        tolerance=2e-5,
    ),
    Row(
        'ta.OneOf([ta.Gain(), ta.Shift()], output_type="tensor")(x, fs)',
        "augment.OneOf([augment.Gain(), augment.Shift()])(x, fs)",
        tolerance=None,
    ),
    Row(
        'ta.SomeOf(1, [ta.Gain(), ta.Shift()], output_type="tensor")(x, fs)',
        "augment.SomeOf(1, [augment.Gain(), augment.Shift()])(x, fs)",
        tolerance=None,
    ),
    Row(
        "transform.freeze_parameters()",
        "augment.Gain(p=1).freeze",
        tolerance=None,
        note="`unfreeze`, and `replay` of a recorded draw.",
    ),
]

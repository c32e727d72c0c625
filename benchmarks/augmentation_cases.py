"""The augmentations that are timed: ours, that of audiomentations, that of torch-audiomentations, and their input.

All draw for each example, and with p = 1, so that none is faster by doing nothing. Where default ranges would change
the work, as for `Aliasing`, the ranges are equal. Left out is what audiomentations needs further packages for:
`Limiter`, `LoudnessNormalization`, `Mp3Compression`, `RoomSimulator`, and its masks of spectrograms.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

import fxlab as fx
from fxlab import augment

RATE, BATCH, SECONDS = 16_000, 32, 4


class Case(NamedTuple):
    """Ours, theirs if there are any, and the sounds `(batch, channels, time)`."""

    ours: Any
    one: Any = None
    other: Any = None
    sounds: str = "mono"


def inputs() -> dict[str, Tensor]:
    """Return a batch of 32 mono sounds, 16 stereo sounds, and mono sounds with silence at both ends."""
    mono = 0.1 * torch.randn(BATCH, 1, RATE * SECONDS, generator=torch.Generator().manual_seed(0))
    quiet = mono.clone()
    quiet[..., : RATE // 2] = 0.0
    quiet[..., -RATE // 2 :] = 0.0
    return {"mono": mono, "stereo": mono.reshape(BATCH // 2, 2, -1), "quiet ends": quiet}


def cases(folder: Path) -> dict[str, Case]:
    """Return the augmentations by name; their recordings are written to `folder`."""
    return {**sound_cases(), **recording_cases(folder), **container_cases()}


def sound_cases() -> dict[str, Case]:
    """Return the augmentations of a sound alone."""
    import audiomentations as one
    import torch_audiomentations as other
    from torch_audiomentations.augmentations.mix import Mix
    from torch_audiomentations.augmentations.random_crop import RandomCrop

    o: dict[str, Any] = {"p": 1.0, "output_type": "tensor", "sample_rate": RATE}
    p: dict[str, Any] = {"p": 1.0}
    crop = RandomCrop(2.0, RATE)  # it calls the rate by another name
    return {
        "LowPass": Case(augment.LowPass(**p), one.LowPassFilter(**p), other.LowPassFilter(**o)),
        "HighPass": Case(augment.HighPass(**p), one.HighPassFilter(**p), other.HighPassFilter(**o)),
        "BandPass": Case(augment.BandPass(**p), one.BandPassFilter(**p), other.BandPassFilter(**o)),
        "BandStop": Case(augment.BandStop(**p), one.BandStopFilter(**p), other.BandStopFilter(**o)),
        "LowShelf": Case(augment.LowShelf(**p), one.LowShelfFilter(**p)),
        "HighShelf": Case(augment.HighShelf(**p), one.HighShelfFilter(**p)),
        "Peaking": Case(augment.Peaking(**p), one.PeakingFilter(**p)),
        "SevenBandParametricEQ": Case(augment.SevenBandParametricEQ(**p), one.SevenBandParametricEQ(**p)),
        "AirAbsorption": Case(augment.AirAbsorption(**p), one.AirAbsorption(**p)),
        "Gain": Case(augment.Gain(**p), one.Gain(**p), other.Gain(**o)),
        "GainTransition": Case(augment.GainTransition(**p), one.GainTransition(**p)),
        "PolarityInversion": Case(
            augment.PolarityInversion(**p), one.PolarityInversion(**p), other.PolarityInversion(**o)
        ),
        "PeakNormalization": Case(augment.PeakNormalization(**p), one.Normalize(**p), other.PeakNormalization(**o)),
        "ShuffleChannels": Case(augment.ShuffleChannels(**p), None, other.ShuffleChannels(**o), "stereo"),
        "Identity": Case(augment.Identity(**p), None, other.Identity(**o)),
        "Clip": Case(augment.Compose([fx.wrap(lambda x: x.clamp(-0.1, 0.1))]), one.Clip(-0.1, 0.1, **p)),
        "Lambda": Case(augment.Compose([fx.wrap(lambda x: x * x)]), one.Lambda(lambda x, sample_rate: x * x, **p)),
        "Shift": Case(augment.Shift(fade_ms=0.0, **p), one.Shift(fade_duration=0.0, **p), other.Shift(**o)),
        "Shift, fades": Case(augment.Shift(**p), one.Shift(**p)),
        "TimeInversion": Case(augment.TimeInversion(**p), one.Reverse(**p), other.TimeInversion(**o)),
        "Padding": Case(augment.Padding(**p), one.Padding(**p)),
        "TimeMask": Case(augment.TimeMask(**p), one.TimeMask(**p)),
        # A crossfade of audiomentations fails if it reaches the end of the sound.
        "RepeatPart": Case(
            augment.RepeatPart(fade_ms=0.0, **p), one.RepeatPart(mode="replace", crossfade_duration=0.0, **p)
        ),
        "AdjustDuration": Case(augment.AdjustDuration(2.0, **p), one.AdjustDuration(duration_seconds=2.0, **p)),
        "AdjustDuration, longer": Case(augment.AdjustDuration(5.0, **p), one.AdjustDuration(duration_seconds=5.0, **p)),
        "RandomCrop": Case(augment.RandomCrop(2.0, **p), None, lambda x, **_: crop(x)),
        "SpliceOut": Case(augment.SpliceOut(width_s=(0.0, 0.2), **p), None, other.SpliceOut(**o)),
        "Trim": Case(augment.Trim(**p), one.Trim(**p), sounds="quiet ends"),
        "PitchShift": Case(augment.PitchShift(**p), one.PitchShift(**p), other.PitchShift(**o)),
        "TimeStretch": Case(augment.TimeStretch(**p), one.TimeStretch(**p)),
        "Resample": Case(
            augment.Resample(rate=12_000, **p), one.Resample(min_sample_rate=12_000, max_sample_rate=12_000, **p)
        ),
        "ClippingDistortion": Case(augment.ClippingDistortion(**p), one.ClippingDistortion(**p)),
        "TanhDistortion": Case(augment.TanhDistortion(**p), one.TanhDistortion(**p)),
        "BitCrush": Case(augment.BitCrush(**p), one.BitCrush(**p)),
        # Above 16 kHz it would only copy.
        "Aliasing": Case(augment.Aliasing(rate=(8000.0, 15_000.0), **p), one.Aliasing(max_sample_rate=15_000, **p)),
        "AddColoredNoise": Case(augment.AddColoredNoise(**p), one.AddColorNoise(**p), other.AddColoredNoise(**o)),
        "AddGaussianNoise": Case(augment.AddGaussianNoise(**p), one.AddGaussianNoise(**p)),
        "AddGaussianSNR": Case(augment.AddGaussianSNR(**p), one.AddGaussianSNR(**p)),
        "Mix": Case(augment.Mix(**p), None, Mix(**o)),
    }


def recording_cases(folder: Path) -> dict[str, Case]:
    """Return the augmentations with recordings: four noises of 6 s, four of 0.2 s, and four decays of 0.5 s.

    Those of torch-audiomentations call `torchaudio.info`, which torchaudio has no longer.
    """
    import audiomentations as one

    paths = {name: folder / name for name in ("noises", "short noises", "decays")}
    for path in paths.values():
        path.mkdir()
    for number in range(4):
        for name, duration in (("noises", 6.0), ("short noises", 0.2), ("decays", 0.5)):
            sound = fx.noise(duration=duration, sample_rate=RATE, seed=number)
            fade = torch.from_numpy(np.exp(-10 * np.arange(sound.samples.shape[-1]) / RATE)).float()
            made = fx.Signal(sound.samples * fade, RATE) if name == "decays" else sound
            made.save(paths[name] / f"{number}.wav")
    noises, short, decays = (str(path) for path in paths.values())
    return {
        "AddBackgroundNoise": Case(
            augment.AddBackgroundNoise(noises, p=1.0),
            one.AddBackgroundNoise(noises, p=1.0),
        ),
        "AddShortNoises": Case(augment.AddShortNoises(short, p=1.0), one.AddShortNoises(short, p=1.0)),
        "ApplyImpulseResponse": Case(
            augment.ApplyImpulseResponse(decays, p=1.0),
            one.ApplyImpulseResponse(decays, p=1.0),
        ),
    }


def container_cases() -> dict[str, Case]:
    """Return containers of augmentations."""
    import audiomentations as one
    import torch_audiomentations as other

    o: dict[str, Any] = {"p": 1.0, "output_type": "tensor", "sample_rate": RATE}
    p: dict[str, Any] = {"p": 1.0}

    rows = (
        (augment.Gain(**p), one.Gain(**p), other.Gain(**o)),
        (augment.PolarityInversion(**p), one.PolarityInversion(**p), other.PolarityInversion(**o)),
        (augment.LowPass(**p), one.LowPassFilter(**p), other.LowPassFilter(**o)),
        (augment.AddColoredNoise(**p), one.AddColorNoise(**p), other.AddColoredNoise(**o)),
        (augment.Shift(fade_ms=0.0, **p), one.Shift(fade_duration=0.0, **p), other.Shift(**o)),
    )
    ours, ones, others = map(list, zip(*rows, strict=True))
    return {
        "Compose of five": Case(augment.Compose(ours), one.Compose(ones), other.Compose(others, output_type="tensor")),
        # The parts are equal, since the least time would be that of the fastest ones.
        "OneOf three gains": Case(
            augment.OneOf([augment.Gain(**p) for _ in range(3)]),
            one.OneOf([one.Gain(**p) for _ in range(3)]),
            other.OneOf([other.Gain(**o) for _ in range(3)], output_type="tensor"),
        ),
        "SomeOf, three of five gains": Case(
            augment.SomeOf(3, [augment.Gain(**p) for _ in range(5)]),
            one.SomeOf(3, [one.Gain(**p) for _ in range(5)]),
            other.SomeOf(3, [other.Gain(**o) for _ in range(5)], output_type="tensor"),
        ),
    }

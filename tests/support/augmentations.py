"""One specimen of every augmentation, for tests that hold for all of them."""

from __future__ import annotations

from collections.abc import Callable

import fxlab as fx
from fxlab import augment

RATE = 16_000
NOISE = fx.noise(duration=0.3, sample_rate=RATE, seed=1)
ECHO = fx.Signal([0.5, 0.0, 1.0, 0.25], sample_rate=RATE)

CONTAINERS: dict[str, Callable[..., augment.Augmentation]] = {
    "Compose": lambda **p: augment.Compose([augment.Gain(p=1.0), augment.AddGaussianNoise(p=1.0)], **p),
    "OneOf": lambda **p: augment.OneOf([augment.Gain(p=1.0), fx.DCOffset(0.3)], **p),
    "SomeOf": lambda **p: augment.SomeOf((1, 2), [augment.Gain(p=1.0), fx.DCOffset(0.3)], **p),
}
WITH_SOUNDS: dict[str, Callable[..., augment.Augmentation]] = {
    "AddBackgroundNoise": lambda **p: augment.AddBackgroundNoise(NOISE, **p),
    "AddShortNoises": lambda **p: augment.AddShortNoises(NOISE.between(0.0, 0.05), **p),
    "ApplyImpulseResponse": lambda **p: augment.ApplyImpulseResponse(ECHO, **p),
}
LENGTH = {"AdjustDuration", "RandomCrop", "Resample", "Trim"}
"""They change the length, and are drawn for the batch."""
SPECTROGRAM = {"SpecChannelShuffle", "SpecFrequencyMask", "SpecTimeMask"}
PER_EXAMPLE = {"ShuffleChannels", "SpecChannelShuffle"}
"""They have no mode per channel."""
ABSTRACT = {"Augmentation", "Drawn", "Options", "RandomModule", "Range", "random"}

SPECIMENS: dict[str, Callable[..., augment.Augmentation]] = {
    name: (CONTAINERS | WITH_SOUNDS).get(name, getattr(augment, name))
    for name in augment.__all__
    if name not in ABSTRACT and name != "Reverse"
}

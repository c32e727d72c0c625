"""Augmentations: random processors for training, made of filters and effects whose parameters are drawn.

    from fxlab import augment

    augmentation = augment.Compose([
        augment.AddGaussianNoise(amplitude=(0.001, 0.015), p=0.5),
        augment.random(fx.LowPass, cutoff=(200, 4000), p=0.5),
    ], seed=1)
    augmentation(samples, sample_rate)   # a Signal, a tensor or a NumPy array

- `drawing/`      ranges, random numbers, the record of a draw
- `compose/`      series and choices of augmentations
- `noise/`        noise, from a generator or from files

`random` makes an augmentation of any filter or effect.
"""

from fxlab.augment.augmentation import Augmentation
from fxlab.augment.compose.compose import Compose, OneOf, SomeOf
from fxlab.augment.drawing.draw import Drawn
from fxlab.augment.drawing.range import Options, Range
from fxlab.augment.noise.gaussian import AddGaussianNoise, AddGaussianSNR
from fxlab.augment.random_module import RandomModule, random

__all__ = [
    "AddGaussianNoise",
    "AddGaussianSNR",
    "Augmentation",
    "Compose",
    "Drawn",
    "OneOf",
    "Options",
    "RandomModule",
    "Range",
    "SomeOf",
    "random",
]

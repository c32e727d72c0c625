"""Augmentations: processors for training data that draw their parameters at random at every call.

    import fxlab as fx
    from fxlab import augment

    augmentation = augment.Compose([
        augment.AddGaussianNoise(amplitude=(0.001, 0.015), p=0.5),
        augment.random(fx.LowPass, cutoff=(200, 4000), p=0.5),
    ], seed=1)
    augmentation(samples, sample_rate)   # a Signal, a tensor or a NumPy array

- `drawing/`      ranges, random numbers, the record of the drawn values
- `compose/`      series and choices of augmentations
- `level/`        gain, normalization, polarity, order of the channels, `Identity`
- `noise/`        noise, from a generator or from recordings; a mix of examples
- `filters/`      Butterworth filters, equalizers, absorption by air, rooms and impulse responses
- `distortion/`   clipping, saturation, rounding, aliasing, a limiter, MP3
- `time/`         shifts, reversal, masks, padding, fades, cuts and repetitions
- `pitch/`        pitch, speed and sample rate
- `spectrogram/`  masks and permuted channels of spectrograms

`augmentation.py` contains `Augmentation`, the base class, and `augmentation_definition.py` what a subclass defines.
`random`, in `random_module.py`, makes an augmentation of any filter or effect; `audition.py` contains `Audition`, the
module that a panel of an augmentation runs.
"""

from fxlab.augment.augmentation import Augmentation
from fxlab.augment.compose.compose import Compose, OneOf, SomeOf
from fxlab.augment.distortion.aliasing import Aliasing
from fxlab.augment.distortion.distortion import BitCrush, ClippingDistortion, Limiter, TanhDistortion
from fxlab.augment.distortion.mp3 import Mp3Compression
from fxlab.augment.drawing.draw import Drawn
from fxlab.augment.drawing.range import Options, Range
from fxlab.augment.filters.air_absorption import AirAbsorption
from fxlab.augment.filters.butterworth import BandPass, BandStop, HighPass, LowPass
from fxlab.augment.filters.equalizers import HighShelf, LowShelf, Peaking, SevenBandParametricEQ
from fxlab.augment.filters.impulse_response import ApplyImpulseResponse, RoomSimulator
from fxlab.augment.level.gain_transition import GainTransition
from fxlab.augment.level.level import Gain, Identity, LoudnessNormalization, PeakNormalization, PolarityInversion
from fxlab.augment.level.shuffle_channels import ShuffleChannels
from fxlab.augment.noise.colored import AddColoredNoise
from fxlab.augment.noise.gaussian import AddGaussianNoise, AddGaussianSNR
from fxlab.augment.noise.mix import Mix
from fxlab.augment.noise.recorded import AddBackgroundNoise, AddShortNoises
from fxlab.augment.pitch.pitch import PitchShift, Resample, Speed, TimeStretch
from fxlab.augment.random_module import RandomModule, random
from fxlab.augment.spectrogram.masks import SpecChannelShuffle, SpecFrequencyMask, SpecTimeMask
from fxlab.augment.time.length import AdjustDuration, RandomCrop, Trim
from fxlab.augment.time.masks import Fade, Padding, TimeMask
from fxlab.augment.time.shift import Reverse, Shift, TimeInversion
from fxlab.augment.time.splices import RepeatPart, SpliceOut

__all__ = [
    "AddBackgroundNoise",
    "AddColoredNoise",
    "AddGaussianNoise",
    "AddGaussianSNR",
    "AddShortNoises",
    "AdjustDuration",
    "AirAbsorption",
    "Aliasing",
    "ApplyImpulseResponse",
    "Augmentation",
    "BandPass",
    "BandStop",
    "BitCrush",
    "ClippingDistortion",
    "Compose",
    "Drawn",
    "Fade",
    "Gain",
    "GainTransition",
    "HighPass",
    "HighShelf",
    "Identity",
    "Limiter",
    "LoudnessNormalization",
    "LowPass",
    "LowShelf",
    "Mix",
    "Mp3Compression",
    "OneOf",
    "Options",
    "Padding",
    "PeakNormalization",
    "Peaking",
    "PitchShift",
    "PolarityInversion",
    "RandomCrop",
    "RandomModule",
    "Range",
    "RepeatPart",
    "Resample",
    "Reverse",
    "RoomSimulator",
    "SevenBandParametricEQ",
    "Shift",
    "ShuffleChannels",
    "SomeOf",
    "SpecChannelShuffle",
    "SpecFrequencyMask",
    "SpecTimeMask",
    "Speed",
    "SpliceOut",
    "TanhDistortion",
    "TimeInversion",
    "TimeMask",
    "TimeStretch",
    "Trim",
    "random",
]

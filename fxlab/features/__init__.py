"""Features of sounds over frequency and time, with axes and units.

- `feature.py`    `Feature`: the data with their axes, without a picture; `axis.py` an axis
- `wrapped_transform.py`  a class of transforms, such as one of torchaudio's, as a module
- `common/`       the base classes, framing, and what several features share
- `spectra/`      spectrograms (linear, mel, constant-Q), chroma, and the ways back to sound
- `cepstra/`      MFCC and LFCC
- `descriptors/`  one or a few numbers per frame: spectral shape, level, onsets, pitch
- `transforms/`   features that are computed from others: levels in dB, deltas, PCEN

The cards that draw features in a notebook are in `fxlab.display`.
"""

from fxlab.features.axis import Axis
from fxlab.features.cepstra.lfcc import LFCC
from fxlab.features.cepstra.mfcc import MFCC
from fxlab.features.common.feature_module import FeatureModule
from fxlab.features.common.feature_transform import FeatureTransform
from fxlab.features.descriptors.level import RMS, ZeroCrossingRate
from fxlab.features.descriptors.onset_strength import OnsetStrength
from fxlab.features.descriptors.pitch_track import PitchTrack
from fxlab.features.descriptors.spectral_contrast import SpectralContrast
from fxlab.features.descriptors.spectral_shape import (
    SpectralBandwidth,
    SpectralCentroid,
    SpectralFlatness,
    SpectralRolloff,
)
from fxlab.features.feature import Feature
from fxlab.features.spectra.chroma import Chroma
from fxlab.features.spectra.constant_q import ConstantQ
from fxlab.features.spectra.inverse_spectrogram import GriffinLim, InverseSpectrogram
from fxlab.features.spectra.mel_spectrogram import MelSpectrogram
from fxlab.features.spectra.spectrogram import Spectrogram
from fxlab.features.transforms.amplitude_to_db import AmplitudeToDB
from fxlab.features.transforms.deltas import Deltas
from fxlab.features.transforms.pcen import PCEN

__all__ = [
    "LFCC",
    "MFCC",
    "PCEN",
    "RMS",
    "AmplitudeToDB",
    "Axis",
    "Chroma",
    "ConstantQ",
    "Deltas",
    "Feature",
    "FeatureModule",
    "FeatureTransform",
    "GriffinLim",
    "InverseSpectrogram",
    "MelSpectrogram",
    "OnsetStrength",
    "PitchTrack",
    "SpectralBandwidth",
    "SpectralCentroid",
    "SpectralContrast",
    "SpectralFlatness",
    "SpectralRolloff",
    "Spectrogram",
    "ZeroCrossingRate",
]

"""Features of sounds over frequency and time, with axes and units.

- `feature.py`   `Feature`: the data with their axes, plain numbers without drawing; `axis.py` an axis
- `common/`      the base classes, framing, and what several features share
- `spectra/`     spectrograms and the ways back to sound

The cards that draw them are in `fxlab.display`.
"""

from fxlab.features.axis import Axis
from fxlab.features.common.feature_module import FeatureModule
from fxlab.features.feature import Feature
from fxlab.features.spectra.mel_spectrogram import MelSpectrogram
from fxlab.features.spectra.spectrogram import Spectrogram

__all__ = [
    "Axis",
    "Feature",
    "FeatureModule",
    "MelSpectrogram",
    "Spectrogram",
]

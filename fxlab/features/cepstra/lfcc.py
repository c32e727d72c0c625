"""`LFCC`: linear-frequency cepstral coefficients."""

from __future__ import annotations

from fxlab.features.cepstra.cepstrum import Cepstrum
from fxlab.features.common import parameters
from fxlab.features.common.feature_module import FeatureModule
from fxlab.module import Count


class LinearCepstrumParameters(FeatureModule):
    """The parameters of LFCC that come before those of the spectrogram in the constructor."""

    n_lfcc = parameters.coefficient_count()
    n_filter = Count(128, low=8, high=256, doc="Number of bands.")
    norm = parameters.cosine_norm()
    log_lf = parameters.natural_logarithms()
    top_db = parameters.level_range()


class LFCC(Cepstrum, LinearCepstrumParameters):
    """Linear-frequency cepstral coefficients: like MFCC, but with bands that are evenly spaced in Hz.

    They are the discrete cosine transform of the levels of these bands in dB, or of their natural logarithms with
    `log_lf`. They stream with `top_db=None` or `log_lf=True`; otherwise levels depend on the largest one of the
    complete sound.

    Shape:
        Input: `(..., channels, time)`. Output: `(..., channels, n_lfcc, frames)`.

    Raises:
        ParameterError: `n_lfcc` is above `n_filter`, `f_min` is not below `f_max`, `f_max` is above half the sample
            rate, or `win_length` is above `n_fft`.
        SignalError: The sound is too short for its padding, or shorter than a frame that is not centered.

    Source:
        M. Sahidullah, T. Kinnunen, C. Hanilçi, "A comparison of features for synthetic speech detection", Interspeech
        2015. The parameters are those of `torchaudio.transforms.LFCC`.

    >>> import torch
    >>> LFCC(n_lfcc=20)(torch.randn(2, 16_000), sample_rate=16_000).shape
    torch.Size([2, 20, 81])
    """

    def coefficient_count(self) -> tuple[str, int]:
        """Return the name and the value of the parameter for the number of coefficients."""
        return "n_lfcc", int(self.n_lfcc)

    def is_log(self) -> bool:
        """Return whether the levels are natural logarithms."""
        return bool(self.log_lf)

    def band_count(self) -> int:
        """Return the number of bands."""
        return int(self.n_filter)

    def band_scale(self) -> str:
        """Return the scale on which the bands are evenly spaced."""
        return "linear"

"""`MFCC`: mel-frequency cepstral coefficients."""

from __future__ import annotations

from fxlab.features.cepstra.cepstrum import Cepstrum
from fxlab.features.common import parameters
from fxlab.features.common.feature_module import FeatureModule
from fxlab.module import Count


class MelCepstrumParameters(FeatureModule):
    """The parameters of MFCC that come before those of the spectrogram in the constructor."""

    n_mfcc = parameters.coefficient_count()
    norm = parameters.cosine_norm()
    log_mels = parameters.natural_logarithms()
    top_db = parameters.level_range()


class MFCC(Cepstrum, MelCepstrumParameters):
    """Mel-frequency cepstral coefficients: the shape of the mel spectrum in a few numbers per frame.

    They are the discrete cosine transform of the levels of a mel spectrogram in dB, or of its natural logarithms with
    `log_mels`. They stream with `top_db=None` or `log_mels=True`; otherwise levels depend on the largest one of the
    complete sound.

    Shape:
        Input: `(..., channels, time)`. Output: `(..., channels, n_mfcc, frames)`.

    Raises:
        ParameterError: `n_mfcc` is above `n_mels`, `f_min` is not below `f_max`, `f_max` is above half the sample
            rate, or `win_length` is above `n_fft`.
        SignalError: The sound is too short for its padding, or shorter than a frame that is not centered.

    Source:
        S. B. Davis, P. Mermelstein, "Comparison of parametric representations for monosyllabic word recognition in
        continuously spoken sentences", 1980. The parameters are those of `torchaudio.transforms.MFCC` and, from
        `n_fft` on, of its mel spectrogram, whose `norm` is `mel_norm` here.

    >>> import torch
    >>> MFCC(n_mfcc=13, n_fft=512, n_mels=40)(torch.randn(2, 16_000), sample_rate=16_000).shape
    torch.Size([2, 13, 63])
    """

    n_mels = Count(128, low=8, high=256, doc="Number of bands.")
    mel_norm = parameters.triangle_norm()
    mel_scale = parameters.mel_scale()

    def coefficient_count(self) -> tuple[str, int]:
        """Return the name and the value of the parameter for the number of coefficients."""
        return "n_mfcc", int(self.n_mfcc)

    def is_log(self) -> bool:
        """Return whether the levels are natural logarithms."""
        return bool(self.log_mels)

    def band_count(self) -> int:
        """Return the number of bands."""
        return int(self.n_mels)

    def band_scale(self) -> str:
        """Return the mel scale on which the bands are evenly spaced: `"htk"` or `"slaney"`."""
        return str(self.mel_scale)

    def band_norm(self) -> str:
        """Return the normalization of the triangles: `"none"` or `"slaney"`."""
        return str(self.mel_norm)

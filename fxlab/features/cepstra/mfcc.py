"""`MFCC`: mel-frequency cepstral coefficients."""

from __future__ import annotations

from fxlab.features.cepstra.cepstrum import Cepstrum
from fxlab.features.common import parameters
from fxlab.features.common.automatic import AliasChoice, AutoParam
from fxlab.features.common.feature_module import FeatureModule
from fxlab.module import Choice, Count, Switch


class MelCepstrumParameters(FeatureModule):
    """The parameters of MFCC that stand first."""

    n_mfcc = Count(40, low=1, high=128, doc="Number of coefficients.")
    norm = AliasChoice("ortho", ("ortho", "none"), aliases=parameters.NO_NORM, doc="Normalization of the DCT.")
    log_mels = Switch(False, doc="Natural logarithms instead of levels in dB.")
    top_db = AutoParam(
        80.0, low=0.0, high=120.0, unit="dB", at_least=0.0, doc="Range below the largest level; None (0) is no limit."
    )


class MFCC(Cepstrum, MelCepstrumParameters):
    """Mel-frequency cepstral coefficients: the shape of the mel spectrum in a few numbers per frame.

    It streams with `top_db=None` or `log_mels=True`; otherwise the largest level of the complete sound counts.

    Shape:
        Input: `(..., channels, time)`. Output: `(..., channels, n_mfcc, frames)`.

    Raises:
        ParameterError: `n_mfcc` is above `n_mels`, or `f_min` is not below `f_max`.
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
    mel_norm = AliasChoice(
        "none",
        ("none", "slaney"),
        aliases=parameters.NO_NORM,
        doc="Triangles with a peak of 1, or of equal area (slaney).",
    )
    mel_scale = Choice("htk", ("htk", "slaney"), doc="Formula of the mel scale.")

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
        """Return the formula of the mel scale."""
        return str(self.mel_scale)

    def band_norm(self) -> str:
        """Return the normalization of the triangles."""
        return str(self.mel_norm)

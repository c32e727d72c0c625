"""`Spectrogram`: the spectra of successive frames."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.features.common.automatic import AliasChoice
from fxlab.features.common.feature_module import FULL_SCALE_SINE, Description
from fxlab.features.common.short_time import ShortTimeSpectrum
from fxlab.features.feature import Feature
from fxlab.signal import Signal

QUANTITIES = {"power": "Power", "magnitude": "Magnitude", "complex": "Amplitude"}


class Spectrogram(ShortTimeSpectrum):
    """The short-time Fourier transform: the spectrum of each windowed frame, by default its squared magnitude.

    With `power="complex"`, or None, the values are complex amplitudes, from which the sound can be recovered. It
    streams.

    Shape:
        Input: `(..., channels, time)`. Output: `(..., channels, n_fft // 2 + 1, frames)`.

    Raises:
        ParameterError: `win_length` is above `n_fft`, or a length is invalid.
        SignalError: The sound is too short for its padding, or shorter than a frame that is not centered.

    Source:
        J. B. Allen, L. R. Rabiner, "A unified approach to short-time Fourier analysis and synthesis", Proc. IEEE 65
        (1977). The parameters are those of `torchaudio.transforms.Spectrogram`.

    >>> import torch
    >>> Spectrogram(n_fft=512)(torch.randn(2, 16_000), sample_rate=16_000).shape
    torch.Size([2, 257, 63])
    """

    power = AliasChoice(
        "power",
        ("power", "magnitude", "complex"),
        aliases={2: "power", 1: "magnitude", None: "complex"},
        doc="Squared magnitudes, magnitudes, or complex amplitudes with their phase.",
    )

    def of_spectra(self, spectra: Tensor, sample_rate: float) -> Tensor:
        """Return the power, the magnitude or the complex amplitude of each bin, `(..., bins, frames)`.

        `spectra` is `(..., frames, bins)`.
        """
        return to_power(spectra, self.power).transpose(-1, -2)

    def describe(self, sample_rate: float) -> Description:
        """Return the description of the output: its levels are relative to a full-scale sine."""
        kind = "power" if self.power == "power" else "magnitude"
        reference = self.full_scale() ** (2 if kind == "power" else 1)
        rows = self.frequency_axis(sample_rate)
        quantity = QUANTITIES[self.power]
        return Description("Spectrogram", quantity, "", rows, kind, reference, FULL_SCALE_SINE, (-100.0, 0.0))

    def invert(self, feature: Feature) -> Signal:
        """Return the sound of a complex spectrogram, or an estimate by Griffin and Lim's method from a real one.

        Raises:
            SignalError: The data have a batch dimension, or the hop is so long that samples lie in no window.
        """
        from fxlab.features.spectra.inversion import invert_spectrogram

        return invert_spectrogram(self, feature)


def to_power(spectra: Tensor, power: str) -> Tensor:
    """Return complex spectra as the kind `power`: `"power"`, `"magnitude"` or `"complex"`."""
    if power == "complex":
        return spectra
    if power == "magnitude":
        return spectra.abs()
    squares = torch.view_as_real(spectra.resolve_conj()).square()
    return squares[..., 0] + squares[..., 1]  # a fifth of the time of sum(-1) or of abs()

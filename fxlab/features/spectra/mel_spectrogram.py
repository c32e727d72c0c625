"""`MelSpectrogram`: the power of a spectrum in bands on the mel scale."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.errors import ParameterError
from fxlab.features.axis import Axis
from fxlab.features.common import parameters
from fxlab.features.common.feature_module import FULL_SCALE_SINE, Description, constant
from fxlab.features.common.short_time import ShortTimeSpectrum
from fxlab.features.common.triangular_bank import Layout, constant_bank, peaks, triangles, warn_of_empty_bands
from fxlab.features.feature import Feature
from fxlab.features.spectra.spectrogram import QUANTITIES, to_power
from fxlab.module import Count
from fxlab.module.parameters.broadcasting import broadcast_together
from fxlab.signal import Signal


class BandSpectrogram(ShortTimeSpectrum):
    """The base class of spectrograms in overlapping triangular bands.

    A subclass defines the number of the bands (`band_count`) and their scale (`band_scale`).
    """

    power = parameters.power()
    f_min = parameters.lower_frequency()
    f_max = parameters.upper_frequency()

    def band_count(self) -> int:
        """Return the number of bands.

        Raises:
            NotImplementedError: The base class does not define this method; its subclasses do.
        """
        raise NotImplementedError

    def band_scale(self) -> str:
        """Return the scale on which the bands are evenly spaced: `"htk"`, `"slaney"` or `"linear"`.

        Raises:
            NotImplementedError: The base class does not define this method; its subclasses do.
        """
        raise NotImplementedError

    def band_norm(self) -> str:
        """Return the normalization of the triangles: `"none"` or `"slaney"`."""
        return "none"

    def bank(self, sample_rate: float, dtype: torch.dtype, device: torch.device) -> Tensor:
        """Return the weights of the bins in each band, `(batch…, bins, bands)`; warn of bands without a bin."""
        low, high = constant(self._stored("f_min")), constant(self._stored("f_max"))
        layout = Layout(self.band_count(), self.band_scale(), self.band_norm(), self.n_fft, sample_rate, self._name())
        if low is not None and high is not None:
            return constant_bank(low, high or sample_rate / 2, layout, dtype, device)
        points = self.edges(sample_rate)
        weights = triangles(points, self.bins(sample_rate).to(points.device), layout.norm)
        warn_of_empty_bands(weights.detach(), points.detach(), layout)
        return weights.to(device=device, dtype=dtype)

    def edges(self, sample_rate: float) -> Tensor:
        """Return the ends and the peaks of the triangles in Hz, `(batch…, bands + 2)`, float64."""
        values = broadcast_together({name: self._stored(name) for name in ("f_min", "f_max")})
        high = torch.where(values["f_max"] == 0, sample_rate / 2, values["f_max"])
        return peaks(values["f_min"].to(high.device), high, self.band_count(), self.band_scale())

    def centers(self, sample_rate: float | None = None) -> Tensor:
        """Return the peaks of the triangles in Hz, `(batch…, bands)`, float64."""
        return self.edges(self._resolve_rate(sample_rate))[..., 1:-1]

    def of_spectra(self, spectra: Tensor, sample_rate: float) -> Tensor:
        """Return the power or magnitude in each band, `(..., bands, frames)`, for spectra `(..., frames, bins)`."""
        levels = to_power(spectra, self.power)
        weights = self.bank(sample_rate, levels.dtype, levels.device)
        if weights.ndim > 2:  # (batch…, bins, bands) against (batch…, channels, frames, bins)
            batch = weights.shape[:-2]
            weights = weights.reshape(*batch, *[1] * (levels.ndim - 2 - len(batch)), *weights.shape[-2:])
        return (levels @ weights).transpose(-1, -2)

    def frequency_axis(self, sample_rate: float) -> Axis:
        """Return the axis of the bands; if they differ in a batch, that of the first example."""
        centers = self.centers(sample_rate).detach().cpu()
        scale = "linear" if self.band_scale() == "linear" else "mel"
        return Axis("Frequency", "Hz", centers.reshape(-1, centers.shape[-1])[0], scale)

    def _check(self, sample_rate: float) -> None:
        super()._check(sample_rate)
        low, high = self._stored("f_min").detach(), self._stored("f_max").detach()
        top = torch.where(high == 0, sample_rate / 2, high)
        pairs = broadcast_together({"low": low.cpu(), "high": top.cpu()})
        if bool((pairs["low"] >= pairs["high"]).any()):
            raise ParameterError(
                f"{self._name()}: f_min is {float(low.max()):g} Hz and f_max {float(top.min()):g} Hz; f_min must be "
                "below f_max. Lower f_min, or raise f_max."
            )


class MelSpectrogram(BandSpectrogram):
    """The power of each frame in bands that are evenly spaced on the mel scale, the scale of perceived pitch.

    The value of a band is the sum of the powers of all bins, or of their magnitudes with `power="magnitude"`, weighted
    by a triangle. It streams. Bands that contain no bin of the spectrum are 0, and a warning suggests a larger `n_fft`.

    Shape:
        Input: `(..., channels, time)`. Output: `(..., channels, n_mels, frames)`.

    Raises:
        ParameterError: `f_min` is not below `f_max`, `f_max` is above half the sample rate, or `win_length` is above
            `n_fft`.
        SignalError: The sound is too short for its padding, or shorter than a frame that is not centered.

    Source:
        S. S. Stevens, J. Volkmann, E. B. Newman, 1937; S. B. Davis, P. Mermelstein, 1980. The parameters are those of
        `torchaudio.transforms.MelSpectrogram`.

    >>> MelSpectrogram(n_fft=1024, n_mels=64)(torch.randn(2, 16_000), sample_rate=16_000).shape
    torch.Size([2, 64, 32])
    """

    n_mels = Count(128, low=8, high=256, doc="Number of bands.")
    norm = parameters.triangle_norm()
    mel_scale = parameters.mel_scale()

    def band_count(self) -> int:
        """Return the number of bands."""
        return int(self.n_mels)

    def band_scale(self) -> str:
        """Return the mel scale on which the bands are evenly spaced: `"htk"` or `"slaney"`."""
        return str(self.mel_scale)

    def band_norm(self) -> str:
        """Return the normalization of the triangles: `"none"` or `"slaney"`."""
        return str(self.norm)

    def describe(self, sample_rate: float) -> Description:
        """Return the description of the output: levels are relative to the bin at the frequency of a full-scale sine.

        A wide band also contains the bins beside it. With a Hann window and `power="power"`, a full-scale sine at the
        peak of such a band therefore has a level of up to 1.8 dB.
        """
        kind, rows = str(self.power), self.frequency_axis(sample_rate)
        reference = self.full_scale() ** (2 if kind == "power" else 1)
        if self.norm == "slaney":  # the peaks of the triangles are not 1; the highest is used
            reference *= float(self.bank(sample_rate, torch.float64, torch.device("cpu")).amax())
        return Description(
            "Mel spectrogram", QUANTITIES[kind], "", rows, kind, reference, FULL_SCALE_SINE, (-100.0, 0.0)
        )

    def invert(self, feature: Feature) -> Signal:
        """Return a sound estimated from the bands: their power is spread over the bins, and the phase is estimated.

        Raises:
            SignalError: The data have a batch dimension, the bands differ between examples, or the hop is so long that
                samples lie in no window.
        """
        from fxlab.features.spectra.inversion import invert_bands

        return invert_bands(self, feature)

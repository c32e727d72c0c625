"""The shape of the spectrum in one number per frame: centroid, bandwidth, flatness and rolloff."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from fxlab.features.axis import Axis
from fxlab.features.common.feature_module import Description
from fxlab.features.common.safe_math import safe_ratio, safe_sqrt
from fxlab.features.common.short_time import ShortTimeSpectrum
from fxlab.module import Param


class SpectralShape(ShortTimeSpectrum):
    """The base class of features of one number per frame, computed from the magnitudes of the frame's spectrum.

    A subclass defines `of_magnitudes` and `title`, the name of the feature.

    Shape:
        Input: `(..., channels, time)`. Output: `(..., channels, frames)`.
    """

    has_rows: ClassVar[bool] = False
    title: ClassVar[str]

    def of_magnitudes(self, magnitudes: Tensor, bins: Tensor) -> Tensor:
        """Return the number for each frame, computed from the magnitudes of the frame's bins.

        `bins` contains the frequencies of the bins in Hz.

        Shape:
            magnitudes: `(..., frames, bins)`; bins: `(bins,)`. Returns `(..., frames)`.

        Raises:
            NotImplementedError: The base class does not define this method; its subclasses do.
        """
        raise NotImplementedError

    def of_spectra(self, spectra: Tensor, sample_rate: float) -> Tensor:
        """Return the number for each frame, `(..., frames)`, from complex spectra `(..., frames, bins)`."""
        magnitudes = spectra.abs()
        return self.of_magnitudes(magnitudes, self.bins(sample_rate).to(magnitudes))

    def describe(self, sample_rate: float) -> Description:
        """Return the description of the output: by default a frequency from 0 to half the sample rate."""
        return Description(self.title, self.title, "Hz", one_row(self.title, "Hz"), limits=(0.0, sample_rate / 2))


class SpectralCentroid(SpectralShape):
    """The mean frequency of each frame, weighted by magnitude: a measure of the brightness of a sound.

    It is 0 in silence, and streams.

    Shape:
        Input: `(..., channels, time)`. Output: `(..., channels, frames)`, in Hz.

    Source:
        A. Klapuri, M. Davy, "Signal Processing Methods for Music Transcription", chapter 5, 2007. The parameters are
        those of `torchaudio.transforms.SpectralCentroid`.

    >>> tone = torch.sin(2 * torch.pi * 1000 * torch.arange(8000) / 8000)
    >>> round(SpectralCentroid()(tone, sample_rate=8000)[20].item(), -1)
    1000.0
    """

    title = "Spectral centroid"

    def of_magnitudes(self, magnitudes: Tensor, bins: Tensor) -> Tensor:
        """Return the centroid in Hz of each frame; see `SpectralShape.of_magnitudes`."""
        return centroid(magnitudes, bins)


class SpectralBandwidth(SpectralShape):
    """The spread of the spectrum around its centroid: the root mean square distance, weighted by magnitude.

    With another exponent `p`, it is the p-th root of the mean of the distances to the power p. It is 0 in silence, and
    streams.

    Shape:
        Input: `(..., channels, time)`. Output: `(..., channels, frames)`, in Hz.

    Source:
        A. Klapuri, M. Davy, 2007. The definition is that of `librosa.feature.spectral_bandwidth`.

    >>> noise = torch.randn(16_000, generator=torch.Generator().manual_seed(0))
    >>> tone = torch.sin(2 * torch.pi * 1000 * torch.arange(16_000) / 16_000)
    >>> bandwidth = SpectralBandwidth()
    >>> bandwidth(tone, sample_rate=16_000)[20].item() < 0.1 * bandwidth(noise, sample_rate=16_000)[20].item()
    True
    """

    title = "Spectral bandwidth"
    p = Param(2.0, low=1.0, high=4.0, at_least=1.0, doc="Exponent of the distances.")

    def of_magnitudes(self, magnitudes: Tensor, bins: Tensor) -> Tensor:
        """Return the bandwidth in Hz of each frame; see `SpectralShape.of_magnitudes`."""
        exponent = self.p.to(magnitudes)
        share = safe_ratio(magnitudes, magnitudes.sum(-1, keepdim=True))
        distance = (bins - centroid(magnitudes, bins)[..., None]).abs()
        if self.p.ndim == 0 and not self.p.requires_grad and float(self.p) == 2:
            return safe_sqrt((share * distance.square()).sum(-1))
        powers = torch.where(distance > 0, torch.where(distance > 0, distance, 1.0) ** exponent[..., None], 0.0)
        moment = (share * powers).sum(-1)
        positive = moment > 0
        return torch.where(positive, torch.where(positive, moment, 1.0) ** (1 / exponent), 0.0)


class SpectralFlatness(SpectralShape):
    """The ratio of the geometric to the arithmetic mean of the power: about 0.56 for white noise, near 0 for tones.

    It is 1 for a flat spectrum. Powers below `amin` are raised to `amin`, so that the flatness of silence is 1, too. It
    streams.

    Shape:
        Input: `(..., channels, time)`. Output: `(..., channels, frames)`, from 0 to 1.

    Source:
        S. Dubnov, "Generalization of spectral flatness measure for non-Gaussian linear processes", 2004. The
        definition is that of `librosa.feature.spectral_flatness`.

    >>> tone = torch.sin(2 * torch.pi * 1000 * torch.arange(8000) / 8000)
    >>> SpectralFlatness()(tone, sample_rate=8000)[20].item() < 1e-6
    True
    """

    title = "Spectral flatness"
    amin = Param(1e-10, low=1e-14, high=1e-4, scale="log", doc="Smaller powers are raised to it.")

    def of_magnitudes(self, magnitudes: Tensor, bins: Tensor) -> Tensor:
        """Return the flatness, from 0 to 1, of each frame; see `SpectralShape.of_magnitudes`."""
        floor = self.amin.to(magnitudes)
        power = torch.maximum(magnitudes.square(), floor[..., None] if floor.ndim else floor)
        return power.log().mean(-1).exp() / power.mean(-1)

    def describe(self, sample_rate: float) -> Description:
        """Return the name, the quantity, the unit and the axis of the rows of the output; see `Description`."""
        return Description(self.title, self.title, "", one_row(self.title, ""), limits=(0.0, 1.0))


class SpectralRolloff(SpectralShape):
    """The lowest bin up to which at least the fraction `roll_percent`, by default 85 %, of all magnitudes lies.

    The result is the frequency of this bin, which has no gradient. It is 0 in silence, and streams.

    Shape:
        Input: `(..., channels, time)`. Output: `(..., channels, frames)`, in Hz.

    Source:
        G. Tzanetakis, P. Cook, "Musical genre classification of audio signals", 2002. The definition is that of
        `librosa.feature.spectral_rolloff`.

    >>> tone = torch.sin(2 * torch.pi * 1000 * torch.arange(8000) / 8000)
    >>> SpectralRolloff()(tone, sample_rate=8000)[20].item()
    1020.0
    """

    title = "Spectral rolloff"
    differentiable: bool = False
    roll_percent = Param(0.85, low=0.01, high=0.99, above=0.0, below=1.0, doc="Part of the magnitude below it.")

    def of_magnitudes(self, magnitudes: Tensor, bins: Tensor) -> Tensor:
        """Return the rolloff in Hz of each frame; see `SpectralShape.of_magnitudes`."""
        total = magnitudes.detach().cumsum(-1)
        part = self.roll_percent.detach().to(magnitudes)
        threshold = total[..., -1:] * (part[..., None] if part.ndim else part)
        index = (total < threshold).sum(-1)  # the first bin that reaches it
        return bins[index.clamp(max=len(bins) - 1)]


def centroid(magnitudes: Tensor, bins: Tensor) -> Tensor:
    """Return the mean of the frequencies `bins` of each frame, weighted by `magnitudes`; 0 in silence.

    Shape:
        magnitudes: `(..., frames, bins)`; bins: `(bins,)`. Returns `(..., frames)`.
    """
    # Both sums are computed by one matrix product, without a temporary tensor of the size of the spectra.
    weighted, total = (magnitudes @ torch.stack([bins, torch.ones_like(bins)], -1)).unbind(-1)
    return safe_ratio(weighted, total)


def one_row(quantity: str, unit: str) -> Axis:
    """Return the axis of the rows of a feature of one number per frame: a single value, 0."""
    return Axis(quantity, unit, torch.zeros(1, dtype=torch.float64))

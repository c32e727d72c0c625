"""`SpectralContrast`: the difference between the peaks and the valleys of the spectrum in octave bands."""

from __future__ import annotations

import itertools
from typing import Any, ClassVar

import torch
from torch import Tensor

from fxlab.errors import ParameterError
from fxlab.features.axis import Axis
from fxlab.features.common import parameters
from fxlab.features.common.automatic import AutoParam
from fxlab.features.common.decibels import beside_rows, refuse_stream, to_decibels
from fxlab.features.common.feature_module import Description
from fxlab.features.common.short_time import ShortTimeSpectrum
from fxlab.module import Count, Param


class SpectralContrast(ShortTimeSpectrum):
    """The level in dB of the peaks of the spectrum above the valleys, in octave bands: large for clear tones.

    The peak of a band is the mean of the largest magnitudes of its bins, and the valley is the mean of the smallest
    ones. `quantile` is the fraction of the bins in each mean, which has at least one bin. As in librosa, the level of a
    magnitude m is 10 log10(m) dB. The first row is the band below `f_min`; the last band extends to half the
    sample rate. It streams with `top_db=None`; otherwise the levels depend on the largest one of the complete sound.

    Shape:
        Input: `(..., channels, time)`. Output: `(..., channels, n_bands + 1, frames)`, in dB.

    Raises:
        ParameterError: The highest band does not begin below half the sample rate, a band has no bins, or `f_min` or
            `quantile` has several values.

    Source:
        D.-N. Jiang, L. Lu, H.-J. Zhang, J.-H. Tao, L.-H. Cai, "Music type classification by spectral contrast feature",
        ICME 2002. The definition is that of `librosa.feature.spectral_contrast`.

    >>> SpectralContrast()(torch.randn(2, 16_000), sample_rate=16_000).shape
    torch.Size([2, 6, 32])
    """

    rounded_parameters: ClassVar[dict[str, str]] = {
        "f_min": "the edges of the bands are rounded to bins.",
        "quantile": "it is rounded to a number of bins.",
    }
    n_fft = parameters.fft_length(2048)
    hop_length = parameters.hop(512)
    f_min = Param(200.0, low=20.0, high=1000.0, unit="Hz", scale="log", doc="Upper end of the first band.")
    n_bands = Count(5, low=1, high=8, doc="Number of octaves above f_min.")
    quantile = Param(
        0.02, low=0.01, high=0.5, above=0.0, below=1.0, doc="Part of a band's bins in its peak, and in its valley."
    )
    top_db = AutoParam(
        80.0,
        low=0.0,
        high=120.0,
        unit="dB",
        at_least=0.0,
        doc="Range below the largest level; None (0) means no limit.",
    )

    def of_all_frames(self, frames: Tensor, sample_rate: float) -> Tensor:
        """Return the contrast of all frames; with `top_db` it depends on the largest level of the sound."""
        if bool((self.continuous["top_db"].stored(self) != 0).any()):
            return self.of_frames(frames, sample_rate)
        return super().of_all_frames(frames, sample_rate)

    def of_spectra(self, spectra: Tensor, sample_rate: float) -> Tensor:
        """Return the contrast in each band in dB, `(..., bands, frames)`, for spectra `(..., frames, bins)`."""
        magnitudes = spectra.abs()
        peaks, valleys = [], []
        for first, last, count in self._bands(sample_rate):
            ordered = magnitudes[..., first:last].sort(-1).values
            valleys.append(ordered[..., :count].mean(-1))
            peaks.append(ordered[..., -count:].mean(-1))
        top = beside_rows(self.top_db)
        levels = [to_decibels(torch.stack(part, -2), "power", 1e-10, 1.0, top) for part in (peaks, valleys)]
        return levels[0] - levels[1]

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Return the contrast of the frames that the block `x` completes, and the state for the next block.

        Raises:
            FxlabError: A value of `top_db` is not 0, so that levels depend on the largest one of the complete sound.
            SignalError: The frames are centered and `pad_mode` is "circular".
        """
        if bool((self.continuous["top_db"].stored(self) != 0).any()):
            raise refuse_stream(self._name())
        return super().forward_block(x, state, sample_rate)

    def _edges(self) -> list[float]:
        low = float(self.continuous["f_min"].stored(self).detach().max())
        return [0.0, *(low * 2.0**octave for octave in range(self.n_bands + 1))]

    def _bands(self, sample_rate: float) -> list[tuple[int, int, int]]:
        """Return, for each band, the first bin, the bin after the last, and the number of bins of a peak or valley."""
        spacing, bins, bands = sample_rate / self.n_fft, self.n_fft // 2 + 1, []
        part = float(self.continuous["quantile"].stored(self).detach().max())
        edges = self._edges()
        for number, (low, high) in enumerate(itertools.pairwise(edges)):
            inside = [k for k in range(bins) if low <= k * spacing <= high]
            # Bands share the bin below their lower edge; the highest band reaches to the end.
            first = inside[0] - 1 if number and inside else 0
            last = bins if number == self.n_bands else (inside[-1] if inside else 0)
            size = (bins if number == self.n_bands else inside[-1] + 1 if inside else 0) - first
            bands.append((first, last, max(1, round(part * size))))
        return bands

    def describe(self, sample_rate: float) -> Description:
        """Return the name, the quantity, the unit and the axis of the rows of the output; see `Description`."""
        # Each row is at the geometric center of its octave; the lowest, from 0 Hz, is drawn as an octave too.
        centers = torch.tensor(self._edges()[1:], dtype=torch.float64) / 2**0.5
        rows = Axis("Frequency", "Hz", centers, "log")
        return Description("Spectral contrast", "Contrast", "dB", rows, limits=(0.0, 60.0))

    def _check(self, sample_rate: float) -> None:
        super()._check(sample_rate)
        for name in ("f_min", "quantile"):
            if self.continuous[name].stored(self).numel() > 1:
                raise ParameterError(f"{self._name()}: {name} has several values; the bands have one. Give a number.")
        edges = self._edges()
        if edges[-2] >= sample_rate / 2:
            raise ParameterError(
                f"{self._name()}: the highest of {self.n_bands} octaves above f_min={edges[1]:g} Hz begins at "
                f"{edges[-2]:g} Hz; it must begin below half the sample rate ({sample_rate / 2:g} Hz). Use fewer "
                "bands, or a lower f_min."
            )
        for number, (first, last, _) in enumerate(self._bands(sample_rate)):
            if last <= first:
                raise ParameterError(
                    f"{self._name()}: the band from {edges[number]:g} to {edges[number + 1]:g} Hz has no bins, which "
                    f"are {sample_rate / self.n_fft:.4g} Hz apart. Use a larger n_fft, or a larger f_min."
                )

"""`Cepstrum`: the base class of MFCC and LFCC."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from fxlab.errors import ParameterError
from fxlab.features.axis import Axis
from fxlab.features.common.constants import kept
from fxlab.features.common.decibels import beside_rows, refuse_stream, to_decibels
from fxlab.features.common.feature_module import Description
from fxlab.features.common.tiles import run_tiles
from fxlab.features.feature import Feature
from fxlab.features.spectra.mel_spectrogram import BandSpectrogram
from fxlab.signal import Signal


class Cepstrum(BandSpectrogram):
    """The base class of features that are the discrete cosine transform of the levels in frequency bands.

    A subclass also derives from a class that declares `norm`, `top_db` and the other parameters that come before those
    of the bands in the constructor.
    """

    norm: str
    top_db: Any

    def coefficient_count(self) -> tuple[str, int]:
        """Return the name and the value of the parameter for the number of coefficients.

        Raises:
            NotImplementedError: The base class does not define this method; its subclasses do.
        """
        raise NotImplementedError

    def is_log(self) -> bool:
        """Return whether the levels are natural logarithms.

        Raises:
            NotImplementedError: The base class does not define this method; its subclasses do.
        """
        raise NotImplementedError

    def of_all_frames(self, frames: Tensor, sample_rate: float) -> Tensor:
        """Return the coefficients of all frames; only the bands are computed in tiles, as `top_db` needs all levels."""
        levels = run_tiles(lambda part: self._bands(part, sample_rate), frames, *self.values().values())
        return self._coefficients(levels)

    def of_spectra(self, spectra: Tensor, sample_rate: float) -> Tensor:
        """Return the coefficients, `(..., coefficients, frames)`, of complex spectra `(..., frames, bins)`."""
        return self._coefficients(super().of_spectra(spectra, sample_rate))

    def _bands(self, frames: Tensor, sample_rate: float) -> Tensor:
        return super().of_spectra(self.spectra(frames), sample_rate)

    def _coefficients(self, levels: Tensor) -> Tensor:
        """Return the coefficients, `(..., coefficients, frames)`.

        `levels` are the powers or magnitudes in bands, depending on `power`, `(..., bands, frames)`.
        """
        if self.is_log():
            levels = (levels + 1e-6).log()
        else:
            levels = to_decibels(levels, self.power, 1e-10, 1.0, beside_rows(self.top_db))
        matrix = cosine_transform(
            self.coefficient_count()[1], self.band_count(), self.norm, levels.dtype, levels.device
        )
        return (levels.transpose(-1, -2) @ matrix).transpose(-1, -2)

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Return the coefficients of the frames that the block `x` completes, and the state for the next block.

        Raises:
            FxlabError: The levels are in dB and a value of `top_db` is not 0, so that they depend on the largest one of
                the complete sound.
            SignalError: The frames are centered and `pad_mode` is "circular".
        """
        if not self.is_log() and bool((self.continuous["top_db"].stored(self) != 0).any()):
            raise refuse_stream(self._name())
        return super().forward_block(x, state, sample_rate)

    def describe(self, sample_rate: float) -> Description:
        """Return the name, the quantity, the unit and the axis of the rows of the output; see `Description`."""
        values = torch.arange(self.coefficient_count()[1], dtype=torch.float64)
        unit = "" if self.is_log() else "dB"
        return Description(self._name(), "Cepstral coefficient", unit, Axis("Coefficient", "", values))

    def invert(self, feature: Feature) -> Signal:
        """Return a sound estimated from the coefficients.

        If there are fewer coefficients than bands, they determine only the smoothed levels of the bands.

        Raises:
            SignalError: The data have a batch dimension, the bands differ between examples, or the hop is so long that
                samples lie in no window.
        """
        from fxlab.features.spectra.inversion import invert_bands

        data = feature.data.detach()
        count = self.coefficient_count()[1]
        matrix = cosine_transform(count, self.band_count(), self.norm, torch.float64, torch.device("cpu"))
        levels = torch.linalg.pinv(matrix.T).to(data) @ data
        bands = levels.exp() if self.is_log() else 10 ** (levels / (10 if self.power == "power" else 20))
        axis = self.frequency_axis(feature.sample_rate)
        return invert_bands(self, replace(feature, data=bands, frequency=axis, kind=str(self.power)))

    def _check(self, sample_rate: float) -> None:
        super()._check(sample_rate)
        name, count = self.coefficient_count()
        if count > self.band_count():
            raise ParameterError(
                f"{self._name()}: {name} is {count}, and there are {self.band_count()} bands; there are no more "
                f"coefficients than bands. Lower {name}, or use more bands."
            )


@kept
def cosine_transform(count: int, bands: int, norm: str, dtype: torch.dtype, device: torch.device) -> Tensor:
    """Return the matrix of the first `count` coefficients of the DCT of type II, `(bands, count)`.

    With the norm `"ortho"` its columns are orthonormal; with `"none"` they are cosines of amplitude 2.

    Source:
        N. Ahmed, T. Natarajan, K. R. Rao, "Discrete cosine transform", 1974.
    """
    place = torch.arange(bands, dtype=torch.float64, device="cpu")[:, None] + 0.5
    order = torch.arange(count, dtype=torch.float64, device="cpu")
    matrix = torch.cos(torch.pi / bands * place * order)
    if norm == "ortho":
        matrix = matrix * (2 / bands) ** 0.5
        matrix[:, 0] /= 2**0.5
    else:
        matrix = 2 * matrix
    return matrix.to(device=device, dtype=dtype)

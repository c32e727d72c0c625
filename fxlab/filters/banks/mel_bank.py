"""A bank on the mel scale."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.filters.banks.spaced_bank import SpacedBank
from fxlab.filters.common.parameters import band_gains, band_order, hertz
from fxlab.module import Choice, Count
from fxlab.module.parameters.broadcasting import broadcast_together

_LINEAR, _KNEE, _STEP = 200.0 / 3.0, 15.0, math.log(6.4) / 27.0  # Slaney's: Hz a mel, mels at 1 kHz, and the log's


class MelBank(SpacedBank):
    """Take a sound apart into bands that lie evenly on the mel scale, as pitches are judged.

    The centres are those of the triangles of a mel spectrogram from `low` to `high`, and each band is a Butterworth
    band-pass whose −3 dB edges lie half way to its neighbours, where two triangles cross. `triangles` gives those.

    Shape:
        Input and output: `(..., channels, time)`; the bands: `(..., channels, bands, time)`.

    Raises:
        ParameterError: `low` and `high` do not rise, or do not lie above 0 and below half the sample rate.

    Source:
        S. S. Stevens, J. Volkmann, E. B. Newman, 1937; the formulas of HTK (2595 log10(1 + f / 700)) and of M. Slaney's
        Auditory Toolbox (linear to 1 kHz, logarithmic above).

    >>> MelBank(bands=20).centres(sample_rate=16_000)[:3].round(decimals=1).tolist()
    [141.0, 243.0, 357.3]
    """

    low = hertz("Where the first triangle begins.", default=50.0, high=500.0)
    high = hertz("Where the last triangle ends.", default=7600.0, low=1000.0)
    bands = Count(20, low=2, high=40, at_most=256, doc="Number of bands.")
    scale = Choice("htk", ("htk", "slaney"), doc="Formula of the mel scale.")
    order = band_order(3)
    gains_db = band_gains()

    def _marks(self, places: Tensor) -> Tensor:
        low, high = _mel(self.low, self.scale)[..., None], _mel(self.high, self.scale)[..., None]
        return _hertz(low + (high - low) * (places + 0.5) / (self.bands + 1), self.scale)

    def triangles(self, points: int, sample_rate: float | None = None) -> Tensor:
        """The triangles over `points` frequencies from 0 to half the sample rate: `(..., points, bands)`.

        A power spectrum of `n_fft // 2 + 1` points times this matrix is a mel spectrum; each triangle is 1 at its top.
        """
        rate = self._checked_rate(sample_rate)
        values = broadcast_together({name: self.values()[name] for name in ("low", "high")})
        low, high = _mel(values["low"], self.scale)[..., None], _mel(values["high"], self.scale)[..., None]
        steps = torch.linspace(0, 1, self.bands + 2, dtype=torch.float64, device=low.device)
        tops = _hertz(low + (high - low) * steps, self.scale)[..., None, :]
        grid = torch.linspace(0, rate / 2, points, dtype=torch.float64, device=low.device)[:, None]
        rising = (grid - tops[..., :-2]) / (tops[..., 1:-1] - tops[..., :-2])
        falling = (tops[..., 2:] - grid) / (tops[..., 2:] - tops[..., 1:-1])
        return torch.minimum(rising, falling).clamp(min=0.0)


def _mel(frequency: Tensor, scale: str) -> Tensor:
    if scale == "htk":
        return 2595 / math.log(10) * torch.log1p(frequency / 700)
    bent = _KNEE + torch.log(frequency.clamp(min=1000.0) / 1000) / _STEP
    return torch.where(frequency < 1000, frequency / _LINEAR, bent)


def _hertz(mel: Tensor, scale: str) -> Tensor:
    if scale == "htk":
        return 700 * torch.expm1(mel * (math.log(10) / 2595))
    bent = 1000 * torch.exp(_STEP * (mel.clamp(min=_KNEE) - _KNEE))
    return torch.where(mel < _KNEE, mel * _LINEAR, bent)

"""`MelBank`: bands evenly spaced on the mel scale."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.filters.banks.mel_scale import hertz_to_mel, mel_to_hertz
from fxlab.filters.banks.spaced_bank import SpacedBank
from fxlab.filters.common.parameters import band_gains, band_order, hertz
from fxlab.module import Choice, Count
from fxlab.module.parameters.broadcasting import broadcast_together


class MelBank(SpacedBank):
    """A filter bank whose bands are evenly spaced on the mel scale, the scale of perceived pitch.

    The centers are the peaks of the triangular weights of a mel spectrogram from `low` to `high`. Each band is a
    Butterworth band-pass whose −3 dB edges lie, in mels, halfway to the neighboring centers, or to `low` and `high` at
    the ends. The method `triangles` returns the weights.

    Shape:
        Input and output: `(..., channels, time)`; the bands: `(..., channels, bands, time)`.

    Raises:
        ParameterError: `low` is not below `high`, one is not above 0 and below half the sample rate, the number of
            gains is neither 1 nor the number of bands, or another value is invalid.

    Source:
        S. S. Stevens, J. Volkmann, E. B. Newman, A Scale for the Measurement of the Psychological Magnitude Pitch,
        1937; the formulas of HTK (2595 log10(1 + f / 700)) and of M. Slaney's Auditory Toolbox (linear to 1 kHz,
        logarithmic above).

    >>> MelBank(bands=20).centers(sample_rate=16_000)[:3].round(decimals=1).tolist()
    [141.0, 243.0, 357.3]
    """

    low = hertz("Lower end of the first triangle.", default=50.0, high=500.0)
    high = hertz("Upper end of the last triangle.", default=7600.0, low=1000.0)
    bands = Count(20, low=2, high=40, at_most=256, doc="Number of bands.")
    scale = Choice("htk", ("htk", "slaney"), doc="Formula of the mel scale.")
    order = band_order(3)
    gains_db = band_gains()

    def _frequencies_at(self, positions: Tensor) -> Tensor:
        low, high = hertz_to_mel(self.low, self.scale)[..., None], hertz_to_mel(self.high, self.scale)[..., None]
        return mel_to_hertz(low + (high - low) * (positions + 0.5) / (self.bands + 1), self.scale)

    def triangles(self, points: int, sample_rate: float | None = None) -> Tensor:
        """Return the triangular weights of a mel spectrum, `(..., points, bands)`; each triangle has the height 1.

        The `points` frequencies are evenly spaced from 0 to half the sample rate. The power spectrum of an FFT of an
        even length, `(..., points)` with `points = n_fft // 2 + 1`, times this matrix is the mel spectrum.
        """
        rate = self._checked_rate(sample_rate)
        values = broadcast_together({name: self.values()[name] for name in ("low", "high")})
        low, high = (
            hertz_to_mel(values["low"], self.scale)[..., None],
            hertz_to_mel(values["high"], self.scale)[..., None],
        )
        steps = torch.linspace(0, 1, self.bands + 2, dtype=torch.float64, device=low.device)
        peaks = mel_to_hertz(low + (high - low) * steps, self.scale)[..., None, :]
        grid = torch.linspace(0, rate / 2, points, dtype=torch.float64, device=low.device)[:, None]
        rising = (grid - peaks[..., :-2]) / (peaks[..., 1:-1] - peaks[..., :-2])
        falling = (peaks[..., 2:] - grid) / (peaks[..., 2:] - peaks[..., 1:-1])
        return torch.minimum(rising, falling).clamp(min=0.0)

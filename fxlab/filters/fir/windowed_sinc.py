"""`WindowedSinc`: FIR design by the window method."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.filters.common import parameters
from fxlab.filters.common.parameters import filter_kind, hertz, scale, upper
from fxlab.filters.fir.linear_phase import FrequencySelective, windowed_ideal
from fxlab.filters.fir.window import check_window, window_values


class WindowedSinc(FrequencySelective):
    """A windowed-sinc FIR filter: the impulse response of the ideal filter, truncated by a window.

    The taps are those of `scipy.signal.firwin`. The phase is linear. For more than two edges, use `MultibandSinc`.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: An edge is not above 0 and below half the sample rate, `cutoff` is not below `upper` in a
            band-pass or band-stop, the number of taps is even for a high-pass or band-stop, the window is 0 at all
            taps, or another value is invalid.

    Source:
        A. V. Oppenheim, R. W. Schafer, Discrete-Time Signal Processing, "Design of FIR filters by windowing".

    >>> WindowedSinc(0.24 * 4000, taps=7).kernel(8000).round(decimals=4).tolist()
    [0.0095, 0.0717, 0.2442, 0.3493, 0.2442, 0.0717, 0.0095]
    """

    cutoff = hertz("Edge, −6 dB; of a band, the lower edge.")
    taps = parameters.taps()
    kind = filter_kind()
    window = parameters.window(kaiser=True)
    beta = parameters.kaiser_beta()
    upper = upper()
    scale = scale()

    def _check(self, sample_rate: float) -> None:
        """Raise a `ParameterError` if a value is invalid, or the window is 0 at all taps."""
        super()._check(sample_rate)
        check_window(self, self.taps, self.window)

    def design(self, sample_rate: float) -> Tensor:
        """Return the taps, `(..., taps)`; see `Finite.design`."""
        low, high = (edge[..., None] * (2 / sample_rate) for edge in (self.cutoff, self.upper))
        place = torch.arange(self.taps, dtype=torch.float64, device=low.device) - (self.taps - 1) / 2
        taper = window_values(self.window, self.taps, self.beta, place)
        return windowed_ideal(self.kind, low, high, place, taper, self.scale)

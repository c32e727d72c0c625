"""A finite impulse response by the window method."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.filters.common import parameters
from fxlab.filters.common.parameters import filter_kind, hertz, upper
from fxlab.filters.fir.linear_phase import LinearPhase, tapered
from fxlab.filters.fir.window import audible, kaiser, window
from fxlab.module import Param


class WindowedSinc(LinearPhase):
    """Cut the ideal filter's endless response to a number of taps, and taper it with a window.

    The taps are those of `scipy.signal.firwin`. All frequencies are delayed alike.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: An edge that is not above 0 and below half the sample rate, `cutoff` not below `upper` for a
            band, an even number of taps for a high-pass or band-stop, or a window that is 0 at every tap.

    Source:
        A. V. Oppenheim, R. W. Schafer, Discrete-Time Signal Processing, "Design of FIR filters by windowing".

    >>> WindowedSinc(0.24 * 4000, taps=7).kernel(8000).round(decimals=4).tolist()
    [0.0095, 0.0717, 0.2442, 0.3493, 0.2442, 0.0717, 0.0095]
    """

    cutoff = hertz("Edge, −6 dB; for a band the lower one.")
    taps = parameters.taps()
    kind = filter_kind()
    window = parameters.window(kaiser=True)
    beta = Param(
        8.6,
        low=0.0,
        high=20.0,
        at_least=0.0,
        only=("window", ("kaiser",)),
        doc="Of Kaiser's window: how strongly it tapers; 0 is no taper, 8.6 is close to Blackman's.",
    )
    upper = upper()

    def check(self, sample_rate: float) -> None:
        """See `LinearPhase`."""
        super().check(sample_rate)
        audible(self, self.taps, self.window)

    def design(self, sample_rate: float) -> Tensor:
        """See `Finite`."""
        low, high = (edge[..., None] * (2 / sample_rate) for edge in (self.cutoff, self.upper))
        place = torch.arange(self.taps, dtype=torch.float64, device=low.device) - (self.taps - 1) / 2
        return tapered(self.kind, low, high, place, self._taper(place))

    def _taper(self, place: Tensor) -> Tensor:
        if self.window == "kaiser":
            return kaiser(self.beta[..., None], place / max((self.taps - 1) / 2, 0.5))
        return window(self.window, self.taps).to(place.device)

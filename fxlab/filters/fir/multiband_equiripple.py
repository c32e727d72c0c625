"""`MultibandEquiripple`: minimax FIR design for any bands, Hilbert transformers and differentiators."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.filters.fir.bands import Bands
from fxlab.filters.fir.remez import equiripple_taps
from fxlab.module import Choice


class MultibandEquiripple(Bands):
    """An equiripple FIR filter for any bands: it minimizes the largest weighted error (`scipy.signal.remez`).

    The ripple in each band is constant (for a differentiator, relative to the gain) and inversely proportional to the
    band's weight; the response between the bands is free. The phase is linear, for a Hilbert transformer or
    differentiator with an offset of +90° if the gains are positive, as in SciPy. First derivatives of the taps are
    exact. `Equiripple` is the same filter with the parameters of a low-pass, high-pass, band-pass or band-stop. Where
    the smallest possible ripple is below rounding errors, about -260 dB, the outer taps are 0.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: The edges are not in ascending order, a band has no width, or an edge is below 0 or above half
            the sample rate; the number of gains or weights does not fit that of the bands; a gain is not 0 where the
            symmetry and the number of taps require it; another value is invalid; or no filter is found, for example
            with extreme weights.

    Source:
        J. H. McClellan, T. W. Parks, A unified approach to the design of optimum FIR linear phase digital filters,
        1973.

    >>> made = MultibandEquiripple([0, 2000, 3000, 9000, 10_000], [1.0, 0.0, 0.5], taps=101, weights=[1.0, 10.0, 1.0])
    >>> made.response([2000.0, 3000.0, 24_000.0], sample_rate=48_000).abs().round(decimals=3).tolist()
    [0.977, 0.002, 0.477]
    """

    response_type = Choice(
        "magnitude",
        ("magnitude", "hilbert", "differentiator"),
        doc="Meaning of the gains. magnitude: the gain of symmetric taps. hilbert: the gain of antisymmetric taps. "
        "differentiator: the gain of antisymmetric taps per radian per sample, with a constant relative ripple.",
    )

    def design(self, sample_rate: float) -> Tensor:
        """Return the taps, `(..., taps)`; see `Finite.design`."""
        return equiripple_taps(*self.specification(sample_rate), self.taps, self.response_type)

    def _check_gains_at_ends(self, edges: Tensor, gains: Tensor, nyquist: float) -> None:
        first = torch.where(edges[..., 0] == 0, gains[..., 0], 0.0)
        last = torch.where(edges[..., -1] >= nyquist, gains[..., -1], 0.0)
        is_slope = self.response_type == "differentiator"  # whose gain at 0 Hz is 0
        self._check_ends(0 * first if is_slope else first, last, self.response_type != "magnitude")

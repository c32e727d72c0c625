"""`Equiripple`: minimax FIR design by the Parks-McClellan algorithm."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.filters.common import parameters
from fxlab.filters.common.lengths import MAX_SOLVED_TAPS
from fxlab.filters.common.parameters import filter_kind, hertz, upper
from fxlab.filters.fir.linear_phase import LinearPhase
from fxlab.filters.fir.remez import extremal_points
from fxlab.filters.fir.transition import PASSBANDS, band_edges, cosine_orders, symmetric_taps


class Equiripple(LinearPhase):
    """An equiripple FIR filter: it minimises the maximum error (Parks and McClellan, `scipy.signal.remez`).

    The ripple is constant over the passband and, divided by `weight`, over the stopband; the transition around an edge
    is unconstrained. The solution is refined between the grid points, to full precision. First derivatives are
    exact, because extremal points at band edges move with the edges. The phase is linear.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: An edge is not above 0 and below half the sample rate, `cutoff` is not below `upper` for a
            band, the number of taps is even for a high-pass or band-stop, or taps and transition are so large that
            the ripple is smaller than rounding errors.

    Source:
        J. H. McClellan, T. W. Parks, A unified approach to the design of optimum FIR linear phase digital filters,
        1973.

    >>> made = Equiripple(6000.0, taps=61)  # from 5280 to 6720 Hz
    >>> made.magnitude_db([6720.0, 24_000.0], sample_rate=48_000).round(decimals=3).tolist()
    [-37.934, -37.934]
    """

    cutoff = hertz("Edge, in the middle of the transition; the lower one of a band.", default=6000.0)
    taps = parameters.taps(61, high=81, at_least=3, at_most=MAX_SOLVED_TAPS)
    kind = filter_kind()
    transition = parameters.transition()
    weight = parameters.stopband_weight()
    upper = upper(12_000.0)

    fixed_parameters: ClassVar[dict[str, str]] = dict.fromkeys(
        ("cutoff", "upper", "transition", "weight"),
        "a design takes too long to be repeated. Use WindowedSinc.",
    )

    def design(self, sample_rate: float) -> Tensor:
        """Return the taps; see `Finite`."""
        passbands = PASSBANDS[self.kind]
        edges = band_edges(self.kind, self.cutoff, self.upper, self.transition, sample_rate)
        order = cosine_orders(self.taps, edges.device)
        extremes = extremal_points(edges, self.weight, passbands, self.taps)
        place, edge = extremes.unbind(-1)
        # An extremal point at a band edge moves with the edge.
        number = torch.arange(edges.shape[-1], device=edges.device)
        place = place + ((edge[..., None] == number) * (edges - edges.detach())[..., None, :]).sum(-1)
        bands = torch.tensor(passbands, device=edges.device)
        inner = ((edges[..., 2::2] + edges[..., 1:-1:2]) / 2).detach()
        passing = bands[(place.detach()[..., None] > inner[..., None, :]).sum(-1)]
        sign = torch.tensor((-1.0) ** np.arange(len(order) + 1), device=edges.device)
        ripple = sign / torch.where(passing, 1.0, self.weight[..., None])
        rows = torch.cos(math.pi * place[..., None] * order)
        lead = broadcast_shapes(rows.shape[:-2], ripple.shape[:-1])
        matrix = torch.cat([rows.expand(*lead, -1, -1), ripple.expand(*lead, -1)[..., None]], -1)
        solved = torch.linalg.solve(matrix, passing.double().expand(*lead, -1)[..., None])[..., :-1, 0]
        return symmetric_taps(solved, self.taps)

"""A finite impulse response whose largest error is least."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.filters.common import parameters
from fxlab.filters.common.lengths import MAX_SOLVED_TAPS
from fxlab.filters.common.parameters import filter_kind, hertz, upper
from fxlab.filters.fir.linear_phase import LinearPhase
from fxlab.filters.fir.remez import Extremes
from fxlab.filters.fir.transition import WANTED, band_edges, cosines, mirrored


class Equiripple(LinearPhase):
    """Come as close to the ideal as a number of taps can where they are farthest from it.

    The level goes up and down by the same ripple over all that passes, and by the same over all that is stopped, there
    `weight` times less: the design of Parks and McClellan, `scipy.signal.remez`, but to the last digits and not to a
    grid. What lies in the transition around an edge is left to itself. First derivatives are
    exact: the ripple keeps its extremes while the bands' edges move. All frequencies are delayed alike.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: An edge that is not above 0 and below half the sample rate, `cutoff` not below `upper` for a
            band, an even number of taps for a high-pass or band-stop, or so many taps for so wide a transition that
            the ripple is lost in rounding.

    Source:
        J. H. McClellan, T. W. Parks, A unified approach to the design of optimum FIR linear phase digital filters,
        1973.

    >>> made = Equiripple(6000.0, taps=61)  # from 5280 to 6720 Hz
    >>> made.magnitude_db([6720.0, 24_000.0], sample_rate=48_000).round(decimals=3).tolist()
    [-37.934, -37.934]
    """

    cutoff = hertz("Edge in the middle of the transition; for a band the lower one.", default=6000.0)
    taps = parameters.taps(61, high=81, at_least=3, at_most=MAX_SOLVED_TAPS)
    kind = filter_kind()
    transition = parameters.transition()
    weight = parameters.stopband_weight()
    upper = upper(12_000.0)

    def design(self, sample_rate: float) -> Tensor:
        """See `Finite`."""
        wanted = WANTED[self.kind]
        edges = band_edges(self.kind, self.cutoff, self.upper, self.transition, sample_rate)
        order = cosines(self.taps, edges.device)
        found: Tensor = Extremes.apply(edges.detach(), self.weight.detach(), wanted, self.taps)
        place, edge = found.unbind(-1)
        # An extreme at the edge of a band moves with it.
        number = torch.arange(edges.shape[-1], device=edges.device)
        place = place + ((edge[..., None] == number) * (edges - edges.detach())[..., None, :]).sum(-1)
        bands = torch.tensor(wanted, device=edges.device)
        inner = ((edges[..., 2::2] + edges[..., 1:-1:2]) / 2).detach()
        passing = bands[(place.detach()[..., None] > inner[..., None, :]).sum(-1)]
        turn = torch.tensor((-1.0) ** np.arange(len(order) + 1), device=edges.device)
        ripple = turn / torch.where(passing, 1.0, self.weight[..., None])
        rows = torch.cos(math.pi * place[..., None] * order)
        lead = broadcast_shapes(rows.shape[:-2], ripple.shape[:-1])
        matrix = torch.cat([rows.expand(*lead, -1, -1), ripple.expand(*lead, -1)[..., None]], -1)
        solved = torch.linalg.solve(matrix, passing.double().expand(*lead, -1)[..., None])[..., :-1, 0]
        return mirrored(solved, self.taps)

"""`Bands`: the base class of optimal FIR filters with any number of bands, with gains and weights."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.engine.torch_support.known_values import any_true
from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.errors import ParameterError
from fxlab.filters.common import parameters
from fxlab.filters.common.lengths import MAX_SOLVED_TAPS
from fxlab.filters.common.ordering import check_ascending, check_within_spectrum
from fxlab.filters.fir.linear_phase import LinearPhase
from fxlab.module import ArrayParam


class Bands(LinearPhase):
    """The base class of linear-phase FIR filters with gains specified in bands and unconstrained between them."""

    edges = ArrayParam(
        [0.0, 5000.0, 7000.0],
        shape=("edges",),
        unit="Hz",
        least=2,
        low=0.0,
        high=20_000.0,
        role="frequency",
        doc="Start and end of each band, in ascending order; the last may be omitted if it is half the sample rate.",
    )
    gains = ArrayParam(
        [1.0, 0.0], shape=("gains",), low=0.0, high=2.0, doc="Gain in each band, or at each edge and linear in between."
    )
    taps = parameters.taps(61, high=81, at_least=2, at_most=MAX_SOLVED_TAPS)
    weights = ArrayParam(
        [1.0],
        shape=("bands",),
        above=0.0,
        low=0.01,
        high=100.0,
        scale="log",
        doc="Weight of errors in each band, or one for all.",
    )

    def _check(self, sample_rate: float) -> None:
        """Raise a `ParameterError` if a value is invalid or the edges, gains and weights do not fit together."""
        super()._check(sample_rate)
        values = self.values()
        check_within_spectrum(self, "edges", sample_rate)
        check_ascending(self, "edges", strictly=False)
        edges, gains, weights = values["edges"], values["gains"], values["weights"]
        count, nyquist = (edges.shape[-1] + 1) // 2, sample_rate / 2
        if gains.shape[-1] not in (count, 2 * count):
            raise ParameterError(
                f"{self._name()}: {edges.shape[-1]} edges are {count} bands, and there are {gains.shape[-1]} gains; "
                f"give {count}, one for each band, or {2 * count}, one for each edge."
            )
        if weights.shape[-1] not in (1, count):
            raise ParameterError(
                f"{self._name()}: {edges.shape[-1]} edges are {count} bands, and there are {weights.shape[-1]} "
                f"weights; give {count}, one for each band, or one for all."
            )
        all_edges = _all_edges(edges.detach().double(), nyquist)
        empty = all_edges[..., 1::2] <= all_edges[..., 0::2]
        if any_true(empty):
            raise ParameterError(
                f"{self._name()}: a band starts and ends at {all_edges[..., 0::2][empty][0].item():g} Hz; each must be "
                "wider than 0 Hz."
            )
        self._check_gains_at_ends(all_edges, _per_edge(gains.detach().double(), count), nyquist)

    def _check_gains_at_ends(self, edges: Tensor, gains: Tensor, nyquist: float) -> None:
        """Raise a `ParameterError` if a gain at 0 Hz or half the sample rate is not 0 where the taps have a gain of 0.

        `edges` are in Hz and `gains` are the gains at them, both `(..., 2 bands)`; `nyquist` is half the sample rate.
        """
        first = torch.where(edges[..., 0] == 0, gains[..., 0], 0.0)
        last = torch.where(edges[..., -1] >= nyquist, gains[..., -1], 0.0)
        self._check_ends(first, last)

    def specification(self, sample_rate: float) -> tuple[Tensor, Tensor, Tensor]:
        """Return the edges as fractions of half the sample rate, the gains at them, and the weights of the bands.

        Edges and gains have the shape `(..., 2 bands)`, the weights `(..., bands)`. `design` calls this method.
        """
        edges = _all_edges(self.edges, sample_rate / 2) * (2 / sample_rate)
        count = edges.shape[-1] // 2
        gains = _per_edge(self.gains, count)
        weights = self.weights.expand(*self.weights.shape[:-1], count)
        lead = broadcast_shapes(edges.shape[:-1], gains.shape[:-1], weights.shape[:-1])
        return edges.expand(*lead, -1), gains.expand(*lead, -1), weights.expand(*lead, -1)


def _all_edges(edges: Tensor, nyquist: float) -> Tensor:
    """Return the edges in Hz, `(..., 2 bands)`; if the last edge is omitted, `nyquist` is appended."""
    if edges.shape[-1] % 2 == 0:
        return edges
    return torch.cat([edges, torch.full_like(edges[..., :1], nyquist)], -1)


def _per_edge(gains: Tensor, bands: int) -> Tensor:
    return torch.repeat_interleave(gains, 2, -1) if gains.shape[-1] == bands else gains

"""`Classical`: the base of Butterworth, Chebyshev, elliptic and Bessel filters."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from torch import Tensor

from fxlab.filters.classical.bilinear import exact_response, sections
from fxlab.filters.classical.prototype import Prototype
from fxlab.filters.common.edges import Edges
from fxlab.module import Recursive
from fxlab.module.parameters.active_values import use_values
from fxlab.module.parameters.broadcasting import broadcast_together


class Classical(Edges, Recursive):
    """A filter designed from an analog prototype; SciPy's design with the same arguments gives the same filter.

    A subclass declares `cutoff`, `order`, `kind`, the prototype's other parameters and `upper`, and defines
    `prototype`. A band has two edges, `cutoff` and `upper`; together they may be given as a pair,
    `cutoff=(300.0, 3000.0)`.
    """

    order: Any

    @abstractmethod
    def prototype(self) -> Prototype:
        """Return the analog low-pass for the current parameters, with its edge at 1 rad/s."""

    def design(self, sample_rate: float) -> Tensor:
        """Return the sections `(..., sections, 6)`, one per pole pair; a band has twice as many poles as its order."""
        return sections(self.prototype(), self.kind, self.cutoff, self.upper, sample_rate)

    def _exact_response(self, frequencies: Tensor, rate: float) -> Tensor:
        with use_values(self, broadcast_together(self.values(), self.ranks)):
            return exact_response(self.prototype(), self.kind, (self.cutoff, self.upper), frequencies, rate)

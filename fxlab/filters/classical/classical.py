"""What Butterworth, Chebyshev, elliptic and Bessel filters share: a prototype, an order, a kind, edges."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from torch import Tensor

from fxlab.filters.classical.bilinear import sections
from fxlab.filters.classical.prototype import Prototype
from fxlab.filters.common.edges import Edges
from fxlab.module import Recursive


class Classical(Edges, Recursive):
    """A filter carried over from an analog prototype: exactly the one that SciPy designs from the same numbers.

    A subclass declares `cutoff`, `order`, `kind`, what else its prototype needs, and `upper`, and writes `prototype`.
    A band has two edges, `cutoff` and `upper`; together they may be given as a pair, `cutoff=(300.0, 3000.0)`.
    """

    order: Any

    @abstractmethod
    def prototype(self) -> Prototype:
        """The analog low-pass with its edge at 1, for the parameters as they are."""

    def design(self, sample_rate: float) -> Tensor:
        """As many sections as `order` needs pairs of poles, twice as many for a band: `(..., sections, 6)`."""
        return sections(self.prototype(), self.kind, self.cutoff, self.upper, sample_rate)

"""`Classical`: the base class of Butterworth, Chebyshev, elliptic and Bessel filters."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import Any

import torch
from torch import Tensor

from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.filters.classical.bilinear import BANDS, exact_response, sections
from fxlab.filters.classical.prototype import Prototype
from fxlab.filters.common.edges import Edges
from fxlab.module import Recursive
from fxlab.module.lti.cascades import stack_cascades
from fxlab.module.parameters.active_values import use_values
from fxlab.module.parameters.broadcasting import broadcast_together


class Classical(Edges, Recursive):
    """The base class of filters designed from an analog prototype, with the response of the same filter in SciPy.

    A subclass declares `cutoff`, `order`, `kind`, the prototype's other parameters and `upper`, and defines
    `prototype`. A band-pass or band-stop has two edges, `cutoff` and `upper`; together they may be given as a pair,
    `cutoff=(300.0, 3000.0)`.

    The sections are ordered by increasing q, and each has a moderate gain in the passband, so that float32 signals lose
    little accuracy between them; `sos(pairing="scipy")` returns the sections in SciPy's order and pairing.
    """

    order: Any

    @abstractmethod
    def prototype(self) -> Prototype:
        """Return the analog low-pass for the current parameters, with its edge at 1 rad/s."""

    def _scipy_type(self) -> str | None:
        """Return the name of the family in `scipy.signal.iirfilter`, or None if SciPy does not have it."""
        return None

    def design(self, sample_rate: float) -> Tensor:
        """Return the sections, `(..., sections, 6)`, one for each pair of poles and one for a remaining real pole.

        A band-pass or band-stop has twice as many poles as its order.
        """
        return sections(self.prototype(), self.kind, self.cutoff, self.upper, sample_rate)

    def _scipy_sos(self, rate: float) -> Tensor:
        if self._scipy_type() is None:
            return super()._scipy_sos(rate)
        values = {name: value.detach().cpu() for name, value in broadcast_together(self.values(), self.ranks).items()}
        batch = broadcast_shapes(*(value.shape for value in values.values()))
        columns = {name: value.expand(batch).reshape(-1).tolist() for name, value in values.items()}
        cascades = [
            self._scipy_design({name: column[example] for name, column in columns.items()}, rate)
            for example in range(math.prod(batch))
        ]
        return stack_cascades(cascades, batch).to(self._device())

    def _scipy_design(self, values: dict[str, float], rate: float) -> Tensor:
        """Return the sections `(sections, 6)` that SciPy designs for the values of the parameters."""
        from scipy.signal import iirfilter

        edges = (values["cutoff"], values["upper"]) if self.kind in BANDS else values["cutoff"]
        ripple, attenuation = values.get("ripple_db"), values.get("attenuation_db")
        sos = iirfilter(
            self.order, edges, ripple, attenuation, self.kind, ftype=self._scipy_type(), output="sos", fs=rate
        )
        return torch.from_numpy(sos)

    def _exact_response(self, frequencies: Tensor, rate: float) -> Tensor:
        with use_values(self, broadcast_together(self.values(), self.ranks)):
            return exact_response(self.prototype(), self.kind, (self.cutoff, self.upper), frequencies, rate)

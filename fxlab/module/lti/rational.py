"""`Rational`: a filter given by two polynomials."""

from __future__ import annotations

import math
from abc import abstractmethod

import torch
from torch import Tensor

from fxlab.engine import counts, on_circle, paired, polynomial_delay, polynomial_roots
from fxlab.engine.response.polynomial import ROOT_TOLERANCE
from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.errors import FxlabError
from fxlab.module.lti.lti import LTI
from fxlab.module.lti.recursive import padded

MOST_ROOTS = 256
"""Beyond this order the roots of a polynomial are more rounding than answer, and take long to find."""


class Rational(LTI):
    """A filter `b / a`; a subclass writes `_polynomials(self, rate)`, coefficients of `1, 1/z, 1/z², …`.

    Its response and its delay are those of the polynomials; roots and sections are found from them, so that they have
    as many digits as the coefficients hold of them.
    """

    @abstractmethod
    def _polynomials(self, rate: float) -> tuple[Tensor, Tensor]:
        """Numerator and denominator, `(..., n)` and `(..., m)`, float64, their batches of equal length."""

    def ba(self, sample_rate: float | None = None) -> tuple[Tensor, Tensor]:
        """Numerator and denominator as polynomials of `1/z`, `a[0] = 1`; see `LinearAnalysis.ba`."""
        b, a = self._polynomials(self._ready(sample_rate))
        return b / a[..., :1], a / a[..., :1]

    def _response(self, frequencies: Tensor, rate: float) -> Tensor:
        turns = frequencies / rate
        b, a = self._polynomials(rate)
        above, below = on_circle(b, turns), on_circle(a, turns)
        # On a zero rounding leaves dust, whose phase would be any.
        dust = above.detach().abs() <= ROOT_TOLERANCE * b.detach().abs().sum(-1, keepdim=True)
        above = torch.where(dust, 0.0, above)
        on_pole = below == 0
        return torch.where(on_pole, torch.inf, above / torch.where(on_pole, 1.0, below))

    def _group_delay(self, frequencies: Tensor, rate: float) -> Tensor:
        turns = frequencies / rate
        b, a = self._polynomials(rate)
        delay = polynomial_delay(b, turns)
        return delay if a.shape[-1] == 1 else delay - polynomial_delay(a, turns)

    def _roots(self, rate: float) -> tuple[Tensor, Tensor]:
        b, a = self._polynomials(rate)
        order = max(b.shape[-1], a.shape[-1]) - 1
        if order > MOST_ROOTS:
            raise FxlabError(
                f"{self._name()}: of a polynomial of order {order} no roots are looked for; up to {MOST_ROOTS} they "
                "are. Ask for the response instead."
            )
        pad = torch.nn.functional.pad
        b, a = (pad(c, (0, order + 1 - c.shape[-1])) for c in (b, a))
        while b.shape[-1] > 1 and not (b[..., -1].detach().any() or a[..., -1].detach().any()):
            b, a = b[..., :-1], a[..., :-1]  # roots at the origin that both have
        lead = broadcast_shapes(b.shape[:-1], a.shape[:-1])
        zeros, poles = polynomial_roots(b), polynomial_roots(a)
        return zeros.expand(*lead, zeros.shape[-1]), poles.expand(*lead, poles.shape[-1])

    def _poles(self, rate: float) -> Tensor:
        b, a = self._polynomials(rate)
        used = [c.detach().ne(0).reshape(-1, c.shape[-1]).any(0).nonzero() for c in (b, a)]
        orders = [int(places.max()) if len(places) else 0 for places in used]
        poles = polynomial_roots(a[..., : orders[1] + 1])
        poles = torch.nn.functional.pad(poles, (0, max(0, orders[0] - orders[1])))
        return poles.expand(*broadcast_shapes(b.shape[:-1], a.shape[:-1]), poles.shape[-1])

    def _sos(self, rate: float) -> Tensor:
        b, a = self._polynomials(rate)
        zeros, poles = self._roots(rate)
        lead = broadcast_shapes(b.shape[:-1], a.shape[:-1])
        first = counts(b).to(torch.int8).argmax(-1, keepdim=True)  # leading zeros are a delay
        gain = (b.gather(-1, first) / a[..., :1]).squeeze(-1).expand(lead).reshape(-1)
        rows = math.prod(lead)
        flat = [roots.expand(*lead, roots.shape[-1]).reshape(rows, -1) for roots in (zeros, poles)]
        return padded([paired(z, p, k) for z, p, k in zip(*flat, gain, strict=True)], lead)

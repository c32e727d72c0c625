"""`Rational`: the base class of filters given by a numerator and a denominator polynomial."""

from __future__ import annotations

import math
from abc import abstractmethod

import torch
from torch import Tensor
from torch.nn.functional import pad

from fxlab.engine import (
    limit_of_ratio,
    polynomial_delay,
    polynomial_response,
    polynomial_roots,
    significant_coefficients,
    zpk_to_sos,
)
from fxlab.engine.response.polynomial import is_rounding_error
from fxlab.engine.torch_support.known_values import any_true
from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.engine.torch_support.tracing import is_traced
from fxlab.errors import FxlabError
from fxlab.module.lti.cascades import stack_cascades
from fxlab.module.lti.conditioning import warn_of_inaccurate_roots
from fxlab.module.lti.lti import LTI

MAX_ROOTS = 256
"""The highest order whose roots are computed; above it they are inaccurate and slow to compute."""


class Rational(LTI):
    """The base class of filters `b / a`, two polynomials in `1/z`; a subclass defines `_polynomials(self, rate)`.

    The response and the group delay are evaluated from the polynomials. The roots and the sections are computed from
    the coefficients, so their accuracy is limited by how well the coefficients determine the roots.
    """

    @abstractmethod
    def _polynomials(self, rate: float) -> tuple[Tensor, Tensor]:
        """Return the numerator `(..., n)` and the denominator `(..., m)`, as the coefficients of `1, 1/z, 1/z², …`.

        Both are float64 and have the same number of batch dimensions.
        """

    def sos(self, sample_rate: float | None = None, *, pairing: str = "fxlab") -> Tensor:
        """Return second-order sections made from the roots of the polynomials; see `LinearAnalysis.sos`.

        A `BadCoefficientsWarning` is issued if their response differs by more than 0.1 dB from that of the polynomials,
        at a frequency at which the latter is at most 40 dB below its maximum.
        """
        rate = self._checked_rate(sample_rate)
        sections = super().sos(rate, pairing=pairing)
        warn_of_inaccurate_roots(self, sections, rate)
        return sections

    def ba(self, sample_rate: float | None = None) -> tuple[Tensor, Tensor]:
        """Return the numerator `b`, `(..., n)`, and the denominator `a`, `(..., m)`, with `a[0] = 1`.

        They are the coefficients of `1, 1/z, 1/z², …`, as in `LinearAnalysis.ba`; the numbers n and m may differ.
        """
        b, a = self._polynomials(self._checked_rate(sample_rate))
        return b / a[..., :1], a / a[..., :1]

    def _response(self, frequencies: Tensor, rate: float) -> Tensor:
        turns = frequencies / rate
        b, a = self._polynomials(rate)
        numerator, denominator = polynomial_response(b, turns), polynomial_response(a, turns)
        # At a zero the numerator is only a rounding error, and its phase is meaningless.
        is_zero, is_pole = is_rounding_error(numerator, b), denominator == 0
        numerator = torch.where(is_zero, 0.0, numerator)
        response = torch.where(is_pole, torch.inf, numerator / torch.where(is_pole, 1.0, denominator))
        both = is_zero & is_rounding_error(denominator, a)
        if is_traced(turns) or any_true(both):
            response = torch.where(both, limit_of_ratio(b, a, turns), response)
        return response

    def _group_delay(self, frequencies: Tensor, rate: float) -> Tensor:
        turns = frequencies / rate
        b, a = self._polynomials(rate)
        delay = polynomial_delay(b, turns)
        return delay if a.shape[-1] == 1 else delay - polynomial_delay(a, turns)

    def _roots(self, rate: float) -> tuple[Tensor, Tensor]:
        b, a = self._polynomials(rate)
        order = max(b.shape[-1], a.shape[-1]) - 1
        if order > MAX_ROOTS:
            raise FxlabError(
                f"{self._name()}: its order is {order}, and roots are computed up to order {MAX_ROOTS}. Use the "
                "response instead."
            )
        b, a = (pad(c, (0, order + 1 - c.shape[-1])) for c in (b, a))
        while b.shape[-1] > 1 and not (b[..., -1].detach().any() or a[..., -1].detach().any()):
            b, a = b[..., :-1], a[..., :-1]  # a root at the origin that numerator and denominator share
        batch = broadcast_shapes(b.shape[:-1], a.shape[:-1])
        zeros, poles = polynomial_roots(b), polynomial_roots(a)
        return zeros.expand(*batch, zeros.shape[-1]), poles.expand(*batch, poles.shape[-1])

    def _poles(self, rate: float) -> Tensor:
        b, a = self._polynomials(rate)
        nonzero = [c.detach().ne(0).reshape(-1, c.shape[-1]).any(0).nonzero() for c in (b, a)]
        b_order, a_order = (int(places.max()) if len(places) else 0 for places in nonzero)
        poles = polynomial_roots(a[..., : a_order + 1])
        poles = pad(poles, (0, max(0, b_order - a_order)))  # the remaining poles are at the origin
        return poles.expand(*broadcast_shapes(b.shape[:-1], a.shape[:-1]), poles.shape[-1])

    def _sos(self, rate: float) -> Tensor:
        b, a = self._polynomials(rate)
        zeros, poles = self._roots(rate)
        batch = broadcast_shapes(b.shape[:-1], a.shape[:-1])
        # The coefficients before the first significant one are 0: a delay.
        first = significant_coefficients(b).to(torch.int8).argmax(-1, keepdim=True)
        gain = (b.gather(-1, first) / a[..., :1]).squeeze(-1).expand(batch).reshape(-1)
        flat = [roots.expand(*batch, roots.shape[-1]).reshape(math.prod(batch), -1) for roots in (zeros, poles)]
        return stack_cascades([zpk_to_sos(z, p, k) for z, p, k in zip(*flat, gain, strict=True)], batch)

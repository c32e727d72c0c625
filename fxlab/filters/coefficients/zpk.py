"""`ZPK`: a filter defined by its zeros, poles and gain."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.engine import conjugate_pairs, roots_delay, roots_response, zpk_to_sos
from fxlab.engine.response.circle import POLE_TOLERANCE
from fxlab.engine.torch_support.known_values import any_true, numpy_values
from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.errors import EngineError, ParameterError
from fxlab.module import ArrayParam, Param, Recursive
from fxlab.module.checks import not_recordable
from fxlab.module.lti.cascades import stack_cascades
from fxlab.module.lti.conditioning import SAFE_DISTANCE, CoefficientError
from fxlab.module.parameters.active_values import use_values
from fxlab.module.parameters.broadcasting import broadcast_together


class ZPK(Recursive):
    """A filter defined by its zeros and poles in the z plane: `gain · ∏(z − zero) / ∏(z − pole)`, as in SciPy.

    Complex roots must come in conjugate pairs. The roots are the same at every sample rate, so the corner frequencies
    are proportional to it. An unstable filter is computed without a warning. The signal is filtered by second-order
    sections. The response, the group delay and the roots are computed from the given roots; with several poles within
    1e-8 of 1, the response of the rounded sections may differ from that of the given roots.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: A complex root has no conjugate, there are more zeros than poles, or another value is invalid.

    >>> notch = ZPK(zeros=[1j, -1j], poles=[0.9j, -0.9j], gain=0.905)
    >>> notch.response([0.0, 2000.0], sample_rate=8000).abs().round(decimals=3)
    tensor([1., 0.], dtype=torch.float64)
    """

    z = ArrayParam(
        (), shape=("zeros",), complex_=True, least=0, keyword="zeros", role="zero", doc="Zeros in the z plane."
    )
    p = ArrayParam(
        (), shape=("poles",), complex_=True, least=0, keyword="poles", role="pole", doc="Poles in the z plane."
    )
    gain = Param(1.0, low=-2.0, high=2.0, role="gain", doc="Factor of the complete product.")

    def _check(self, sample_rate: float) -> None:
        """Raise a `ParameterError` for an invalid value, a complex root without conjugate, or more zeros than poles."""
        super()._check(sample_rate)
        values = self.values()
        for name, word in (("z", "zeros"), ("p", "poles")):
            rows = numpy_values(values[name].to(torch.complex128))
            if rows is None:
                return
            for row in rows.reshape(math.prod(rows.shape[:-1]), rows.shape[-1]):
                try:
                    conjugate_pairs(row)
                except EngineError as error:
                    raise ParameterError(f"ZPK: of its {word} {error} Give both, a + bj and a − bj.") from None
        zeros, poles = values["z"].shape[-1], values["p"].shape[-1]
        if zeros > poles:
            raise ParameterError(
                f"ZPK: {zeros} zeros and {poles} poles; with more zeros than poles the output would depend on "
                f"future input. Add {zeros - poles} poles at 0, which delay it."
            )

    def design(self, sample_rate: float) -> Tensor:
        """Return the sections, `(..., sections, 6)`: one for every two poles and one for a single remaining pole.

        Without poles, the result is one section.

        Raises:
            FxlabError: PyTorch records a graph, as in `torch.compile` and `torch.export`.
        """
        if torch.compiler.is_compiling():
            raise not_recordable(
                "ZPK",
                "how its roots are combined to sections depends on their values",
                "Record fx.SOS(module.sos(sample_rate)) instead.",
            )
        zeros, poles, gain = self._expanded_roots()
        lead, count = gain.shape, math.prod(gain.shape)
        flat = zip(zeros.reshape(count, -1), poles.reshape(count, -1), gain.reshape(count), strict=True)
        return stack_cascades([zpk_to_sos(z, p, k) for z, p, k in flat], lead)

    # -- analysis -----------------------------------------------------------------------------------------------

    def _response(self, frequencies: Tensor, rate: float) -> Tensor:
        with use_values(self, broadcast_together(self.values(), self.ranks)):
            return roots_response(*self._expanded_roots(), frequencies / rate)

    def _group_delay(self, frequencies: Tensor, rate: float) -> Tensor:
        with use_values(self, broadcast_together(self.values(), self.ranks)):
            zeros, poles, _ = self._expanded_roots()
        return roots_delay(zeros, poles, frequencies / rate)

    def _roots(self, rate: float) -> tuple[Tensor, Tensor]:
        with use_values(self, broadcast_together(self.values(), self.ranks)):
            zeros, poles, _ = self._expanded_roots()
        return zeros, poles

    def _modes(self, rate: float) -> Tensor:
        return super()._roots(rate)[1]  # those of the sections, which are what runs

    def _exact_response(self, frequencies: Tensor, rate: float) -> Tensor:
        return self._response(frequencies, rate)

    def _coefficient_error(self, rate: float) -> CoefficientError | None:
        distance = 1 - self.values()["p"].detach().abs()
        if not any_true(distance < SAFE_DISTANCE) or any_true(distance <= 2 * POLE_TOLERANCE):
            return None  # a pole on the circle or outside it is intended
        return super()._coefficient_error(rate)

    def _expanded_roots(self) -> tuple[Tensor, Tensor, Tensor]:
        """Return the zeros, poles and gain, expanded to a common batch shape; call it within `use_values`."""
        lead = broadcast_shapes(self.z.shape[:-1], self.p.shape[:-1], self.gain.shape)
        return self.z.expand(*lead, -1), self.p.expand(*lead, -1), self.gain.expand(lead)

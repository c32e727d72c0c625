"""`QuantizedFilter`: the linear filter with rounded coefficients, in exact arithmetic."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from fxlab.engine.fixed_point.flow_graph import graph_state_space
from fxlab.filters.fixed_point.structures import LATTICES, SECTIONS, Quantized, build_graph, quantized_coefficients
from fxlab.module import Recursive
from fxlab.module.lti.cascades import stack_cascades
from fxlab.module.lti.sum_zeros import sections_from_roots

if TYPE_CHECKING:
    from fxlab.filters.fixed_point.fixed_point import FixedPoint


class QuantizedFilter(Recursive):
    """The linear filter with the rounded coefficients of a `FixedPoint`, for its response, zeros and poles.

    `FixedPoint.quantized` returns it. Its coefficients follow changes of the parameters, but have no gradient, because
    they are rounded.

    >>> from fxlab.filters import FixedPoint, LowPass
    >>> moved = FixedPoint(LowPass(cutoff=1000.0), coefficient_bits=8).quantized
    >>> [round(pole.abs().item(), 3) for pole in (LowPass(cutoff=1000.0).poles(48_000)[0], moved.poles(48_000)[0])]
    [0.912, 0.91]
    """

    def __init__(self, fixed: FixedPoint) -> None:
        super().__init__()
        self.fixed = fixed

    def _arguments(self) -> list[str]:
        return [repr(self.fixed)]

    def latency(self, sample_rate: float | None = None) -> float:
        """Return the latency of the filter, in samples; see `Module.latency`."""
        return self.fixed.latency(self._resolve_rate(sample_rate))

    def design(self, sample_rate: float) -> Tensor:
        """Return the sections of the structure with rounded coefficients, `(..., sections, 6)`."""
        fixed = self.fixed
        sos = fixed.exact_sections(sample_rate)
        examples = sos.reshape(-1, *sos.shape[-2:])
        cascades = [_quantized_sections(fixed.structure, example, fixed.coefficient_bits) for example in examples]
        return stack_cascades(cascades, sos.shape[:-2])


def _quantized_sections(structure: str, sos: Tensor, bits: int) -> Tensor:
    if structure in SECTIONS:
        rows = [[*_to_floats(b), 1.0, *_to_floats(a)] for b, a in quantized_coefficients(structure, sos, bits)]
        return torch.tensor(rows, dtype=torch.float64)
    if structure in LATTICES:
        zeros, poles, gain, delay = _lattice_roots(structure, sos, bits)
    else:
        [(numerator, denominator)] = quantized_coefficients(structure, sos, bits)
        b = np.array(_to_floats(numerator))
        nonzero = np.flatnonzero(b)
        delay = int(nonzero[0]) if nonzero.size else 0
        gain = float(b[delay])
        zeros, poles = np.roots(b), np.roots([1.0, *_to_floats(denominator)])
    return sections_from_roots(torch.from_numpy(zeros + 0j), torch.tensor(gain), delay, torch.from_numpy(poles + 0j))


def _lattice_roots(structure: str, sos: Tensor, bits: int) -> tuple[np.ndarray, np.ndarray, float, int]:
    """Return the zeros, poles, gain and delay in samples of a lattice, from its state-space form.

    The gain is the first value of the impulse response that is not 0, and the delay its index.
    """
    from scipy.linalg import eigvals

    # Polynomial coefficients would lose the accuracy that is the reason for using a lattice.
    A, B, C, D = graph_state_space(build_graph(structure, sos, bits))
    order = len(A)
    system = np.block([[A, B[:, None]], [C[None], np.reshape(D, (1, 1))]])
    state_mask = np.diag([1.0] * order + [0.0])
    zeros = eigvals(system, state_mask)
    impulse = [float(D)]
    for _ in range(order):
        impulse.append(float(C @ B))
        B = A @ B
    delay = next((index for index, value in enumerate(impulse) if value), 0)
    finite = zeros[np.isfinite(zeros)]
    smallest = finite[np.argsort(np.abs(finite), kind="stable")][: order - delay]
    return smallest, np.linalg.eigvals(A) if order else np.zeros(0), impulse[delay], delay


def _to_floats(coefficients: Quantized) -> list[float]:
    return [float(np.ldexp(float(factor), -fraction)) for factor, fraction in coefficients]

"""`QuantizedFilter`: the linear filter that rounded coefficients make, before any sample is rounded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from fxlab.engine.fixed_point.flow_graph import graph_state_space
from fxlab.filters.fixed_point.structures import LATTICES, SECTIONS, Held, build, coefficients
from fxlab.module import Recursive
from fxlab.module.lti.cascades import stack_cascades
from fxlab.module.lti.sum_zeros import sections_from_roots

if TYPE_CHECKING:
    from fxlab.filters.fixed_point.fixed_point import FixedPoint


class QuantizedFilter(Recursive):
    """The linear filter with the coefficients that a `FixedPoint` holds, for its response and its moved poles.

    Made by `FixedPoint.quantised`; it follows the parameters. It carries no gradient: rounding has none.

    >>> from fxlab.filters import FixedPoint, LowPass
    >>> moved = FixedPoint(LowPass(cutoff=1000.0), coefficient_bits=8).quantised
    >>> [round(pole.abs().item(), 3) for pole in (LowPass(cutoff=1000.0).poles(48_000)[0], moved.poles(48_000)[0])]
    [0.912, 0.91]
    """

    def __init__(self, fixed: FixedPoint) -> None:
        super().__init__()
        self.fixed = fixed

    def _arguments(self) -> list[str]:
        return [repr(self.fixed)]

    def design(self, sample_rate: float) -> Tensor:
        """Sections of what the structure does with its coefficients rounded."""
        fixed = self.fixed
        sos = fixed.exact_sections(sample_rate)
        flat = sos.reshape(-1, *sos.shape[-2:])
        made = [_sections(fixed.structure, example, fixed.coefficient_bits) for example in flat]
        return stack_cascades(made, sos.shape[:-2])


def _sections(structure: str, sos: Tensor, bits: int) -> Tensor:
    if structure in SECTIONS:
        rows = [[*_values(b), 1.0, *_values(a)] for b, a in coefficients(structure, sos, bits)]
        return torch.tensor(rows, dtype=torch.float64)
    if structure in LATTICES:
        zeros, poles, gain, delay = _lattice_roots(structure, sos, bits)
    else:
        [(above, below)] = coefficients(structure, sos, bits)
        b = np.array(_values(above))
        used = np.flatnonzero(b)
        delay = int(used[0]) if used.size else 0
        gain = float(b[delay])
        zeros, poles = np.roots(b), np.roots([1.0, *_values(below)])
    return sections_from_roots(torch.from_numpy(zeros + 0j), torch.tensor(gain), delay, torch.from_numpy(poles + 0j))


def _lattice_roots(structure: str, sos: Tensor, bits: int) -> tuple[np.ndarray, np.ndarray, float, int]:
    """Zeros, poles, gain and delay from the states: multiplied out, a lattice would lose what it is good for."""
    from scipy.linalg import eigvals

    A, B, C, D = graph_state_space(build(structure, sos, bits))
    order = len(A)
    system = np.block([[A, B[:, None]], [C[None], np.reshape(D, (1, 1))]])
    only_states = np.diag([1.0] * order + [0.0])
    zeros = eigvals(system, only_states)
    impulse = [float(D)]
    for _ in range(order):
        impulse.append(float(C @ B))
        B = A @ B
    delay = next((place for place, value in enumerate(impulse) if value), 0)
    finite = zeros[np.isfinite(zeros)]
    nearest = finite[np.argsort(np.abs(finite), kind="stable")][: order - delay]
    return nearest, np.linalg.eigvals(A) if order else np.zeros(0), impulse[delay], delay


def _values(held: Held) -> list[float]:
    return [float(np.ldexp(float(factor), -fraction)) for factor, fraction in held]

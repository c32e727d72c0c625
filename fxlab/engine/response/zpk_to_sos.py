"""Second-order sections from zeros and poles."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fxlab.engine.torch_support.known_values import to_numpy, unwrap_gradients
from fxlab.errors import EngineError

RootGroup = tuple[int, ...]
"""The indices of one or two roots: a conjugate pair, two real roots, or a single real root."""
CONJUGATE_TOLERANCE = 1e-7  # the largest distance of a root from the conjugate of another, relative to its magnitude
DISTANCE_TO_INFINITY = 1e9  # larger than the distance of a pole to any finite zero


def zpk_to_sos(zeros: Tensor, poles: Tensor, gain: Tensor) -> Tensor:
    """Return second-order sections of `gain * product(z - zero) / product(z - pole)`, differentiable.

    The poles nearest to the unit circle are combined with the zeros nearest to them, which keeps the gain of each
    section low, and their sections come last. If the number of real poles is odd, the smallest of them in magnitude
    has a section of its own, which comes first. If there are fewer zeros than poles, the missing zeros are at infinity,
    which is a delay. The first section includes the gain; without zeros and poles it is the only one.

    Shape:
        zeros: `(n,)`, and poles: `(m,)`, complex, each with its conjugate; NaN entries are ignored. gain: `()`.
        Returns `(sections, 6)`, float64.

    Raises:
        EngineError: A complex root has no conjugate, or there are more zeros than poles.

    >>> zpk_to_sos(torch.tensor([-1.0 + 0.0j]), torch.tensor([0.5 + 0.0j]), torch.tensor(0.25))
    tensor([[ 0.2500,  0.2500,  0.0000,  1.0000, -0.5000,  0.0000]],
           dtype=torch.float64)
    """
    z, p = (roots[~roots.detach().isnan()].to(torch.complex128) for roots in (zeros, poles))
    if len(z) > len(p):
        raise EngineError(
            f"{len(z)} zeros and {len(p)} poles: with more zeros than poles the output would come before the input; "
            f"add {len(z) - len(p)} poles at 0, which delay it."
        )
    zero_values, pole_values = _to_numpy(z), _to_numpy(p)
    pole_groups = _group_poles(pole_values)
    at_infinity = [np.inf] * (len(p) - len(z))
    zero_groups = _assign_zeros(pole_groups, pole_values, np.append(zero_values, at_infinity))
    rows = [
        torch.cat([_section_polynomial(z, zero_group), _section_polynomial(p, pole_group)])
        for pole_group, zero_group in zip(pole_groups, zero_groups, strict=True)
    ]
    if not rows:
        rows = [torch.tensor([1.0, 0.0, 0.0, 1.0, 0.0, 0.0], dtype=torch.float64, device=z.device)]
    sos = torch.stack(rows[::-1])
    first = torch.cat([sos[0, :3] * gain.double(), sos[0, 3:]])
    return torch.cat([first[None], sos[1:]])


def _to_numpy(roots: Tensor) -> NDArray[np.complex128]:
    """Return the values of the roots, also inside transforms of `torch.func` for derivatives, which wrap tensors."""
    with torch._C._DisableFuncTorch():
        return to_numpy(unwrap_gradients(roots))


def conjugate_pairs(roots: NDArray[np.complex128]) -> tuple[list[RootGroup], list[int]]:
    """Return the indices of the conjugate pairs, the root with positive imaginary part first, and of the real roots.

    Args:
        roots: The roots, `(n,)`, in any order. Conjugates may differ by 1e-7 of their magnitude, and a root whose
            imaginary part is no larger than that counts as real.

    Raises:
        EngineError: A complex root has no conjugate.
    """
    is_real = np.abs(roots.imag) <= CONJUGATE_TOLERANCE * np.maximum(np.abs(roots), 1e-300)
    real = [int(index) for index in np.flatnonzero(is_real)]
    below = [int(index) for index in np.flatnonzero(~is_real & (roots.imag < 0))]
    pairs: list[RootGroup] = []
    for index in map(int, np.flatnonzero(~is_real & (roots.imag > 0))):
        distances = [abs(roots[other] - roots[index].conjugate()) for other in below]
        if not below or min(distances) > CONJUGATE_TOLERANCE * abs(roots[index]):
            raise EngineError(_missing_conjugate(roots[index]))
        pairs.append((index, below.pop(int(np.argmin(distances)))))
    if below:
        raise EngineError(_missing_conjugate(roots[below[0]]))
    return pairs, real


def _group_poles(p: NDArray[np.complex128]) -> list[RootGroup]:
    """Return the indices of the poles `p` in pairs, conjugate or real, those nearest to the unit circle first.

    If the number of real poles is odd, the last group has only the real pole of smallest magnitude.
    """
    pairs, real = conjugate_pairs(p)
    real.sort(key=lambda index: -abs(p[index]))
    real_pairs = [tuple(real[first : first + 2]) for first in range(0, len(real) - 1, 2)]
    groups = sorted([*pairs, *real_pairs], key=lambda group: abs(1 - abs(p[group[0]])))
    return [*groups, (real[-1],)] if len(real) % 2 else groups


def _assign_zeros(
    pole_groups: list[RootGroup], p: NDArray[np.complex128], z: NDArray[np.complex128]
) -> list[RootGroup]:
    """Return the indices of the zeros for each group of poles, as many as it has poles.

    Each group gets a conjugate pair or single zeros: those nearest to its first pole that are not yet assigned. `p` are
    the values of all poles, and `z` those of all zeros, as many as poles, with the zeros at infinity last.
    """
    finite = np.flatnonzero(np.isfinite(z))
    pairs, single = conjugate_pairs(z[finite])
    single += list(range(len(finite), len(z)))  # the zeros at infinity
    assigned: list[RootGroup] = []
    for group in pole_groups:
        pole = p[group[0]]
        distances = {index: abs(z[index] - pole) if index < len(finite) else DISTANCE_TO_INFINITY for index in single}
        nearest = tuple(sorted(single, key=distances.__getitem__)[: len(group)])
        if len(group) == 2 and pairs:
            pair = min(pairs, key=lambda pair: abs(z[pair[0]] - pole))
            if len(nearest) < 2 or abs(z[pair[0]] - pole) < distances[nearest[0]]:
                pairs.remove(pair)
                assigned.append(pair)
                continue
        single = [index for index in single if index not in nearest]
        assigned.append(nearest)
    return assigned


def _section_polynomial(roots: Tensor, group: RootGroup) -> Tensor:
    """Return the coefficients of the product of `1 - root / z` over a group of indices, by ascending powers of `1 / z`.

    The result is `(3,)`; coefficients that the product does not have are 0. An index past the end of `roots` is a zero
    at infinity, whose factor is `1 / z`.
    """
    finite = [roots[index] for index in group if index < len(roots)]
    one, zero = (torch.full((), value, dtype=torch.float64, device=roots.device) for value in (1.0, 0.0))
    if not finite:
        coefficients = [one]
    elif len(finite) == 1:
        coefficients = [one, -finite[0].real]
    else:
        coefficients = [one, -(finite[0] + finite[1]).real, (finite[0] * finite[1]).real]
    delay = [zero] * (len(group) - len(finite))
    return torch.stack([*delay, *coefficients, zero, zero][:3])


def _missing_conjugate(root: complex) -> str:
    return f"{root.real:.6g}{root.imag:+.6g}j has no conjugate among the roots; a real filter needs both: add it."

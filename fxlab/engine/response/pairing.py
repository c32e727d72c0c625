"""Zeros and poles put together as second-order sections."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fxlab.engine.torch_support.known_values import unwrap_gradients
from fxlab.errors import EngineError

Group = tuple[int, ...]
"""One or two roots by their place: a conjugate pair, two real ones, or the real one that is left over."""
_ALIKE = 1e-7  # how far, relative to its size, a root may lie from the conjugate of its partner
_AT_INFINITY = 1e9  # farther than any zero that a pole might rather have


def paired(zeros: Tensor, poles: Tensor, gain: Tensor) -> Tensor:
    """Second-order sections of `gain * product(z - zero) / product(z - pole)`, differentiable in all three.

    The poles nearest the unit circle take the zeros nearest to them, so that no section is louder than it must be,
    and come last. Fewer zeros than poles are a delay.

    Shape:
        zeros `(n,)` and poles `(m,)`, complex, each with its conjugate; NaN stands for no root. gain `()`.
        Returns `(sections, 6)`, float64.

    Raises:
        EngineError: a complex root without its conjugate, or more zeros than poles.

    >>> paired(torch.tensor([-1.0 + 0.0j]), torch.tensor([0.5 + 0.0j]), torch.tensor(0.25))
    tensor([[ 0.2500,  0.2500,  0.0000,  1.0000, -0.5000,  0.0000]],
           dtype=torch.float64)
    """
    z, p = (roots[~roots.detach().isnan()].to(torch.complex128) for roots in (zeros, poles))
    if len(z) > len(p):
        raise EngineError(
            f"{len(z)} zeros and {len(p)} poles: with more zeros than poles the output would come before the input; "
            f"add {len(z) - len(p)} poles at 0, which delay it."
        )
    where_z, where_p = _places(z), _places(p)
    groups = _poles_together(where_p)
    above = _zeros_for(groups, where_p, np.append(where_z, [np.inf] * (len(p) - len(z))))
    rows = [
        torch.cat([_polynomial(z, zero_group), _polynomial(p, group)])
        for group, zero_group in zip(groups, above, strict=True)
    ]
    if not rows:
        rows = [torch.tensor([1.0, 0.0, 0.0, 1.0, 0.0, 0.0], dtype=torch.float64, device=z.device)]
    sos = torch.stack(rows[::-1])
    first = torch.cat([sos[0, :3] * gain.double(), sos[0, 3:]])
    return torch.cat([first[None], sos[1:]])


def _places(roots: Tensor) -> NDArray[np.complex128]:
    """Where they lie; also in forward mode, where every tensor is wrapped."""
    with torch._C._DisableFuncTorch():
        return np.asarray(unwrap_gradients(roots).detach().cpu().numpy())


def conjugates(roots: NDArray[np.complex128]) -> tuple[list[Group], list[int]]:
    """The complex roots in pairs, the one above the axis first, and the real ones.

    Raises:
        EngineError: a complex root without its conjugate.
    """
    near = np.abs(roots.imag) <= _ALIKE * np.maximum(np.abs(roots), 1e-300)
    real = [int(place) for place in np.flatnonzero(near)]
    below = [int(place) for place in np.flatnonzero(~near & (roots.imag < 0))]
    pairs: list[Group] = []
    for place in map(int, np.flatnonzero(~near & (roots.imag > 0))):
        apart = [abs(roots[other] - roots[place].conjugate()) for other in below]
        if not below or min(apart) > _ALIKE * abs(roots[place]):
            raise EngineError(f"{_written(roots[place])} stands without its conjugate; a real filter has both.")
        pairs.append((place, below.pop(int(np.argmin(apart)))))
    if below:
        raise EngineError(f"{_written(roots[below[0]])} stands without its conjugate; a real filter has both.")
    return pairs, real


def _poles_together(p: NDArray[np.complex128]) -> list[Group]:
    """Groups of poles, the nearest to the unit circle first; a single one, of an odd number, last."""
    pairs, real = conjugates(p)
    real.sort(key=lambda place: -abs(p[place]))
    twos = [tuple(real[at : at + 2]) for at in range(0, len(real) - 1, 2)]
    groups = sorted([*pairs, *twos], key=lambda group: abs(1 - abs(p[group[0]])))
    return [*groups, (real[-1],)] if len(real) % 2 else groups


def _zeros_for(groups: list[Group], p: NDArray[np.complex128], z: NDArray[np.complex128]) -> list[Group]:
    """For each group of poles as many zeros, the nearest that are left."""
    finite = np.flatnonzero(np.isfinite(z))
    pairs, real = conjugates(z[finite])
    real += list(range(len(finite), len(z)))  # those at infinity
    chosen: list[Group] = []
    for group in groups:
        pole = p[group[0]]
        away = {place: abs(z[place] - pole) if place < len(finite) else _AT_INFINITY for place in real}
        nearest = tuple(sorted(real, key=away.__getitem__)[: len(group)])
        if len(group) == 2 and pairs:
            pair = min(pairs, key=lambda pair: abs(z[pair[0]] - pole))
            if len(nearest) < 2 or abs(z[pair[0]] - pole) < away[nearest[0]]:
                pairs.remove(pair)
                chosen.append(pair)
                continue
        real = [place for place in real if place not in nearest]
        chosen.append(nearest)
    return chosen


def _polynomial(roots: Tensor, group: Group) -> Tensor:
    """`c0 c1 c2` of the product of `1 - root / z`; a place beyond the roots is one at infinity, `1 / z`."""
    there = [roots[place] for place in group if place < len(roots)]
    one, zero = (torch.full((), value, dtype=torch.float64, device=roots.device) for value in (1.0, 0.0))
    if not there:
        terms = [one]
    elif len(there) == 1:
        terms = [one, -there[0].real]
    else:
        terms = [one, -(there[0] + there[1]).real, (there[0] * there[1]).real]
    late = [zero] * (len(group) - len(there))
    return torch.stack([*late, *terms, zero, zero][:3])


def _written(root: complex) -> str:
    return f"{root.real:.6g}{root.imag:+.6g}j"

"""Polynomials of `1/z`, `c0 + c1 z^-1 + …`, of any order: products of sections, values on the circle, and roots."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import pad

from fxlab.engine.recursion.section_arguments import normalize_sections
from fxlab.engine.torch_support.tracing import is_traced

BLOCK = 256  # powers of 1/z that are computed at once; higher powers are computed from them
ROOT_TOLERANCE = 1e-15  # a value below this, relative to the sum of the coefficient magnitudes, counts as a root
NEGLIGIBLE = 1e-16  # an outer coefficient below this, relative to the largest one, counts as zero
MAX_MULTIPLICITY = 4  # the largest multiplicity of a root on the unit circle for which the group delay is computed


def multiplied(sos: Tensor) -> tuple[Tensor, Tensor]:
    """Multiply the sections out to the polynomials `b` and `a` of `1/z`, each `(..., order + 1)` with `a[0] = 1`.

    Trailing zeros that both polynomials share are removed. The result is differentiable.

    >>> b, a = multiplied(torch.tensor([[1.0, 1.0, 0.0, 1.0, -0.5, 0.0], [2.0, 0.0, 0.0, 1.0, 0.25, 0.0]]))
    >>> b.tolist(), a.tolist()
    ([2.0, 2.0, 0.0], [1.0, -0.25, -0.125])
    """
    sections = normalize_sections("multiplied", sos)
    b = a = torch.ones(*sections.shape[:-2], 1, dtype=sections.dtype, device=sections.device)
    for section in sections.unbind(-2):
        b, a = _multiply(b, section[..., :3]), _multiply(a, section[..., 3:])
    used = ((b.detach() != 0) | (a.detach() != 0)).reshape(-1, b.shape[-1]).any(0)
    length = int(used.nonzero().max()) + 1
    return b[..., :length], a[..., :length]


def on_circle(c: Tensor, turns: Tensor) -> Tensor:
    """Evaluate the polynomial `c` on the unit circle, at `z = exp(2j pi turns)`.

    Shape:
        c: `(..., n)`; turns: `(points,)`, frequencies in cycles per sample. Returns `(..., points)`, complex128.

    >>> on_circle(torch.tensor([0.5, 0.5]), torch.tensor([0.0, 0.5])).abs().round(decimals=9)
    tensor([1., 0.], dtype=torch.float64)
    """
    count = c.shape[-1]
    blocks = -(-count // BLOCK)
    size = min(count, BLOCK)
    rows = pad(c.double(), (0, blocks * size - count)).reshape(*c.shape[:-1], blocks, size)
    value: Tensor = (rows.to(torch.complex128) @ _powers(turns, 1, size) * _powers(turns, BLOCK, blocks)).sum(-2)
    return value


def polynomial_delay(c: Tensor, turns: Tensor) -> Tensor:
    """Return the group delay of the polynomial `c` in samples, without the phase jump at a root.

    Shape:
        c: `(..., n)`; turns: `(points,)`, frequencies in cycles per sample. Returns `(..., points)`, float64.

    >>> polynomial_delay(torch.tensor([0.25, 0.5, 0.25]), torch.tensor([0.1, 0.5])).round(decimals=6)
    tensor([1., 1.], dtype=torch.float64)
    """
    k = torch.arange(c.shape[-1], dtype=torch.float64, device=c.device)
    c, turns = c.double(), turns.double()
    delay = torch.zeros((*c.shape[:-1], turns.shape[-1]), dtype=torch.float64, device=c.device)
    unknown = torch.ones_like(delay, dtype=torch.bool)
    value = on_circle(c, turns)
    for order in range(MAX_MULTIPLICITY + 1):  # on a root, the delay is the limit of the ratio of the next derivatives
        size = (k**order * c.detach().abs()).sum(-1, keepdim=True)
        found = unknown & (value.detach().abs() > ROOT_TOLERANCE * size)
        slope = on_circle(k ** (order + 1) * c, turns)
        limit = (slope / torch.where(found, value, 1.0)).real / (order + 1)
        delay, unknown = torch.where(found, limit, delay), unknown & ~found
        if not (is_traced(c) or bool(unknown.any())):
            break
        value = slope
    return delay


def polynomial_roots(c: Tensor) -> Tensor:
    """Return the roots in the z plane of the polynomial `c` `(..., n)`: `(..., n - 1)`, complex128, differentiable.

    They are the eigenvalues of the companion matrix. A `c0` of 0 means a root at infinity, for which NaN is returned.

    >>> polynomial_roots(torch.tensor([1.0, -0.75, 0.125])).real
    tensor([0.5000, 0.2500], dtype=torch.float64)
    """
    flat = c.double().reshape(-1, c.shape[-1])
    found = [_companion_roots(row) for row in flat.unbind()]
    size = c.shape[-1] - 1
    padded = [torch.cat([roots, roots.new_full((size - roots.shape[-1],), torch.nan)]) for roots in found]
    return torch.stack(padded).reshape(*c.shape[:-1], size)


def counts(c: Tensor) -> Tensor:
    """Return a mask of the coefficients that exceed the rounding error of the largest one; others may count as zero."""
    size = c.detach().abs()
    return size > NEGLIGIBLE * size.amax(-1, keepdim=True)


def _companion_roots(c: Tensor) -> Tensor:
    """Return the finite roots of one polynomial, in order of decreasing magnitude."""
    nonzero = counts(c).nonzero().flatten()
    if not len(nonzero):
        return torch.zeros(0, dtype=torch.complex128, device=c.device)
    first, last = int(nonzero[0]), int(nonzero[-1])
    order = last - first
    at_origin = torch.zeros(c.shape[-1] - 1 - last, dtype=torch.complex128, device=c.device)
    if not order:
        return at_origin
    companion = torch.cat([-c[None, first + 1 : last + 1] / c[first], torch.eye(order - 1, order).to(c)])
    roots = torch.linalg.eigvals(companion)
    return torch.cat([roots[roots.detach().abs().argsort(descending=True, stable=True)], at_origin])


def _powers(turns: Tensor, step: int, count: int) -> Tensor:
    """Return `z^(-step k)` for `k` below `count`, `(count, points)`."""
    k = step * torch.arange(count, dtype=torch.float64, device=turns.device)
    angle = -2 * math.pi * torch.remainder(k[:, None] * turns.double(), 1.0)
    return torch.complex(torch.cos(angle), torch.sin(angle))


def _multiply(a: Tensor, b: Tensor) -> Tensor:
    """Multiply two polynomials."""
    shifted = [pad(a * b[..., k : k + 1], (k, b.shape[-1] - 1 - k)) for k in range(b.shape[-1])]
    return torch.stack(shifted).sum(0)

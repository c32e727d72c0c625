"""Polynomials of `1/z`, `c0 + c1 z^-1 + …`, of any order: multiplied out of sections, on the circle, their roots."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import pad

from fxlab.engine.recursion.section_arguments import normalize_sections
from fxlab.engine.torch_support.tracing import is_traced

BLOCK = 256  # powers of 1/z that are made at once; those of longer polynomials follow from them
ON_ROOT = 1e-15  # of the sum of all sizes: a value below it is a root
LEAST = 1e-16  # of the largest coefficient: one at an end that is smaller stands for none
MOST_ALIKE = 4  # roots on one spot of the circle whose delay is still told


def multiplied(sos: Tensor) -> tuple[Tensor, Tensor]:
    """The cascade as one polynomial of `1/z` over another, `b` and `a`, each `(..., order + 1)` with `a[0] = 1`.

    What is zero at the end of both is left out. Differentiable.

    >>> b, a = multiplied(torch.tensor([[1.0, 1.0, 0.0, 1.0, -0.5, 0.0], [2.0, 0.0, 0.0, 1.0, 0.25, 0.0]]))
    >>> b.tolist(), a.tolist()
    ([2.0, 2.0, 0.0], [1.0, -0.25, -0.125])
    """
    sections = normalize_sections("multiplied", sos)
    b = a = torch.ones(*sections.shape[:-2], 1, dtype=sections.dtype, device=sections.device)
    for section in sections.unbind(-2):
        b, a = _product(b, section[..., :3]), _product(a, section[..., 3:])
    used = ((b.detach() != 0) | (a.detach() != 0)).reshape(-1, b.shape[-1]).any(0)
    length = int(used.nonzero().max()) + 1
    return b[..., :length], a[..., :length]


def on_circle(c: Tensor, turns: Tensor) -> Tensor:
    """The polynomial `c` `(..., n)` at `z = exp(2j pi turns)`, `turns` `(points,)`: `(..., points)`, complex128.

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
    """The group delay of the polynomial `c` `(..., n)` in samples, `(..., points)`; a root's own jump is left out.

    >>> polynomial_delay(torch.tensor([0.25, 0.5, 0.25]), torch.tensor([0.1, 0.5])).round(decimals=6)
    tensor([1., 1.], dtype=torch.float64)
    """
    k = torch.arange(c.shape[-1], dtype=torch.float64, device=c.device)
    c, turns = c.double(), turns.double()
    delay = torch.zeros((*c.shape[:-1], turns.shape[-1]), dtype=torch.float64, device=c.device)
    lost = torch.ones_like(delay, dtype=torch.bool)
    value = on_circle(c, turns)
    for times in range(MOST_ALIKE + 1):  # on a root the limit is that of the next derivatives
        size = (k**times * c.detach().abs()).sum(-1, keepdim=True)
        there = lost & (value.detach().abs() > ON_ROOT * size)
        slope = on_circle(k ** (times + 1) * c, turns)
        limit = (slope / torch.where(there, value, 1.0)).real / (times + 1)
        delay, lost = torch.where(there, limit, delay), lost & ~there
        if not (is_traced(c) or bool(lost.any())):
            break
        value = slope
    return delay


def polynomial_roots(c: Tensor) -> Tensor:
    """The roots in the z plane of the polynomial `c` `(..., n)`: `(..., n - 1)`, complex128, differentiable.

    They are the eigenvalues of the companion matrix. A `c0` of 0 puts a root at infinity: NaN stands there.

    >>> polynomial_roots(torch.tensor([1.0, -0.75, 0.125])).real
    tensor([0.5000, 0.2500], dtype=torch.float64)
    """
    flat = c.double().reshape(-1, c.shape[-1])
    found = [_roots_of(row) for row in flat.unbind()]
    size = c.shape[-1] - 1
    padded = [torch.cat([roots, roots.new_full((size - roots.shape[-1],), torch.nan)]) for roots in found]
    return torch.stack(padded).reshape(*c.shape[:-1], size)


def counts(c: Tensor) -> Tensor:
    """Which coefficients are more than rounding beside the largest: at an end the others stand for none."""
    size = c.detach().abs()
    return size > LEAST * size.amax(-1, keepdim=True)


def _roots_of(c: Tensor) -> Tensor:
    there = counts(c).nonzero().flatten()
    if not len(there):
        return torch.zeros(0, dtype=torch.complex128, device=c.device)
    first, last = int(there[0]), int(there[-1])
    order = last - first
    at_origin = torch.zeros(c.shape[-1] - 1 - last, dtype=torch.complex128, device=c.device)
    if not order:
        return at_origin
    companion = torch.cat([-c[None, first + 1 : last + 1] / c[first], torch.eye(order - 1, order).to(c)])
    roots = torch.linalg.eigvals(companion)
    return torch.cat([roots[roots.detach().abs().argsort(descending=True, stable=True)], at_origin])


def _powers(turns: Tensor, step: int, count: int) -> Tensor:
    """`z^(-step k)` for `k` below `count`, `(count, points)`."""
    k = step * torch.arange(count, dtype=torch.float64, device=turns.device)
    angle = -2 * math.pi * torch.remainder(k[:, None] * turns.double(), 1.0)
    return torch.complex(torch.cos(angle), torch.sin(angle))


def _product(a: Tensor, b: Tensor) -> Tensor:
    shifted = [pad(a * b[..., k : k + 1], (k, b.shape[-1] - 1 - k)) for k in range(b.shape[-1])]
    return torch.stack(shifted).sum(0)

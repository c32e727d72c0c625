"""Polynomials of `1/z`, `c0 + c1 z^-1 + …`, of any order: products of sections, values on the circle, and roots."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import pad

from fxlab.engine.recursion.section_arguments import normalize_sections
from fxlab.engine.response.circle import UNIT_ROUNDING, unit_circle
from fxlab.engine.torch_support.known_values import any_true, numpy_values
from fxlab.engine.torch_support.tracing import is_traced

BLOCK = 256  # powers of 1/z that are computed at once; higher powers are computed from them
NEGLIGIBLE = 1e-16  # a first or last coefficient below this, relative to the largest coefficient, counts as 0
SYMMETRY_TOLERANCE = 2.0**-49  # coefficients that differ by less, relative to the largest coefficient, count as equal
MAX_MULTIPLICITY = 64  # of a root on the unit circle; rounded coefficients do not represent a higher multiplicity
MAX_TRACED_MULTIPLICITY = 24  # where PyTorch traces the code, because all derivatives are then computed


def sos_to_tf(sos: Tensor) -> tuple[Tensor, Tensor]:
    """Return the polynomials `b` and `a` of `1/z` of each cascade of sections, with `a[..., 0] = 1`.

    Trailing coefficients that are 0 in both polynomials of all cascades are removed, unless there are no cascades. The
    result is differentiable.

    Shape:
        sos: `(..., sections, 6)`. Returns two tensors `(..., order + 1)`, float64.

    Raises:
        EngineError: The shape is wrong, an `a0` is 0, or a coefficient is not finite.

    >>> b, a = sos_to_tf(torch.tensor([[1.0, 1.0, 0.0, 1.0, -0.5, 0.0], [2.0, 0.0, 0.0, 1.0, 0.25, 0.0]]))
    >>> b.tolist(), a.tolist()
    ([2.0, 2.0, 0.0], [1.0, -0.25, -0.125])
    """
    sections = normalize_sections("sos_to_tf", sos)
    b = a = torch.ones(*sections.shape[:-2], 1, dtype=sections.dtype, device=sections.device)
    for section in sections.unbind(-2):
        b, a = _multiply(b, section[..., :3]), _multiply(a, section[..., 3:])
    if not b.numel():
        return b, a
    used = ((b.detach() != 0) | (a.detach() != 0)).reshape(-1, b.shape[-1]).any(0)
    length = int(used.nonzero().max()) + 1
    return b[..., :length], a[..., :length]


def polynomial_response(c: Tensor, turns: Tensor) -> Tensor:
    """Return the values of the polynomial `c` on the unit circle, at `z = exp(2j pi turns)`.

    Shape:
        c: `(..., n)`; turns: `(points,)`, frequencies in cycles per sample. Returns `(..., points)`, complex128.

    >>> polynomial_response(torch.tensor([0.5, 0.5]), torch.tensor([0.0, 0.5])).abs().round(decimals=9)
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

    It is constant for coefficients that are symmetric or antisymmetric up to rounding, and 0 for the zero polynomial.
    Otherwise, at a root of multiplicity m, it is the limit, computed from the derivatives of orders m and m + 1, or
    NaN if the coefficients are too inaccurate to determine m.

    Shape:
        c: `(..., n)`; turns: `(points,)`, frequencies in cycles per sample. Returns `(..., points)`, float64.

    >>> polynomial_delay(torch.tensor([0.25, 0.5, 0.25]), torch.tensor([0.1, 0.5])).round(decimals=6)
    tensor([1., 1.], dtype=torch.float64)
    """
    c, turns = c.double(), turns.double()
    center = (c.shape[-1] - 1) / 2
    order, ratio = _leading_terms(c, turns)[::2]
    delay = torch.where(order < 0, torch.nan, center + ratio)
    delay = torch.where((c.detach() == 0).all(-1, keepdim=True), 0.0, delay)
    constant = _center_of_symmetry(c.detach())[..., None]
    is_found = (~constant.isnan()) & ~delay.detach().isnan()
    # The value of a symmetric polynomial with the gradient of the general formula.
    shifted = delay + torch.where(is_found, constant - delay.detach(), 0.0)
    return torch.where(constant.isnan() | is_found, shifted, constant)


def is_rounding_error(value: Tensor, c: Tensor) -> Tensor:
    """Return whether a value of the polynomial `c` on the circle is no larger than its rounding error.

    Shape:
        value: `(..., points)`; c: `(..., n)`. Returns `(..., points)`.
    """
    # The error of each coefficient is at most n + 8 units of rounding: one for each term, and some for its own error.
    tolerance = (c.shape[-1] + 8) * UNIT_ROUNDING
    return value.detach().abs() <= tolerance * c.detach().abs().sum(-1, keepdim=True)


def limit_of_ratio(b: Tensor, a: Tensor, turns: Tensor) -> Tensor:
    """Return the limit of the ratio `b / a` of two polynomials at each frequency, also where both are 0.

    The limit may be infinite. It is 0 if `b` is the zero polynomial. Otherwise it is NaN if `a` is the zero polynomial,
    or where the multiplicity of a root cannot be determined.

    Shape:
        b: `(..., n)`; a: `(..., m)`; turns: `(points,)`, in cycles per sample. Returns `(..., points)`, complex128.

    >>> b, a = torch.tensor([1.0, 0.0, 0.0, -1.0]), torch.tensor([1.0, -1.0])  # 1 + 1/z + 1/z^2
    >>> limit_of_ratio(b, a, torch.tensor([0.0])).real
    tensor([3.], dtype=torch.float64)
    """
    b, a, turns = b.double(), a.double(), turns.double()
    (b_order, above, _), (a_order, below, _) = _leading_terms(b, turns), _leading_terms(a, turns)
    is_silent = (b.detach() == 0).all(-1, keepdim=True)
    # `_leading_terms` divides a derivative of order m by the power m of the half length of its polynomial.
    scale = (_half_length(b) / _half_length(a)) ** a_order.clamp(min=0)
    limit = scale * above / torch.where(below == 0, 1.0, below)
    limit = torch.where(b_order < a_order, torch.inf, torch.where(b_order > a_order, 0.0, limit))
    return torch.where(is_silent, 0.0, torch.where((b_order < 0) | (a_order < 0), torch.nan, limit))


def _leading_terms(c: Tensor, turns: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return the multiplicity m of the root at each frequency, the derivative of order m, and a ratio of derivatives.

    The ratio is the real part of derivative m + 1 over derivative m, in samples, divided by m + 1. The derivatives are
    those of `sum c_k e^(-jw (k - center))` with respect to `-jw`, times `e^(-jw center)`; derivative m is divided by
    the power m of the half length, to limit its range. m is 0 where there is no root, and -1 where it cannot be
    determined. `c` is `(..., n)`, `turns` is `(points,)`, and each result is `(..., points)`.
    """
    count = c.shape[-1]
    half = _half_length(c)
    k = torch.arange(count, dtype=torch.float64, device=c.device) / half - (count - 1) / 2 / half
    shape = (*c.shape[:-1], turns.shape[-1])
    found_order = torch.full(shape, -1, dtype=torch.long, device=c.device)
    leading = torch.zeros(shape, dtype=torch.complex128, device=c.device)
    ratio = torch.zeros(shape, dtype=torch.float64, device=c.device)
    weighted, value = c, polynomial_response(c, turns)
    highest = MAX_TRACED_MULTIPLICITY if is_traced(c) else MAX_MULTIPLICITY
    for order in range(min(count - 1, highest) + 1):
        is_new = (found_order < 0) & ~is_rounding_error(value, weighted)
        weighted = k * weighted
        slope = polynomial_response(weighted, turns)
        next_ratio = (slope / torch.where(is_new, value, 1.0)).real * (half / (order + 1))
        found_order = torch.where(is_new, order, found_order)
        leading, ratio = torch.where(is_new, value, leading), torch.where(is_new, next_ratio, ratio)
        if not (is_traced(c) or any_true((found_order < 0) & (c != 0).any(-1, keepdim=True))):
            break
        value = slope
    return found_order, leading, ratio


def _half_length(c: Tensor) -> float:
    return max(c.shape[-1] - 1, 1) / 2


def _center_of_symmetry(c: Tensor) -> Tensor:
    """Return the index, possibly between two integers, about which coefficients `(..., n)` are (anti)symmetric.

    Zeros at either end are ignored. The result, `(...)`, is NaN where the coefficients are neither, within
    `SYMMETRY_TOLERANCE`, and where all of them are 0.
    """
    count = c.shape[-1]
    k = torch.arange(count, device=c.device)
    is_used = c != 0
    first, last = (
        is_used.to(torch.int8).argmax(-1, keepdim=True),
        count - 1 - is_used.flip(-1).to(torch.int8).argmax(-1, keepdim=True),
    )
    mirrored = c.gather(-1, (first + last - k).clamp(0, count - 1).expand(c.shape))
    mirrored = torch.where((k >= first) & (k <= last), mirrored, 0.0)
    allowed = SYMMETRY_TOLERANCE * c.abs().amax(-1, keepdim=True)
    is_symmetric = ((c - mirrored).abs() <= allowed).all(-1) | ((c + mirrored).abs() <= allowed).all(-1)
    return torch.where(is_symmetric & is_used.any(-1), (first + last)[..., 0] / 2, torch.nan)


def polynomial_roots(c: Tensor) -> Tensor:
    """Return the roots in the z plane of the polynomial `c`, in order of decreasing magnitude.

    The roots are the eigenvalues of the companion matrix and are differentiable. Roots at 1 and -1, where the value of
    the polynomial is exactly 0, are divided out first and are exact. Each trailing coefficient that is 0 or negligible
    (`significant_coefficients`) is a root at the origin, and each leading one a root at infinity, for which the last
    results are NaN. All roots of the zero polynomial are NaN.

    Shape:
        c: `(..., n)`. Returns `(..., n - 1)`, complex128.

    >>> polynomial_roots(torch.tensor([1.0, -0.75, 0.125])).real
    tensor([0.5000, 0.2500], dtype=torch.float64)
    """
    flat = c.double().reshape(-1, c.shape[-1])
    found = [_companion_roots(row) for row in flat.unbind()]
    size = c.shape[-1] - 1
    if not found:
        return torch.zeros(*c.shape[:-1], size, dtype=torch.complex128, device=c.device)
    padded = [torch.cat([roots, roots.new_full((size - roots.shape[-1],), torch.nan)]) for roots in found]
    return torch.stack(padded).reshape(*c.shape[:-1], size)


def significant_coefficients(c: Tensor) -> Tensor:
    """Return a mask of the coefficients of `c` `(..., n)` that are larger than the rounding error of the largest one.

    These are the coefficients whose magnitude is more than 1e-16 times the largest magnitude in the same polynomial.
    """
    size = c.detach().abs()
    return size > NEGLIGIBLE * size.amax(-1, keepdim=True)


def _companion_roots(c: Tensor) -> Tensor:
    """Return the finite roots of one polynomial `(n,)`, in order of decreasing magnitude."""
    nonzero = significant_coefficients(c).nonzero().flatten()
    if not len(nonzero):
        return torch.zeros(0, dtype=torch.complex128, device=c.device)
    first, last = int(nonzero[0]), int(nonzero[-1])
    at_origin = torch.zeros(c.shape[-1] - 1 - last, dtype=torch.complex128, device=c.device)
    rest, exact = _divide_out_exact_roots(c[first : last + 1])
    order = len(rest) - 1
    roots = exact
    if order:
        companion = torch.cat([-rest[None, 1:] / rest[0], torch.eye(order - 1, order).to(rest)])
        roots = torch.cat([torch.linalg.eigvals(companion), exact])
    return torch.cat([roots[roots.detach().abs().argsort(descending=True, stable=True)], at_origin])


def _divide_out_exact_roots(c: Tensor) -> tuple[Tensor, Tensor]:
    """Return `c` `(n,)` divided by all its exact factors `z - 1` and `z + 1`, and the roots of these factors.

    Where the values of `c` are not available (`numpy_values`), nothing is divided out.
    """
    found = []
    for place in (1.0, -1.0):
        while len(c) > 1:
            powers = torch.arange(len(c) - 1, -1, -1, dtype=torch.float64, device=c.device)
            terms = c * place**powers
            values = numpy_values(terms)
            if values is None or math.fsum(values) != 0:
                break
            # The value of the polynomial, 0, over its slope gives the root its gradient, which a multiple root lacks.
            slope = place * (powers * terms.detach()).sum()
            shift = terms.sum() / torch.where(slope == 0, torch.inf, slope)
            root = place - (shift - shift.detach())
            found.append(root)
            c = ((c * root**powers).cumsum(-1) / root**powers)[:-1]  # Horner's scheme
    return c, torch.stack(found).to(torch.complex128) if found else c.new_zeros(0, dtype=torch.complex128)


def _powers(turns: Tensor, step: int, count: int) -> Tensor:
    """Return `z^(-step k)`, where `z = e^(2 pi j turns)`, for `k` from 0 to `count - 1`, `(count, points)`."""
    k = step * torch.arange(count, dtype=torch.float64, device=turns.device)
    cosine, sine = unit_circle(-k[:, None] * turns.double())
    return torch.complex(cosine, sine)


def _multiply(a: Tensor, b: Tensor) -> Tensor:
    """Return the product of polynomials, `(..., n)` and `(..., m)`, as `(..., n + m - 1)`."""
    shifted = [pad(a * b[..., k : k + 1], (k, b.shape[-1] - 1 - k)) for k in range(b.shape[-1])]
    return torch.stack(shifted).sum(0)

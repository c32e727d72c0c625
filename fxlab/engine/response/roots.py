"""The zeros and poles of second-order sections, and whether the sections are stable."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from fxlab.engine.recursion.matrices.exact_products import difference_of_products
from fxlab.engine.recursion.section_arguments import check_sections
from fxlab.engine.torch_support.known_values import to_numpy


def roots(sos: Tensor) -> tuple[Tensor, Tensor]:
    """Return the zeros and the poles of each section in the z plane, accurate to rounding, by the quadratic formula.

    A section of lower order has fewer roots. NaN replaces roots at the origin that numerator and denominator share (in
    a first-order section or a pure gain), and roots at infinity (a `b0` or `a0` of 0).

    Shape:
        sos: `(..., sections, 6)`. Returns zeros and poles, each `(..., sections, 2)`, complex128. The root with the
        positive imaginary part is first in a complex pair, and the root with the larger magnitude in a real pair. A
        NaN is second, unless both are NaN.

    Raises:
        EngineError: The shape is wrong.

    >>> zeros, poles = roots(torch.tensor([[1.0, -1.0, 0.0, 1.0, -0.5, 0.0]]))
    >>> zeros[0, 0].item(), poles[0, 0].item(), poles[0, 1].isnan().item()
    ((1+0j), (0.5+0j), True)
    """
    check_sections("roots", sos)
    numerator, denominator = sos.double()[..., :3], sos.double()[..., 3:]
    shared_one = (numerator[..., 2] == 0) & (denominator[..., 2] == 0)
    shared_two = shared_one & (numerator[..., 1] == 0) & (denominator[..., 1] == 0)
    return _quadratic_roots(numerator, shared_one, shared_two), _quadratic_roots(denominator, shared_one, shared_two)


def is_stable(sos: Tensor) -> Tensor:
    """Return whether all poles of each cascade `sos` `(..., sections, 6)` are strictly inside the unit circle, `(...)`.

    The result is True without sections, and False if an `a0` is 0 or a denominator has a NaN.

    Raises:
        EngineError: `sos` is not a tensor `(..., sections, 6)`.

    >>> is_stable(torch.tensor([[1.0, 0.0, 0.0, 1.0, -1.0, 0.0]])).item()
    False
    """
    check_sections("is_stable", sos)
    a0, a1, a2 = sos.detach().double()[..., 3:].unbind(-1)
    # The stability triangle |a2| < 1, |a1| < 1 + a2, summed in the order that avoids rounding near z = 1.
    inside = (a2.abs() < a0.abs()) & ((a0.abs() - a1.abs()) + torch.sign(a0) * a2 > 0)
    return inside.all(-1)


def pole_radius(sos: Tensor) -> Tensor:
    """Return the largest magnitude of the poles of each cascade, or 0 without sections.

    The filter is stable if the result is less than 1; its impulse response then decays asymptotically by about this
    factor per sample, or faster if zeros cancel the pole. Near a double pole half of the digits can be lost, so the
    result may be accurate to only about 1e-8. It has no gradient.

    Shape:
        sos: `(..., sections, 6)`. Returns `(...)`, float64.

    Raises:
        EngineError: `sos` is not a tensor `(..., sections, 6)`.

    >>> pole_radius(torch.tensor([[1.0, 0.0, 0.0, 1.0, 0.0, 0.25]])).item()  # a pair at i/2 and -i/2
    0.5
    """
    check_sections("pole_radius", sos)
    # NumPy is faster, which matters at every change of a control in a panel.
    values = to_numpy(sos.detach().double())
    half, product = abs(values[..., 4] / values[..., 3]) / 2, values[..., 5] / values[..., 3]
    discriminant = half * half - product
    radius = np.where(discriminant < 0, abs(product) ** 0.5, half + abs(discriminant) ** 0.5)
    return torch.as_tensor(radius.max(-1, initial=0.0), device=sos.device)


def _quadratic_roots(c: Tensor, shared_one: Tensor, shared_two: Tensor) -> Tensor:
    """Return the roots of `c0 z^2 + c1 z + c2`, `(..., 2)`, in the order and with the NaN values of `roots`.

    `shared_one` is true where at least one root is at the origin and shared, and `shared_two` where both roots are.
    """
    c0, c1, c2 = c.unbind(-1)
    # Both differences are accurate: 4 c0 c2 and c1^2, each subtracted from the rounded value of c1^2.
    square = c1 * c1
    discriminant = difference_of_products(square, 4.0 * c0, c2) - difference_of_products(square, c1, c1)
    one = torch.ones_like(discriminant)
    half = torch.where(discriminant == 0, 0.0, torch.sqrt(torch.where(discriminant == 0, one, discriminant.abs())))
    is_real = discriminant >= 0
    sign = torch.where(c1 < 0, -one, one)
    q = -0.5 * (c1 + sign * half)
    safe_c0 = torch.where(c0 == 0, one, c0)
    safe_q = torch.where(q == 0, one, q)
    far = torch.where(c0 == 0, torch.nan, q / safe_c0)
    near = torch.where(q == 0, torch.where(c0 == 0, torch.nan, 0.0), c2 / safe_q)
    real_part, imaginary_part = -0.5 * c1 / safe_c0, 0.5 * half / safe_c0.abs()
    zero = torch.zeros_like(discriminant)
    first = torch.complex(torch.where(is_real, far, real_part), torch.where(is_real, zero, imaginary_part))
    second = torch.complex(torch.where(is_real, near, real_part), torch.where(is_real, zero, -imaginary_part))
    missing = torch.complex(torch.full_like(discriminant, torch.nan), zero)
    # If one root is at infinity, the finite one comes first. A shared root at the origin is the one nearer to 0.
    one_finite = (c0 == 0) & (c1 != 0)
    first, second = torch.where(one_finite, second, first), torch.where(one_finite, missing, second)
    second = torch.where(shared_one & ~one_finite, missing, second)
    first = torch.where(shared_two | (shared_one & one_finite), missing, first)
    return torch.stack([first, second], -1)

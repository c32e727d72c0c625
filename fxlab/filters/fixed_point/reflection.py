"""Reflection coefficients and ladder taps of a filter, from its second-order sections.

Source:
    A. H. Gray and J. D. Markel, "Digital lattice and ladder filter synthesis", IEEE Trans. Audio Electroacoust. 21
    (1973).
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, localcontext

from fxlab.errors import ParameterError

_DIGITS = 200  # the step-down recursion loses many digits if the order is high and the corner low


def reflection_coefficients(sos: Sequence[Sequence[float]]) -> tuple[list[float], list[float]]:
    """Return the reflection coefficients `k`, `(order,)`, and the ladder taps `v`, `(order + 1,)`, of a filter.

    `sos` are the sections of the filter, `(sections, 6)`, with `a0 = 1`. The order is twice the number of sections,
    minus the number of trailing coefficients that are 0 in both the numerator and the denominator of the filter.

    Raises:
        ParameterError: A pole lies on or outside the unit circle, so a reflection coefficient is not between -1 and 1.

    >>> reflection_coefficients([[1.0, 0.0, 0.0, 1.0, 0.5, 0.25]])
    ([0.4, 0.25], [1.0, 0.0, 0.0])
    """
    with localcontext() as context:
        context.prec = _DIGITS
        b, a = [Decimal(1)], [Decimal(1)]
        for row in sos:
            exact = [Decimal(value) for value in row]
            b, a = _product(b, exact[:3]), _product(a, exact[3:])
        while len(a) > 1 and a[-1] == b[-1] == 0:
            a, b = a[:-1], b[:-1]
        k, v = [], []
        while len(a) > 1:
            tap, last = b[-1], a[-1]
            if abs(last) >= 1:
                raise ParameterError(
                    f"The reflection coefficient k[{len(a) - 1}] is {float(last):.6g}, but in a lattice all must be "
                    "between -1 and 1: the filter has a pole on or outside the unit circle. Choose a stable filter, or "
                    "another structure."
                )
            k.append(last)
            v.append(tap)
            b = [value - tap * other for value, other in zip(b, reversed(a), strict=True)][:-1]
            a = [(value - last * other) / (1 - last * last) for value, other in zip(a, reversed(a), strict=True)][:-1]
        v.append(b[0])
        return [float(value) for value in reversed(k)], [float(value) for value in reversed(v)]


def normalize_lattice(k: Sequence[float], v: Sequence[float]) -> tuple[list[float], list[float]]:
    """Return the transmission coefficients and the taps of the normalized lattice, `(order,)` and `(order + 1,)`.

    The transmission coefficients are `sqrt(1 - k²)`. `k` and `v` are those of `reflection_coefficients`. With a white
    input, all values inside the normalized lattice have the power of the input.

    Source:
        A. H. Gray and J. D. Markel, "A normalized digital filter structure", IEEE Trans. ASSP 23 (1975).
    """
    cosines = [((1 - value) * (1 + value)) ** 0.5 for value in k]
    taps, scale = list(v), 1.0
    for number in range(len(k), -1, -1):
        taps[number] = v[number] / scale
        scale *= cosines[number - 1] if number else 1.0
    return cosines, taps


def _product(a: Sequence[Decimal], b: Sequence[Decimal]) -> list[Decimal]:
    """Return the coefficients of the product of two polynomials."""
    product = [Decimal(0)] * (len(a) + len(b) - 1)
    for i, value in enumerate(a):
        for j, factor in enumerate(b):
            product[i + j] += value * factor
    return product

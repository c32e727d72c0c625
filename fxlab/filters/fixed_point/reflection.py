"""Reflection and ladder coefficients of a filter, from its second-order sections.

Source:
    A. H. Gray and J. D. Markel, "Digital lattice and ladder filter synthesis", IEEE Trans. Audio Electroacoust. 21
    (1973).
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, localcontext

from fxlab.errors import ParameterError

_DIGITS = 200  # of a high order at a low corner, the step down leaves few of those that it starts with


def reflection(sos: Sequence[Sequence[float]]) -> tuple[list[float], list[float]]:
    """`k` `(order,)` and the ladder's taps `v` `(order + 1,)`, from sections with `a0 = 1`.

    Raises:
        ParameterError: A pole on the unit circle or outside, for which a lattice has no coefficients below 1.

    >>> reflection([[1.0, 0.0, 0.0, 1.0, 0.5, 0.25]])
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
                    f"The reflection coefficient k[{len(a) - 1}] is {float(last):.6g}, and a lattice needs all of them "
                    "between -1 and 1: the filter has a pole on the unit circle or outside. Take a stable filter, or "
                    "another structure."
                )
            k.append(last)
            v.append(tap)
            b = [value - tap * other for value, other in zip(b, reversed(a), strict=True)][:-1]
            a = [(value - last * other) / (1 - last * last) for value, other in zip(a, reversed(a), strict=True)][:-1]
        v.append(b[0])
        return [float(value) for value in reversed(k)], [float(value) for value in reversed(v)]


def normalising(k: Sequence[float], v: Sequence[float]) -> tuple[list[float], list[float]]:
    """`c = sqrt(1 - k²)` and the taps, for a lattice whose values all have the power of a white input.

    Source:
        A. H. Gray and J. D. Markel, "A normalized digital filter structure", IEEE Trans. ASSP 23 (1975).
    """
    cosines = [((1 - value) * (1 + value)) ** 0.5 for value in k]
    taps, share = list(v), 1.0
    for number in range(len(k), -1, -1):
        taps[number] = v[number] / share
        share *= cosines[number - 1] if number else 1.0
    return cosines, taps


def _product(a: Sequence[Decimal], b: Sequence[Decimal]) -> list[Decimal]:
    product = [Decimal(0)] * (len(a) + len(b) - 1)
    for place, value in enumerate(a):
        for other, factor in enumerate(b):
            product[place + other] += value * factor
    return product

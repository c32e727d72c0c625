"""The direct form of a transfer function, written in powers of `(z - center) / scale` instead of powers of z.

The poles of a filter of high order are often close together; those of a low-pass filter with a low cutoff frequency are
close to 1. Their polynomial in powers of z is then a difference of large terms, and a state matrix with its
coefficients loses so many digits that the filter may become unstable, for example with order 16 and a cutoff frequency
of a twentieth of the sample rate. In powers of the distance from the mean of the poles, the terms are small. In the
computation of the shift itself, large terms cancel, so it is computed exactly, with integers.

A state of transposed direct form II is a polynomial: the free response is `z S(z) / a(z)` with
`S = s[0] z^(n-1) + ... + s[n-1]`. So the same shift converts the states.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from fxlab.engine.recursion.matrices.state_space import StateSpace

CENTER_BITS = 5
"""The number of fractional bits of the center, few, so that the integers stay short."""
DIGITS = 53
"""The number of bits of the significand of a float64."""


class ShiftedForm(NamedTuple):
    """A state space, the matrix from direct-form states to its states, and the inverse."""

    space: StateSpace
    transform: np.ndarray
    inverse: np.ndarray


def shifted_form(coefficients: np.ndarray) -> ShiftedForm:
    """Return the shifted form of a table `(..., 2, order + 1)` of b and a, with `a[0] = 1`.

    A value beyond the range of float64 is infinite or NaN.
    """
    if coefficients.ndim == 2:
        return _shift_one(*coefficients)
    forms = [shifted_form(table) for table in coefficients]
    space = StateSpace(*(np.stack(parts) for parts in zip(*(form.space for form in forms), strict=True)))
    return ShiftedForm(space, np.stack([form.transform for form in forms]), np.stack([form.inverse for form in forms]))


def _shift_one(b: np.ndarray, a: np.ndarray) -> ShiftedForm:
    order = len(a) - 1
    center = round(-float(a[1]) / order * 2**CENTER_BITS)  # the mean of the poles, in multiples of 2^-CENTER_BITS
    denominator, a_exponent = _whole_numbers(a)
    numerator, b_exponent = _whole_numbers(b)
    # b[k] - a[k] b[0], exactly
    exponent = min(b_exponent, a_exponent + b_exponent)
    rest = [
        (numerator[k] << (b_exponent - exponent))
        - ((denominator[k] * numerator[0]) << (a_exponent + b_exponent - exponent))
        for k in range(1, order + 1)
    ]
    poles = _shifted_polynomial(denominator, a_exponent, center)
    inputs = _shifted_polynomial(rest, exponent, center)
    scale = _scale(poles)
    powers = scale ** np.arange(order + 1)
    shift, first = np.eye(order, k=1), np.eye(1, order)[0]
    middle = center / 2**CENTER_BITS
    A = middle * np.eye(order) + scale * shift - (scale * poles[1:] / powers[1:])[:, None] * first
    space = StateSpace(A, inputs / powers[:-1], first, np.asarray(b[0]))
    falling, rising = _binomials(order)
    return ShiftedForm(
        space, falling * middle**rising / powers[:-1, None], falling * (-middle) ** rising * powers[None, :-1]
    )


def _whole_numbers(values: np.ndarray) -> tuple[list[int], int]:
    """Return integers and an exponent e such that the values are exactly the integers times `2^e`."""
    fractions, exponents = np.frexp(np.asarray(values, np.float64))
    numbers = (fractions * 2.0**DIGITS).astype(np.int64).tolist()
    exponents = (exponents - DIGITS).tolist()
    lowest = min((e for number, e in zip(numbers, exponents, strict=True) if number), default=0)
    return [number << (e - lowest) if number else 0 for number, e in zip(numbers, exponents, strict=True)], lowest


def _shifted_polynomial(numbers: list[int], exponent: int, center: int) -> np.ndarray:
    """Return the coefficients of `p(x + center 2^-CENTER_BITS)`, highest power first, by repeated Horner schemes.

    The coefficients of `p` are the numbers times `2^exponent`, highest power first. The results are exact up to their
    rounding to float64.
    """
    terms = [number << (CENTER_BITS * k) for k, number in enumerate(numbers)]
    if center:
        for last in range(len(terms) - 1, 0, -1):
            for k in range(1, last + 1):
                terms[k] += center * terms[k - 1]
    return np.array([_to_float(term, exponent - CENTER_BITS * k) for k, term in enumerate(terms)])


def _to_float(number: int, exponent: int) -> float:
    """Return `number * 2^exponent`, infinite if it exceeds the range of float64; `number` alone may exceed it."""
    excess = max(0, number.bit_length() - 2 * DIGITS)
    try:
        return math.ldexp(float(number >> excess), exponent + excess)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def _scale(poles: np.ndarray) -> float:
    """Return a power of two as an estimate of the largest distance of a pole from the center.

    It is 1 if that distance is 0 or not finite. `poles` are the coefficients of the shifted denominator, highest power
    first.
    """
    distances = [abs(value) ** (1 / k) for k, value in enumerate(poles) if k and value]
    largest = max(distances, default=0.0)
    return 2.0 ** round(math.log2(largest)) if 0 < largest < math.inf else 1.0


@lru_cache(maxsize=32)
def _binomials(order: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the binomial coefficients of the shift of a polynomial, and the exponents of the center.

    Both are `(order, order)`, for polynomials with `order` coefficients, highest power first.
    """
    rows, columns = np.arange(order)[:, None], np.arange(order)
    power = rows - columns
    binomials = [[math.comb(order - 1 - j, k - j) if k >= j else 0 for j in range(order)] for k in range(order)]
    return np.array(binomials, np.float64), np.maximum(power, 0)

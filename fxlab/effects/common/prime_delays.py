"""Delays, in samples, without common divisors, so that their echoes seldom coincide."""

from __future__ import annotations

import math


def prime_delays(count: int, shortest: float, longest: float) -> list[int]:
    """Return `count` different primes from about `shortest` to `longest`, about evenly spaced on a logarithmic scale.

    >>> prime_delays(4, 10, 80)
    [11, 23, 41, 83]
    """
    found: list[int] = []
    for number in range(count):
        target = shortest * (longest / shortest) ** (number / max(1, count - 1))
        candidate = max(2, math.ceil(target), found[-1] + 1 if found else 2)
        while not _is_prime(candidate):
            candidate += 1
        found.append(candidate)
    return found


def _is_prime(number: int) -> bool:
    return number > 1 and all(number % divisor for divisor in range(2, math.isqrt(number) + 1))

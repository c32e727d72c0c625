"""Analog prototypes: a low-pass with its corner at 1, by its poles, zeros and gain at 0.

Poles come as pairs, of each the one in the upper half plane, the sharpest last; a prototype of odd order has a real one
besides. Everything is float64, and differentiable in what is not a count.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor


class Prototype(NamedTuple):
    """`gain * prod |p|^2 (1 + s^2 / z^2) / (s^2 - 2 Re(p) s + |p|^2)`, and for a real pole times `r / (s + r)`."""

    poles: Tensor  # (..., pairs), complex
    zeros: Tensor | None  # (..., pairs): of each pair jz and -jz; None where they lie at infinity
    real: Tensor | None  # (..., 1): r of the pole at -r, where the order is odd
    gain: Tensor  # (...)


def butterworth(order: int) -> Prototype:
    """Poles on the unit circle: as flat at 0 as can be, -3 dB at 1."""
    angles = quarter(order)
    one = torch.ones((), dtype=torch.float64)
    return Prototype(torch.complex(-torch.sin(angles), torch.cos(angles)), None, _real(order, one), one)


def chebyshev1(order: int, ripple_db: Tensor) -> Prototype:
    """Between 0 and 1 the level goes up and down by `ripple_db`, equally often as the order says."""
    ripple = torch.sqrt(torch.expm1(ripple_db * (math.log(10) / 10)))
    spread = (torch.asinh(1 / ripple) / order)[..., None]
    angles = quarter(order).to(ripple.device)
    poles = torch.complex(-torch.sinh(spread) * torch.sin(angles), torch.cosh(spread) * torch.cos(angles))
    gain = torch.ones_like(ripple) if order % 2 else 10 ** (-ripple_db / 20)
    return Prototype(poles, None, _real(order, torch.sinh(spread)[..., 0]), gain)


def chebyshev2(order: int, attenuation_db: Tensor) -> Prototype:
    """From 1 on the level stays `attenuation_db` down, touching that line again and again."""
    depth = torch.sqrt(torch.expm1(attenuation_db * (math.log(10) / 10)))
    spread = (torch.asinh(depth) / order)[..., None]
    angles = quarter(order).to(depth.device)
    inverse = torch.complex(-torch.sinh(spread) * torch.sin(angles), torch.cosh(spread) * torch.cos(angles))
    poles = (1 / inverse).conj().resolve_conj()
    zeros = (1 / torch.cos(angles)).expand(poles.shape)
    return Prototype(poles, zeros, _real(order, 1 / torch.sinh(spread)[..., 0]), torch.ones_like(depth))


def bessel(order: int, norm: str) -> Prototype:
    """As constant a group delay at 0 as can be; `norm` says what is 1 at 1, as `scipy.signal.bessel` does."""
    poles = torch.tensor(_bessel_poles(order, norm), dtype=torch.complex128)
    real = [-pole for pole in _bessel_poles(order, norm) if pole.imag == 0]
    one = torch.ones((), dtype=torch.float64)
    return Prototype(
        poles[poles.imag > 0], None, torch.tensor([real[0].real], dtype=torch.float64) if real else None, one
    )


def quarter(order: int) -> Tensor:
    """The angles of the poles in the upper left quarter, from the imaginary axis, the sharpest last."""
    k = torch.arange(order // 2 - 1, -1, -1, dtype=torch.float64)
    return math.pi * (2 * k + 1) / (2 * order)


@lru_cache(maxsize=128)
def _bessel_poles(order: int, norm: str) -> tuple[complex, ...]:
    from scipy.signal import besselap

    poles = sorted((complex(pole) for pole in besselap(order, norm=norm)[1]), key=lambda pole: -abs(pole.real))
    middle = min(poles, key=lambda pole: abs(pole.imag)) if order % 2 else None
    # The roots come from an iteration, which leaves dust on the real one.
    return tuple(complex(pole.real) if pole is middle else pole for pole in poles)


def _real(order: int, r: Tensor) -> Tensor | None:
    return r[..., None] if order % 2 else None

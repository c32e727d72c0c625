"""Analog prototypes: low-pass filters with their corner at 1 rad/s, given by poles, zeros and the gain at 0.

Each pole pair is represented by its pole in the upper half plane, and the pairs are ordered by increasing q; a
prototype of odd order has an additional real pole. All tensors are float64 or complex128, and differentiable with
respect to all continuous arguments.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from fxlab.engine.torch_support.tracing import constant_in_graphs


class Prototype(NamedTuple):
    """An analog low-pass filter.

    Its transfer function is `gain * prod |p|^2 (1 + s^2 / z^2) / (s^2 - 2 Re(p) s + |p|^2)`, where p are the `poles`
    and z the `zeros`, times `r / (s + r)` if `real` is r. Without `zeros` the terms `s^2 / z^2` are 0.
    """

    poles: Tensor  # (..., pairs), complex
    zeros: Tensor | None  # (..., pairs): z for the zeros at jz and -jz; None if they are at infinity
    real: Tensor | None  # (..., 1): r for the pole at -r; None if the order is even
    gain: Tensor  # (...)


def butterworth(order: int) -> Prototype:
    """Return the prototype that is maximally flat at 0 and -3 dB at 1 rad/s; its poles lie on the unit circle."""
    angles = butterworth_angles(order)
    one = torch.ones((), dtype=torch.float64)
    return Prototype(torch.complex(-torch.sin(angles), torch.cos(angles)), None, _real(order, one), one)


def chebyshev1(order: int, ripple_db: Tensor) -> Prototype:
    """Return the prototype with equal ripples of `ripple_db` between 0 and 1 rad/s."""
    ripple = torch.sqrt(torch.expm1(ripple_db * (math.log(10) / 10)))
    spread = (torch.asinh(1 / ripple) / order)[..., None]
    angles = butterworth_angles(order).to(ripple.device)
    poles = torch.complex(-torch.sinh(spread) * torch.sin(angles), torch.cosh(spread) * torch.cos(angles))
    gain = torch.ones_like(ripple) if order % 2 else 10 ** (-ripple_db / 20)
    return Prototype(poles, None, _real(order, torch.sinh(spread)[..., 0]), gain)


def chebyshev2(order: int, attenuation_db: Tensor) -> Prototype:
    """Return the prototype whose stopband begins at 1 rad/s and has equal ripples that reach -`attenuation_db`."""
    depth = torch.sqrt(torch.expm1(attenuation_db * (math.log(10) / 10)))
    spread = (torch.asinh(depth) / order)[..., None]
    angles = butterworth_angles(order).to(depth.device)
    inverse = torch.complex(-torch.sinh(spread) * torch.sin(angles), torch.cosh(spread) * torch.cos(angles))
    poles = (1 / inverse).conj().resolve_conj()
    zeros = (1 / torch.cos(angles)).expand(poles.shape)
    return Prototype(poles, zeros, _real(order, 1 / torch.sinh(spread)[..., 0]), torch.ones_like(depth))


def bessel(order: int, norm: str) -> Prototype:
    """Return the prototype with a maximally flat group delay; `norm` is as in `scipy.signal.bessel`."""
    one = torch.ones((), dtype=torch.float64)
    real = -_bessel_roots(order, norm, "real").real if order % 2 else None
    return Prototype(_bessel_roots(order, norm, "upper"), None, real, one)


def butterworth_angles(order: int) -> Tensor:
    """Return the angles of the Butterworth poles from the imaginary axis in radians, ordered by increasing q.

    They are those of the poles in the upper left quadrant.
    """
    k = torch.arange(order // 2 - 1, -1, -1, dtype=torch.float64)
    return math.pi * (2 * k + 1) / (2 * order)


@constant_in_graphs
def _bessel_roots(order: int, norm: str, part: str) -> Tensor:
    """Return the Bessel poles in the upper half plane if `part` is `"upper"`, else the real pole, as complex128."""
    chosen = [pole for pole in _bessel_poles(order, norm) if (pole.imag > 0 if part == "upper" else pole.imag == 0)]
    return torch.from_numpy(np.array(chosen, dtype=np.complex128))


@lru_cache(maxsize=128)
def _bessel_poles(order: int, norm: str) -> tuple[complex, ...]:
    from scipy.signal import besselap

    poles = sorted((complex(pole) for pole in besselap(order, norm=norm)[1]), key=lambda pole: -abs(pole.real))
    middle = min(poles, key=lambda pole: abs(pole.imag)) if order % 2 else None
    # The iteration that computes the roots leaves a small imaginary part on the real root.
    return tuple(complex(pole.real) if pole is middle else pole for pole in poles)


def _real(order: int, r: Tensor) -> Tensor | None:
    return r[..., None] if order % 2 else None

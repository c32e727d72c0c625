"""Elliptic filters: the steepest there are, for a ripple on both sides of the edge."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.engine.torch_support.known_values import any_true
from fxlab.errors import ParameterError
from fxlab.filters.classical.classical import Classical
from fxlab.filters.classical.elliptic_functions import cde, degree, rise, sne
from fxlab.filters.classical.prototype import Prototype
from fxlab.filters.common.ordering import check_ordered
from fxlab.filters.common.parameters import attenuation, filter_kind, hertz, order, ripple, upper

NARROWEST = 5e-7


class Elliptic(Classical):
    """Ripple by `ripple_db` where it passes and stay `attenuation_db` down beyond, with the shortest way between.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: An edge that is not above 0 and below half the sample rate, `cutoff` not below `upper` for a
            band, an order outside 1 to 24, a ripple that is not above 0, an attenuation that is not above the ripple.

    Source:
        W. Cauer, Siebschaltungen, 1931; S. J. Orfanidis, Lecture Notes on Elliptic Filter Design, 2006; the digital
        design of `scipy.signal.ellip`.

    >>> sharp = Elliptic(1000.0, order=6, ripple_db=0.1, attenuation_db=80.0)
    >>> round(20 * sharp.response([1000.0], sample_rate=48_000).abs().log10().item(), 4)
    -0.1
    """

    cutoff = hertz("Edge, where the level leaves the ripple; for a band the lower one.")
    order = order()
    kind = filter_kind()
    ripple_db = ripple("How far the level goes down and up again where it passes.")
    attenuation_db = attenuation("How far down the level stays where it does not pass.")
    upper = upper()

    def prototype(self) -> Prototype:
        """See `Classical`."""
        return elliptic(self.order, self.ripple_db, self.attenuation_db)

    def check(self, sample_rate: float) -> None:
        """See `Classical`."""
        super().check(sample_rate)
        check_ordered(self, "ripple_db", "attenuation_db", "the attenuation must be more than the ripple: raise it")


def elliptic(order: int, ripple_db: Tensor, attenuation_db: Tensor) -> Prototype:
    """The prototype, in closed form; differentiable in both levels."""
    ripple, depth = (torch.sqrt(torch.expm1(level * (math.log(10) / 10))) for level in (ripple_db, attenuation_db))
    k1 = ripple / depth
    discrimination = (k1, torch.sqrt((1 - k1) * (1 + k1)))
    k, other = degree(order, discrimination)
    _resolvable(order, ripple_db, attenuation_db, other)
    height = rise(1 / ripple, discrimination) / order
    real = sne(torch.complex(torch.zeros_like(height), height), (k, other)).imag[..., None] if order % 2 else None
    u = (
        torch.arange(1, order, 2, dtype=torch.float64, device=k.device).flip(0) / order
    )  # the sharpest, at 1 / order, last
    modulus = (k[..., None], other[..., None])
    u, v = torch.broadcast_tensors(u, -height[..., None])  # type: ignore[no-untyped-call]
    place = cde(torch.complex(u, v), modulus)
    gain = torch.ones_like(ripple) if order % 2 else 10 ** (-ripple_db / 20)
    return Prototype(torch.complex(-place.imag, place.real), 1 / (modulus[0] * cde(u, modulus)), real, gain)


def _resolvable(order: int, ripple_db: Tensor, attenuation_db: Tensor, other: Tensor) -> None:
    """Refuse what would have to fall within less than the rounding of its edge; `other` is about sqrt(2 (1 - k))."""
    if not any_true(other.detach() < NARROWEST):
        return
    worst = int(other.detach().flatten().argmin())
    levels = torch.broadcast_tensors(ripple_db.detach(), attenuation_db.detach())  # type: ignore[no-untyped-call]
    ripple, depth = (level.flatten()[worst].item() for level in levels)
    raise ParameterError(
        f"Elliptic: with order {order}, ripple_db {ripple:g} and attenuation_db {depth:g} the level would fall within "
        "1e-13 of its edge, closer than numbers lie; take a lower order, less ripple or more attenuation."
    )

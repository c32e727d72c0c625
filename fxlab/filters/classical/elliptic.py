"""`Elliptic`: the steepest filters for a given order, with ripple in passband and stopband."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.engine.torch_support.known_values import any_true
from fxlab.errors import ParameterError
from fxlab.filters.classical.classical import Classical
from fxlab.filters.classical.elliptic_functions import cde, inverse_sn_imaginary, sne, solve_degree_equation
from fxlab.filters.classical.prototype import Prototype
from fxlab.filters.common.ordering import check_ordered
from fxlab.filters.common.parameters import attenuation, filter_kind, hertz, order, ripple, upper

MIN_COMPLEMENT = 5e-7  # of the modulus; below this the transition is narrower than the rounding error of its edge


class Elliptic(Classical):
    """An elliptic filter: ripples in passband and stopband, and the narrowest transition for its order.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: An edge is not above 0 and below half the sample rate, `cutoff` is not below `upper` in a
            band-pass or band-stop, the order is not from 1 to 24, the ripple is not above 0, the attenuation is not
            above the ripple, or the transition is too narrow for float64.

    Source:
        W. Cauer, Siebschaltungen, 1931; S. J. Orfanidis, Lecture Notes on Elliptic Filter Design, 2006; the digital
        design of `scipy.signal.ellip`.

    >>> sharp = Elliptic(1000.0, order=6, ripple_db=0.1, attenuation_db=80.0)
    >>> round(20 * sharp.response([1000.0], sample_rate=48_000).abs().log10().item(), 4)
    -0.1
    """

    cutoff = hertz("Edge, where the level leaves the ripple; of a band, the lower edge.")
    order = order()
    kind = filter_kind()
    ripple_db = ripple("Ripple in the passband.")
    attenuation_db = attenuation("Attenuation in the stopband.")
    upper = upper()

    def prototype(self) -> Prototype:
        """Return the analog prototype; see `Classical.prototype`."""
        return elliptic(self.order, self.ripple_db, self.attenuation_db)

    def _scipy_type(self) -> str:
        return "ellip"

    def _check(self, sample_rate: float) -> None:
        """Raise a `ParameterError` if a value is invalid, or the attenuation is not above the ripple."""
        super()._check(sample_rate)
        check_ordered(self, "ripple_db", "attenuation_db", "the attenuation must exceed the ripple: raise it")


def elliptic(order: int, ripple_db: Tensor, attenuation_db: Tensor) -> Prototype:
    """Return the elliptic prototype with ripples of `ripple_db` in the passband and a stopband at −`attenuation_db`.

    It is computed in closed form and differentiable with respect to both levels, `(...)`.

    Raises:
        ParameterError: The transition is narrower than about 1e-13 of its edge, which float64 cannot represent.
    """
    ripple, depth = (torch.sqrt(torch.expm1(level * (math.log(10) / 10))) for level in (ripple_db, attenuation_db))
    k1 = ripple / depth
    discrimination = (k1, torch.sqrt((1 - k1) * (1 + k1)))
    k, other = solve_degree_equation(order, discrimination)
    _check_resolvable(order, ripple_db, attenuation_db, other)
    height = inverse_sn_imaginary(1 / ripple, discrimination) / order
    real = sne(torch.complex(torch.zeros_like(height), height), (k, other)).imag[..., None] if order % 2 else None
    u = (
        torch.arange(1, order, 2, dtype=torch.float64, device=k.device).flip(0) / order
    )  # the highest q, at 1 / order, is last
    modulus = (k[..., None], other[..., None])
    u, v = torch.broadcast_tensors(u, -height[..., None])  # type: ignore[no-untyped-call]
    place = cde(torch.complex(u, v), modulus)
    gain = torch.ones_like(ripple) if order % 2 else 10 ** (-ripple_db / 20)
    return Prototype(torch.complex(-place.imag, place.real), 1 / (modulus[0] * cde(u, modulus)), real, gain)


def _check_resolvable(order: int, ripple_db: Tensor, attenuation_db: Tensor, other: Tensor) -> None:
    """Raise a `ParameterError` if the transition is too narrow for float64.

    `other` is the complement of the selectivity modulus k, about sqrt(2 (1 - k)), which must be at least
    `MIN_COMPLEMENT`. The other arguments are for the message.
    """
    if not any_true(other.detach() < MIN_COMPLEMENT):
        return
    worst = int(other.detach().flatten().argmin())
    levels = torch.broadcast_tensors(ripple_db.detach(), attenuation_db.detach())  # type: ignore[no-untyped-call]
    ripple, depth = (level.flatten()[worst].item() for level in levels)
    raise ParameterError(
        f"Elliptic: with order {order}, ripple_db {ripple:g} and attenuation_db {depth:g} the transition would be "
        "narrower than 1e-13 of its edge, which double precision cannot represent; use a lower order, less ripple or "
        "more attenuation."
    )

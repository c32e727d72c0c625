"""`design`: from what a filter must do to the filter of least order that does it."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from typing import NamedTuple

from fxlab.errors import ParameterError
from fxlab.filters.classical.butterworth import Butterworth
from fxlab.filters.classical.chebyshev import Chebyshev1, Chebyshev2
from fxlab.filters.classical.elliptic import Elliptic
from fxlab.filters.design.least_order import (
    Demand,
    butterworth,
    butterworth_edges,
    chebyshev,
    chebyshev2_edges,
    elliptic,
    whole,
)
from fxlab.filters.design.mask import Edges, Mask
from fxlab.module import LTI
from fxlab.module.checks import validate_rate

HIGHEST = 24


class Method(NamedTuple):
    """A family of filters: the order that it needs, and how the one of that order is made."""

    order: Callable[[Demand], float]
    make: Callable[[Demand, int, Mask], LTI]


METHODS: dict[str, Method] = {
    "butterworth": Method(
        butterworth,
        lambda demand, order, mask: Butterworth(
            butterworth_edges(demand, order), order, mask.kind, sample_rate=demand.rate
        ),
    ),
    "chebyshev1": Method(
        chebyshev,
        lambda demand, order, mask: Chebyshev1(
            demand.passband, order, mask.kind, mask.ripple_db, sample_rate=demand.rate
        ),
    ),
    "chebyshev2": Method(
        chebyshev,
        lambda demand, order, mask: Chebyshev2(
            chebyshev2_edges(demand, order), order, mask.kind, mask.attenuation_db, sample_rate=demand.rate
        ),
    ),
    "elliptic": Method(
        elliptic,
        lambda demand, order, mask: Elliptic(
            demand.passband, order, mask.kind, mask.ripple_db, mask.attenuation_db, sample_rate=demand.rate
        ),
    ),
}


def design(
    kind: str,
    passband: Edges,
    stopband: Edges,
    *,
    ripple_db: float,
    attenuation_db: float,
    method: str = "elliptic",
    sample_rate: float,
) -> LTI:
    """Make the filter of least order that passes `passband` and stops `stopband`.

    What comes back is a filter as any other, with its sample rate and with `mask`, the `Mask` asked for, which its card
    draws. Where the order leaves room, the ripple is reached exactly where the pass band ends and the attenuation
    sooner than asked for.

    Args:
        kind: `"lowpass"`, `"highpass"`, `"bandpass"` or `"bandstop"`.
        passband: The edge of the pass band in Hz; of a band the pair of its edges.
        stopband: The edge of the stop band in Hz; of a band the pair of its edges.
        ripple_db: How far the level may fall where it passes.
        attenuation_db: How far down it must be where it stops.
        method: `"elliptic"`, which needs the fewest poles, `"chebyshev1"`, `"chebyshev2"` or `"butterworth"`.
        sample_rate: In Hz.

    Raises:
        ParameterError: Edges that are not in the order of the kind or not below half the sample rate, levels that
            cannot be, an unknown kind or method, or a mask that takes more than order 24.

    Source:
        Orders and edges as `scipy.signal.buttord`, `cheb1ord`, `cheb2ord` and `ellipord`.

    >>> design("lowpass", 4000, 5000, ripple_db=0.5, attenuation_db=60, sample_rate=48_000)
    Elliptic(cutoff=4000.0, order=7, ripple_db=0.5, attenuation_db=60.0, sample_rate=48000.0)
    >>> design("lowpass", 4000, 5000, ripple_db=0.5, attenuation_db=60, method="chebyshev2", sample_rate=48_000).order
    13
    """
    if method not in METHODS:
        near = get_close_matches(str(method), METHODS, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise ParameterError(f"design: method is {method!r}; allowed is one of {', '.join(map(repr, METHODS))}.{hint}")
    rate = validate_rate(sample_rate, "design")
    try:
        mask = Mask(kind, passband, stopband, ripple_db, attenuation_db)
        mask.bands(rate)
    except ParameterError as error:
        raise ParameterError(f"design: {error}") from None
    demand = Demand.of(mask, rate)
    if not demand.selectivity > 1:
        raise ParameterError(
            f"design: passband {mask.passband} and stopband {mask.stopband} lie closer than numbers resolve at "
            f"{rate:g} Hz; move them apart."
        )
    order = whole(METHODS[method].order(demand))
    if order > HIGHEST:
        raise ParameterError(_too_high(mask, demand, method, order))
    made = METHODS[method].make(demand, order, mask)
    made.mask = mask
    margins = mask.margins(made, rate)
    if not margins.met:
        raise ParameterError(
            f"design: the {method} of order {order} that should meet {mask} at {rate:g} Hz misses it by "
            f"{-margins.worst_db:.2g} dB: so close to 0 Hz or to half the rate numbers lack the "
            "digits. Move the edges inward, or take another sample rate."
        )
    return made


def _too_high(mask: Mask, demand: Demand, method: str, order: int) -> str:
    others = {name: whole(other.order(demand)) for name, other in METHODS.items() if name != method}
    able = [f"method={name!r} needs {needed}" for name, needed in others.items() if needed <= HIGHEST]
    instead = f"Choose another method ({'; '.join(able)}), or move" if able else "Move"
    return (
        f"design: {method} {mask.kind} with passband {_said(mask.passband)}, stopband {_said(mask.stopband)}, "
        f"ripple_db {mask.ripple_db:g} and attenuation_db {mask.attenuation_db:g} needs order {order}; the highest is "
        f"{HIGHEST}. {instead} passband and stopband apart, allow more ripple_db, or ask for less attenuation_db."
    )


def _said(edges: Edges) -> str:
    return f"({edges[0]:g}, {edges[1]:g}) Hz" if isinstance(edges, tuple) else f"{edges:g} Hz"

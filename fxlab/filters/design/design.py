"""`design`: the filter of lowest order that meets a specification."""

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
    round_up_order,
)
from fxlab.filters.design.mask import Edges, Mask, format_edges
from fxlab.module import LTI
from fxlab.module.checks import validate_rate

MAX_ORDER = 24


class Method(NamedTuple):
    """A filter family that `design` can choose."""

    order: Callable[[Demand], float]  # returns the lowest order that meets a demand, not rounded
    make: Callable[[Demand, int, Mask], LTI]  # returns the filter of a given order


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
    """Return the filter of lowest order that passes `passband` and stops `stopband`.

    The result is a module such as `Elliptic` with this `sample_rate`. Its attribute `mask` is the requested `Mask`,
    which is drawn on the module's card. Since the order is an integer, the filter usually exceeds the specification:
    the ripple is reached at the edge of the passband (of a band-stop, at one of its edges at least), and the
    attenuation before the edge of the stopband.

    Args:
        kind: `"lowpass"`, `"highpass"`, `"bandpass"` or `"bandstop"`.
        passband: The edge of the passband in Hz, or a pair of edges for a band-pass or band-stop.
        stopband: The edge of the stopband in Hz, or a pair of edges for a band-pass or band-stop.
        ripple_db: The largest attenuation in the passband, in dB.
        attenuation_db: The smallest attenuation in the stopband, in dB.
        method: `"elliptic"`, which needs the fewest poles, `"chebyshev1"`, `"chebyshev2"` or `"butterworth"`.
        sample_rate: The sample rate in Hz.

    Raises:
        ParameterError: The edges are not in the order that `kind` needs or not below half the sample rate, a level
            is invalid, the kind or method is unknown, the mask needs an order above 24, or the edges are too close to
            each other, to 0 Hz or to half the sample rate for float64.
        SignalError: The sample rate is not a number above 0.

    Source:
        Orders and edges as in `scipy.signal.buttord`, `cheb1ord`, `cheb2ord` and `ellipord`.

    >>> design("lowpass", 4000, 5000, ripple_db=0.5, attenuation_db=60, sample_rate=48_000)
    Elliptic(cutoff=4000.0, order=7, ripple_db=0.5, attenuation_db=60.0, sample_rate=48000.0)
    >>> design("lowpass", 4000, 5000, ripple_db=0.5, attenuation_db=60, method="chebyshev2", sample_rate=48_000).order
    13
    """
    if method not in METHODS:
        near = get_close_matches(str(method), METHODS, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise ParameterError(f"design: method is {method!r}; it must be one of {', '.join(map(repr, METHODS))}.{hint}")
    rate = validate_rate(sample_rate, "design")
    try:
        mask = Mask(kind, passband, stopband, ripple_db, attenuation_db)
        mask.bands(rate)
    except ParameterError as error:
        raise ParameterError(f"design: {error}") from None
    demand = Demand.of(mask, rate)
    if not demand.selectivity > 1:
        raise ParameterError(
            f"design: passband {mask.passband} and stopband {mask.stopband} are too close to be distinguished at "
            f"{rate:g} Hz in float64; move them apart."
        )
    order = round_up_order(METHODS[method].order(demand))
    if order > MAX_ORDER:
        raise ParameterError(_too_high(mask, demand, method, order))
    module = METHODS[method].make(demand, order, mask)
    module.mask = mask
    margins = mask.margins(module, rate)
    if not margins.met:
        raise ParameterError(
            f"design: the {method} of order {order} for {mask} at {rate:g} Hz misses it by {-margins.worst_db:.2g} dB: "
            "the edges are too close to 0 Hz or to half the sample rate for the precision of float64. Move the edges "
            "inward, or use another sample rate."
        )
    return module


def _too_high(mask: Mask, demand: Demand, method: str, order: int) -> str:
    other_orders = {name: round_up_order(other.order(demand)) for name, other in METHODS.items() if name != method}
    alternatives = [f"method={name!r} needs {needed}" for name, needed in other_orders.items() if needed <= MAX_ORDER]
    instead = f"Choose another method ({'; '.join(alternatives)}), or move" if alternatives else "Move"
    return (
        f"design: {method} {mask.kind} with passband {format_edges(mask.passband)}, "
        f"stopband {format_edges(mask.stopband)}, ripple_db {mask.ripple_db:g} and "
        f"attenuation_db {mask.attenuation_db:g} needs order {order}; the highest is {MAX_ORDER}. "
        f"{instead} passband and stopband apart, allow more ripple_db, or require less attenuation_db."
    )

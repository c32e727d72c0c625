"""The change of a filter's response by the rounding of its coefficients to float64, and the warning about it.

For two poles at the distance d from 1, the sum of the denominator's coefficients is about d^2, and rounding changes it
by about 1e-16. At 0.001 Hz and a sample rate of 192 kHz the sum is 1e-15, so the response can be wrong by more than
1 dB. Polynomials of higher order are even more sensitive.
"""

from __future__ import annotations

import math
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from itertools import count
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeGuard

import numpy as np
import torch
from torch import Tensor, nn

from fxlab.engine import frequency_response, pole_radius, polynomial_response, roots
from fxlab.engine.response.circle import UNIT_ROUNDING, sum_of_three
from fxlab.engine.torch_support.known_values import numpy_values
from fxlab.engine.torch_support.tracing import is_traced
from fxlab.errors import BadCoefficientsWarning
from fxlab.module.parameters.design_cache import are_designs_cached, cache_designs

if TYPE_CHECKING:
    from fxlab.module.lti.linear_analysis import LinearAnalysis

LIMIT_DB = 0.1
"""The change of the response in dB above which an error is reported."""
RELEVANT = 0.01
"""Errors count only where the magnitude of the response is at least this fraction of its maximum."""
SAFE_DISTANCE = 1e-5
"""The distance of all poles from the unit circle above which sections are accurate.

On the unit circle the magnitudes of their denominators are then above 1e-10.
"""
MAX_FREQUENCIES = 200
LOWEST_TURNS = 1e-5
"""The lowest frequency above 0 at which polynomials are examined, in cycles per sample."""


class CoefficientError(NamedTuple):
    """The largest change of the response that rounded coefficients cause, in dB, and where it occurs."""

    db: float
    hertz: float
    is_bound: bool
    """Whether `db` is an upper bound of the effect of rounding; if not, it is the difference between two responses."""
    part: str = "sections"
    """The inaccurate part of the filter: sections, numerator, denominator, roots, or the zeros of a sum."""

    def __str__(self) -> str:
        size = f"{self.db:.2g} dB" if self.db < 60 else "more than 60 dB"
        where = f"at {self.hertz:.3g} Hz"
        if self.part == "roots":
            return (
                "its second-order sections, computed from the roots of the polynomials, differ from its response by "
                f"{size} {where}, because the coefficients do not determine the roots more accurately. Design the "
                "filter as sections or as zeros and poles instead."
            )
        if self.part == "zeros of a sum":
            return (
                f"its second-order sections, computed from the zeros of the sum, differ from its response by {size} "
                f"{where}, because the poles lie too close to one another and to the unit circle. Filtering and "
                "`response` are not affected; take the sections of its parts one by one."
            )
        if self.part != "sections":
            return (
                f"badly conditioned filter coefficients ({self.part}): their rounding to float64 can change the "
                f"response by {size} {where}. Use second-order sections or zeros and poles instead."
            )
        change = f"the rounding of its coefficients can change the response by {size} {where}"
        return (
            f"{change if self.is_bound else f'the response of its sections is off by {size} {where}'}, because float64 "
            "coefficients do not represent poles so close to the unit circle. Raise its lowest frequency, or lower the "
            "order or the sample rate."
        )


class Rounded(Protocol):
    """The interface of modules that compute the error of their rounded coefficients."""

    def _name(self) -> str: ...

    def _coefficient_error(self, rate: float) -> CoefficientError | None:
        """Return the error of the rounded coefficients at `rate` in Hz if it exceeds `LIMIT_DB`, else None."""


@contextmanager
def check_coefficients(module: LinearAnalysis, rate: float) -> Iterator[None]:
    """Cache designs inside the `with` block, then issue a `BadCoefficientsWarning` for each inaccurate part.

    Nothing is done if designs are cached already, as for cards and panels, or if a graph is compiled.
    """
    if are_designs_cached() or torch.compiler.is_compiling():
        yield
        return
    with cache_designs():
        yield
        for part, error in coefficient_errors(module, rate):
            message = f"{part._name()} at a sample rate of {rate:g} Hz: {error}"
            warnings.warn(message, BadCoefficientsWarning, stacklevel=_caller_level())


def coefficient_errors(module: LinearAnalysis, rate: float) -> list[tuple[Rounded, CoefficientError]]:
    """Return the parts of `module` whose rounded coefficients have an error above `LIMIT_DB`, each with this error."""
    with torch.no_grad():
        parts = [part for part in module._modules_to_check() if _is_rounded(part)]
        found = [(part, part._coefficient_error(rate)) for part in parts]
    return [(part, error) for part, error in found if error is not None]


def _is_rounded(part: nn.Module) -> TypeGuard[Rounded]:
    return hasattr(type(part), "_coefficient_error")


def section_error(
    sos: Tensor, rate: float, exact_response: Callable[[Tensor], Tensor | None]
) -> CoefficientError | None:
    """Return the error of rounded sections if it exceeds `LIMIT_DB`, else None.

    The result is also None if there are no sections, if their values are unknown, as in a recorded graph, and if all
    poles are at least `SAFE_DISTANCE` inside the unit circle. For a pole on or outside the circle, without an exact
    response, it is None, or an infinite error if rounding has probably moved a pole to 1.

    Args:
        sos: The sections, `(..., sections, 6)`, with `a0 = 1`.
        rate: The sample rate in Hz.
        exact_response: A function that returns the response of the design before rounding at frequencies in Hz, or None
            if it is not known. The error is then a bound: the effect of half a unit in the last place of each
            coefficient.
    """
    if is_traced(sos) or numpy_values(sos) is None or not sos.numel():
        return None
    radius = float(pole_radius(sos).max())
    if radius <= 1 - SAFE_DISTANCE:
        return None
    hertz = _critical_turns(sos) * rate
    response, exact = frequency_response(sos, hertz, rate).abs(), exact_response(hertz)
    if exact is not None:
        level = exact.abs()
        return _worst((response / level).log10().abs() * 20, level, hertz, is_bound=False)
    if radius >= 1:
        return CoefficientError(math.inf, 0.0, is_bound=True) if _is_pole_lost(sos) else None
    b, a, one = sos[..., :3], sos[..., 3:], torch.zeros_like(sos[..., :3])
    one[..., 0] = 1.0
    above, below = (frequency_response(torch.cat([c, one], -1)[..., None, :], hertz, rate).abs() for c in (b, a))
    b_error, a_error = (c.abs().sum(-1, keepdim=True) * UNIT_ROUNDING for c in (b, a[..., 1:]))
    relative = (b_error / above + a_error / below).sum(-2)
    return _worst(20 * torch.log10(1 + relative), response, hertz, is_bound=True)


def polynomial_error(b: Tensor, a: Tensor, rate: float) -> CoefficientError | None:
    """Return the largest change of the response of `b / a` by rounding if it exceeds `LIMIT_DB`, else None.

    It is a bound: the effect of half a unit in the last place of each coefficient. The result is also None if the
    values are unknown, as in a recorded graph.

    Shape:
        b: `(..., n)`; a: `(..., m)`: the coefficients of `1, 1/z, 1/z², …`.
    """
    numbers = [numpy_values(c) for c in (b, a)]
    if is_traced(b) or numbers[0] is None or numbers[1] is None:
        return None
    key = [(np.ascontiguousarray(c, np.float64).tobytes(), c.shape) for c in numbers if c is not None]
    return _polynomial_error(*key[0], *key[1], rate)


@lru_cache(maxsize=32)
def _polynomial_error(
    b_bytes: bytes, b_shape: tuple[int, ...], a_bytes: bytes, a_shape: tuple[int, ...], rate: float
) -> CoefficientError | None:
    b, a = (
        torch.tensor(np.frombuffer(data).reshape(shape)) for data, shape in ((b_bytes, b_shape), (a_bytes, a_shape))
    )
    turns = _spaced_turns()
    above, below = polynomial_response(b, turns).abs(), polynomial_response(a, turns).abs()
    rounding = [c.abs().sum(-1, keepdim=True) * UNIT_ROUNDING for c in (b, a)]
    errors = []
    for value, size, part in ((above, rounding[0], "numerator"), (below, rounding[1], "denominator")):
        # A value that is exactly 0 is intended, as the pole of an integrator.
        change = 20 * torch.log10(1 + torch.where(value > 0, size / value, 0.0))
        level = torch.where(below > 0, above / torch.where(below > 0, below, 1.0), 0.0)
        error = _worst(change, level, turns * rate, is_bound=True)
        errors += [] if error is None else [error._replace(part=part)]
    return max(errors, key=lambda error: error.db, default=None)


def _is_pole_lost(sos: Tensor) -> bool:
    """Return whether a section probably has a pole at 1 because of rounding: its other pole is close to 1, not at 1."""
    _, a1, a2 = sos[..., 3:].unbind(-1)
    at_one, product_gap = sum_of_three(torch.ones_like(a1), a1, a2), 1 - a2
    is_rounding = at_one.abs() <= 2 * UNIT_ROUNDING * (1 + a1.abs() + a2.abs())
    return bool((is_rounding & (product_gap > 0) & (product_gap < SAFE_DISTANCE)).any())


def warn_of_inaccurate_roots(module: LinearAnalysis, sos: Tensor, rate: float, part: str = "roots") -> None:
    """Issue a `BadCoefficientsWarning` if the response of `sos`, made from roots, is not that of `module`.

    The difference must exceed `LIMIT_DB` where the response is at least `RELEVANT` times its maximum. There is no
    warning if designs are cached, as for cards and panels, or if the values of `sos` are unknown. `part` is that of
    `CoefficientError`: `"roots"` or `"zeros of a sum"`.
    """
    if are_designs_cached() or is_traced(sos) or numpy_values(sos) is None:
        return
    with torch.no_grad():
        hertz = _spaced_turns().to(sos.device) * rate
        level, response = module._response(hertz, rate).abs(), frequency_response(sos, hertz, rate).abs()
        error = _worst((response / level).log10().abs() * 20, level, hertz, is_bound=False)
    if error is not None:
        message = f"{module._name()} at a sample rate of {rate:g} Hz: {error._replace(part=part)}"
        warnings.warn(message, BadCoefficientsWarning, stacklevel=_caller_level())


def _spaced_turns() -> Tensor:
    """Return frequencies from 0 to 1/2 in cycles per sample, denser towards both ends, not in ascending order."""
    spaced = torch.logspace(math.log10(LOWEST_TURNS), math.log10(0.25), 96, dtype=torch.float64)
    return torch.cat([torch.tensor([0.0, 0.5], dtype=torch.float64), spaced, 0.5 - spaced])


def _critical_turns(sos: Tensor) -> Tensor:
    """Return 0, 1/2, and the angles and corner frequencies of the poles of `sos`, in cycles per sample.

    Only the first `MAX_FREQUENCIES` poles are included.
    """
    poles = roots(sos)[1].flatten()
    poles = poles[poles.isfinite()][:MAX_FREQUENCIES]
    corners = torch.cat([poles.angle().abs(), (1 - poles).abs(), math.pi - (1 + poles).abs()]) / (2 * math.pi)
    ends = torch.tensor([0.0, 0.5], dtype=torch.float64, device=sos.device)
    return torch.cat([ends, corners.clamp(0.0, 0.5)])


def _worst(change: Tensor, level: Tensor, hertz: Tensor, *, is_bound: bool) -> CoefficientError | None:
    """Return the largest `change` in dB where `level` is relevant, as an error, or None if it is at most `LIMIT_DB`.

    `change` and `level`, the magnitude of the response, are `(..., frequencies)`, at the frequencies `hertz`. A level
    is relevant if it is at least `RELEVANT` times the largest. For `is_bound` see `CoefficientError`.
    """
    level = torch.where(level.isfinite(), level, 0.0)
    is_relevant = (level > 0) & (level >= RELEVANT * level.amax(-1, keepdim=True))
    change = torch.where(is_relevant, change.nan_to_num(nan=0.0), 0.0).reshape(-1, hertz.shape[-1]).amax(0)
    place = int(change.argmax())
    db = float(change[place])
    return CoefficientError(db, float(hertz[place]), is_bound) if db > LIMIT_DB else None


def _caller_level() -> int:
    """Return the `stacklevel` with which a warning of the caller points to the code that called fxlab."""
    frame = sys._getframe(1)
    for level in count(1):
        name = frame.f_globals.get("__name__", "")
        if name.partition(".")[0] not in ("fxlab", "contextlib") or frame.f_back is None:
            return level
        frame = frame.f_back
    raise AssertionError

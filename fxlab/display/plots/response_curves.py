"""`ResponseCurves`: the responses, poles and zeros of a linear time-invariant module, as arrays to draw."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fxlab.display.number_format import format_radius
from fxlab.errors import FxlabError
from fxlab.filters import Bank
from fxlab.module import Finite, LinearAnalysis, Module
from fxlab.module.lti.conditioning import coefficient_errors
from fxlab.module.parameters.continuous import Continuous
from fxlab.module.parameters.design_cache import cache_designs

ASSUMED_RATE = 44_100.0
MAX_EXAMPLES = 8
MAX_STAGES = 12
_MIN_MAGNITUDE = 1e-10
_POINTS = 640

Array = NDArray[np.float64]
Roots = NDArray[np.complex128]


@dataclass(frozen=True)
class ResponseCurves:
    """The curves of up to `MAX_EXAMPLES` examples on one frequency grid, with their poles and zeros.

    Fields that do not apply are None.
    """

    rate: float
    """The sample rate in Hz."""
    frequency: Array
    """The frequencies in Hz, `(points,)`."""
    db: Array
    """The magnitude in dB, `(examples, points)`."""
    phase: Array
    """The unwrapped phase in degrees, `(examples, points)`; zeros if the taps are drawn instead."""
    delay: Array | None
    """The group delay in samples, `(examples, points)`."""
    zeros: Roots | None
    """The zeros, `(examples, zeros)`; an example with fewer zeros has NaN at the end."""
    poles: Roots | None
    """The poles, `(examples, poles)`; an example with fewer poles has NaN at the end."""
    stages: tuple[tuple[int, Array], ...]
    """For each stage, branch or band, the number of its line style and its magnitude in dB, `(1, points)`.

    It is empty for a batch, for fewer than two parts, and for more than `MAX_STAGES` line styles."""
    examples: int
    """The number of all examples, whether they are drawn or not."""
    margin: Array | None = None
    """The stability margin of each example, that is, the distance of the outermost pole from the unit circle.

    It is at most 0 for an unstable filter. For an anticausal filter it does not follow from the radii of the poles."""
    taps: Array | None = None
    """The taps of a finite impulse response, `(examples, taps)`."""
    range_db: tuple[Array, Array] | None = None
    """The lowest and the highest magnitude over time in dB, each `(points,)`, if parameters move."""
    inaccuracies: tuple[str, ...] = ()
    """A sentence for each part whose response may be wrong by more than 0.1 dB because its coefficients are rounded."""

    @property
    def unstable(self) -> str:
        """A text about the first unstable example of those drawn and its outermost pole; empty if none is known."""
        if self.margin is None:
            return ""
        radii = 1 - self.margin
        unstable = np.flatnonzero(radii >= 1)
        if not unstable.size:
            return ""
        which = f"example {unstable[0]} is " if self.examples > 1 else ""
        worst = float(radii[unstable[0]])
        where = "on the unit circle" if worst == 1 else f"at radius {format_radius(worst)}"
        return f"{which}unstable: a pole {where}"


def compute_curves(module: LinearAnalysis, rate: float, frequency: Array | None = None) -> ResponseCurves:
    """Return the curves of `module`, at `frequency` in Hz or by default on the grid of `frequency_grid`.

    Raises:
        FxlabError: The module has no response, or none at this sample rate.
    """
    with torch.no_grad(), cache_designs():
        zeros: Roots | None = None
        poles: Roots | None = None
        with suppress(FxlabError):  # a sum of batches has no roots in closed form, but it has a response
            zeros, poles = _example_rows(module.zeros(rate)), _example_rows(module.poles(rate))
        margin: Array | None = None
        with suppress(FxlabError):
            margin = _example_rows(module.margin(rate).unsqueeze(-1))[:, 0]
        inaccuracies = tuple(f"{type(part).__name__}: {error}" for part, error in coefficient_errors(module, rate))
        grid = frequency_grid(rate, frequencies_to_show(module, rate), poles) if frequency is None else frequency
        frequencies = torch.from_numpy(grid)
        response = module.response(frequencies, rate).to("cpu", torch.complex128)
        examples = math.prod(response.shape[:-1])
        flat = response.reshape(-1, len(grid))[:MAX_EXAMPLES].numpy()
        taps = _example_rows(module.kernel(rate)) if isinstance(module, Finite) else None
        needs_phase = taps is None or frequency is not None  # the taps replace the phase plot, and the phase is slow
        try:
            phase = _example_rows(module.phase(frequencies, rate)) if needs_phase else np.zeros_like(flat.real)
        except (FxlabError, RuntimeError):  # no roots, or roots on a device that differs from that of the grid
            phase = np.unwrap(np.angle(flat))
        try:
            delay = _example_rows(module.group_delay(frequencies, rate))
        except (FxlabError, RuntimeError):
            delay = None
        stages: list[tuple[int, Array]] = []
        parts = module._numbered_parts(rate) if examples == 1 else []
        if len(parts) > 1 and len({number for number, _ in parts}) <= MAX_STAGES:
            for number, part in parts:
                stages.append((number, _to_db(part.response(frequencies, rate).cpu().numpy().reshape(1, -1))))
    return ResponseCurves(
        rate,
        grid,
        _to_db(flat),
        np.degrees(phase),
        delay,
        zeros,
        poles,
        tuple(stages),
        examples,
        margin,
        taps,
        inaccuracies=inaccuracies,
    )


def corner_frequencies(module: Module) -> list[float]:
    """Return the values in Hz of the frequency parameters in use in `module` and its parts, in ascending order.

    Each value is included once, and only if it is finite and above 0. Of a batch, the first `MAX_EXAMPLES` are
    considered.
    """
    found: set[float] = set()
    for _, owner, declaration in module.walk():
        if isinstance(declaration, Continuous) and declaration.role == "frequency" and declaration.applies(owner):
            found.update(declaration.stored(owner).detach().flatten()[:MAX_EXAMPLES].tolist())
    return sorted(value for value in found if value > 0 and math.isfinite(value))


def frequencies_to_show(module: Module, rate: float) -> list[float]:
    """Return the corner frequencies of `module` and the center of the lowest band of each bank in it, in Hz, sorted.

    `rate` is the sample rate in Hz.
    """
    banks = [part for part in module.modules() if isinstance(part, Bank)]
    return sorted({*corner_frequencies(module), *(float(bank.centers(rate).min()) for bank in banks)})


def frequency_range(rate: float, corners: list[float]) -> tuple[float, float]:
    """Return the lowest and the highest frequency in Hz to draw: from 20 Hz, or below, to half the sample rate.

    The lowest is below 20 Hz if the first of `corners`, which are in Hz and in ascending order, is less than 50 Hz, and
    at sample rates of up to 800 Hz.
    """
    high = rate / 2
    low = 20.0 if high > 400 else high / 500
    if corners and corners[0] < 2.5 * low:
        low = max(corners[0] / 5, high * 1e-6)
    return low, high


def frequency_grid(rate: float, corners: list[float], poles: Roots | None) -> Array:
    """Return logarithmically spaced frequencies in Hz, denser around the corners and the sharpest resonances.

    The range of the grid is that of `frequency_range`.

    Args:
        rate: The sample rate in Hz.
        corners: The corner frequencies in Hz, in ascending order; the first `MAX_EXAMPLES` in the range are used.
        poles: The poles, `(examples, poles)`; None if they are not known. Among those in the upper half plane with a
            magnitude above 0.95, the 24 with the largest magnitudes are used.
    """
    low, high = frequency_range(rate, corners)
    centers = [value for value in corners if low <= value <= high][:MAX_EXAMPLES]
    if poles is not None:
        near = poles[:MAX_EXAMPLES].flatten()
        near = near[(np.abs(near) > 0.95) & (np.imag(near) > 0)]
        near = near[np.argsort(-np.abs(near))][:24]
        centers += [float(angle) * rate / (2 * math.pi) for angle in np.angle(near)]
    offsets = np.concatenate([[0.0], np.geomspace(1e-5, 0.1, 16)])
    offsets = np.concatenate([-offsets[:0:-1], offsets])
    dense = [center * (1 + offsets) for center in centers]
    grid = np.concatenate([np.geomspace(low, high, _POINTS), *dense])
    return np.asarray(np.unique(np.clip(grid, low, high)))


def _example_rows(values: Tensor) -> Any:
    """Return the first `MAX_EXAMPLES` rows of `values` as an array; the shape `(..., n)` becomes `(examples, n)`."""
    count = math.prod(values.shape[:-1])
    return values.detach().cpu().reshape(count, values.shape[-1])[:MAX_EXAMPLES].numpy()


def _to_db(response: NDArray[np.complex128]) -> Array:
    return np.asarray(20 * np.log10(np.maximum(np.abs(response), _MIN_MAGNITUDE)))

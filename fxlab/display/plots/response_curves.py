"""What a linear time-invariant module does, as curves to draw."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fxlab.display.cards.number_format import radius
from fxlab.errors import FxlabError
from fxlab.module import Finite, LinearAnalysis, Module
from fxlab.module.parameters.continuous import Continuous
from fxlab.module.parameters.scope import designed_once

ASSUMED_RATE = 44_100.0
MOST_EXAMPLES = 8
MOST_STAGES = 12
_FLOOR = 1e-10
_POINTS = 640

Array = NDArray[np.float64]
Roots = NDArray[np.complex128]


@dataclass(frozen=True)
class Response:
    """The curves of up to `MOST_EXAMPLES` examples over one frequency grid; None where a module cannot tell."""

    rate: float
    frequency: Array
    db: Array
    phase: Array
    """Unwrapped, in degrees; zeros where the taps are drawn instead."""
    delay: Array | None
    """In samples."""
    zeros: NDArray[np.complex128] | None
    poles: NDArray[np.complex128] | None
    stages: tuple[tuple[int, Array], ...]
    """The number of a stage, branch or band, which gives it its pen, and its magnitude in dB, `(1, points)`."""
    examples: int
    """How many there are, drawn or not."""
    margin: Array | None = None
    """How far each is from instability; with what runs backwards, poles outside the circle do not tell."""
    taps: Array | None = None
    """Of a finite impulse response."""

    @property
    def unstable(self) -> str:
        """In words, why it is not stable; empty when it is."""
        if self.margin is None:
            return ""
        reach = 1 - self.margin
        wrong = np.flatnonzero(reach >= 1)
        if not wrong.size:
            return ""
        which = f"example {wrong[0]} is " if self.examples > 1 else ""
        worst = float(reach[wrong[0]])
        place = "on the unit circle" if worst == 1 else f"at radius {radius(worst)}"
        return f"{which}unstable: a pole {place}"


def measure(module: LinearAnalysis, rate: float, frequency: Array | None = None) -> Response:
    """Ask `module` for its curves, at `frequency` in Hz or where there is something to see.

    Raises:
        FxlabError: It has none, or none at this rate.
    """
    with torch.no_grad(), designed_once():
        zeros: Roots | None = None
        poles: Roots | None = None
        with suppress(FxlabError):  # a sum of batches has no roots in closed form, but a response all the same
            zeros, poles = _rows(module.zeros(rate)), _rows(module.poles(rate))
        margin: Array | None = None
        with suppress(FxlabError):
            margin = _rows(module.margin(rate).unsqueeze(-1))[:, 0]
        grid = grid_about(rate, corners(module), poles) if frequency is None else frequency
        frequencies = torch.from_numpy(grid)
        response = module.response(frequencies, rate).to("cpu", torch.complex128)
        examples = math.prod(response.shape[:-1])
        flat = response.reshape(-1, len(grid))[:MOST_EXAMPLES].numpy()
        taps = _rows(module.kernel(rate)) if isinstance(module, Finite) else None
        drawn = taps is None or frequency is not None  # beside taps the phase is not, and it takes its time
        try:
            phase = _rows(module.phase(frequencies, rate)) if drawn else np.zeros_like(flat.real)
        except (FxlabError, RuntimeError):  # no roots, or roots on another device than the grid
            phase = np.unwrap(np.angle(flat))
        try:
            delay = _rows(module.group_delay(frequencies, rate))
        except (FxlabError, RuntimeError):
            delay = None
        stages: list[tuple[int, Array]] = []
        parts = module._parts(rate) if examples == 1 else []
        if len(parts) > 1 and len({number for number, _ in parts}) <= MOST_STAGES:
            for number, part in parts:
                stages.append((number, _db(part.response(frequencies, rate).cpu().numpy().reshape(1, -1))))
    return Response(
        rate, grid, _db(flat), np.degrees(phase), delay, zeros, poles, tuple(stages), examples, margin, taps
    )


def corners(module: Module) -> list[float]:
    """The frequencies that its parameters name, in Hz, without repeats, in rising order."""
    found: set[float] = set()
    for _, owner, declaration in module.walk():
        if isinstance(declaration, Continuous) and declaration.role == "frequency" and declaration.applies(owner):
            found.update(declaration.stored(owner).detach().flatten()[:MOST_EXAMPLES].tolist())
    return sorted(value for value in found if value > 0 and math.isfinite(value))


def span(rate: float, marks: list[float]) -> tuple[float, float]:
    """The frequencies to draw: what is heard below half the rate, and whatever the module is about."""
    high = rate / 2
    low = 20.0 if high > 400 else high / 500
    if marks and marks[0] < 2.5 * low:
        low = max(marks[0] / 5, high * 1e-6)
    return low, high


def grid_about(rate: float, marks: list[float], poles: NDArray[np.complex128] | None) -> Array:
    """Frequencies evenly spaced by ear, and denser about every corner and every sharp resonance."""
    low, high = span(rate, marks)
    centres = [value for value in marks if low <= value <= high][:MOST_EXAMPLES]
    if poles is not None:
        near = poles[:MOST_EXAMPLES].flatten()
        near = near[(np.abs(near) > 0.95) & (np.imag(near) > 0)]
        near = near[np.argsort(-np.abs(near))][:24]
        centres += [float(angle) * rate / (2 * math.pi) for angle in np.angle(near)]
    offsets = np.concatenate([[0.0], np.geomspace(1e-5, 0.1, 16)])
    offsets = np.concatenate([-offsets[:0:-1], offsets])
    around = [centre * (1 + offsets) for centre in centres]
    grid = np.concatenate([np.geomspace(low, high, _POINTS), *around])
    return np.asarray(np.unique(np.clip(grid, low, high)))


def _rows(values: Tensor) -> Any:
    """`(..., n)` as `(examples, n)`, as many as are drawn."""
    lead = math.prod(values.shape[:-1])
    return values.detach().cpu().reshape(lead, values.shape[-1])[:MOST_EXAMPLES].numpy()


def _db(response: NDArray[np.complex128]) -> Array:
    return np.asarray(20 * np.log10(np.maximum(np.abs(response), _FLOOR)))

"""The unwrapped phase of a filter: the number of full turns from its roots, and the exact angle from its response."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from fxlab.module.lti.linear_analysis import LinearAnalysis

PhaseFunction = Callable[[Tensor, Tensor], Tensor]
"""A function of two vectors of frequencies: it returns the phase at the first, with the full turns at the second."""


def continuous_phase(module: LinearAnalysis, grid: Tensor, rate: float) -> Tensor:
    """Return the unwrapped phase in radians, `(..., n)`, at the frequencies `grid`, `(n,)` in Hz, of any spacing.

    It is continuous from 0 Hz, except for jumps at zeros and poles on the unit circle.
    """
    with torch.no_grad():
        zeros, poles = module._roots(rate)
        zeros_at_infinity = ((~poles.isnan()).sum(-1) - (~zeros.isnan()).sum(-1))[..., None]

    def phase_of_roots(frequencies: Tensor) -> Tensor:
        omega = 2 * math.pi * frequencies.detach() / rate
        return _factors_phase(zeros, omega) - _factors_phase(poles, omega) - zeros_at_infinity * omega

    # The roots do not determine the sign of the gain (half a turn); it is read from the response just above 0 Hz.
    probe = torch.full_like(grid[:1], 1e-9 * rate)
    difference = torch.angle(module._response(probe, rate)).detach() - phase_of_roots(probe)
    sign = math.pi * torch.remainder(torch.round(difference / math.pi), 2)

    def phase_at(frequencies: Tensor, nearby: Tensor) -> Tensor:
        """Return the angle of the response, with its gradient, plus the full turns that the roots give at `nearby`."""
        angle = torch.angle(module._response(frequencies, rate))
        return angle + 2 * math.pi * torch.round((phase_of_roots(nearby) + sign - angle.detach()) / (2 * math.pi))

    return limit_at_zeros(module, phase_at, phase_at(grid, grid), grid, rate)


def limit_at_zeros(module: LinearAnalysis, phase_at: PhaseFunction, phase: Tensor, grid: Tensor, rate: float) -> Tensor:
    """Return `phase`, replaced where the response is 0 by its limit from the side of a quarter of the sample rate.

    Args:
        module: The filter.
        phase_at: A function that returns the phase of the filter.
        phase: The phase at `grid` in radians, `(..., n)`, which is not defined where the response is 0.
        grid: The frequencies in Hz, `(n,)`.
        rate: The sample rate in Hz.
    """
    with torch.no_grad():
        is_silent = module._response(grid, rate) == 0
    columns = is_silent.reshape(math.prod(is_silent.shape[:-1]), -1 if len(grid) else 0).any(0).nonzero().flatten()
    if not len(columns):
        return phase
    silent = grid[columns]
    inward = torch.where(silent > rate / 4, -rate, rate)
    beside = silent + 1e-8 * inward
    phase_change = module._group_delay(beside, rate) * (2 * math.pi / rate) * (beside - silent)
    limit = phase_at(beside, silent + 1e-5 * inward) + phase_change
    phase = phase.clone()
    phase[..., columns] = torch.where(is_silent[..., columns], limit, phase[..., columns])
    return phase


def _factors_phase(roots: Tensor, omega: Tensor) -> Tensor:
    """Return the unwrapped phase of the product of all `1 - root/z` on the unit circle; NaN roots are ignored.

    The half turn of each real root outside the circle is left out.

    Shape:
        roots: `(..., n)`. omega: `(frequencies,)`, in radians per sample. Returns `(..., frequencies)`.
    """
    roots = torch.where(roots.isnan(), torch.zeros_like(roots), roots)
    # For |r| <= 1 the phase of 1 - r/z stays within a quarter turn and needs no unwrapping. For |r| > 1 the factor is
    # -r/z (1 - z/r), where 1 - z/r stays within a quarter turn.
    r = roots[..., :, None]
    is_outside = r.abs() > 1 + 1e-9  # roots on the circle up to rounding count as inside it
    inverse_z = torch.polar(torch.ones_like(omega), -omega)
    outside_r = torch.where(is_outside, r, torch.ones_like(r))
    inside = torch.angle(1 - torch.where(is_outside, torch.zeros_like(r), r) * inverse_z)
    # The half turn of a real root outside is left out: the caller takes the sign from the response, and the half
    # turns of two such roots must not add up to a full turn.
    root_angle = torch.where(outside_r.imag == 0, 0.0, torch.angle(-outside_r))
    outside = root_angle - omega + torch.angle(1 - inverse_z.conj() / outside_r)
    return torch.where(is_outside, outside, inside).sum(-2)

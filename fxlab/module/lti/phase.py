"""The phase of a filter without jumps: its whole turns from the roots, its digits from the response."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from fxlab.module.lti.linear_analysis import LinearAnalysis

Phase = Callable[[Tensor, Tensor], Tensor]
"""The phase at some frequencies, the whole turns of others so near that they have the same."""


def continuous_phase(module: LinearAnalysis, grid: Tensor, rate: float) -> Tensor:
    """The phase at the frequencies `grid` `(n,)` in Hz, in radians, continuous from 0 Hz up whatever their spacing."""
    with torch.no_grad():
        zeros, poles = module._roots(rate)
        lag = ((~poles.isnan()).sum(-1) - (~zeros.isnan()).sum(-1))[..., None]  # zeros at infinity

    def unwrapped(frequencies: Tensor) -> Tensor:
        omega = 2 * math.pi * frequencies.detach() / rate
        return _turn(zeros, omega) - _turn(poles, omega) - lag * omega

    # The roots leave open the sign of the gain, half a turn, which is read off the response just above 0 Hz.
    probe = torch.full_like(grid[:1], 1e-9 * rate)
    rest = torch.angle(module._response(probe, rate)).detach() - unwrapped(probe)
    sign = math.pi * torch.remainder(torch.round(rest / math.pi), 2)

    def exact(at: Tensor, beside: Tensor) -> Tensor:
        """The response gives the digits and the gradient, the roots the number of whole turns."""
        angle = torch.angle(module._response(at, rate))
        return angle + 2 * math.pi * torch.round((unwrapped(beside) + sign - angle.detach()) / (2 * math.pi))

    return with_limits(module, exact, exact(grid, grid), grid, rate)


def with_limits(module: LinearAnalysis, exact: Phase, phase: Tensor, grid: Tensor, rate: float) -> Tensor:
    """`phase` with its limit, from inside the band, at a zero, where there is no angle."""
    with torch.no_grad():
        silent = module._response(grid, rate) == 0
    columns = silent.reshape(math.prod(silent.shape[:-1]), -1 if len(grid) else 0).any(0).nonzero().flatten()
    if not len(columns):
        return phase
    there = grid[columns]
    inward = torch.where(there > rate / 4, -rate, rate)
    aside = there + 1e-8 * inward
    turned = module._group_delay(aside, rate) * (2 * math.pi / rate) * (aside - there)
    limit = torch.where(silent[..., columns], exact(aside, there + 1e-5 * inward) + turned, phase[..., columns])
    phase = phase.clone()
    phase[..., columns] = limit
    return phase


def _turn(roots: Tensor, omega: Tensor) -> Tensor:
    """The phase of the product of all `1 - root/z` on the unit circle, without jumps; a NaN stands for no root."""
    roots = torch.where(roots.isnan(), torch.zeros_like(roots), roots)
    # With |r| < 1 the factor turns by less than a quarter, so its angle needs no unwrapping; with |r| > 1 it is
    # -r/z (1 - z/r), whose last factor is of the first kind.
    r = roots[..., :, None]
    outside = r.abs() > 1 + 1e-9  # what is meant to lie on the circle turns the phase forward
    spin = torch.polar(torch.ones_like(omega), -omega)
    safe = torch.where(outside, r, torch.ones_like(r))
    inner = torch.angle(1 - torch.where(outside, torch.zeros_like(r), r) * spin)
    # A real root outside is a change of sign, of which the caller knows: two of them are no whole turn.
    outer = torch.where(safe.imag == 0, 0.0, torch.angle(-safe)) - omega + torch.angle(1 - spin.conj() / safe)
    return torch.where(outside, outer, inner).sum(-2)

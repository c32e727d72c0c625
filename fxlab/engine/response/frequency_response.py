"""The frequency response and the group delay of second-order sections, computed from their coefficients.

Everything is float64, differentiable, and broadcasts the leading dimensions of `sos` against those of `frequencies`.
A section's polynomial `c0 + c1 z^-1 + c2 z^-2` is evaluated on the unit circle as

    e^{-jw} (P + jQ),   P = c1 + (c0 + c2) cos w,   Q = (c0 - c2) sin w

with P computed from `c0 + c1 + c2` below a quarter of the sample rate and from `c0 - c1 + c2` above it, so that no
digits cancel for roots close to z = 1 or z = -1.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.engine.recursion.section_arguments import check_sections
from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.errors import EngineError

# Cycles per sample. If a zero lies exactly on a frequency, the delay is computed at this distance from it.
FREQUENCY_OFFSET = 1e-8


def frequency_response(sos: Tensor, frequencies: Tensor | float, sample_rate: float) -> Tensor:
    """Return the complex response of the cascade at `frequencies`.

    Shape:
        sos: `(..., sections, 6)`; frequencies: `(..., points)` or a number, in Hz.
        Returns `(..., points)`, complex128; on a pole that lies on the unit circle the value is infinite.

    Raises:
        EngineError: a wrong shape, or a sample rate that is not positive.

    >>> sos = torch.tensor([[0.5, 0.5, 0.0, 1.0, 0.0, 0.0]])
    >>> frequency_response(sos, torch.tensor([0.0, 24_000.0]), 48_000).abs()
    tensor([1., 0.], dtype=torch.float64)
    """
    numerator, denominator, turns, is_scalar = _check_arguments("frequency_response", sos, frequencies, sample_rate)
    # Both polynomials of all sections at once, `(2, ..., sections, points)`.
    polynomials = torch.stack([numerator, denominator])
    above, below = torch.complex(*_evaluate_on_circle(polynomials, _half_angles(turns.unsqueeze(-2))))
    response = _divide(above, below).prod(-2)
    return response.squeeze(-1) if is_scalar else response


def group_delay(sos: Tensor, frequencies: Tensor | float, sample_rate: float) -> Tensor:
    """Return the group delay of the cascade in samples, from the exact derivative of its phase.

    At a zero on the unit circle the phase jumps by half a turn; the delay does not include this jump.

    Shape:
        sos: `(..., sections, 6)`; frequencies: `(..., points)` or a number, in Hz.
        Returns `(..., points)`, or `(...)` for a single number, float64.

    Raises:
        EngineError: a wrong shape, or a sample rate that is not positive.

    >>> group_delay(torch.tensor([[0.25, 0.5, 0.25, 1.0, 0.0, 0.0]]), torch.tensor([0.0, 1000.0]), 48_000)
    tensor([1., 1.], dtype=torch.float64)
    """
    numerator, denominator, turns, is_scalar = _check_arguments("group_delay", sos, frequencies, sample_rate)
    delay = torch.zeros((), dtype=torch.float64, device=sos.device)
    for section in range(sos.shape[-2]):
        above, below = numerator[..., section, :], denominator[..., section, :]
        delay = delay + _phase_slope(below, turns) - _phase_slope(above, turns)
    delay = delay.expand(broadcast_shapes((*sos.shape[:-2], 1), turns.shape))
    return delay.squeeze(-1) if is_scalar else delay


def _check_arguments(
    caller: str, sos: Tensor, frequencies: Tensor | float, sample_rate: float
) -> tuple[Tensor, Tensor, Tensor, bool]:
    """Return the numerators, the denominators, the frequencies in cycles per sample, and whether those are a scalar.

    Raises:
        EngineError: a wrong shape, or a sample rate that is not positive.
    """
    check_sections(caller, sos)
    if not sample_rate > 0:
        raise EngineError(f"{caller}: sample_rate is {sample_rate}; it must be a positive number of Hz")
    hertz = torch.as_tensor(frequencies, dtype=torch.float64, device=sos.device)
    is_scalar = hertz.dim() == 0
    turns = (hertz.reshape(1) if is_scalar else hertz) / float(sample_rate)
    try:
        broadcast_shapes(sos.shape[:-2], turns.shape[:-1])
    except RuntimeError:
        raise EngineError(
            f"{caller}: frequencies of shape {tuple(hertz.shape)} and sos of shape {tuple(sos.shape)}: "
            f"the leading dimensions {tuple(hertz.shape[:-1])} and {tuple(sos.shape[:-2])} do not broadcast"
        ) from None
    numerator, denominator = sos.double()[..., :3], sos.double()[..., 3:]
    return numerator, denominator, turns, is_scalar


def _half_angles(turns: Tensor) -> tuple[Tensor, Tensor]:
    """Return the sine and the cosine of w / 2; the cosine is exactly 0 at half the sample rate."""
    return torch.sin(math.pi * turns), torch.sin(math.pi * (0.5 - turns))


def _evaluate_on_circle(c: Tensor, half_angles: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
    """Return P and Q, `(..., points)`, of polynomials `(..., 3)`."""
    c0, c1, c2 = c.unsqueeze(-2).unbind(-1)
    sine, cosine = half_angles
    outer = c0 + c2
    low = ((c0 + c1) + c2) - outer * (2.0 * sine**2)
    high = outer * (2.0 * cosine**2) - ((c0 - c1) + c2)
    return torch.where(sine.abs() < cosine.abs(), low, high), (c0 - c2) * (2.0 * sine * cosine)


def _divide(above: Tensor, below: Tensor) -> Tensor:
    """Return `above / below`, infinite on a pole, and NaN where a pole and a zero coincide."""
    on_pole = below == 0
    value = above / torch.where(on_pole, torch.ones_like(below), below)
    limit = torch.where(above == 0, torch.nan, torch.inf)
    return torch.where(on_pole, torch.complex(limit, torch.zeros_like(limit)), value)


def _phase_slope(c: Tensor, turns: Tensor) -> Tensor:
    """Return the derivative of the angle of P + jQ with respect to w."""
    real, imaginary = _evaluate_on_circle(c, _half_angles(turns))
    turns = torch.where((real == 0) & (imaginary == 0), turns + FREQUENCY_OFFSET, turns)
    sine, cosine = half_angles = _half_angles(turns)
    real, imaginary = _evaluate_on_circle(c, half_angles)
    c0, c1, c2 = c.unsqueeze(-2).unbind(-1)
    # P Q' - Q P' = (c0 - c2) (c0 + c2 + c1 cos w)
    low = ((c0 + c1) + c2) - c1 * (2.0 * sine**2)
    high = ((c0 - c1) + c2) + c1 * (2.0 * cosine**2)
    inner = torch.where(sine.abs() < cosine.abs(), low, high)
    size = real**2 + imaginary**2
    return (c0 - c2) * inner / torch.where(size == 0, torch.ones_like(size), size)

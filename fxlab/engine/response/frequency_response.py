"""The frequency response and the group delay of second-order sections, computed from their coefficients.

Both functions compute in float64, are differentiable, and broadcast the leading dimensions of `sos` against those of
`frequencies`. The polynomial `c0 + c1 z^-1 + c2 z^-2` of a section is evaluated on the unit circle as

    e^{-jw} (P + jQ),   P = c1 + (c0 + c2) cos w,   Q = (c0 - c2) sin w

with P computed from `c0 + c1 + c2` below a quarter of the sample rate and from `c0 - c1 + c2` above it, so that no
digits cancel for roots close to z = 1 or z = -1. Both sums are exact up to a final rounding.
"""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.engine.recursion.section_arguments import check_sections
from fxlab.engine.response.circle import POLE_TOLERANCE, ZERO_TOLERANCE, half_angles, sum_of_three
from fxlab.engine.response.phase_slope import phase_slope
from fxlab.engine.torch_support.known_values import any_true
from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.engine.torch_support.tracing import is_traced
from fxlab.errors import EngineError

NEVER = 1 << 20  # the order of the zero of a polynomial that is 0 everywhere


def frequency_response(sos: Tensor, frequencies: Tensor | float, sample_rate: float) -> Tensor:
    """Return the complex frequency response of a cascade of second-order sections at `frequencies`.

    At a pole on the unit circle the value is infinite, or the limit if there are zeros at the same point.

    Shape:
        sos: `(..., sections, 6)`; frequencies: `(..., points)` or a number, in Hz.
        Returns `(..., points)`, or `(...)` for a single number, complex128.

    Raises:
        EngineError: A shape is wrong, or `sample_rate`, in Hz, is not positive.

    >>> sos = torch.tensor([[0.5, 0.5, 0.0, 1.0, 0.0, 0.0]])
    >>> frequency_response(sos, torch.tensor([0.0, 24_000.0]), 48_000).abs()
    tensor([1., 0.], dtype=torch.float64)
    >>> recursive_mean = torch.tensor([[0.5, 0.0, -0.5, 1.0, -1.0, 0.0]])  # a pole and a zero at 1
    >>> frequency_response(recursive_mean, torch.tensor([0.0, 24_000.0]), 48_000).abs()
    tensor([1., 0.], dtype=torch.float64)
    """
    numerator, denominator, turns, is_scalar = _check_arguments("frequency_response", sos, frequencies, sample_rate)
    # Both polynomials of all sections at once, `(2, ..., sections, points)`.
    polynomials, angles = torch.stack([numerator, denominator]), half_angles(turns.unsqueeze(-2))
    values = _evaluate_on_circle(polynomials, angles)
    above, below = values
    on_pole = below == 0
    response: Tensor = (above / torch.where(on_pole, torch.ones_like(below), below)).prod(-2)
    if is_traced(sos) or is_traced(turns) or any_true(on_pole):
        limit = _limit_on_pole(polynomials, angles, values)
        response = torch.where(on_pole.any(-2), limit, response)
    return response.squeeze(-1) if is_scalar else response


def group_delay(sos: Tensor, frequencies: Tensor | float, sample_rate: float) -> Tensor:
    """Return the group delay of a cascade of second-order sections in samples, from the exact derivative of its phase.

    A zero on the unit circle contributes half a sample at all frequencies; at its own frequency, where the phase jumps
    by π, this is the limit. Zeros within `circle.ZERO_TOLERANCE` and poles within `circle.POLE_TOLERANCE` of the circle
    count as on it, so that the rounding of coefficients does not move them off it.

    Shape:
        sos: `(..., sections, 6)`; frequencies: `(..., points)` or a number, in Hz.
        Returns `(..., points)`, or `(...)` for a single number, float64.

    Raises:
        EngineError: A shape is wrong, or `sample_rate`, in Hz, is not positive.

    >>> group_delay(torch.tensor([[0.25, 0.5, 0.25, 1.0, 0.0, 0.0]]), torch.tensor([0.0, 1000.0]), 48_000)
    tensor([1., 1.], dtype=torch.float64)
    """
    numerator, denominator, turns, is_scalar = _check_arguments("group_delay", sos, frequencies, sample_rate)
    delay, angles = torch.zeros((), dtype=torch.float64, device=sos.device), half_angles(turns)
    for section in range(sos.shape[-2]):
        above, below = numerator[..., section, :], denominator[..., section, :]
        delay = delay + phase_slope(below, angles, POLE_TOLERANCE) - phase_slope(above, angles, ZERO_TOLERANCE)
    delay = delay.expand(broadcast_shapes((*sos.shape[:-2], 1), turns.shape))
    return delay.squeeze(-1) if is_scalar else delay


def _check_arguments(
    caller: str, sos: Tensor, frequencies: Tensor | float, sample_rate: float
) -> tuple[Tensor, Tensor, Tensor, bool]:
    """Return numerators, denominators, the frequencies in cycles per sample, and whether `frequencies` is a number.

    A single number is returned as a tensor `(1,)`, other frequencies in their shape. Numerators and denominators are
    `(..., sections, 3)`. All tensors are float64.

    Raises:
        EngineError: A shape is wrong, or the sample rate is not positive.
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


def _evaluate_on_circle(c: Tensor, angles: tuple[Tensor, Tensor]) -> Tensor:
    """Return P + jQ of the module's docstring, `(..., points)`, for polynomials `c`, `(..., 3)`.

    `angles` are the sine and the cosine of w / 2, each `(..., points)`.
    """
    c0, c1, c2 = c.unsqueeze(-2).unbind(-1)
    sine, cosine = angles
    outer = c0 + c2
    low = sum_of_three(c0, c1, c2) - outer * (2.0 * sine**2)
    high = outer * (2.0 * cosine**2) - sum_of_three(c0, -c1, c2)
    return torch.complex(torch.where(sine.abs() < cosine.abs(), low, high), (c0 - c2) * (2.0 * sine * cosine))


def _limit_on_pole(polynomials: Tensor, angles: tuple[Tensor, Tensor], values: Tensor) -> Tensor:
    """Return the limit of the response of a cascade at each frequency, `(..., points)`, also at a pole on the circle.

    The limit is infinite with more poles than zeros at a frequency, finite with as many, and 0 with fewer.
    `polynomials`, `(2, ..., sections, 3)`, are the numerators and the denominators, and `values` are the results of
    `_evaluate_on_circle` for them at `angles`, which are the sine and the cosine of w / 2, each `(..., 1, points)`.
    """
    # A polynomial that is 0 at a frequency is replaced by the first of its derivatives that is not.
    c0, _, c2 = polynomials.unsqueeze(-2).unbind(-1)
    sine, cosine = angles
    sin_w, cos_w = 2.0 * sine * cosine, (cosine - sine) * (cosine + sine)
    first = torch.complex(-(c0 + c2) * sin_w, (c0 - c2) * cos_w)
    second = torch.complex(-(c0 + c2) * cos_w, -(c0 - c2) * sin_w) / 2.0
    is_root, is_double = values == 0, (values == 0) & (first == 0)
    order = is_root.long() + is_double + NEVER * (is_double & (second == 0))
    leading = torch.where(is_double, second, torch.where(is_root, first, values))
    above, below = torch.where(leading == 0, torch.ones_like(leading), leading)
    zeros_left = (order[0] - order[1]).sum(-2)
    infinite = torch.complex(torch.full_like(sin_w, torch.inf), torch.zeros_like(sin_w)).squeeze(-2)
    finite = (above / below).prod(-2)
    return torch.where(zeros_left > 0, 0.0, torch.where(zeros_left < 0, infinite, finite))

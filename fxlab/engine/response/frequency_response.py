"""What second-order sections do, read off their coefficients: response, group delay, roots, stability.

Everything is float64, differentiable, and broadcasts the leading dimensions of `sos` against those of
`frequencies`.
A section's polynomial `c0 + c1 z^-1 + c2 z^-2` is evaluated on the circle as

    e^{-jw} (P + jQ),   P = c1 + (c0 + c2) cos w,   Q = (c0 - c2) sin w

with P taken from `c0 + c1 + c2` below a quarter of the rate and from `c0 - c1 + c2` above it, so that roots
close to z = 1 or z = -1 cost no digits.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from fxlab.engine.recursion.exact_products import difference_of_products
from fxlab.engine.recursion.section_arguments import check_sections
from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.errors import EngineError

# In turns: where a zero lies exactly on the frequency asked for, its limit is read off this far away.
NUDGE = 1e-8


def frequency_response(sos: Tensor, frequencies: Tensor | float, sample_rate: float) -> Tensor:
    """The complex response of the cascade at `frequencies`.

    Shape:
        sos: `(..., sections, 6)`; frequencies: `(..., points)` or a number, in Hz.
        Returns `(..., points)`, complex128; on a pole that lies on the unit circle the value is infinite.

    Raises:
        EngineError: a wrong shape, or a sample rate that is not positive.

    >>> sos = torch.tensor([[0.5, 0.5, 0.0, 1.0, 0.0, 0.0]])
    >>> frequency_response(sos, torch.tensor([0.0, 24_000.0]), 48_000).abs()
    tensor([1., 0.], dtype=torch.float64)
    """
    numerator, denominator, turns, scalar = _arguments("frequency_response", sos, frequencies, sample_rate)
    # Both polynomials of all sections at once, `(2, ..., sections, points)`.
    above, below = torch.complex(*_on_circle(torch.stack([numerator, denominator]), _halves(turns.unsqueeze(-2))))
    response = _divide(above, below).prod(-2)
    return response.squeeze(-1) if scalar else response


def group_delay(sos: Tensor, frequencies: Tensor | float, sample_rate: float) -> Tensor:
    """The group delay of the cascade in samples, from the exact derivative of its phase.

    A zero on the unit circle turns the phase by half a turn at its own frequency; that jump is left out.

    Shape:
        sos: `(..., sections, 6)`; frequencies: `(..., points)` or a number, in Hz.
        Returns `(..., points)`, float64.

    Raises:
        EngineError: a wrong shape, or a sample rate that is not positive.

    >>> group_delay(torch.tensor([[0.25, 0.5, 0.25, 1.0, 0.0, 0.0]]), torch.tensor([0.0, 1000.0]), 48_000)
    tensor([1., 1.], dtype=torch.float64)
    """
    numerator, denominator, turns, scalar = _arguments("group_delay", sos, frequencies, sample_rate)
    delay = torch.zeros((), dtype=torch.float64, device=sos.device)
    for section in range(sos.shape[-2]):
        delay = delay + _turning(denominator[..., section, :], turns) - _turning(numerator[..., section, :], turns)
    delay = delay.expand(broadcast_shapes((*sos.shape[:-2], 1), turns.shape))
    return delay.squeeze(-1) if scalar else delay


def roots(sos: Tensor) -> tuple[Tensor, Tensor]:
    """The zeros and the poles of each section in the z plane, exactly, from the quadratic formula.

    A section of lower order has fewer of them: roots at the origin that its numerator and denominator share
    (a first-order section, a pure gain) and roots at infinity (a `b0` of 0) are left out; NaN stands there.

    Shape:
        sos: `(..., sections, 6)`. Returns zeros and poles, each `(..., sections, 2)`, complex128; of a
        complex pair the one with the positive imaginary part comes first, of two real roots the one farther out.

    >>> zeros, poles = roots(torch.tensor([[1.0, -1.0, 0.0, 1.0, -0.5, 0.0]]))
    >>> zeros[0, 0].item(), poles[0, 0].item(), poles[0, 1].isnan().item()
    ((1+0j), (0.5+0j), True)
    """
    check_sections("roots", sos)
    numerator, denominator = sos.double()[..., :3], sos.double()[..., 3:]
    shared_one = (numerator[..., 2] == 0) & (denominator[..., 2] == 0)
    shared_two = shared_one & (numerator[..., 1] == 0) & (denominator[..., 1] == 0)
    return _quadratic(numerator, shared_one, shared_two), _quadratic(denominator, shared_one, shared_two)


def is_stable(sos: Tensor) -> Tensor:
    """Whether every pole lies strictly inside the unit circle: a boolean for each cascade, `(...)`.

    >>> is_stable(torch.tensor([[1.0, 0.0, 0.0, 1.0, -1.0, 0.0]])).item()
    False
    """
    check_sections("is_stable", sos)
    a0, a1, a2 = sos.detach().double()[..., 3:].unbind(-1)
    # The stability triangle |a2| < 1, |a1| < 1 + a2, added in the order that rounds nothing away near z = 1.
    inside = (a2.abs() < a0.abs()) & ((a0.abs() - a1.abs()) + torch.sign(a0) * a2 > 0)
    return inside.all(-1)


def pole_radius(sos: Tensor) -> Tensor:
    """How far from the origin the outermost pole of each cascade lies, `(...)`; 0 without poles. Carries no gradient.

    Above 1 the cascade is unstable; below, its past dies away by this factor a sample. To 1e-8: at a double pole half
    the digits are lost.

    >>> pole_radius(torch.tensor([[1.0, 0.0, 0.0, 1.0, 0.0, 0.25]])).item()  # a pair at i/2 and -i/2
    0.5
    """
    check_sections("pole_radius", sos)
    values = sos.detach().double().cpu().numpy()  # a panel asks at every move, and NumPy answers sooner
    half, product = abs(values[..., 4] / values[..., 3]) / 2, values[..., 5] / values[..., 3]
    disc = half * half - product
    radius = np.where(disc < 0, abs(product) ** 0.5, half + abs(disc) ** 0.5)
    return torch.as_tensor(radius.max(-1, initial=0.0), device=sos.device)


def _arguments(
    caller: str, sos: Tensor, frequencies: Tensor | float, sample_rate: float
) -> tuple[Tensor, Tensor, Tensor, bool]:
    """The two polynomials of each section, the points in turns, and whether they were a single number."""
    check_sections(caller, sos)
    if not sample_rate > 0:
        raise EngineError(f"{caller}: sample_rate is {sample_rate}; it must be a positive number of Hz")
    hertz = torch.as_tensor(frequencies, dtype=torch.float64, device=sos.device)
    scalar = hertz.dim() == 0
    turns = (hertz.reshape(1) if scalar else hertz) / float(sample_rate)
    try:
        broadcast_shapes(sos.shape[:-2], turns.shape[:-1])
    except RuntimeError:
        raise EngineError(
            f"{caller}: frequencies of shape {tuple(hertz.shape)} and sos of shape {tuple(sos.shape)}: "
            f"the leading dimensions {tuple(hertz.shape[:-1])} and {tuple(sos.shape[:-2])} do not broadcast"
        ) from None
    numerator, denominator = sos.double()[..., :3], sos.double()[..., 3:]
    return numerator, denominator, turns, scalar


def _halves(turns: Tensor) -> tuple[Tensor, Tensor]:
    """The sine and the cosine of w / 2; the cosine is exactly 0 at half the sample rate."""
    return torch.sin(math.pi * turns), torch.sin(math.pi * (0.5 - turns))


def _on_circle(c: Tensor, halves: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
    """P and Q, `(..., points)`, of polynomials `(..., 3)`."""
    c0, c1, c2 = c.unsqueeze(-2).unbind(-1)
    sine, cosine = halves
    both = c0 + c2
    low = ((c0 + c1) + c2) - both * (2.0 * sine**2)
    high = both * (2.0 * cosine**2) - ((c0 - c1) + c2)
    return torch.where(sine.abs() < cosine.abs(), low, high), (c0 - c2) * (2.0 * sine * cosine)


def _divide(above: Tensor, below: Tensor) -> Tensor:
    on_pole = below == 0
    value = above / torch.where(on_pole, torch.ones_like(below), below)
    limit = torch.where(above == 0, torch.nan, torch.inf)
    return torch.where(on_pole, torch.complex(limit, torch.zeros_like(limit)), value)


def _turning(c: Tensor, turns: Tensor) -> Tensor:
    """The derivative of the angle of P + jQ by w."""
    real, imaginary = _on_circle(c, _halves(turns))
    turns = torch.where((real == 0) & (imaginary == 0), turns + NUDGE, turns)
    sine, cosine = halves = _halves(turns)
    real, imaginary = _on_circle(c, halves)
    c0, c1, c2 = c.unsqueeze(-2).unbind(-1)
    # P Q' - Q P' = (c0 - c2) (c0 + c2 + c1 cos w)
    low = ((c0 + c1) + c2) - c1 * (2.0 * sine**2)
    high = ((c0 - c1) + c2) + c1 * (2.0 * cosine**2)
    inner = torch.where(sine.abs() < cosine.abs(), low, high)
    size = real**2 + imaginary**2
    return (c0 - c2) * inner / torch.where(size == 0, torch.ones_like(size), size)


def _quadratic(c: Tensor, shared_one: Tensor, shared_two: Tensor) -> Tensor:
    c0, c1, c2 = c.unbind(-1)
    # Both products exact: c1^2 against its rounded value, 4 c0 c2 against that.
    square = c1 * c1
    disc = difference_of_products(square, 4.0 * c0, c2) - difference_of_products(square, c1, c1)
    one = torch.ones_like(disc)
    half = torch.where(disc == 0, 0.0, torch.sqrt(torch.where(disc == 0, one, disc.abs())))
    real_pair = disc >= 0
    sign = torch.where(c1 < 0, -one, one)
    q = -0.5 * (c1 + sign * half)
    safe_c0 = torch.where(c0 == 0, one, c0)
    safe_q = torch.where(q == 0, one, q)
    far = torch.where(c0 == 0, torch.nan, q / safe_c0)
    near = torch.where(q == 0, torch.where(c0 == 0, torch.nan, 0.0), c2 / safe_q)
    centre, spread = -0.5 * c1 / safe_c0, 0.5 * half / safe_c0.abs()
    nothing = torch.zeros_like(disc)
    first = torch.complex(torch.where(real_pair, far, centre), torch.where(real_pair, nothing, spread))
    second = torch.complex(torch.where(real_pair, near, centre), torch.where(real_pair, nothing, -spread))
    missing = torch.complex(torch.full_like(disc, torch.nan), nothing)
    # With a root at infinity the one finite root comes first; a shared root at the origin is the near one.
    one_finite = (c0 == 0) & (c1 != 0)
    first, second = torch.where(one_finite, second, first), torch.where(one_finite, missing, second)
    second = torch.where(shared_one & ~one_finite, missing, second)
    first = torch.where(shared_two | (shared_one & one_finite), missing, first)
    return torch.stack([first, second], -1)

"""`simultaneous_zeros`: the zeros of a sum of cascades whose only zeros are common to all, as in a bank of bands.

The zeros of a filter bank lie close together around its poles. The poles of all bands are near 1 if its frequencies are
low, and the eigenvalues of `sum_zeros.py` have no correct digits there: for an octave bank from 1 Hz at a sample rate
of 48 kHz they give sections with an error of 5 dB. The Ehrlich-Aberth iteration finds the zeros about as accurately as
the coefficients of the bands determine them.
"""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.errors import EngineError
from fxlab.module.lti.sum_zeros import Branch

MAX_STEPS = 200
"""The largest number of steps; banks of up to 40 bands of order 6 take 7 to 30 steps."""
CONVERGED = 1e-12
"""The iteration ends when every zero moves by at most this fraction of its distance from 1."""
ACCEPTED = 1e-6
"""After `MAX_STEPS`, a move by this fraction is accepted, since the coefficients do not determine the zero better."""
ROUNDING = 4e-16
"""The relative step, a few units in the last place, by which a zero is moved off a pole."""
REAL = 1e-9
"""The fraction of a zero's distance from 1 below which its imaginary part is rounding, so that the zero is real."""
PART = 512
FIRST_SCALE = 1.05
"""The multiple of the poles' distance from 1 at which the first approximations lie."""


def simultaneous_zeros(branches: list[Branch], poles: Tensor, count: int) -> Tensor:
    """Return the zeros, `(count,)`, of a weighted sum of cascades.

    A zero of the sum must not be a zero of one of the cascades.

    Each iteration updates all zeros at once, by a step of Newton's method for the numerator of the sum divided by the
    product of the distances from the zero to all others, so that no two converge to the same zero. The iteration is for
    `v = 1 / z - 1`, which represents zeros close to 1 accurately. The last step is a plain step of Newton's method,
    which carries the gradients.

    Args:
        branches: The weight and the sections of each cascade; see `Branch`.
        poles: The poles of all branches, `(n,)` with n of at least `count`.
        count: The number of zeros.

    Raises:
        EngineError: The iteration did not converge.

    Source:
        O. Aberth, "Iteration methods for finding all zeros of a polynomial simultaneously", Mathematics of Computation
        27, 1973.

    >>> resonance = torch.tensor([[1.0, 0.0, 0.0, 1.0, -1.2, 0.8]], dtype=torch.float64)
    >>> other = torch.tensor([[3.0, 0.0, 0.0, 1.0, 0.4, 0.8]], dtype=torch.float64)
    >>> one, poles = torch.ones((), dtype=torch.float64), torch.tensor([0.6 + 0.66j, 0.6 - 0.66j])
    >>> simultaneous_zeros([(one, resonance), (one, other)], poles.to(torch.complex128), 2)
    tensor([0.4000-0.8000j, 0.4000+0.8000j], dtype=torch.complex128)
    """
    if count <= 0:
        return poles[:0]
    with torch.no_grad():
        v = _as_conjugate_pairs(_converge(branches, _first_approximation(poles, count)))
    ratio, slope, _ = _logarithmic_slopes(branches, v)
    return 1 / (1 + (v - ratio / slope))


def _first_approximation(poles: Tensor, count: int) -> Tensor:
    v = 1 / poles.detach() - 1
    nearest = v[v.abs().argsort(stable=True)[:count]] * FIRST_SCALE
    # Equal approximations would have no distance, so each is turned by a small angle of its own.
    index = torch.arange(count, dtype=torch.float64, device=poles.device)
    return nearest * torch.polar(torch.ones_like(index), 1e-9 * index)


def _converge(branches: list[Branch], v: Tensor) -> Tensor:
    for _ in range(MAX_STEPS):
        ratio, slope, pole_slope = _logarithmic_slopes(branches, v)
        # The numerator is the sum times all denominators; its logarithmic derivative is the sum of theirs.
        newton = ratio / (slope + ratio * pole_slope)
        step = newton / (1 - newton * torch.cat([_sum_of_inverse_distances(v, part) for part in _parts(len(v))]))
        # A zero of a band that is turned down by 300 dB lies on a pole, where nothing is finite: it is moved aside.
        step = torch.where(step.isfinite(), step, ROUNDING * v)
        v = v - step
        moved = step.abs() / v.abs()
        if bool((moved <= CONVERGED).all()):
            return v
    if not bool((moved <= ACCEPTED).all()):
        raise EngineError(
            f"The zeros of a sum of {len(branches)} filters were not found in {MAX_STEPS} steps; use the filters one "
            "by one."
        )
    return v


def _sum_of_inverse_distances(v: Tensor, part: slice) -> Tensor:
    """Return the sum of `1 / (v[i] - v[j])` over all j other than i, for the i in `part`."""
    distance = v[part, None] - v
    index = torch.arange(len(v), device=v.device)[part]
    distance[torch.arange(len(index), device=v.device), index] = torch.inf
    return (1 / distance).sum(-1)


def _parts(count: int) -> list[slice]:
    """Return slices of `count` zeros, small enough that a matrix of their distances to all others fits into memory."""
    return [slice(start, start + PART) for start in range(0, count, PART)]


def _logarithmic_slopes(branches: list[Branch], v: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return the sum of the branches at `v`, its derivative, and the logarithmic derivative of the common denominator.

    The common denominator is the product of all denominators. The first two results are divided by the largest
    magnitude of a branch, which does not change their ratio and keeps it from becoming 0 / 0.
    """
    responses, slopes, pole_slope = [], [], torch.zeros_like(v)
    for weight, sos in branches:
        b0, b1, b2, _, a1, a2 = sos[..., None].unbind(-2)
        # The coefficients of the polynomials in v. Sums of floats that nearly cancel are exact.
        numerator = (b0 + (b1 + b2)) + v * ((b1 + 2 * b2) + v * b2)
        denominator = ((1 + a1) + a2) + v * ((a1 + 2 * a2) + v * a2)
        numerator_slope, denominator_slope = (b1 + 2 * b2) + 2 * v * b2, (a1 + 2 * a2) + 2 * v * a2
        response = weight * (numerator / denominator).prod(0)
        own_pole_slope = (denominator_slope / denominator).sum(0)
        responses.append(response)
        slopes.append(response * ((numerator_slope / numerator).sum(0) - own_pole_slope))
        pole_slope = pole_slope + own_pole_slope
    values, changes = torch.stack(responses), torch.stack(slopes)
    size = values.detach().abs().amax(0)
    return (values / size).sum(0), (changes / size).sum(0), pole_slope


def _as_conjugate_pairs(v: Tensor) -> Tensor:
    """Return the roots of a real polynomial, `(n,)`, as exact conjugate pairs followed by real numbers."""
    is_real = v.imag.abs() <= REAL * v.abs()
    upper = v[~is_real & (v.imag > 0)]
    real = v[is_real].real.to(v.dtype)
    return torch.cat([torch.stack([upper, upper.conj()], -1).flatten(), real])

"""The frequency response and the group delay of a filter, computed from its zeros, poles and gain.

Sections with several poles within 1e-8 of 1 do not determine the response at low frequencies, because their
coefficients are rounded; the roots do. With z = e^{jw} the real part of `z - root` is computed from the distances of
both from 1 or from -1, so that it keeps its precision:

    cos w - x = (1 - x) - 2 sin^2(w/2) = 2 cos^2(w/2) - (1 + x)

All functions compute in float64 and are differentiable.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import pad

from fxlab.engine.recursion.matrices.exact_products import difference_of_products
from fxlab.engine.response.circle import POLE_TOLERANCE, ZERO_TOLERANCE, half_angles
from fxlab.engine.torch_support.known_values import any_true
from fxlab.engine.torch_support.tracing import is_traced


def roots_response(zeros: Tensor, poles: Tensor, gain: Tensor, turns: Tensor) -> Tensor:
    """Return the frequency response `gain * product(z - zero) / product(z - pole)` on the unit circle.

    At a pole on the circle the value is infinite, or the limit if there are zeros at the same point.

    Shape:
        zeros: `(..., n)`, and poles: `(..., m)`, complex, each with its conjugate, n at most m; gain: `(...)`; turns:
        `(points,)`, frequencies in cycles per sample. Returns `(..., points)`, complex128.

    >>> poles = torch.tensor([1 - 1e-9, 1 - 1e-9], dtype=torch.complex128)
    >>> roots_response(poles[:0], poles, torch.tensor(1.0), torch.tensor([0.0])).real
    tensor([1.0000e+18], dtype=torch.float64)
    """
    sine, cosine = half_angles(turns.double())
    above, below = _distances(zeros, sine, cosine), _distances(poles, sine, cosine)
    count, one = below.shape[-2], torch.ones_like(below)
    above = pad(above, (0, 0, 0, count - above.shape[-2]), value=1.0)
    # The gain is distributed over the factors, so that the product stays in range even if its factors do not.
    scale = _magnitude_per_factor(gain.detach(), count)
    rest = (gain / scale**count)[..., None]
    on_pole = below == 0
    response = rest * (above / torch.where(on_pole, one, below) * scale[..., None, None]).prod(-2)
    if is_traced(turns) or any_true(on_pole):
        zeros_left = (above == 0).sum(-2) - on_pole.sum(-2)
        ratios = torch.where(above == 0, one, above) / torch.where(on_pole, one, below)
        limit = rest * (ratios * scale[..., None, None]).prod(-2)
        limit = torch.where(zeros_left < 0, torch.inf * rest.sign(), torch.where(zeros_left > 0, 0.0, limit))
        response = torch.where(on_pole.any(-2), limit, response)
    # Conjugate factors leave a rounding error in the imaginary part at 0 Hz and at half the sample rate.
    return torch.where(sine * cosine == 0, torch.complex(response.real, torch.zeros_like(response.real)), response)


def roots_delay(zeros: Tensor, poles: Tensor, turns: Tensor) -> Tensor:
    """Return the group delay of `product(z - zero) / product(z - pole)` in samples.

    The delay is the number of poles minus the number of zeros, plus the delays of the factors `1 - zero / z`, minus
    those of the factors `1 - pole / z`. The delay of a factor is half a sample at all frequencies if its root is on the
    unit circle, within `circle.ZERO_TOLERANCE` for zeros and `circle.POLE_TOLERANCE` for poles.

    Shape:
        zeros: `(..., n)`, and poles: `(..., m)`, complex, each with its conjugate; turns: `(points,)`, frequencies in
        cycles per sample. Returns `(..., points)`, float64.

    >>> roots_delay(torch.tensor([1.0 + 0.0j]), torch.tensor([0.0j]), torch.tensor([0.0, 0.3]))
    tensor([0.5000, 0.5000], dtype=torch.float64)
    """
    turns = turns.double()
    excess = poles.shape[-1] - zeros.shape[-1]  # each is a delay of one sample
    return _delays(zeros, turns, ZERO_TOLERANCE).sum(-2) - _delays(poles, turns, POLE_TOLERANCE).sum(-2) + excess


def _distances(roots: Tensor, sine: Tensor, cosine: Tensor) -> Tensor:
    """Return `z - root`, `(..., roots, points)`, for z = e^{jw}, from the sine and the cosine of w / 2, `(points,)`."""
    roots = roots.to(torch.complex128)
    x, y = roots.real[..., None], roots.imag[..., None]
    real = torch.where(x >= 0, (1 - x) - 2 * sine**2, 2 * cosine**2 - (1 + x))
    return torch.complex(real, 2 * sine * cosine - y)


def _delays(roots: Tensor, turns: Tensor, tolerance: float) -> Tensor:
    """Return the group delay of each factor `1 - root/z`, `1/2 - (1 - |root|^2) / (2 |z - root|^2)`, in samples.

    Roots within `tolerance` of the unit circle count as on it. The result is `(..., roots, points)`.
    """
    roots = roots.to(torch.complex128)
    distance = _distances(roots, *half_angles(turns))
    power = distance.real**2 + distance.imag**2
    x, y = roots.real[..., None], roots.imag[..., None]
    inside = difference_of_products(difference_of_products(torch.ones_like(x), x, x), y, y)
    on_circle = inside.detach().abs() <= 2 * tolerance
    is_root = on_circle & (power.detach() <= tolerance**2)
    share = torch.where(is_root, 0.0, inside / torch.where(is_root, torch.ones_like(power), power))
    # Exactly half a sample on the circle, with the gradient of the fraction.
    return 0.5 - 0.5 * torch.where(on_circle, share - share.detach(), share)


def _magnitude_per_factor(gain: Tensor, count: int) -> Tensor:
    """Return the power of two whose logarithm is nearest to that of the `count`-th root of the magnitude of `gain`.

    It is 1 for a gain of 0. Both tensors are `(...)`.
    """
    size = torch.where(gain == 0, 1.0, gain.double().abs())
    return torch.exp2(torch.round(torch.log2(size) / max(count, 1)))

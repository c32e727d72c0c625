"""The zeros of a sum of cascades, at which the outputs of the cascades cancel.

Multiplying out the numerator of the sum loses digits where corner frequencies are low: the zeros of a sum of three
second-order sections near 20 Hz keep three correct digits. As eigenvalues of the inverse system they keep thirteen.

Source:
    A. Emami-Naeini and P. Van Dooren, "Computation of zeros of linear multivariable systems", Automatica 18, 1982.
"""

from __future__ import annotations

import torch
from torch import Tensor

Branch = tuple[Tensor, Tensor]
"""The weight, `()`, and the second-order sections, `(sections, 6)`, of a cascade; without sections, the identity."""

ZERO_TOLERANCE = 1e-13
"""The fraction of the summed magnitudes of its terms below which a direct gain is rounding and treated as 0."""


def transmission_zeros(branches: list[Branch], poles: Tensor) -> tuple[Tensor, Tensor, int]:
    """Return the zeros, the gain and the delay of a weighted sum of cascades.

    Args:
        branches: The weight and the sections of each cascade; see `Branch`.
        poles: The poles of all branches, `(m,)`; entries that are NaN do not count.

    Returns:
        The zeros `(n,)`, the gain `()`, and a delay in samples: the sum is
        `gain * z**-delay * product(1 - zero / z) / product(1 - pole / z)`. If the sum is 0, the gain is 0 and there are
        no zeros.

    >>> half = torch.tensor(0.5, dtype=torch.float64)
    >>> delay = torch.tensor([[0.0, 1.0, 0.0, 1.0, 0.0, 0.0]], dtype=torch.float64)
    >>> wire, at_origin = delay[:0], torch.zeros(1, dtype=torch.complex128)
    >>> zeros, gain, lag = transmission_zeros([(half, wire), (half, delay)], at_origin)
    >>> zeros.real, gain, lag
    (tensor([-1.], dtype=torch.float64), tensor(0.5000, dtype=torch.float64), 0)
    """
    A, B, C, D, size = _state_space(branches)
    delay = 0
    # While the direct gain is 0, z H(z) has the same zeros as H(z) and one more at the origin.
    while D.detach().abs() <= ZERO_TOLERANCE * size:
        if delay == len(A):
            return torch.zeros(0, dtype=torch.complex128, device=A.device), torch.zeros_like(D), 0
        C, D, size = C @ A, C @ B, (C.abs() @ B.abs()).detach()
        delay += 1
    zeros = torch.linalg.eigvals(A - torch.outer(B, C) / D)
    # Each section has two states in the state space. The states without a pole of their own give zeros at the origin.
    count = int((~poles.isnan()).sum()) - delay
    farthest = zeros.detach().abs().argsort(descending=True, stable=True)[: max(0, count)]
    return zeros[farthest.sort().values], D, delay


def sections_from_roots(zeros: Tensor, gain: Tensor, delay: int, poles: Tensor) -> Tensor:
    """Return second-order sections `(sections, 6)` with these roots, on the CPU and without gradient.

    The arguments `zeros`, `gain` and `delay` are as returned by `transmission_zeros`, and `poles` as given to it.
    """
    from scipy.signal import zpk2sos

    z, p = (roots[~roots.isnan()].detach().cpu() for roots in (zeros, poles))
    z = torch.cat([z, z.new_zeros(max(0, len(p) - len(z)))])
    sos = torch.from_numpy(zpk2sos(z.numpy(), p.numpy(), float(gain.detach())).copy())
    delays = torch.zeros((delay + 1) // 2, 6, dtype=torch.float64)
    delays[:, 3] = 1.0
    delays[:, 2] = 1.0
    if delay % 2:
        delays[-1, 1:3] = torch.tensor([1.0, 0.0])
    return torch.cat([sos, delays])


def _state_space(branches: list[Branch]) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Return the state-space form `A, B, C, D` of the sum, and the sum of the magnitudes of the terms of `D`.

    For n states, `A` is `(n, n)`, `B` and `C` are `(n,)`, and `D` is a scalar.
    """
    systems = []
    for weight, sos in branches:
        A, B, C = sos.new_zeros(0, 0), sos.new_zeros(0), sos.new_zeros(0)
        D = torch.ones_like(weight)
        for b0, b1, b2, _, a1, a2 in sos:
            one, zero = torch.ones_like(b0), torch.zeros_like(b0)
            section_A = torch.stack([-a1, one, -a2, zero]).reshape(2, 2)
            section_B = torch.stack([b1 - a1 * b0, b2 - a2 * b0])
            rows = torch.cat([torch.outer(section_B, C), section_A], -1)
            A = torch.cat([torch.nn.functional.pad(A, (0, 2)), rows])
            B, C = torch.cat([B, section_B * D]), torch.cat([b0 * C, torch.stack([one, zero])])
            D = D * b0
        systems.append((A, B, weight * C, weight * D))
    blocks, inputs, outputs, direct = zip(*systems, strict=True)
    D = torch.stack(direct)
    return torch.block_diag(*blocks), torch.cat(inputs), torch.cat(outputs), D.sum(), D.detach().abs().sum()  # type: ignore[no-untyped-call]

"""The zeros of a sum of cascades, where one lets nothing through that another does not cancel.

The numerator of a sum, multiplied out, loses its digits where corners are low: the zeros of three second-order
sections near 20 Hz come out three digits right. As eigenvalues of the inverse system they keep thirteen.

Source:
    A. Emami-Naeini and P. Van Dooren, "Computation of zeros of linear multivariable systems", Automatica 18, 1982.
"""

from __future__ import annotations

import torch
from torch import Tensor

Branch = tuple[Tensor, Tensor]
"""A weight, `()`, and second-order sections, `(sections, 6)`; no sections are a plain wire."""


def transmission_zeros(branches: list[Branch], poles: Tensor, shared: int = 0) -> tuple[Tensor, Tensor, int]:
    """Find the zeros of a weighted sum of cascades.

    Args:
        branches: What is added.
        poles: The poles of all branches, NaN where there is none.
        shared: How many zeros that all branches have were left out of them; in their place are some at the origin.

    Returns:
        The zeros `(n,)`, the gain, and a delay in samples: the sum is
        `gain * z**-delay * product(1 - zero / z) / product(1 - pole / z)`.

    >>> half = torch.tensor(0.5, dtype=torch.float64)
    >>> delay = torch.tensor([[0.0, 1.0, 0.0, 1.0, 0.0, 0.0]], dtype=torch.float64)
    >>> wire, at_origin = delay[:0], torch.zeros(1, dtype=torch.complex128)
    >>> zeros, gain, lag = transmission_zeros([(half, wire), (half, delay)], at_origin)
    >>> zeros.real, gain, lag
    (tensor([-1.], dtype=torch.float64), tensor(0.5000, dtype=torch.float64), 0)
    """
    A, B, C, D, size = _state_space(branches)
    delay = 0
    while D.detach().abs() <= 1e-13 * size:  # z H(z) has the same zeros, and one at the origin
        if delay == len(A):
            return torch.zeros(0, dtype=torch.complex128, device=A.device), torch.zeros_like(D), 0
        C, D, size = C @ A, C @ B, (C.abs() @ B.abs()).detach()
        delay += 1
    zeros = torch.linalg.eigvals(A - torch.outer(B, C) / D)
    # Each section brings two states; those without a pole of their own are zeros at the origin.
    count = int((~poles.isnan()).sum()) - delay - shared
    farthest = zeros.detach().abs().argsort(descending=True, stable=True)[: max(0, count)]
    return zeros[farthest.sort().values], D, delay


def polished(branches: list[Branch], zeros: Tensor) -> Tensor:
    """The zeros to their last digits, by two steps of Newton's method.

    For branches that let something through at every zero of the sum.
    """
    back = 1 / zeros
    for _ in range(2):
        total, slope = torch.zeros_like(back), torch.zeros_like(back)
        for weight, cascade in branches:
            b0, b1, b2, _, a1, a2 = cascade[..., None].unbind(-2)
            above, below = b0 + back * (b1 + back * b2), 1 + back * (a1 + back * a2)
            part = weight * (above / below).prod(0)
            total = total + part
            slope = slope + part * ((b1 + 2 * b2 * back) / above - (a1 + 2 * a2 * back) / below).sum(0)
        step = total / slope
        # A step that leaves the neighbourhood is no correction.
        back = torch.where(step.abs() < 1e-4 * back.abs(), back - step, back)
    return 1 / back


def sections(zeros: Tensor, gain: Tensor, delay: int, poles: Tensor) -> Tensor:
    """Second-order sections `(sections, 6)` on the CPU, without gradient, for what `transmission_zeros` found."""
    from scipy.signal import zpk2sos

    z, p = (part[~part.isnan()].detach().cpu() for part in (zeros, poles))
    padded = torch.cat([z, z.new_zeros(max(0, len(p) - len(z)))])
    sos = torch.from_numpy(zpk2sos(padded.numpy(), p.numpy(), float(gain.detach())).copy())
    lag = torch.zeros((delay + 1) // 2, 6, dtype=torch.float64)
    lag[:, 3] = 1.0
    lag[:, 2] = 1.0
    if delay % 2:
        lag[-1, 1:3] = torch.tensor([1.0, 0.0])
    return torch.cat([sos, lag])


def _state_space(branches: list[Branch]) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """`A, B, C, D` of the sum, and the sum of the sizes of what `D` adds up from."""
    parts = []
    for weight, cascade in branches:
        A, B, C = cascade.new_zeros(0, 0), cascade.new_zeros(0), cascade.new_zeros(0)
        D = torch.ones_like(weight)
        for b0, b1, b2, _, a1, a2 in cascade:
            one, zero = torch.ones_like(b0), torch.zeros_like(b0)
            own = torch.stack([-a1, one, -a2, zero]).reshape(2, 2)
            drive = torch.stack([b1 - a1 * b0, b2 - a2 * b0])
            seen = torch.cat([torch.outer(drive, C), own], -1)
            A = torch.cat([torch.nn.functional.pad(A, (0, 2)), seen])
            B, C, D = torch.cat([B, drive * D]), torch.cat([b0 * C, torch.stack([one, zero])]), D * b0
        parts.append((A, B, weight * C, weight * D))
    blocks, inputs, outputs, direct = zip(*parts, strict=True)
    D = torch.stack(direct)
    return torch.block_diag(*blocks), torch.cat(inputs), torch.cat(outputs), D.sum(), D.detach().abs().sum()  # type: ignore[no-untyped-call]

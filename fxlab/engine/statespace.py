"""From second-order sections to one well-conditioned state space, and from that to the matrices of a block.

A section's poles are the roots of `z^2 + a1 z + a2`. With `sigma = -a1/2` and `d = sigma^2 - a2` its state matrix is kept as

    [[sigma, beta], [d/beta, sigma]],   beta = max(sqrt|d|, 1 - |sigma|, ...)

For a complex pair that is a scaled rotation (the coupled form), for two real poles a symmetric matrix, and for a double pole
a Jordan block: one formula, polynomial in the coefficients, whose powers keep their digits at low corners where
those of a companion matrix lose them. `beta` only scales a state, so no gradient passes through it.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor


class StateSpace(NamedTuple):
    """`s' = A s + B x`, `y = C s + D x` of a whole cascade; `to_normal` maps the direct-form state to `s`."""

    A: Tensor  # (..., n, n)
    B: Tensor  # (..., n)
    C: Tensor  # (..., n)
    D: Tensor  # (...,)
    to_normal: Tensor  # (..., sections, 2, 2)
    from_normal: Tensor  # (..., sections, 2, 2)


class BlockMatrices(NamedTuple):
    """What one block of `length` samples does: `y = H x + O s`, `s' = power s + R x`."""

    H: Tensor  # (..., length, length)
    O: Tensor  # (..., length, n)  # noqa: E741
    R: Tensor  # (..., n, length)
    powers: tuple[Tensor, ...]  # A^1, A^2, A^4, ... A^length


def two_product(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """The product of two float64 tensors as an unevaluated sum of a rounded value and its exact error."""
    product = a * b
    a_high, b_high = _high(a), _high(b)
    a_low, b_low = a - a_high, b - b_high
    error = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
    return product, error


def _high(a: Tensor) -> Tensor:
    scaled = a * 134217729.0  # 2^27 + 1: Veltkamp's split
    return scaled - (scaled - a)


def difference_of_products(c: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """`c - a*b`, right to the last digit also where the two nearly cancel; differentiable."""
    product, error = two_product(a, b)
    return (c - product) - error


def state_space(sos: Tensor) -> StateSpace:
    """Gather float64 sections with `a0 = 1`, `(..., sections, 6)`, into one state space of `2 * sections` states."""
    b0, b1, b2, _, a1, a2 = sos.unbind(-1)
    sigma = -0.5 * a1
    d = -difference_of_products(a2, sigma, sigma)
    with torch.no_grad():
        # 1 - |sigma| keeps a double pole's Jordan block balanced; the last two keep far-off or zero poles finite.
        beta = torch.maximum(d.abs().sqrt(), (1.0 - sigma.abs()).abs()).clamp_min(1e-12)
    one, zero = torch.ones_like(beta), torch.zeros_like(beta)
    own = torch.stack([torch.stack([sigma, beta], -1), torch.stack([d / beta, sigma], -1)], -2)
    c1 = difference_of_products(b1, a1, b0)
    c2 = difference_of_products(b2, a2, b0)
    drive = torch.stack([c1, (c2 + sigma * c1) / beta], -1)
    to_normal = torch.stack([torch.stack([one, zero], -1), torch.stack([sigma / beta, one / beta], -1)], -2)
    from_normal = torch.stack([torch.stack([one, zero], -1), torch.stack([-sigma, beta], -1)], -2)

    gains = _gains_between(b0)  # (..., sections + 1, sections + 1)
    sections = sos.shape[-2]
    n = 2 * sections
    between = gains[..., :-1, 1:]  # what section j puts out, seen at the input of section i
    coupling = torch.zeros(*between.shape, 2, 2, dtype=sos.dtype, device=sos.device)
    coupling = coupling + torch.nn.functional.pad(
        (between.unsqueeze(-1) * drive.unsqueeze(-2)).unsqueeze(-1), (0, 1)
    )
    eye = torch.eye(sections, dtype=sos.dtype, device=sos.device)[..., None, None]
    A = (coupling + eye * own.unsqueeze(-3)).transpose(-3, -2).reshape(*sos.shape[:-2], n, n)
    B = (gains[..., :-1, :1] * drive).reshape(*sos.shape[:-2], n)
    C = torch.nn.functional.pad(gains[..., -1, 1:].unsqueeze(-1), (0, 1)).reshape(*sos.shape[:-2], n)
    return StateSpace(A, B, C, gains[..., -1, 0], to_normal, from_normal)


def _gains_between(b0: Tensor) -> Tensor:
    """The direct gain from after section `j - 1` to before section `i`: 1 next to each other, 0 backwards."""
    sections = b0.shape[-1]
    place = torch.arange(sections + 1, device=b0.device)
    k = torch.arange(sections, device=b0.device)
    i, j = place[:, None, None], place[None, :, None]
    passed = (k >= j) & (k < i)
    product = torch.where(
        passed, b0[..., None, None, :], torch.ones((), dtype=b0.dtype, device=b0.device)
    ).prod(-1)
    return product * (place[:, None] >= place[None, :]).to(b0.dtype)


def block_matrices(space: StateSpace, length: int) -> BlockMatrices:
    """The matrices of a block of `length` samples, a power of two, by doubling."""
    power = space.A
    reach = space.B.unsqueeze(-1)  # [B, AB, A^2 B, ...]
    observe = space.C.unsqueeze(-2)  # [C; CA; CA^2; ...]
    powers = [power]
    while reach.shape[-1] < length:
        reach = torch.cat([reach, power @ reach], -1)
        observe = torch.cat([observe, observe @ power], -2)
        power = power @ power
        powers.append(power)
    tail = (space.C.unsqueeze(-2) @ reach).squeeze(-2)
    impulse = torch.cat([space.D.unsqueeze(-1), tail[..., :-1]], -1)
    return BlockMatrices(toeplitz(impulse), observe, reach.flip(-1), tuple(powers))


def toeplitz(impulse: Tensor) -> Tensor:
    """The lower-triangular Toeplitz matrix `(..., length, length)` whose first column is `impulse`."""
    length = impulse.shape[-1]
    place = torch.arange(length, device=impulse.device)
    lag = place[:, None] - place[None, :] + length - 1
    return torch.nn.functional.pad(impulse, (length - 1, 0))[..., lag]

"""From second-order sections to one well-conditioned state space, and from that to the matrices of a block.

A section's poles are the roots of `z^2 + a1 z + a2`. With `sigma = -a1/2` and `d = sigma^2 - a2` its state matrix is

    [[sigma, beta], [d / beta, sigma]],   beta = max(sqrt|d|, 1 - |sigma|)

For a complex pair that is a scaled rotation (the coupled form), for two real poles a symmetric matrix, and for a
double pole a Jordan block: one formula, polynomial in the coefficients, whose powers keep their digits at low
corners, where those of a companion matrix lose them. `beta` only scales a state, so no gradient passes through it.

The functions take NumPy arrays, whose small operations cost a third of PyTorch's, or tensors, which carry gradients.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

Array = Any  # a numpy.ndarray or a Tensor, in float64

SPLIT = 134217729.0  # 2^27 + 1, Veltkamp: cuts a float64 into halves whose products are exact


class StateSpace(NamedTuple):
    """`s' = A s + B x`, `y = C s + D x`."""

    A: Array  # (..., n, n)
    B: Array  # (..., n)
    C: Array  # (..., n)
    D: Array  # (...,)


class Turn(NamedTuple):
    """What leads between a section's direct-form state and its coupled one."""

    sigma: Array  # (..., sections)
    beta: Array  # (..., sections)


class Block(NamedTuple):
    """What a block of `length` samples does: `y = H x + O s`, `s' = squares[-1] s + R x`."""

    H: Array  # (..., length, length)
    O: Array  # (..., length, n)  # noqa: E741
    R: Array  # (..., n, length)
    squares: list[Array]  # A, A^2, A^4, ... A^length


def namespace(array: Array) -> Any:
    """The library whose functions take this array."""
    return torch if isinstance(array, Tensor) else np


def stacked(parts: list[Array], axis: int = 0) -> Array:
    """Arrays of one shape along a new axis; NumPy's own function of that name takes five times as long."""
    if isinstance(parts[0], Tensor):
        return torch.stack(parts, axis)
    joined = np.array(parts)
    order = list(range(1, joined.ndim))
    order.insert(axis % joined.ndim, 0)
    return joined.transpose(order)


def constant(value: Any, like: Array) -> Array:
    """A NumPy constant as an array of the other's library and device."""
    return torch.as_tensor(value, device=like.device) if isinstance(like, Tensor) else value


def difference_of_products(c: Array, a: Array, b: Array) -> Array:
    """`c - a b`, right to the last digit also where the two nearly cancel; differentiable."""
    product = a * b
    error = product_error(a.detach(), b.detach()) if isinstance(a, Tensor) else product_error(a, b)
    return (c - product) - error


def product_error(a: Array, b: Array) -> Array:
    """What rounding took from `a b` (Dekker)."""
    product = a * b
    a_high, b_high = a * SPLIT, b * SPLIT
    a_high, b_high = a_high - (a_high - a), b_high - (b_high - b)
    a_low, b_low = a - a_high, b - b_high
    error = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
    xp = namespace(a)
    return xp.where(xp.isfinite(error), error, 0.0)  # beyond 1e300 the split overflows


def state_space(sos: Array) -> tuple[StateSpace, Turn]:
    """Gather float64 sections with `a0 = 1`, `(..., sections, 6)`, into one state space of `2 * sections` states."""
    sections, lead = sos.shape[-2], sos.shape[:-2]
    if sections == 1 and not lead and not isinstance(sos, Tensor):
        return _single(*sos[0].tolist())
    b0, a1, a2 = sos[..., 0], sos[..., 4], sos[..., 5]
    sigma = -0.5 * a1
    exact = difference_of_products(
        stacked([a2, sos[..., 1], sos[..., 2]]), stacked([sigma, a1, a2]), stacked([sigma, b0, b0])
    )
    d, c1, c2 = -exact[0], exact[1], exact[2]
    beta = _beta(sigma, d)
    own = stacked([sigma, beta, d / beta, sigma], -1).reshape(*lead, sections, 2, 2)
    drive = stacked([c1, (c2 + sigma * c1) / beta], -1)

    gains = _gains_between(b0)
    # A section sends on y = s1 + b0 x: the first state of its pair, and what passes straight through.
    same = constant(np.eye(sections), sos)[:, None, :, None]
    first = constant(np.array([1.0, 0.0]), sos)
    through = gains[..., :-1, None, 1:, None] * drive[..., :, :, None, None] * first
    n = 2 * sections
    A = (same * own[..., :, :, None, :] + through).reshape(*lead, n, n)
    B = (gains[..., :-1, :1] * drive).reshape(*lead, n)
    C = (gains[..., -1, 1:, None] * first).reshape(*lead, n)
    return StateSpace(A, B, C, gains[..., -1, 0]), Turn(sigma, beta)


def _single(b0: float, b1: float, b2: float, _: float, a1: float, a2: float) -> tuple[StateSpace, Turn]:
    """The same for one section, in plain numbers: a slider's move waits for it."""
    sigma = -0.5 * a1
    d, c1, c2 = (_difference(*terms) for terms in ((a2, sigma, sigma), (b1, a1, b0), (b2, a2, b0)))
    beta = max(math.sqrt(abs(d)), abs(1.0 - abs(sigma)), 1e-12)
    A = np.array([[sigma, beta], [-d / beta, sigma]])
    B, C = np.array([[c1, (c2 + sigma * c1) / beta], [1.0, 0.0]])
    return StateSpace(A, B, C, np.array(b0)), Turn(np.array([sigma]), np.array([beta]))


def _difference(c: float, a: float, b: float) -> float:
    product = a * b
    a_high, b_high = a * SPLIT, b * SPLIT
    a_high, b_high = a_high - (a_high - a), b_high - (b_high - b)
    a_low, b_low = a - a_high, b - b_high
    error = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
    return (c - product) - (error if math.isfinite(error) else 0.0)


def to_coupled(state: Tensor, sigma: Tensor, beta: Tensor) -> Tensor:
    """Sections' direct-form states `(..., sections, 2)` in the coordinates of the state space, `(..., 2 sections)`."""
    s1, s2 = state.unbind(-1)
    return torch.stack([s1, (s2 + sigma * s1) / beta], -1).flatten(-2)


def to_direct(state: Tensor, sigma: Tensor, beta: Tensor) -> Tensor:
    """The way back: `(..., 2 sections)` as direct-form states `(..., sections, 2)`."""
    s1, other = state.reshape(*state.shape[:-1], -1, 2).unbind(-1)
    return torch.stack([s1, beta * other - sigma * s1], -1)


def _beta(sigma: Array, d: Array) -> Array:
    if isinstance(sigma, Tensor):
        sigma, d = sigma.detach(), d.detach()
    xp = namespace(sigma)
    # 1 - |sigma| keeps a double pole's Jordan block balanced; the floor serves a double pole at 1.
    beta = xp.maximum(abs(d) ** 0.5, abs(1.0 - abs(sigma)))
    return xp.where(beta > 1e-12, beta, 1e-12)


def _gains_between(b0: Array) -> Array:
    """The direct gain from the input of section `j` to the input of section `i`; 1 for `i = j`, 0 backwards."""
    xp = namespace(b0)
    sections = b0.shape[-1]
    passed, forwards = (constant(part, b0) for part in _order(sections))
    return xp.where(passed, b0[..., None, None, :], 1.0).prod(-1) * forwards


@lru_cache(maxsize=16)
def _order(sections: int) -> tuple[np.ndarray, np.ndarray]:
    """Whether section `k` lies between the inputs of `j` and `i`, and whether `i` does not come before `j`."""
    i, k = np.arange(sections + 1)[:, None, None], np.arange(sections)
    j = i.swapaxes(0, 1)
    return (k >= j) & (k < i), (i >= j)[..., 0].astype(np.float64)


def block_matrices(space: StateSpace, length: int) -> Block:
    """The matrices of a block of `length` samples, a power of two, by doubling."""
    xp = namespace(space.A)
    square = space.A
    reach = space.B[..., :, None]  # [B, AB, A^2 B, ...]
    observe = space.C[..., None, :]  # [C; CA; CA^2; ...]
    squares = [square]
    while reach.shape[-1] < length:
        reach = xp.concatenate([reach, square @ reach], -1)
        observe = xp.concatenate([observe, observe @ square], -2)
        square = square @ square
        squares.append(square)
    tail = (space.C[..., None, :] @ reach)[..., 0, : length - 1]
    impulse = xp.concatenate([xp.zeros_like(tail), space.D[..., None], tail], -1)
    return Block(_toeplitz(impulse), observe, reach[..., constant(_falling(length), reach)], squares)


def _toeplitz(impulse: Array) -> Array:
    """Row `i` is the impulse response up to sample `i`, backwards in time; in front of `impulse` lie its zeros."""
    length = (impulse.shape[-1] + 1) // 2
    if isinstance(impulse, Tensor):
        return impulse.flip(-1).unfold(-1, length, 1).flip(-2)
    return impulse[..., _lags(length)]


@lru_cache(maxsize=16)
def _lags(length: int) -> np.ndarray:
    i, j = np.arange(length)[:, None], np.arange(length)
    return i - j + length - 1


@lru_cache(maxsize=16)
def _falling(length: int) -> np.ndarray:
    return np.arange(length - 1, -1, -1)

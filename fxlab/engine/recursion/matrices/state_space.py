"""A well-conditioned state space for a cascade of second-order sections.

A section's poles are the roots of `z^2 + a1 z + a2`. With `sigma = -a1/2` and `d = sigma^2 - a2` its state matrix is

    [[sigma, beta], [d / beta, sigma]],   beta = max(sqrt|d|, |1 - |sigma||, MIN_BETA)

Where sqrt|d| is the largest, this is a scaled rotation for a pair of complex poles (the coupled form) and a symmetric
matrix for two real poles; for a double pole it is a Jordan block with `beta` in place of 1. The powers of this matrix
stay accurate at low cutoff frequencies, where those of a companion matrix do not. `beta` only scales a state, so no
gradient passes through it.

`state_space` accepts a NumPy array or a tensor; see `array_library`.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from fxlab.engine.recursion.matrices.array_library import Array, array_namespace, constant_like, stack
from fxlab.engine.recursion.matrices.exact_products import difference_of_products, scalar_difference_of_products

MIN_BETA = 1e-12


class StateSpace(NamedTuple):
    """The matrices of the recursion `s' = A s + B x`, `y = C s + D x`, with input x, output y and state s."""

    A: Array  # (..., n, n)
    B: Array  # (..., n)
    C: Array  # (..., n)
    D: Array  # (...,)


class CoupledForm(NamedTuple):
    """The parameters `sigma` and `beta` of each section, which convert its direct-form state to the coupled form."""

    sigma: Array  # (..., sections)
    beta: Array  # (..., sections)


def state_space(sos: Array) -> tuple[StateSpace, CoupledForm]:
    """Return a cascade of sections as one state space of `2 * sections` states, and the coupled form of the sections.

    Shape:
        sos: `(..., sections, 6)`, float64, with `a0 = 1`.
    """
    sections, batch_shape = sos.shape[-2], sos.shape[:-2]
    if sections == 1 and not batch_shape and not isinstance(sos, Tensor):
        return _single_section_state_space(*sos[0].tolist())
    b0, a1, a2 = sos[..., 0], sos[..., 4], sos[..., 5]
    sigma = -0.5 * a1
    exact = difference_of_products(
        stack([a2, sos[..., 1], sos[..., 2]]), stack([sigma, a1, a2]), stack([sigma, b0, b0])
    )
    d, c1, c2 = -exact[0], exact[1], exact[2]
    beta = _state_scale(sigma, d)
    section_matrices = stack([sigma, beta, d / beta, sigma], -1).reshape(*batch_shape, sections, 2, 2)
    section_inputs = stack([c1, (c2 + sigma * c1) / beta], -1)

    gains = _direct_gains(b0)
    # A section's output is y = s1 + b0 x: the first of its two states plus its input times the direct gain.
    same_section = constant_like(np.eye(sections), sos)[:, None, :, None]
    first_state = constant_like(np.array([1.0, 0.0]), sos)
    between_sections = gains[..., :-1, None, 1:, None] * section_inputs[..., :, :, None, None] * first_state
    n = 2 * sections
    A = (same_section * section_matrices[..., :, :, None, :] + between_sections).reshape(*batch_shape, n, n)
    B = (gains[..., :-1, :1] * section_inputs).reshape(*batch_shape, n)
    C = (gains[..., -1, 1:, None] * first_state).reshape(*batch_shape, n)
    return StateSpace(A, B, C, gains[..., -1, 0]), CoupledForm(sigma, beta)


def _single_section_state_space(
    b0: float, b1: float, b2: float, _: float, a1: float, a2: float
) -> tuple[StateSpace, CoupledForm]:
    """Return the results of `state_space` for one section, computed with Python floats."""
    # This is faster than with arrays, so a control can change the coefficients more often.
    sigma = -0.5 * a1
    d, c1, c2 = (scalar_difference_of_products(*terms) for terms in ((a2, sigma, sigma), (b1, a1, b0), (b2, a2, b0)))
    beta = max(math.sqrt(abs(d)), abs(1.0 - abs(sigma)), MIN_BETA)
    A = np.array([[sigma, beta], [-d / beta, sigma]])
    B, C = np.array([[c1, (c2 + sigma * c1) / beta], [1.0, 0.0]])
    return StateSpace(A, B, C, np.array(b0)), CoupledForm(np.array([sigma]), np.array([beta]))


def to_coupled(state: Tensor, sigma: Tensor, beta: Tensor) -> Tensor:
    """Return direct-form states `(..., sections, 2)` as states of the state space, `(..., 2 * sections)`.

    `sigma` and `beta` are the fields of `CoupledForm`.
    """
    s1, s2 = state.unbind(-1)
    return torch.stack([s1, (s2 + sigma * s1) / beta], -1).flatten(-2)


def to_direct(state: Tensor, sigma: Tensor, beta: Tensor) -> Tensor:
    """Return states of the state space, `(..., 2 * sections)`, as direct-form states `(..., sections, 2)`.

    `sigma` and `beta` are the fields of `CoupledForm`.
    """
    s1, second = state.reshape(*state.shape[:-1], -1, 2).unbind(-1)
    return torch.stack([s1, beta * second - sigma * s1], -1)


def _state_scale(sigma: Array, d: Array) -> Array:
    """Return `beta` for `sigma` and `d` by the formula in the module's docstring, without gradient."""
    if isinstance(sigma, Tensor):
        sigma, d = sigma.detach(), d.detach()
    xp = array_namespace(sigma)
    # |1 - |sigma|| keeps the Jordan block of a double pole balanced; MIN_BETA is needed for a double pole at 1.
    beta = xp.maximum(abs(d) ** 0.5, abs(1.0 - abs(sigma)))
    return xp.where(beta > MIN_BETA, beta, MIN_BETA)


def _direct_gains(b0: Array) -> Array:
    """Return the direct gains from the input of section j to that of section i, `(..., sections + 1, sections + 1)`.

    Entry `(i, j)` is 1 for `i = j`, and 0 for `i < j`. Index `sections` is the output of the cascade.
    """
    xp = array_namespace(b0)
    sections = b0.shape[-1]
    on_path, is_forward = (constant_like(mask, b0) for mask in _path_masks(sections))
    return xp.where(on_path, b0[..., None, None, :], 1.0).prod(-1) * is_forward


@lru_cache(maxsize=16)
def _path_masks(sections: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the mask of `j <= k < i` with the indices `(i, j, k)`, bool, and that of `i >= j`, `(i, j)`, float64.

    `i` and `j` are 0 to `sections`, and `k` is 0 to `sections - 1`.
    """
    i, k = np.arange(sections + 1)[:, None, None], np.arange(sections)
    j = i.swapaxes(0, 1)
    return (k >= j) & (k < i), (i >= j)[..., 0].astype(np.float64)

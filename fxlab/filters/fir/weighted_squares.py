"""Symmetric taps that minimize the integral of the squared error over bands, with gradients."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from fxlab.engine.torch_support.known_values import any_true
from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.engine.torch_support.tracing import is_transformed
from fxlab.filters.fir.transition import cosine_orders, symmetric_taps

MIN_PIVOT = 1e-4  # relative to the largest pivot of the Cholesky factorization; below, digits of the taps are lost
NODES = 32  # of the Gauss-Legendre quadrature of a panel
PANEL_ANGLE = 40.0  # half the angle by which the fastest product of two cosines turns in a panel: less than 2 NODES
MAX_MOVING_TAPS = 1001  # for filters whose parameters move: the designs for a second of sound then take less than that
MAX_NUMBERS = 1 << 22  # of the matrices of all examples that are solved at once
RIDGE = 8 * np.finfo(np.float64).eps  # relative to the norm of the equations


def least_squares_taps(edges: Tensor, gains: Tensor, weights: Tensor, taps: int) -> Tensor:
    """Return the taps `(..., taps)` for which the integral of the weighted squared error over the bands is smallest.

    The normal equations are solved by Cholesky's method. If they are found to be singular to working precision, which
    wide transitions and many taps cause, the error is sampled at the nodes of a quadrature instead, and the
    overdetermined equations are solved by a QR factorization. Only first derivatives are then correct. If these
    equations are singular too, the result is the solution of minimum norm.

    Shape:
        edges: `(..., 2 bands)`, as fractions of half the sample rate.
        gains: `(..., 2 bands)`, linear between the two edges of a band.
        weights: `(..., bands)`.
    """
    lead = broadcast_shapes(edges.shape[:-1], gains.shape[:-1], weights.shape[:-1])
    each = max(1, MAX_NUMBERS // ((taps + 1) // 2) ** 2)
    if math.prod(lead) > each:  # the matrices of all examples would take too much memory
        rows = [value.expand(*lead, -1).reshape(-1, value.shape[-1]) for value in (edges, gains, weights)]
        chunks = zip(*(torch.split(value, each) for value in rows), strict=True)
        solved = [least_squares_taps(edge, gain, weight, taps) for edge, gain, weight in chunks]
        return torch.cat(solved).reshape(*lead, taps)
    order = cosine_orders(taps, edges.device)
    matrix = _normal_matrix(edges, weights, taps)
    wanted = _gain_integrals(edges, gains, weights, order)
    factor, failed = torch.linalg.cholesky_ex(matrix)
    pivots = factor.detach().diagonal(dim1=-2, dim2=-1)
    if any_true(failed.bool() | (pivots.amin(-1) < MIN_PIVOT * pivots.amax(-1))):
        equations, values = _sampled(edges.detach(), gains.detach(), weights.detach(), order)
        amplitudes = _deep_amplitudes(equations, values, matrix, wanted)
    else:
        amplitudes = torch.cholesky_solve(wanted[..., None], factor)[..., 0]
    return symmetric_taps(amplitudes, taps)


def _normal_matrix(edges: Tensor, weights: Tensor, taps: int) -> Tensor:
    """Return the weighted integrals of `cos(pi n f) cos(pi m f)` over all bands, `(..., orders, orders)`.

    n and m are the orders of `cosine_orders`, and f is the frequency as a fraction of half the sample rate.
    """
    sums = torch.arange(taps + 1, dtype=torch.float64, device=edges.device)
    antiderivative = edges[..., None] * torch.sinc(sums * edges[..., None])
    integrals = antiderivative[..., 1::2, :] - antiderivative[..., 0::2, :]
    total = (integrals * weights[..., None]).sum(-2) / 2
    size = (taps + 1) // 2
    mirrored = torch.cat([total[..., 1:size].flip(-1), total[..., :size]], -1)
    first = 1 - taps % 2  # the sum of the two lowest orders
    return _windows(mirrored, size).flip(-2) + _windows(total[..., first : first + 2 * size - 1], size)


def _windows(values: Tensor, size: int) -> Tensor:
    """Return all windows of `size` neighboring values, `(..., windows, size)`."""
    if not is_transformed():
        return values.unfold(-1, size, 1)
    index = torch.arange(values.shape[-1] - size + 1, device=values.device)  # `vmap` has no rule for `unfold`
    return values[..., index[:, None] + torch.arange(size, device=values.device)]


def _gain_integrals(edges: Tensor, gains: Tensor, weights: Tensor, order: Tensor) -> Tensor:
    """Return the weighted integrals of the gain times `cos(pi n f)` over all bands, `(..., orders)`.

    The orders n are the numbers in `order`, and f is the frequency as a fraction of half the sample rate.
    """
    start, stop, first, last = edges[..., 0::2], edges[..., 1::2], gains[..., 0::2], gains[..., 1::2]
    slope = (last - first) / (stop - start)
    offset = first - slope * start
    parts = []
    for edge in (start, stop):
        f = edge[..., None]
        level = f * (slope[..., None] * f + offset[..., None]) * torch.sinc(order * f)
        parts.append(level - slope[..., None] * (f.square() / 2) * torch.sinc(order * f / 2).square())
    return ((parts[1] - parts[0]) * weights[..., None]).sum(-2)


def _deep_amplitudes(rows: Tensor, values: Tensor, matrix: Tensor, wanted: Tensor) -> Tensor:
    """Return the amplitudes of the cosines, `(..., orders)`, by a QR factorization of the equations of `_sampled`.

    `rows` and `values` are these equations; the derivatives follow from the normal equations, `matrix` and `wanted`.
    """
    with torch.no_grad():
        size = rows.shape[-1]
        # The ridge selects the minimum-norm solution of singular equations; it is the size of the rounding errors.
        norm = torch.linalg.matrix_norm(rows)[..., None, None]
        ridge = RIDGE * norm * torch.eye(size, size + 1, dtype=torch.float64, device=rows.device)
        triangle = torch.linalg.qr(torch.cat([torch.cat([rows, values[..., None]], -1), ridge], -2), mode="r")[1]
        upper = triangle[..., :size, :size]
        found = torch.linalg.solve_triangular(upper, triangle[..., :size, size:], upper=True)[..., 0]
    residual = wanted - (matrix @ found[..., None])[..., 0]
    change = (residual - residual.detach())[..., None]
    lead = broadcast_shapes(change.shape[:-2], upper.shape[:-2])
    solved: Tensor = torch.cholesky_solve(change.expand(*lead, -1, -1), upper.expand(*lead, -1, -1), upper=True)
    amplitudes: Tensor = found + solved[..., 0]
    return amplitudes


def _sampled(edges: Tensor, gains: Tensor, weights: Tensor, order: Tensor) -> tuple[Tensor, Tensor]:
    """Return overdetermined equations whose squared residual is the integral of the weighted squared error.

    They are the matrix, `(..., nodes, orders)`, and the right side, `(..., nodes)`, for the amplitudes of the cosines.
    """
    nodes, shares = (torch.from_numpy(found).to(edges.device) for found in np.polynomial.legendre.leggauss(NODES))
    lead = broadcast_shapes(edges.shape[:-1], gains.shape[:-1], weights.shape[:-1])
    all_rows, all_values = [], []
    for band in range(weights.shape[-1]):
        start, stop = (edges[..., 2 * band + side, None] for side in (0, 1))
        first, last = (gains[..., 2 * band + side, None] for side in (0, 1))
        panels = max(1, math.ceil(math.pi * len(order) * float((stop - start).max()) / PANEL_ANGLE))
        within = ((nodes + 1) / 2 + torch.arange(panels, device=edges.device)[:, None]).flatten() / panels
        scale = torch.sqrt(weights[..., band, None] * (stop - start) * shares.repeat(panels) / (2 * panels))
        frequency = start + (stop - start) * within
        rows = scale[..., None] * torch.cos(math.pi * frequency[..., None] * order)
        all_rows.append(rows.expand(*lead, -1, -1))
        all_values.append((scale * (first + (last - first) * within)).expand(*lead, -1))
    return torch.cat(all_rows, -2), torch.cat(all_values, -1)

"""Minimax taps of FIR filters, differentiable with respect to the band edges, the gains and the weights."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor

from fxlab.engine.torch_support.custom_ops import apply_custom_op, register_custom_op, register_derivatives
from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.engine.torch_support.tracing import needs_derivative
from fxlab.filters.fir.minimax.solution import solve
from fxlab.filters.fir.minimax.specification import Response, Specification
from fxlab.filters.fir.transition import symmetric_taps

MAX_MOVING_TAPS = 201  # for filters whose parameters move: the designs for a second of sound then take less than that
UNUSED = -2  # in place of the index of an edge: a row of equations for coefficients that are 0


def equiripple_taps(edges: Tensor, gains: Tensor, weights: Tensor, taps: int, response: Response) -> Tensor:
    """Return the linear-phase taps `(..., taps)` that minimize the maximum weighted error over the bands (minimax).

    Args:
        edges: The start and end of each band, `(..., 2 bands)`, as fractions of half the sample rate.
        gains: The gain at each edge, `(..., 2 bands)`; for a differentiator, per radian per sample.
        weights: The weight of each band, `(..., bands)`.
        taps: The number of taps.
        response: `"magnitude"` gives symmetric taps; apart from the delay, their response is the gain. `"hilbert"` and
            `"differentiator"` give antisymmetric taps, with a phase of +90°: apart from the delay, their response is
            `1j` times the gain, for a differentiator also times the frequency in radians per sample.

    Raises:
        ParameterError: No filter was found, for example because gains or weights differ by orders of magnitude.
    """
    size = Specification(taps, response, (), (), ()).size
    if not (needs_derivative(edges, gains, weights) or edges.is_meta):  # the operator takes as long as a short design
        return _taps(_run_exchange(edges, gains, weights, taps, response)[..., :size], taps, response)
    found = _exchange(edges.detach(), gains.detach(), weights.detach(), taps, response)
    coefficients, ripple, place, edge, band = torch.split(found, [size, 1, size + 1, size + 1, size + 1], -1)
    if not edges.is_meta:
        target = _Target(edges, gains, weights, taps, response)
        coefficients = coefficients + target.change(coefficients, ripple, place, edge, band)
    return _taps(coefficients, taps, response)


def taps_of(specification: Specification) -> Tensor:
    """Return the taps `(taps,)` of the best filter for `specification`, without gradient; see `equiripple_taps`."""
    coefficients = torch.from_numpy(solve(specification).coefficients)
    return _taps(coefficients, specification.taps, specification.response)


def _exchange(edges: Tensor, gains: Tensor, weights: Tensor, taps: int, response: Response) -> Tensor:
    """Return the solution of each example; see `RemezExchange`."""
    found: Tensor = apply_custom_op(RemezExchange, REMEZ_OP, edges, gains, weights, taps, response)
    return found


def _run_exchange(edges: Tensor, gains: Tensor, weights: Tensor, taps: int, response: Response) -> Tensor:
    inputs = (edges.detach(), gains.detach(), weights.detach())
    lead = broadcast_shapes(*(value.shape[:-1] for value in inputs))
    rows = [value.expand(*lead, -1).reshape(-1, value.shape[-1]).cpu().tolist() for value in inputs]
    examples = [Specification(taps, response, *map(tuple, example)) for example in zip(*rows, strict=True)]
    solved = np.stack([_row(example) for example in examples])
    return torch.from_numpy(solved).to(edges.device).reshape(*lead, -1)


def _fake_exchange(edges: Tensor, gains: Tensor, weights: Tensor, taps: int, response: Response) -> Tensor:
    lead = broadcast_shapes(*(value.shape[:-1] for value in (edges, gains, weights)))
    return edges.new_empty(*lead, 4 * Specification(taps, response, (), (), ()).size + 4)


REMEZ_OP = register_custom_op(
    "remez_exchange(Tensor edges, Tensor gains, Tensor weights, int taps, str response) -> Tensor",
    _run_exchange,
    _fake_exchange,
)


class RemezExchange(torch.autograd.Function):
    """An autograd function that finds the extremal points of the error of the best approximation.

    The result `(..., 4 size + 4)` is the cosine series, `size` numbers, and the ripple, followed by `size + 1` numbers
    each: the extremal points, the index of the edge at which each lies (-1 inside a band, `UNUSED` in places without a
    point), and the index of its band. `size` is that of `Specification`. All numbers are treated as constants.
    """

    @staticmethod
    def forward(edges: Tensor, gains: Tensor, weights: Tensor, taps: int, response: Response) -> Tensor:
        """Return the solution of each example, as the class describes it; see `equiripple_taps` for the arguments."""
        found: Tensor = REMEZ_OP(edges, gains, weights, taps, response)
        return found

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:  # noqa: ARG004
        """Mark the output as not differentiable."""
        ctx.mark_non_differentiable(output)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[None, None, None, None, None]:  # noqa: ARG004
        """Return None for each input: the output is not differentiable."""
        return None, None, None, None, None

    @staticmethod
    def jvp(ctx: Any, *tangents: Any) -> None:  # noqa: ARG004
        """Return None: the output is not differentiable."""
        return

    @staticmethod
    def vmap(info: Any, in_dims: tuple[Any, ...], *arguments: Any) -> tuple[Tensor, int]:  # noqa: ARG004
        """Return the solutions with the mapped dimension as the first, and its position, 0."""
        mapped = [
            value[None] if dim is None else value.movedim(dim, 0)
            for value, dim in zip(arguments[:3], in_dims, strict=False)
        ]
        ndim = max(value.ndim for value in mapped)
        aligned = [value.reshape(value.shape[0], *(1,) * (ndim - value.ndim), *value.shape[1:]) for value in mapped]
        return _exchange(*aligned, *arguments[3:]), 0


register_derivatives("remez_exchange", RemezExchange)


def _row(example: Specification) -> Any:
    solution, size = solve(example), example.size
    found, count = np.zeros(4 * size + 4), len(solution.places)
    points = found[size + 1 :].reshape(3, size + 1)
    found[:size], found[size] = solution.coefficients, solution.ripple
    points[1] = UNUSED
    points[:, :count] = solution.places, solution.edge, solution.band
    return found


class _Target:
    """The target gain and weight of `Approximation.target` in PyTorch, and the equations at the extremal points.

    The error of the best filter is the ripple, with alternating sign, at each extremal point. These equations determine
    how the coefficients change with the bands, gains and weights. A point inside a band stays, since the error is
    stationary there; a point at an edge moves with the edge.
    """

    def __init__(self, edges: Tensor, gains: Tensor, weights: Tensor, taps: int, response: Response) -> None:
        self.edges, self.gains, self.weights = edges, gains, weights
        self.taps, self.response = taps, response

    def change(self, coefficients: Tensor, ripple: Tensor, place: Tensor, edge: Tensor, band: Tensor) -> Tensor:
        """Return zeros, `(..., size)`, whose derivative equals that of the coefficients of the cosine series.

        The arguments are the parts of the result of `RemezExchange`, in its order.
        """
        number = torch.arange(self.edges.shape[-1], device=place.device)
        moves = (edge[..., None] == number) * (self.edges - self.edges.detach())[..., None, :]
        moved = place + moves.sum(-1)
        size = coefficients.shape[-1]
        order = torch.arange(size, dtype=torch.float64, device=place.device)
        angle = math.pi * place[..., None] * order
        slope = -(torch.sin(angle) * (math.pi * order)) @ coefficients[..., None]
        gain, weight = self._at(moved, band)
        sign = 1.0 - 2.0 * (torch.arange(size + 1, device=place.device) % 2)
        residual = gain - sign * ripple / weight - slope[..., 0] * (moved - place)
        rows = torch.cat([torch.cos(angle), (sign / weight.detach())[..., None]], -1)
        unused = edge == UNUSED
        rows = torch.where(unused[..., None], torch.eye(size + 1, device=place.device).roll(1, 0).to(rows), rows)
        residual = torch.where(unused, 0.0, residual - residual.detach())
        lead = broadcast_shapes(rows.shape[:-2], residual.shape[:-1])
        solved: Tensor = torch.linalg.solve(rows.expand(*lead, -1, -1), residual.expand(*lead, -1)[..., None])
        return solved[..., :size, 0]

    def _at(self, place: Tensor, band: Tensor) -> tuple[Tensor, Tensor]:
        """Return the target gain and the weight at the frequencies `place` in the bands with the indices `band`.

        Both are those of the cosine series, without the factor of the filter's symmetry and parity.
        """
        own = band[..., None] == torch.arange(self.weights.shape[-1], device=place.device)
        low, high, start, end, weight = (
            (own * value[..., None, :]).sum(-1)
            for value in (
                self.edges[..., 0::2], self.edges[..., 1::2], self.gains[..., 0::2], self.gains[..., 1::2], self.weights
            )
        )  # fmt: skip
        gain = start + (end - start) * ((place - low) / (high - low))
        even = self.taps % 2 == 0
        if self.response == "magnitude":
            factor = torch.cos(math.pi / 2 * place) if even else torch.ones_like(place)
            return gain / factor, weight * factor
        scale = math.pi / 2 if even else math.pi
        factor = torch.sin(scale * place)
        if self.response == "hilbert":
            return gain / factor, weight * factor
        slope = scale * torch.sinc(scale / math.pi * place)
        passes = (start.detach() != 0) | (end.detach() != 0)
        return math.pi * gain / slope, weight * torch.where(passes, 2 * slope, factor)


def _taps(coefficients: Tensor, taps: int, response: Response) -> Tensor:
    """Return the taps `(..., taps)` whose amplitude response is a cosine series times the factor of their type.

    The factor depends on `response` and the parity of `taps`; see `Approximation`.
    """
    if response == "magnitude" and taps % 2:
        return symmetric_taps(coefficients, taps)
    after, size = torch.nn.functional.pad(coefficients, (0, 2)), coefficients.shape[-1]
    first = coefficients[..., :1] / 2
    if response == "magnitude":
        series = (coefficients + after[..., 1 : size + 1]) / 4
        series = torch.cat([series[..., :1] + first / 2, series[..., 1:]], -1)
        return torch.cat([series.flip(-1), series], -1)
    step = 2 if taps % 2 else 1
    series = (coefficients - after[..., step : size + step]) / 4
    series = torch.cat([series[..., :1] + first / 2, series[..., 1:]], -1)
    middle = [torch.zeros_like(first)] if taps % 2 else []
    return torch.cat([series.flip(-1), *middle, -series], -1)

"""Convolution and correlation by overlap-save as differentiable operators, whose derivatives are the same operators."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from fxlab.engine.convolution.overlap_save import overlap_save_convolve
from fxlab.engine.convolution.overlap_save_correlate import overlap_save_correlate
from fxlab.engine.torch_support.custom_ops import apply_custom_op, register_custom_op, register_derivatives
from fxlab.engine.torch_support.shapes import broadcast_shapes


def shifted_convolution(x: Tensor, taps: Tensor, advance: int) -> Tensor:
    """Return y[n] = sum over j of taps[j] x[n + advance - j], with derivatives of any order.

    `x` is zero outside its length. See `overlap_save`.

    Shape:
        x: `(..., time)`. taps: `(..., taps)`. Leading dimensions broadcast. Returns `(..., time)`.
    """
    y: Tensor = apply_custom_op(ShiftedConvolution, CONVOLUTION_OP, x, taps, advance)
    return y


def tap_correlation(x: Tensor, g: Tensor, taps: int, advance: int, batch_shape: tuple[int, ...]) -> Tensor:
    """Return h[j] = sum over n of g[n] x[n + advance - j] for 0 <= j < taps, with derivatives of any order.

    `x` is zero outside its length. See `overlap_save`.

    Shape:
        x and g: `(..., time)`. Returns `(*batch_shape, taps)`, summed over the leading dimensions of `x` and `g` that
        are missing, or of size 1, in `batch_shape`.
    """
    h: Tensor = apply_custom_op(TapCorrelation, CORRELATION_OP, x, g, taps, advance, batch_shape)
    return h


def _fake_convolution(x: Tensor, taps: Tensor, advance: int) -> Tensor:  # noqa: ARG001
    return x.new_empty(*broadcast_shapes(x.shape[:-1], taps.shape[:-1]), x.shape[-1])


def _fake_correlation(x: Tensor, g: Tensor, taps: int, advance: int, batch_shape: list[int]) -> Tensor:  # noqa: ARG001
    return x.new_empty(*batch_shape, taps)


CONVOLUTION_OP = register_custom_op(
    "shifted_convolution(Tensor x, Tensor taps, int advance) -> Tensor", overlap_save_convolve, _fake_convolution
)
CORRELATION_OP = register_custom_op(
    "tap_correlation(Tensor x, Tensor g, int taps, int advance, int[] batch_shape) -> Tensor",
    overlap_save_correlate,
    _fake_correlation,
)


class ShiftedConvolution(torch.autograd.Function):
    """`overlap_save_convolve` with its derivatives."""

    @staticmethod
    def forward(x: Tensor, taps: Tensor, advance: int) -> Tensor:
        """Return y[n] = sum over j of taps[j] x[n + advance - j]."""
        y: Tensor = CONVOLUTION_OP(x, taps, advance)
        return y

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:  # noqa: ARG004
        """Save the tensors and constants that the derivatives need."""
        x, taps, advance = inputs
        ctx.save_for_backward(x, taps)
        ctx.save_for_forward(x, taps)
        ctx.advance = advance

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, Tensor | None, None]:
        """Return the gradients for `x` and `taps`: the output's gradient, correlated with the taps and with `x`."""
        x, taps = ctx.saved_tensors
        (g,) = grads
        count = taps.shape[-1]
        grad_x = grad_taps = None
        if ctx.needs_input_grad[0]:
            grad_x = shifted_convolution(g, taps.flip(-1), count - 1 - ctx.advance).sum_to_size(x.shape)
        if ctx.needs_input_grad[1]:
            grad_taps = tap_correlation(x, g, count, ctx.advance, tuple(taps.shape[:-1]))
        return grad_x, grad_taps, None

    @staticmethod
    def jvp(ctx: Any, *tangents: Any) -> Tensor:
        """Return the output's tangent, the sum of the contributions of both arguments."""
        x, taps = ctx.saved_tensors
        dx, dtaps, _ = tangents
        dy: Tensor | None = None if dx is None else shifted_convolution(dx, taps, ctx.advance)
        if dtaps is not None:
            dy_taps = shifted_convolution(x, dtaps, ctx.advance)
            dy = dy_taps if dy is None else dy + dy_taps
        assert dy is not None
        return dy

    @staticmethod
    def vmap(_info: Any, in_dims: tuple[Any, ...], x: Tensor, taps: Tensor, advance: int) -> tuple[Tensor, int]:
        """Return the output with the mapped dimension as the first leading dimension, and its position, 0."""
        x, taps = _move_mapped_dims(x, in_dims[0], taps, in_dims[1])
        return shifted_convolution(x, taps, advance), 0


class TapCorrelation(torch.autograd.Function):
    """`overlap_save_correlate` with its derivatives."""

    @staticmethod
    def forward(x: Tensor, g: Tensor, taps: int, advance: int, batch_shape: tuple[int, ...]) -> Tensor:
        """Return h[j] = sum over n of g[n] x[n + advance - j], a tensor of shape `(*batch_shape, taps)`."""
        h: Tensor = CORRELATION_OP(x, g, taps, advance, batch_shape)
        return h

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:  # noqa: ARG004
        """Save the tensors and constants that the derivatives need."""
        x, g, taps, advance, batch_shape = inputs
        ctx.save_for_backward(x, g)
        ctx.save_for_forward(x, g)
        ctx.taps, ctx.advance, ctx.batch_shape = taps, advance, batch_shape

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, Tensor | None, None, None, None]:
        """Return the gradients for `x` and `g`: the output's gradient, correlated with `g` and convolved with `x`."""
        x, g = ctx.saved_tensors
        (v,) = grads
        grad_x = grad_g = None
        if ctx.needs_input_grad[0]:
            grad_x = shifted_convolution(g, v.flip(-1), ctx.taps - 1 - ctx.advance).sum_to_size(x.shape)
        if ctx.needs_input_grad[1]:
            grad_g = shifted_convolution(x, v, ctx.advance).sum_to_size(g.shape)
        return grad_x, grad_g, None, None, None

    @staticmethod
    def jvp(ctx: Any, *tangents: Any) -> Tensor:
        """Return the output's tangent, the sum of the contributions of both signals."""
        x, g = ctx.saved_tensors
        dx, dg = tangents[:2]
        options = (ctx.taps, ctx.advance, ctx.batch_shape)
        dh: Tensor | None = None if dx is None else tap_correlation(dx, g, *options)
        if dg is not None:
            dh_g = tap_correlation(x, dg, *options)
            dh = dh_g if dh is None else dh + dh_g
        assert dh is not None
        return dh

    @staticmethod
    def vmap(  # noqa: PLR0917
        info: Any,
        in_dims: tuple[Any, ...],
        x: Tensor,
        g: Tensor,
        taps: int,
        advance: int,
        batch_shape: tuple[int, ...],
    ) -> tuple[Tensor, int]:
        """Return the output with the mapped dimension as the first leading dimension, and its position, 0."""
        x, g = _move_mapped_dims(x, in_dims[0], g, in_dims[1])
        rank = max(x.ndim, g.ndim, len(batch_shape) + 2)
        inner_shape = (1,) * (rank - 2 - len(batch_shape)) + batch_shape
        x = x.reshape(x.shape[0], *(1,) * (rank - x.ndim), *x.shape[1:])
        g = g.reshape(g.shape[0], *(1,) * (rank - g.ndim), *g.shape[1:])
        out = tap_correlation(x, g, taps, advance, (info.batch_size, *inner_shape))
        return out.reshape(info.batch_size, *batch_shape, taps), 0


def _move_mapped_dims(a: Tensor, a_dim: int | None, b: Tensor, b_dim: int | None) -> tuple[Tensor, Tensor]:
    """Return `a` and `b` with the mapped dimension first and equally many dimensions, so that the others broadcast.

    `a_dim` and `b_dim` are the positions of the mapped dimension. A tensor whose position is None is not mapped; it
    gets a first dimension of size 1.
    """
    a = a.unsqueeze(0) if a_dim is None else a.movedim(a_dim, 0)
    b = b.unsqueeze(0) if b_dim is None else b.movedim(b_dim, 0)
    rank = max(a.ndim, b.ndim)
    a = a.reshape(a.shape[0], *(1,) * (rank - a.ndim), *a.shape[1:])
    b = b.reshape(b.shape[0], *(1,) * (rank - b.ndim), *b.shape[1:])
    return a, b


register_derivatives("shifted_convolution", ShiftedConvolution)
register_derivatives("tap_correlation", TapCorrelation)

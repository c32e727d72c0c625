"""Convolution with a finite impulse response: causal, of the signal's length, differentiable to any order."""

from typing import Any

import torch
from torch import Tensor

from fxlab.engine.convolution.overlap_save import slide, tap_products
from fxlab.engine.torch_support.custom_ops import apply_custom_op, register_custom_op, register_derivatives
from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.engine.torch_support.tensor_checks import check_matches_signal, check_signal
from fxlab.errors import EngineError


def convolve(x: Tensor, taps: Tensor) -> Tensor:
    """Convolve with an impulse response: y[n] is the sum of taps[k] x[n - k], for as long as x lasts.

    Short kernels are products with Toeplitz matrices, long ones overlap-save by FFT, whichever is measured to
    cost less. float16 and bfloat16 are computed in float32. An FFT spreads its rounding (about -140 dB of the
    frame's loudest sample in float32) over its frame, also to samples before it; NaN and infinity make NaN of the
    samples that they reach, and of no others.

    Shape:
        x: `(..., time)`, any length. taps: `(..., taps)`, at least one. Leading dimensions broadcast, so a
        kernel may be shared, or one for each example or channel. Output: `(..., time)`.

    Raises:
        EngineError: no taps, dimensions that do not broadcast, taps of fewer digits than x, other devices.

    Source:
        A. V. Oppenheim, R. W. Schafer, Discrete-Time Signal Processing, "overlap-save".

    >>> convolve(torch.tensor([1.0, 0.0, 2.0, 0.0]), torch.tensor([0.5, 0.25]))
    tensor([0.5000, 0.2500, 1.0000, 0.5000])
    """
    check_signal("convolve", x)
    check_taps("convolve", taps, x)
    work = torch.float64 if x.dtype == torch.float64 else torch.float32
    y: Tensor = sliding(x.to(work), taps.to(work), 0)
    return y.to(x.dtype)


def check_taps(caller: str, taps: Tensor, x: Tensor) -> None:
    """Refuse taps that are none, or that do not fit the signal."""
    if not isinstance(taps, Tensor):
        raise EngineError(f"{caller}: taps is a {type(taps).__name__}; it must be a tensor (..., taps)")
    if taps.dim() == 0 or taps.shape[-1] == 0:
        raise EngineError(
            f"{caller}: taps has the shape {tuple(taps.shape)}; it must be (..., taps) with at least one tap"
        )
    check_matches_signal(caller, "taps", taps, x)
    try:
        broadcast_shapes(x.shape[:-1], taps.shape[:-1])
    except RuntimeError:
        raise EngineError(
            f"{caller}: x of shape {tuple(x.shape)} and taps of shape {tuple(taps.shape)}: the leading dimensions "
            f"{tuple(x.shape[:-1])} and {tuple(taps.shape[:-1])} do not broadcast; give one kernel of shape (taps,), "
            "or one for each of x's leading dimensions"
        ) from None


def _slide_shapes(x: Tensor, taps: Tensor, advance: int) -> Tensor:  # noqa: ARG001
    return x.new_empty(*broadcast_shapes(x.shape[:-1], taps.shape[:-1]), x.shape[-1])


def _tap_products_shapes(x: Tensor, g: Tensor, taps: int, advance: int, lead: list[int]) -> Tensor:  # noqa: ARG001
    return x.new_empty(*lead, taps)


SLIDE = register_custom_op("slide(Tensor x, Tensor taps, int advance) -> Tensor", slide, _slide_shapes)
TAP_PRODUCTS = register_custom_op(
    "tap_products(Tensor x, Tensor g, int taps, int advance, int[] lead) -> Tensor",
    tap_products,
    _tap_products_shapes,
)


def sliding(x: Tensor, taps: Tensor, advance: int) -> Tensor:
    """Apply `convolve_blocks.slide`, differentiably."""
    y: Tensor = apply_custom_op(Slide, SLIDE, x, taps, advance)
    return y


def multiplying(x: Tensor, g: Tensor, taps: int, advance: int, lead: tuple[int, ...]) -> Tensor:
    """Apply `convolve_blocks.tap_products`, differentiably."""
    h: Tensor = apply_custom_op(TapProducts, TAP_PRODUCTS, x, g, taps, advance, lead)
    return h


class Slide(torch.autograd.Function):
    """`convolve_blocks.slide` with its derivatives."""

    @staticmethod
    def forward(x: Tensor, taps: Tensor, advance: int) -> Tensor:
        """y[n] = sum over j of taps[j] x[n + advance - j]."""
        y: Tensor = SLIDE(x, taps, advance)
        return y

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:  # noqa: ARG004
        """Keep what the derivatives need."""
        x, taps, advance = inputs
        ctx.save_for_backward(x, taps)
        ctx.save_for_forward(x, taps)
        ctx.advance = advance

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, Tensor | None, None]:
        """Correlate the output's gradient with the taps and with the signal."""
        x, taps = ctx.saved_tensors
        (g,) = grads
        count = taps.shape[-1]
        grad_x = grad_taps = None
        if ctx.needs_input_grad[0]:
            grad_x = sliding(g, taps.flip(-1), count - 1 - ctx.advance).sum_to_size(x.shape)
        if ctx.needs_input_grad[1]:
            grad_taps = multiplying(x, g, count, ctx.advance, tuple(taps.shape[:-1]))
        return grad_x, grad_taps, None

    @staticmethod
    def jvp(ctx: Any, *tangents: Any) -> Tensor:
        """Move along both arguments at once."""
        x, taps = ctx.saved_tensors
        dx, dtaps, _ = tangents
        moved: Tensor | None = None if dx is None else sliding(dx, taps, ctx.advance)
        if dtaps is not None:
            other = sliding(x, dtaps, ctx.advance)
            moved = other if moved is None else moved + other
        assert moved is not None
        return moved

    @staticmethod
    def vmap(_info: Any, in_dims: tuple[Any, ...], x: Tensor, taps: Tensor, advance: int) -> tuple[Tensor, int]:
        """Treat the mapped dimension as one more leading dimension."""
        x, taps = aligned(x, in_dims[0], taps, in_dims[1])
        return sliding(x, taps, advance), 0


class TapProducts(torch.autograd.Function):
    """`convolve_blocks.tap_products` with its derivatives."""

    @staticmethod
    def forward(x: Tensor, g: Tensor, taps: int, advance: int, lead: tuple[int, ...]) -> Tensor:
        """h[j] = sum over n of g[n] x[n + advance - j]."""
        h: Tensor = TAP_PRODUCTS(x, g, taps, advance, lead)
        return h

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:  # noqa: ARG004
        """Keep what the derivatives need."""
        x, g, taps, advance, lead = inputs
        ctx.save_for_backward(x, g)
        ctx.save_for_forward(x, g)
        ctx.taps, ctx.advance, ctx.lead = taps, advance, lead

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, Tensor | None, None, None, None]:
        """Slide the taps' gradient over the two signals."""
        x, g = ctx.saved_tensors
        (v,) = grads
        grad_x = grad_g = None
        if ctx.needs_input_grad[0]:
            grad_x = sliding(g, v.flip(-1), ctx.taps - 1 - ctx.advance).sum_to_size(x.shape)
        if ctx.needs_input_grad[1]:
            grad_g = sliding(x, v, ctx.advance).sum_to_size(g.shape)
        return grad_x, grad_g, None, None, None

    @staticmethod
    def jvp(ctx: Any, *tangents: Any) -> Tensor:
        """Move along both arguments at once."""
        x, g = ctx.saved_tensors
        dx, dg = tangents[:2]
        rest = (ctx.taps, ctx.advance, ctx.lead)
        moved: Tensor | None = None if dx is None else multiplying(dx, g, *rest)
        if dg is not None:
            other = multiplying(x, dg, *rest)
            moved = other if moved is None else moved + other
        assert moved is not None
        return moved

    @staticmethod
    def vmap(  # noqa: PLR0917
        info: Any,
        in_dims: tuple[Any, ...],
        x: Tensor,
        g: Tensor,
        taps: int,
        advance: int,
        lead: tuple[int, ...],
    ) -> tuple[Tensor, int]:
        """Treat the mapped dimension as one more leading dimension."""
        x, g = aligned(x, in_dims[0], g, in_dims[1])
        rank = max(x.ndim, g.ndim, len(lead) + 2)
        inner = (1,) * (rank - 2 - len(lead)) + lead
        x = x.reshape(x.shape[0], *(1,) * (rank - x.ndim), *x.shape[1:])
        g = g.reshape(g.shape[0], *(1,) * (rank - g.ndim), *g.shape[1:])
        out = multiplying(x, g, taps, advance, (info.batch_size, *inner))
        return out.reshape(info.batch_size, *lead, taps), 0


def aligned(a: Tensor, a_dim: int | None, b: Tensor, b_dim: int | None) -> tuple[Tensor, Tensor]:
    """Bring mapped dimensions to the front of two tensors that broadcast, so that they broadcast still."""
    a = a.unsqueeze(0) if a_dim is None else a.movedim(a_dim, 0)
    b = b.unsqueeze(0) if b_dim is None else b.movedim(b_dim, 0)
    rank = max(a.ndim, b.ndim)
    a = a.reshape(a.shape[0], *(1,) * (rank - a.ndim), *a.shape[1:])
    b = b.reshape(b.shape[0], *(1,) * (rank - b.ndim), *b.shape[1:])
    return a, b


register_derivatives("slide", Slide)
register_derivatives("tap_products", TapProducts)

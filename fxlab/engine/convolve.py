"""Convolution with a finite impulse response: causal, of the signal's length, differentiable to any order."""

from typing import Any

import torch
from torch import Tensor

from fxlab.engine.convolve_blocks import broadcast, slide, tap_products
from fxlab.errors import EngineError

FLOATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)


def convolve(x: Tensor, taps: Tensor) -> Tensor:
    """Convolve with an impulse response: y[n] is the sum of taps[k] x[n - k], for as long as x lasts.

    Short kernels are products with Toeplitz matrices, long ones overlap-save by FFT, whichever is measured to
    cost less. float16 and bfloat16 are computed in float32. An FFT spreads its rounding (about -140 dB of the
    frame's loudest sample in float32) and any NaN or infinity over its frame, also to samples before it.

    Shape:
        x: `(..., time)`, any length. taps: `(..., taps)`, at least one. Leading dimensions broadcast, so a
        kernel may be shared, or one for each example or channel. Output: `(..., time)`.

    Raises:
        EngineError: no taps, dimensions that do not broadcast, mixed or non-floating types, mixed devices.

    Source:
        A. V. Oppenheim, R. W. Schafer, Discrete-Time Signal Processing, "overlap-save".

    >>> convolve(torch.tensor([1.0, 0.0, 2.0, 0.0]), torch.tensor([0.5, 0.25]))
    tensor([0.5000, 0.2500, 1.0000, 0.5000])
    """
    check_pair(x, taps)
    out_dtype = x.dtype
    work = torch.promote_types(torch.promote_types(x.dtype, taps.dtype), torch.float32)
    x, taps = x.to(work), taps.to(work)
    if x.shape[-1] == 0:
        return (x * taps[..., :1]).to(out_dtype)
    taps = taps[..., : x.shape[-1]]  # a tap beyond the signal's length never meets a sample
    y: Tensor = Slide.apply(x, taps, 0)
    return y.to(out_dtype)


def check_pair(x: Tensor, taps: Tensor) -> None:
    """Raise EngineError where a signal and its taps do not fit together."""
    for name, value in (("x", x), ("taps", taps)):
        if not isinstance(value, Tensor):
            raise EngineError(
                f"convolve: {name} is a {type(value).__name__}; give a floating-point torch.Tensor."
            )
        if value.dtype not in FLOATS:
            raise EngineError(f"convolve: {name} has dtype {value.dtype}; give a real floating-point tensor.")
        if value.ndim == 0:
            raise EngineError(
                f"convolve: {name} is a 0-d tensor; its last dimension is time: give shape (..., {name})."
            )
    if taps.shape[-1] == 0:
        raise EngineError(f"convolve: taps of shape {tuple(taps.shape)} hold no tap; give at least one.")
    if x.device != taps.device:
        raise EngineError(
            f"convolve: x is on {x.device} and taps on {taps.device}; move one to the other's device."
        )
    if {x.dtype, taps.dtype} == {torch.float32, torch.float64}:
        raise EngineError(
            f"convolve: x is {x.dtype} and taps {taps.dtype}; convert one, e.g. taps.to(x.dtype)."
        )
    try:
        broadcast(x.shape[:-1], taps.shape[:-1])
    except RuntimeError:
        raise EngineError(
            f"convolve: the leading dimensions of x {tuple(x.shape)} and taps {tuple(taps.shape)} do not "
            "broadcast; give taps of shape (taps,), or one kernel for each of x's leading dimensions."
        ) from None


class Slide(torch.autograd.Function):
    """`convolve_blocks.slide` with its derivatives."""

    @staticmethod
    def forward(x: Tensor, taps: Tensor, advance: int) -> Tensor:
        """y[n] = sum over j of taps[j] x[n + advance - j]."""
        return slide(x, taps, advance)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], _output: Tensor) -> None:
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
            grad_x = Slide.apply(g, taps.flip(-1), count - 1 - ctx.advance).sum_to_size(x.shape)
        if ctx.needs_input_grad[1]:
            grad_taps = TapProducts.apply(x, g, count, ctx.advance, tuple(taps.shape[:-1]))
        return grad_x, grad_taps, None

    @staticmethod
    def jvp(ctx: Any, *tangents: Any) -> Tensor:
        """Move along both arguments at once."""
        x, taps = ctx.saved_tensors
        dx, dtaps, _ = tangents
        moved: Tensor | None = None if dx is None else Slide.apply(dx, taps, ctx.advance)
        if dtaps is not None:
            other = Slide.apply(x, dtaps, ctx.advance)
            moved = other if moved is None else moved + other
        assert moved is not None
        return moved

    @staticmethod
    def vmap(
        _info: Any, in_dims: tuple[Any, ...], x: Tensor, taps: Tensor, advance: int
    ) -> tuple[Tensor, int]:
        """Treat the mapped dimension as one more leading dimension."""
        x, taps = aligned(x, in_dims[0], taps, in_dims[1])
        return Slide.apply(x, taps, advance), 0


class TapProducts(torch.autograd.Function):
    """`convolve_blocks.tap_products` with its derivatives."""

    @staticmethod
    def forward(x: Tensor, g: Tensor, taps: int, advance: int, lead: tuple[int, ...]) -> Tensor:
        """h[j] = sum over n of g[n] x[n + advance - j]."""
        return tap_products(x, g, taps, advance, lead)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], _output: Tensor) -> None:
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
            grad_x = Slide.apply(g, v.flip(-1), ctx.taps - 1 - ctx.advance).sum_to_size(x.shape)
        if ctx.needs_input_grad[1]:
            grad_g = Slide.apply(x, v, ctx.advance).sum_to_size(g.shape)
        return grad_x, grad_g, None, None, None

    @staticmethod
    def jvp(ctx: Any, *tangents: Any) -> Tensor:
        """Move along both arguments at once."""
        x, g = ctx.saved_tensors
        dx, dg = tangents[:2]
        rest = (ctx.taps, ctx.advance, ctx.lead)
        moved: Tensor | None = None if dx is None else TapProducts.apply(dx, g, *rest)
        if dg is not None:
            other = TapProducts.apply(x, dg, *rest)
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
        out = TapProducts.apply(x, g, taps, advance, (info.batch_size, *inner))
        return out.reshape(info.batch_size, *lead, taps), 0


def aligned(a: Tensor, a_dim: int | None, b: Tensor, b_dim: int | None) -> tuple[Tensor, Tensor]:
    """Bring mapped dimensions to the front of two tensors that broadcast, so that they broadcast still."""
    a = a.unsqueeze(0) if a_dim is None else a.movedim(a_dim, 0)
    b = b.unsqueeze(0) if b_dim is None else b.movedim(b_dim, 0)
    rank = max(a.ndim, b.ndim)
    a = a.reshape(a.shape[0], *(1,) * (rank - a.ndim), *a.shape[1:])
    b = b.reshape(b.shape[0], *(1,) * (rank - b.ndim), *b.shape[1:])
    return a, b

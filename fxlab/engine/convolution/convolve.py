"""`convolve`: convolution with a finite impulse response, truncated to the signal and differentiable to any order."""

import torch
from torch import Tensor

from fxlab.engine.convolution.convolve_autograd import shifted_convolution
from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.engine.torch_support.tensor_checks import check_matches_signal, check_signal
from fxlab.errors import EngineError


def convolve(x: Tensor, taps: Tensor) -> Tensor:
    """Return `x` convolved with an impulse response, y[n] = sum over k of taps[k] x[n - k], with the length of `x`.

    A kernel is applied as a Toeplitz matrix or by overlap-save with FFTs, whichever is estimated to be faster. float16
    and bfloat16 are computed in float32. An FFT spreads its rounding error (in float32 about -140 dB relative to the
    largest sample in its frame) over the whole frame, including outputs before that sample. If all taps are finite, a
    sample that is NaN or infinite makes the outputs from its own position to `taps.shape[-1] - 1` samples later NaN;
    the other outputs are computed as if it were zero.

    Shape:
        x: `(..., time)`, any length. taps: `(..., taps)`, at least one tap. Leading dimensions broadcast, so
        a kernel may be shared, or differ for each example or channel. Output: `(..., time)`, in the dtype of `x`.

    Raises:
        EngineError: `x` or `taps` is not a real floating-point tensor with at least one dimension; there is no tap; the
            leading dimensions do not broadcast; or the taps are less precise than `x` or not on the device of `x`.

    Source:
        A. V. Oppenheim, R. W. Schafer, Discrete-Time Signal Processing, "overlap-save".

    >>> convolve(torch.tensor([1.0, 0.0, 2.0, 0.0]), torch.tensor([0.5, 0.25]))
    tensor([0.5000, 0.2500, 1.0000, 0.5000])
    """
    check_signal("convolve", x)
    check_taps("convolve", taps, x)
    dtype = torch.float64 if x.dtype == torch.float64 else torch.float32
    y: Tensor = shifted_convolution(x.to(dtype), taps.to(dtype), 0)
    return y.to(x.dtype)


def check_taps(caller: str, taps: Tensor, x: Tensor) -> None:
    """Raise an `EngineError` unless `taps` has at least one tap and suits `x` in its shape, dtype and device."""
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

"""The functions of torchaudio that features call. No other file imports torchaudio.

torchaudio is no longer developed. Its filter banks and its DCT are computed in PyTorch's default dtype, and its levels
and phases take no tensors as parameters, so fxlab has its own implementations, which tests compare with torchaudio's.
"""

from __future__ import annotations

from torch import Tensor


def deltas(x: Tensor, win_length: int, mode: str) -> Tensor:
    """Return the slope over `win_length` frames at each frame, with the ends padded in `mode`.

    Shape:
        `(..., frames)`; the output has the same shape.
    """
    from torchaudio.functional import compute_deltas

    result: Tensor = compute_deltas(x, win_length, mode)
    return result


def correlation_pitch(x: Tensor, sample_rate: float, hop: int, smoothing: int, limits: tuple[float, float]) -> Tensor:
    """Return the pitch at which each frame correlates best with the samples before it, in Hz, `(..., frames)`.

    Args:
        x: `(..., time)`.
        sample_rate: In Hz.
        hop: The length of a frame in samples.
        smoothing: The length of the median filter in frames.
        limits: The lowest and the highest pitch in Hz.
    """
    from torchaudio.functional import detect_pitch_frequency

    low, high = limits
    rate = int(sample_rate)
    result: Tensor = detect_pitch_frequency(x, rate, hop / rate, smoothing, int(low), int(high))
    return result

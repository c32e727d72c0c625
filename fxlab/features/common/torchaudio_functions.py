"""The functions of torchaudio that features call. No other file of the features imports torchaudio.

torchaudio is no longer developed. It computes filter banks and the DCT in PyTorch's default dtype, and its conversion
to dB and its estimation of phases accept no tensors as parameters. fxlab therefore has implementations of its own,
which tests compare with torchaudio's.
"""

from __future__ import annotations

from torch import Tensor


def deltas(x: Tensor, win_length: int, mode: str) -> Tensor:
    """Return the slope of `x` at each frame, fitted to `win_length` frames around it.

    The ends are padded in a `mode` of `torch.nn.functional.pad`.

    Shape:
        `(..., frames)`; the output has the same shape.
    """
    from torchaudio.functional import compute_deltas

    result: Tensor = compute_deltas(x, win_length, mode)
    return result


def correlation_pitch(x: Tensor, sample_rate: float, hop: int, smoothing: int, limits: tuple[float, float]) -> Tensor:
    """Return the pitch in Hz whose period is the delay at which each frame correlates best, `(..., frames)`.

    Each frame is correlated with the sound that begins a period later. The median of the periods of `smoothing` frames
    is used, which leaves out the last `smoothing // 2` frames.

    Args:
        x: The sound, `(..., time)`.
        sample_rate: The sample rate in Hz, rounded down to a whole number.
        hop: The length of a frame in samples.
        smoothing: The length of the median filter in frames.
        limits: The lowest and the highest pitch in Hz, rounded down to whole numbers.
    """
    from torchaudio.functional import detect_pitch_frequency

    low, high = limits
    rate = int(sample_rate)
    result: Tensor = detect_pitch_frequency(x, rate, hop / rate, smoothing, int(low), int(high))
    return result

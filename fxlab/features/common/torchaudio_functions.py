"""The function of torchaudio that features call. No other file of the features imports torchaudio.

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

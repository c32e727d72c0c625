"""Overlapping frames of a signal, and the spectra or the Toeplitz matrix of a kernel by which they are multiplied."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import pad

from fxlab.engine.convolution.frame_plan import FramePlan


def zero_padded(x: Tensor, start: int, stop: int) -> Tensor:
    """Return the samples `start` to `stop - 1` of `x` `(..., time)`, with zeros where the range lies outside `x`."""
    length = x.shape[-1]
    low, high = min(max(start, 0), length), min(max(stop, 0), length)
    inside = x[..., low:high]
    if high - low == stop - start:
        return inside
    before = min(max(-start, 0), stop - start)
    return pad(inside, (before, stop - start - before - (high - low)))


def frames_of(x: Tensor, start: int, count: int, plan: FramePlan) -> Tensor:
    """Return `count` overlapping frames of `x` `(..., time)`, `(..., count, frame)`, with zeros outside its length.

    The result is a view of `x`, or of a padded copy if a frame extends beyond `x`. The first frame ends before the
    sample `start + block`, and each later one `block` samples after the previous one.
    """
    first = start + plan.block - plan.frame
    samples = zero_padded(x, first, first + (count - 1) * plan.block + plan.frame)
    frames: Tensor = samples.unfold(-1, plan.frame, plan.block)
    return frames


def partition_spectra(taps: Tensor, plan: FramePlan) -> list[Tensor]:
    """Return the spectra of the partitions of `taps` `(..., taps)`, each `(..., 1, n_fft // 2 + 1)`.

    The dimension of size 1 broadcasts over frames.
    """
    size = plan.taps if plan.partitions == 1 else plan.block
    padded = pad(taps, (0, plan.partitions * size - plan.taps))
    spectra: Tensor = torch.fft.rfft(padded.reshape(*taps.shape[:-1], plan.partitions, size), plan.n_fft)
    return list(torch.split(spectra, 1, -2))


def toeplitz(taps: Tensor, plan: FramePlan) -> Tensor:
    """Return the matrix `(..., frame, block)` whose product with a frame, as a row vector, is a block of outputs.

    Its element (i, j) is the tap j + taps - 1 - i, or 0 if there is no such tap.
    """
    padded = pad(taps.flip(-1), (plan.block - 1, plan.block - 1))
    windows: Tensor = padded.unfold(-1, plan.block, 1)
    matrix: Tensor = torch.flip(windows, (-1,))
    return matrix


def earlier_spectra(x: Tensor, start: int, plan: FramePlan) -> Tensor | None:
    """Return the spectra of the `partitions - 1` frames before the frame that ends at `start + block`.

    The second and later partitions of the kernel are multiplied by them. With a single partition the result is None.

    Shape:
        x: `(..., time)`. Returns `(..., partitions - 1, n_fft // 2 + 1)`, the earliest frame first.
    """
    if plan.partitions == 1:
        return None
    earlier = plan.partitions - 1
    spectra: Tensor = torch.fft.rfft(frames_of(x, start - earlier * plan.block, earlier, plan))
    return spectra


def taps_in_range(length: int, taps: int, advance: int) -> tuple[int, int]:
    """Return the start and the stop of the range of taps that multiply samples; all other taps multiply only zeros.

    Args:
        length: The number of samples of the signal.
        taps: The number of taps of the kernel.
        advance: The advance of `overlap_save_convolve`.
    """
    return max(0, advance - length + 1), min(taps, advance + length)


def with_rank(x: Tensor, rank: int) -> Tensor:
    """Return `x` with dimensions of size 1 in front, so that it has `rank` dimensions."""
    return x.reshape((1,) * (rank - x.ndim) + tuple(x.shape))

"""Correlation by overlap-save: the derivative of the trilinear form of `overlap_save` with respect to the taps."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, prod

import torch
from torch import Tensor
from torch.nn.functional import pad

from fxlab.engine.convolution.frame_plan import FramePlan, choose_frame_plan, samples_per_tile
from fxlab.engine.convolution.frames import earlier_spectra, frames_of, taps_in_range, with_rank, zero_padded
from fxlab.engine.torch_support.precision import widest_dtype
from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.engine.torch_support.worker_pool import max_workers, run_parts

MIN_PARALLEL_SAMPLES = 1 << 18  # with fewer, another thread costs more than it saves
MAX_RUNS = 8  # into which the time axis is divided; each needs memory for a sum of its own


def overlap_save_correlate(x: Tensor, g: Tensor, taps: int, advance: int, batch_shape: Sequence[int]) -> Tensor:
    """Return h[j] = sum over n of g[n] x[n + advance - j] for 0 <= j < taps, with x zero outside its length.

    Shape:
        x and g: `(..., time)`. Returns `(*batch_shape, taps)`, summed over the leading dimensions of `x` and `g` that
        are missing, or of size 1, in `batch_shape`.
    """
    rank = max(x.ndim, g.ndim, len(batch_shape) + 1)
    sum_shape = (*(1,) * (rank - 1 - len(batch_shape)), *batch_shape)
    length = x.shape[-1]
    if x.numel() == 0 or g.numel() == 0:
        return x.new_zeros(*batch_shape, taps)
    low, high = taps_in_range(length, taps, advance)
    x, g = with_rank(x, rank), with_rank(g, rank)
    with torch.autocast(x.device.type, enabled=False):
        out: Tensor = _correlate(x, g, sum_shape, advance - low, choose_frame_plan(length, high - low))
    return pad(out.reshape(*batch_shape, high - low).to(x.dtype), (low, taps - high))


def _correlate(x: Tensor, g: Tensor, sum_shape: tuple[int, ...], advance: int, plan: FramePlan) -> Tensor:
    batch_shape, length = broadcast_shapes(x.shape[:-1], g.shape[:-1]), g.shape[-1]
    rows = max(1, prod(batch_shape))
    frames = max(1, samples_per_tile(plan, x) // (rows * plan.frame), plan.partitions - 1)  # of a tile
    tiles = ceil(length / (frames * plan.block))
    run = ceil(tiles / MAX_RUNS) * frames * plan.block
    runs = [range(start, min(start + run, length), frames * plan.block) for start in range(0, length, run)]
    workers = max_workers() if x.is_cpu and rows * length > MIN_PARALLEL_SAMPLES else 1
    totals = run_parts(lambda starts: _correlate_run(x, g, sum_shape, advance, plan, starts), runs, workers)
    total = totals[0]
    for each in totals[1:]:
        total += each
    if not plan.n_fft:
        # Entry (n, i) of the outer products belongs to tap n - i + taps - 1, so the diagonals are summed.
        strides = (*total.stride()[1:-2], plan.frame + 1, 1)
        diagonals: Tensor = total.as_strided((*sum_shape, plan.block, plan.taps), strides)
        return torch.flip(diagonals.sum(-2), (-1,))
    size = plan.n_fft - plan.block + 1 if plan.partitions == 1 else plan.block
    end = plan.n_fft - plan.block + 1
    lags: Tensor = torch.fft.irfft(total, plan.n_fft)[..., end - size : end]
    return torch.flip(lags, (-1,)).movedim(0, -2).flatten(-2)[..., : plan.taps]


def _correlate_run(  # noqa: PLR0917
    x: Tensor, g: Tensor, sum_shape: tuple[int, ...], advance: int, plan: FramePlan, starts: range
) -> Tensor:
    """Return the sum, over all frames of the tiles at `starts`, of the products of `g` and `x`.

    With FFTs, the products are the cross-spectra of each partition, `(partitions, *sum_shape, n_fft // 2 + 1)`;
    otherwise they are outer products, `(1, *sum_shape, block, frame)`. The products are summed over the leading
    dimensions of `x` and `g` that are of size 1 in `sum_shape`. The step of `starts` is the length of a tile.
    """
    length, real = g.shape[-1], widest_dtype(x)
    bins = (plan.n_fft // 2 + 1,) if plan.n_fft else (plan.block, plan.frame)
    dtype = real.to_complex() if plan.n_fft else real
    total = torch.zeros(plan.partitions, *sum_shape, *bins, dtype=dtype, device=x.device)
    earlier = earlier_spectra(x, starts[0] + advance, plan)
    for start in starts:
        count = ceil((min(start + starts.step, length) - start) / plan.block)
        frames = frames_of(x, start + advance, count, plan)
        blocks = zero_padded(g, start, start + count * plan.block).reshape(*g.shape[:-1], count, plan.block)
        if not plan.n_fft:
            products = torch.matmul(blocks.transpose(-1, -2), frames)
            total[0] += products.sum_to_size((*sum_shape, *bins))
            continue
        spectra, conjugate = torch.fft.rfft(frames), torch.fft.rfft(blocks, plan.n_fft).conj()
        joined = spectra if earlier is None else torch.cat([earlier, spectra], -2)
        for frames_back in range(plan.partitions):
            first = plan.partitions - 1 - frames_back
            products = (joined[..., first : first + count, :] * conjugate).sum(-2)
            total[frames_back] += products.sum_to_size((*sum_shape, *bins))
        earlier = joined[..., count:, :] if plan.partitions > 1 else None
    return total

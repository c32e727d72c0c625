"""Convolution by overlap-save: each of many overlapping frames of a signal gives a block of output.

Every operation here is a derivative of the trilinear form

    T(x, h, g) = sum over n and j of  g[n] h[j] x[n + advance - j]

where x and g have the same length and are zero outside it. `overlap_save_convolve` is the derivative with respect to g
(a convolution, or a correlation with `advance = taps - 1` and reversed taps), and `overlap_save_correlate` that with
respect to h. The derivatives of these two are the same two functions again, so `convolve` has gradients of every order.

A short kernel is applied as a Toeplitz matrix, a longer one by multiplying spectra, and a very long one as a sum of
products of spectra, in which each later partition of the kernel is multiplied by an earlier frame.

Frames are independent, so on the CPU several threads process them, a tile of consecutive frames at a time. In a
convolution the number of frames in a tile must not depend on the number of rows or threads, or the outputs of equal
rows could be rounded differently.
"""

from __future__ import annotations

import math
from itertools import product
from math import ceil, prod

import torch
from torch import Tensor
from torch.nn.functional import pad

from fxlab.engine.convolution.frame_plan import FramePlan, choose_frame_plan, samples_per_tile
from fxlab.engine.convolution.frames import (
    earlier_spectra,
    frames_of,
    partition_spectra,
    taps_in_range,
    toeplitz,
    with_rank,
)
from fxlab.engine.convolution.row_parts import Part, row_parts, take_rows
from fxlab.engine.convolution.row_transforms import irfft_rows, rfft_rows
from fxlab.engine.torch_support.buffer_pool import allocate_like
from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.engine.torch_support.worker_pool import max_workers, run_parts

SHARED_SIGNAL_ROWS = 8  # outputs that may be computed at once from the same signal, whose spectra they share
EARLIER_FRAMES = 8  # the least number of frames in a run for each earlier frame whose spectrum it needs too
MIN_SAMPLES_PER_WORKER = 1 << 18  # with fewer, waking another thread costs more than it saves


def overlap_save_convolve(x: Tensor, taps: Tensor, advance: int) -> Tensor:
    """Return y[n] = sum over j of taps[j] x[n + advance - j], with x zero outside its length.

    Shape:
        x: `(..., time)`. taps: `(..., taps)`. Leading dimensions broadcast. Returns `(..., time)`.
    """
    batch_shape, length = broadcast_shapes(x.shape[:-1], taps.shape[:-1]), x.shape[-1]
    out = allocate_like(x.expand(*batch_shape, length))
    if out.numel():
        low, high = taps_in_range(length, taps.shape[-1], advance)
        taps = taps[..., low:high]
        plan = choose_frame_plan(length, high - low)
        with torch.autocast(x.device.type, enabled=False):
            convolve_into(out, with_rank(x, out.ndim), with_rank(taps, out.ndim), advance - low, plan)
    return out


def convolve_into(out: Tensor, x: Tensor, taps: Tensor, advance: int, plan: FramePlan) -> None:
    """Write the result of `overlap_save_convolve`, computed with the given plan, into `out`.

    All tensors have the same number of dimensions, and `plan` is for the number of taps of `taps`.
    """
    length = out.shape[-1]
    kernel = partition_spectra(taps, plan) if plan.n_fft else [toeplitz(taps, plan)]
    frames = min(max(1, samples_per_tile(plan, out) // plan.frame), ceil(length / plan.block))  # of a tile
    signals = samples_per_tile(plan, out) // (frames * plan.frame)
    is_shared = prod(x.shape[:-1]) < prod(out.shape[:-1])
    rows = row_parts(tuple(out.shape[:-1]), signals * (SHARED_SIGNAL_ROWS if is_shared else 1))
    run = max(frames, EARLIER_FRAMES * (plan.partitions - 1)) * plan.block
    runs = [range(start, min(start + run, length), frames * plan.block) for start in range(0, length, run)]
    workers = min(max_workers(), max(1, out.numel() // MIN_SAMPLES_PER_WORKER)) if out.is_cpu else 1

    def convolve_runs(signal: Tensor, todo: list[tuple[Part, range]]) -> list[float]:
        def convolve_run(run: tuple[Part, range]) -> Tensor:
            part, starts = run
            kernel_of_part = [take_rows(each, part) for each in kernel]
            return _convolve_run(take_rows(out, part), take_rows(signal, part), kernel_of_part, advance, plan, starts)

        totals: list[float] = torch.stack(run_parts(convolve_run, todo, workers)).tolist()
        return totals

    todo = list(product(rows, runs))
    totals = convolve_runs(x, todo)
    if math.isfinite(sum(totals)) or not bool(torch.isfinite(taps).all()):
        return
    # An FFT spreads a sample that is not finite over its frame: set exactly the outputs that depend on it to NaN.
    not_finite = ~torch.isfinite(x)
    rows = [part for part in rows if bool(take_rows(not_finite, part).any())]
    if not rows:  # all samples are finite, but their sum is not
        return
    convolve_runs(x.masked_fill(not_finite, 0.0), list(product(rows, runs)))
    out.masked_fill_(_outputs_of(not_finite, advance, plan.taps), torch.nan)


def _convolve_run(  # noqa: PLR0917
    out: Tensor, x: Tensor, kernel: list[Tensor], advance: int, plan: FramePlan, starts: range
) -> Tensor:
    """Fill the tiles of `out` that begin at `starts`; return a sum `()` that is not finite if an input is not.

    `kernel` is the list of the partitions' spectra or, for a plan without FFTs, a list with the Toeplitz matrix. The
    step of `starts` is the length of a tile. The other arguments are those of `convolve_into`.
    """
    rows, length = tuple(out.shape[:-1]), out.shape[-1]
    earlier = earlier_spectra(x, starts[0] + advance, plan)
    total = out.new_zeros(()) if earlier is None else earlier[..., 0].real.sum()
    for start in starts:
        stop = min(start + starts.step, length)
        frames = frames_of(x, start + advance, ceil((stop - start) / plan.block), plan)
        if plan.n_fft:
            is_single = frames.shape[-2] == 1
            spectra = rfft_rows(frames) if is_single else torch.fft.rfft(frames)
            total += spectra[..., 0].real.sum()
            spectra, earlier = _multiply_partitions(spectra, kernel, earlier)
            blocks = irfft_rows(spectra, plan.n_fft) if is_single else torch.fft.irfft(spectra, plan.n_fft)
            blocks = blocks[..., plan.n_fft - plan.block :]
        else:
            blocks = _matmul_rows(frames, kernel[0], rows)
            total += blocks.sum()
        tile = out[..., start:stop]
        if (stop - start) % plan.block:
            tile.copy_(blocks.flatten(-2)[..., : stop - start])
        else:
            tile.view(*rows, -1, plan.block).copy_(blocks)
    return total


def _matmul_rows(frames: Tensor, matrix: Tensor, rows: tuple[int, ...]) -> Tensor:
    """Return `frames @ matrix`, computed by one product for each row, so that equal rows have equal outputs.

    `rows` are the leading dimensions of the result, to which those of both arguments broadcast.
    """
    flat = (each.expand(*rows, -1, -1).reshape(-1, *each.shape[-2:]) for each in (frames, matrix))
    return torch.bmm(*flat).view(*rows, frames.shape[-2], matrix.shape[-1])


def _multiply_partitions(spectra: Tensor, kernel: list[Tensor], earlier: Tensor | None) -> tuple[Tensor, Tensor | None]:
    """Return the sum of the products of the spectra of frames and those of the partitions of the kernel.

    Partition p, counted from 0, is applied to the frames p blocks earlier. `spectra` has the frames of this tile, and
    `earlier` the frames before them. The second result is `earlier` for the next tile. With a single partition,
    `earlier` and the second result are None, and the product may be computed in place, in `spectra`.

    Shape:
        spectra and the first result: `(..., frames, n_fft // 2 + 1)`; each partition: `(..., 1, n_fft // 2 + 1)`;
        earlier and the second result: `(..., partitions - 1, n_fft // 2 + 1)`.
    """
    first, *later = kernel
    if earlier is None:
        # Multiply in place unless one signal is convolved with many kernels, whose products do not fit in `spectra`.
        in_place = broadcast_shapes(spectra.shape[:-2], first.shape[:-2]) == spectra.shape[:-2]
        return (spectra.mul_(first) if in_place else spectra * first), None
    joined = torch.cat([earlier, spectra], -2)
    summed = spectra * first
    count = spectra.shape[-2]
    for frames_back, partition in enumerate(later, start=1):
        start = len(later) - frames_back
        summed.addcmul_(joined[..., start : start + count, :], partition)
    return summed, joined[..., count:, :]


def _outputs_of(marked: Tensor, advance: int, taps: int) -> Tensor:
    """Return a mask of the outputs that depend on a sample where `marked` is true, through any of `taps` taps.

    Output n depends on the samples from `n + advance - taps + 1` to `n + advance`. Both masks are `(..., time)`.
    """
    length = marked.shape[-1]
    counts = pad(marked.cumsum(-1), (1, 0))
    after = torch.arange(1, length + 1, device=marked.device) + advance
    high, low = after.clamp(0, length), (after - taps).clamp(0, length)
    return counts[..., high] > counts[..., low]

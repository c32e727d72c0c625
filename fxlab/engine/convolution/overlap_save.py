"""Convolution and correlation by overlap-save: each of many overlapping frames of a signal gives a block of output.

Every operation here is a derivative of the trilinear form

    T(x, h, g) = sum over n and j of  g[n] h[j] x[n + advance - j]

where x and g have the same length and are zero outside it. `overlap_save_convolve` is the derivative with respect to g
(a convolution, or a correlation with `advance = taps - 1` and reversed taps), and `overlap_save_correlate` the one with
respect to h. The derivatives of these two are the same two functions again, so `convolve` has gradients of every order.

Each frame of inputs gives a block of outputs. A short kernel is applied as a Toeplitz matrix, a longer one
by multiplying spectra, and a very long one as a sum of products of spectra, in which each later partition of the kernel
is multiplied by an earlier frame.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil, prod

import torch
from torch import Tensor
from torch.nn.functional import pad

from fxlab.engine.convolution.frame_plan import FramePlan, choose_frame_plan, samples_per_tile
from fxlab.engine.torch_support.buffer_pool import allocate_like
from fxlab.engine.torch_support.precision import widest_dtype
from fxlab.engine.torch_support.shapes import broadcast_shapes


def overlap_save_convolve(x: Tensor, taps: Tensor, advance: int) -> Tensor:
    """Return y[n] = sum over j of taps[j] x[n + advance - j], with x zero outside its length.

    The leading dimensions of `x` and `taps` broadcast.
    """
    batch_shape, length = broadcast_shapes(x.shape[:-1], taps.shape[:-1]), x.shape[-1]
    out = allocate_like(x.expand(*batch_shape, length))
    if out.numel():
        low, high = _taps_in_range(length, taps.shape[-1], advance)
        taps = taps[..., low:high]
        plan = choose_frame_plan(length, high - low)
        with torch.autocast(x.device.type, enabled=False):
            convolve_into(out, _with_rank(x, out.ndim), _with_rank(taps, out.ndim), advance - low, plan)
    return out


def overlap_save_correlate(x: Tensor, g: Tensor, taps: int, advance: int, batch_shape: Sequence[int]) -> Tensor:
    """Return h[j] = sum over n of g[n] x[n + advance - j] for j < taps, `(*batch_shape, taps)`.

    The result is also summed over the leading dimensions of `x` and `g` that `batch_shape` does not have.
    """
    rank = max(x.ndim, g.ndim, len(batch_shape) + 1)
    sum_shape = (*(1,) * (rank - 1 - len(batch_shape)), *batch_shape)
    length = x.shape[-1]
    if x.numel() == 0 or g.numel() == 0:
        return x.new_zeros(*batch_shape, taps)
    low, high = _taps_in_range(length, taps, advance)
    x, g = _with_rank(x, rank), _with_rank(g, rank)
    with torch.autocast(x.device.type, enabled=False):
        out: Tensor = _correlate(x, g, sum_shape, advance - low, choose_frame_plan(length, high - low))
    return pad(out.reshape(*batch_shape, high - low).to(x.dtype), (low, taps - high))


def _taps_in_range(length: int, taps: int, advance: int) -> tuple[int, int]:
    """Return the range of taps that are multiplied by any sample; a kernel longer than the signal has unused taps."""
    return max(0, advance - length + 1), min(taps, advance + length)


def _with_rank(x: Tensor, rank: int) -> Tensor:
    return x.reshape((1,) * (rank - x.ndim) + tuple(x.shape))


def _dimension_to_split(rows: tuple[int, ...], frame: int, length: int, max_samples: int) -> int | None:
    """Return the leading dimension to halve if even short parts of all rows exceed `max_samples`, else None."""
    if prod(rows) * min(max(frame, max_samples // 8), length) <= max_samples:
        return None
    largest = max(range(len(rows)), key=lambda dim: rows[dim])
    return largest if rows[largest] > 1 else None


def _slice_dimension(x: Tensor, dim: int, start: int, stop: int) -> Tensor:
    """Return `x[start:stop]` along `dim`, or all of `x` if it broadcasts along it."""
    return x if x.shape[dim] == 1 else x[(slice(None),) * dim + (slice(start, stop),)]


def convolve_into(out: Tensor, x: Tensor, taps: Tensor, advance: int, plan: FramePlan) -> None:
    """Convolve by a given plan and write the result into `out`; all tensors have the same number of dimensions."""
    rows, length = tuple(out.shape[:-1]), out.shape[-1]
    dim = _dimension_to_split(rows, plan.frame * plan.partitions, length, samples_per_tile(out))
    if dim is not None:
        middle = rows[dim] // 2
        for start, stop in ((0, middle), (middle, rows[dim])):
            x_half, taps_half = (_slice_dimension(value, dim, start, stop) for value in (x, taps))
            convolve_into(_slice_dimension(out, dim, start, stop), x_half, taps_half, advance, plan)
        return
    total = _convolve_tiles(out, x, taps, advance, plan)
    if not bool(torch.isfinite(total)) and bool(torch.isfinite(taps).all()):
        # An FFT spreads such a sample over its entire frame. Set exactly the outputs that depend on it to NaN instead.
        not_finite = ~torch.isfinite(x)
        _convolve_tiles(out, x.masked_fill(not_finite, 0.0), taps, advance, plan)
        out.masked_fill_(_outputs_of(not_finite, advance, plan.taps), torch.nan)


def _convolve_tiles(out: Tensor, x: Tensor, taps: Tensor, advance: int, plan: FramePlan) -> Tensor:
    """Fill `out` tile by tile, and return a scalar that is not finite if any sample is not finite."""
    rows, length = tuple(out.shape[:-1]), out.shape[-1]
    kernel = _partition_spectra(taps, plan) if plan.n_fft else [_toeplitz(taps, plan)]
    total = out.new_zeros(())
    earlier = _earlier_spectra(x, advance, plan)
    for start, count in _tile_starts(prod(rows), length, plan, out):
        outputs = min(count * plan.block, length - start)
        frames = _frames(x, start + advance, ceil(outputs / plan.block), plan)
        if plan.n_fft:
            spectra = torch.fft.rfft(frames)
            total += spectra[..., 0].real.sum()
            spectra, earlier = _multiply_partitions(spectra, kernel, earlier)
            blocks = torch.fft.irfft(spectra, plan.n_fft)[..., plan.n_fft - plan.block :]
        else:
            blocks = torch.matmul(frames, kernel[0])
            total += blocks.sum()
        tile = out[..., start : start + outputs]
        if outputs % plan.block:
            tile.copy_(blocks.flatten(-2)[..., :outputs])
        else:
            tile.view(*rows, -1, plan.block).copy_(blocks)
    return total


def _tile_starts(rows: int, length: int, plan: FramePlan, like: Tensor) -> Iterator[tuple[int, int]]:
    """Yield the first output and the number of frames of each tile, at least one for each partition after the first."""
    count = max(1, samples_per_tile(like) // (rows * plan.frame), plan.partitions - 1)
    for start in range(0, length, count * plan.block):
        yield start, count


def _earlier_spectra(x: Tensor, advance: int, plan: FramePlan) -> Tensor | None:
    """Return the spectra of the frames before the first one, by which later partitions of the kernel are multiplied."""
    if plan.partitions == 1:
        return None
    earlier = plan.partitions - 1
    spectra: Tensor = torch.fft.rfft(_frames(x, advance - earlier * plan.block, earlier, plan))
    return spectra


def _multiply_partitions(spectra: Tensor, kernel: list[Tensor], earlier: Tensor | None) -> tuple[Tensor, Tensor | None]:
    """Multiply the spectra of the frames by each partition of the kernel, and sum the products.

    The first partition is applied to the frames of this tile, each later one to frames one more block earlier.
    Returns the sums, and the spectra that the next tile needs.
    """
    first, *later = kernel
    if earlier is None:
        # Multiply in place unless one signal is convolved with many kernels, whose products do not fit in `spectra`.
        in_place = prod(spectra.shape[:-2]) >= prod(first.shape[:-2])
        return (spectra.mul_(first) if in_place else spectra * first), None
    joined = torch.cat([earlier, spectra], -2)
    summed = spectra * first
    count = spectra.shape[-2]
    for frames_back, partition in enumerate(later, start=1):
        start = len(later) - frames_back
        summed.addcmul_(joined[..., start : start + count, :], partition)
    return summed, joined[..., count:, :]


def _outputs_of(marked: Tensor, advance: int, taps: int) -> Tensor:
    """Return a mask of the outputs that depend on a marked sample through any of `taps` taps."""
    length = marked.shape[-1]
    counts = pad(marked.cumsum(-1), (1, 0))
    after = torch.arange(1, length + 1, device=marked.device) + advance
    high, low = after.clamp(0, length), (after - taps).clamp(0, length)
    return counts[..., high] > counts[..., low]


def _correlate(x: Tensor, g: Tensor, sum_shape: tuple[int, ...], advance: int, plan: FramePlan) -> Tensor:
    batch_shape, length = broadcast_shapes(x.shape[:-1], g.shape[:-1]), g.shape[-1]
    real = widest_dtype(x)
    bins = (plan.n_fft // 2 + 1,) if plan.n_fft else (plan.block, plan.frame)
    dtype = real.to_complex() if plan.n_fft else real
    total = torch.zeros(plan.partitions, *sum_shape, *bins, dtype=dtype, device=x.device)
    earlier = _earlier_spectra(x, advance, plan)
    for start, max_count in _tile_starts(max(1, prod(batch_shape)), length, plan, x):
        count = min(max_count, ceil((length - start) / plan.block))
        frames = _frames(x, start + advance, count, plan)
        blocks = _zero_padded(g, start, start + count * plan.block).reshape(*g.shape[:-1], count, plan.block)
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
    if not plan.n_fft:
        # Entry (n, i) of the outer products belongs to tap n - i + taps - 1, so the diagonals are summed.
        strides = (*total.stride()[1:-2], plan.frame + 1, 1)
        diagonals: Tensor = total.as_strided((*sum_shape, plan.block, plan.taps), strides)
        return torch.flip(diagonals.sum(-2), (-1,))
    size = plan.n_fft - plan.block + 1 if plan.partitions == 1 else plan.block
    end = plan.n_fft - plan.block + 1
    lags: Tensor = torch.fft.irfft(total, plan.n_fft)[..., end - size : end]
    return torch.flip(lags, (-1,)).movedim(0, -2).flatten(-2)[..., : plan.taps]


def _zero_padded(x: Tensor, start: int, stop: int) -> Tensor:
    """Return x[start:stop], with zeros where the range lies outside x."""
    length = x.shape[-1]
    low, high = min(max(start, 0), length), min(max(stop, 0), length)
    inside = x[..., low:high]
    if high - low == stop - start:
        return inside
    before = min(max(-start, 0), stop - start)
    return pad(inside, (before, stop - start - before - (high - low)))


def _frames(x: Tensor, start: int, count: int, plan: FramePlan) -> Tensor:
    """Return x as a view of `count` overlapping frames (..., count, frame); the first ends at `start + block`."""
    first = start + plan.block - plan.frame
    samples = _zero_padded(x, first, first + (count - 1) * plan.block + plan.frame)
    frames: Tensor = samples.unfold(-1, plan.frame, plan.block)
    return frames


def _partition_spectra(taps: Tensor, plan: FramePlan) -> list[Tensor]:
    """Return the spectrum of each partition of the taps, with a dimension for the frames: (..., 1, bins)."""
    size = plan.taps if plan.partitions == 1 else plan.block
    padded = pad(taps, (0, plan.partitions * size - plan.taps))
    spectra: Tensor = torch.fft.rfft(padded.reshape(*taps.shape[:-1], plan.partitions, size), plan.n_fft)
    return list(torch.split(spectra, 1, -2))


def _toeplitz(taps: Tensor, plan: FramePlan) -> Tensor:
    """Return the matrix (..., frame, block) that maps a frame to a block, with h[j + taps - 1 - i] at (i, j)."""
    padded = pad(taps.flip(-1), (plan.block - 1, plan.block - 1))
    windows: Tensor = padded.unfold(-1, plan.block, 1)
    matrix: Tensor = torch.flip(windows, (-1,))
    return matrix

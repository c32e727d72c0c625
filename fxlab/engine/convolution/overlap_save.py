"""Overlapping frames of a signal, each turned into a block of output: the arithmetic under `convolve`.

Every operation here is the one trilinear form

    T(x, h, g) = sum over n and j of  g[n] h[j] x[n + advance - j]

with x and g of equal length and zero outside it. `slide` is its derivative by g (a convolution, or with
`advance = taps - 1` and flipped taps a correlation), `tap_products` its derivative by h. The two are closed
under differentiation, so `convolve` has gradients of every order from these two functions.

A frame of inputs gives a block of outputs (overlap-save). What differs is only how: a short kernel is one product
with a Toeplitz matrix, a longer one a product of spectra, a very long one a sum of products of spectra, for each
part of the kernel with an earlier frame.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil, prod

import torch
from torch import Tensor
from torch.nn.functional import pad

from fxlab.engine.convolution.frame_plan import Plan, plan, tile
from fxlab.engine.torch_support.buffer_pool import allocate_like
from fxlab.engine.torch_support.shapes import broadcast_shapes


def slide(x: Tensor, taps: Tensor, advance: int) -> Tensor:
    """y[n] = sum over j of taps[j] x[n + advance - j], x zero outside its length; leading dims broadcast."""
    lead, length = broadcast_shapes(x.shape[:-1], taps.shape[:-1]), x.shape[-1]
    out = allocate_like(x.expand(*lead, length))
    if out.numel():
        low, high = _reached(length, taps.shape[-1], advance)
        taps = taps[..., low:high]
        cut = plan(length, high - low)
        with torch.autocast(x.device.type, enabled=False):
            _slide_into(out, _ranked(x, out.ndim), _ranked(taps, out.ndim), advance - low, cut)
    return out


def tap_products(x: Tensor, g: Tensor, taps: int, advance: int, lead: Sequence[int]) -> Tensor:
    """h[j] = sum over n of g[n] x[n + advance - j] for j < taps, summed over the dims that `lead` has not."""
    rank = max(x.ndim, g.ndim, len(lead) + 1)
    goal = (*(1,) * (rank - 1 - len(lead)), *lead)
    length = x.shape[-1]
    if x.numel() == 0 or g.numel() == 0:
        return x.new_zeros(*lead, taps)
    low, high = _reached(length, taps, advance)
    x, g = _ranked(x, rank), _ranked(g, rank)
    with torch.autocast(x.device.type, enabled=False):
        out: Tensor = _tap_products(x, g, goal, advance - low, plan(length, high - low))
    return pad(out.reshape(*lead, high - low).to(x.dtype), (low, taps - high))


def _reached(length: int, taps: int, advance: int) -> tuple[int, int]:
    """Of taps longer than the signal, give the range of those that meet a sample."""
    return max(0, advance - length + 1), min(taps, advance + length)


def _ranked(x: Tensor, rank: int) -> Tensor:
    return x.reshape((1,) * (rank - x.ndim) + tuple(x.shape))


def _split(rows: tuple[int, ...], frame: int, length: int, most: int) -> int | None:
    """Pick the leading dimension to halve where even short stretches of all rows are too much at once."""
    if prod(rows) * min(max(frame, most // 8), length) <= most:
        return None
    largest = max(range(len(rows)), key=lambda dim: rows[dim])
    return largest if rows[largest] > 1 else None


def _half(x: Tensor, dim: int, start: int, stop: int) -> Tensor:
    return x if x.shape[dim] == 1 else x[(slice(None),) * dim + (slice(start, stop),)]


def _slide_into(out: Tensor, x: Tensor, taps: Tensor, advance: int, cut: Plan) -> None:
    rows, length = tuple(out.shape[:-1]), out.shape[-1]
    dim = _split(rows, cut.frame * cut.parts, length, tile(out))
    if dim is not None:
        middle = rows[dim] // 2
        for start, stop in ((0, middle), (middle, rows[dim])):
            part = _half(out, dim, start, stop)
            _slide_into(part, _half(x, dim, start, stop), _half(taps, dim, start, stop), advance, cut)
        return
    total = _tiles_into(out, x, taps, advance, cut)
    if not bool(torch.isfinite(total)) and bool(torch.isfinite(taps).all()):
        bad = ~torch.isfinite(x)
        _tiles_into(out, x.masked_fill(bad, 0.0), taps, advance, cut)
        out.masked_fill_(_in_reach(bad, advance, cut.taps), torch.nan)


def _tiles_into(out: Tensor, x: Tensor, taps: Tensor, advance: int, cut: Plan) -> Tensor:
    """Fill out tile by tile; the scalar given back is not finite where a sample was not."""
    rows, length = tuple(out.shape[:-1]), out.shape[-1]
    kernel = _spectra(taps, cut) if cut.n_fft else [_toeplitz(taps, cut)]
    total = out.new_zeros(())
    earlier = _earlier(x, advance, cut)
    for start, count in _tile_starts(prod(rows), length, cut, out):
        wanted = min(count * cut.block, length - start)
        frames = _frames(x, start + advance, ceil(wanted / cut.block), cut)
        if cut.n_fft:
            spectra = torch.fft.rfft(frames)
            total += spectra[..., 0].real.sum()
            spectra, earlier = _multiplied(spectra, kernel, earlier)
            blocks = torch.fft.irfft(spectra, cut.n_fft)[..., cut.n_fft - cut.block :]
        else:
            blocks = torch.matmul(frames, kernel[0])
            total += blocks.sum()
        there = out[..., start : start + wanted]
        if wanted % cut.block:
            there.copy_(blocks.flatten(-2)[..., :wanted])
        else:
            there.view(*rows, -1, cut.block).copy_(blocks)
    return total


def _tile_starts(rows: int, length: int, cut: Plan, like: Tensor) -> Iterator[tuple[int, int]]:
    """Where the tiles begin, and how many frames they have: no fewer than there are parts to look back on."""
    count = max(1, tile(like) // (rows * cut.frame), cut.parts - 1)
    for start in range(0, length, count * cut.block):
        yield start, count


def _earlier(x: Tensor, advance: int, cut: Plan) -> Tensor | None:
    """Give the spectra of the frames before the first, which later parts of the kernel look back on."""
    if cut.parts == 1:
        return None
    spectra: Tensor = torch.fft.rfft(_frames(x, advance - (cut.parts - 1) * cut.block, cut.parts - 1, cut))
    return spectra


def _multiplied(spectra: Tensor, kernel: list[Tensor], earlier: Tensor | None) -> tuple[Tensor, Tensor | None]:
    """Multiply the frames by the first part of the kernel, and earlier frames by the later parts."""
    first, *later = kernel
    if earlier is None:
        alone = prod(spectra.shape[:-2]) >= prod(first.shape[:-2])  # else one signal meets many kernels
        return (spectra.mul_(first) if alone else spectra * first), None
    joined = torch.cat([earlier, spectra], -2)
    summed = spectra * first
    count = spectra.shape[-2]
    for back, part in enumerate(later, start=1):
        start = len(later) - back
        summed.addcmul_(joined[..., start : start + count, :], part)
    return summed, joined[..., count:, :]


def _in_reach(bad: Tensor, advance: int, taps: int) -> Tensor:
    """Where one of the `taps` samples that an output is made of is marked in `bad`."""
    length = bad.shape[-1]
    counts = pad(bad.cumsum(-1), (1, 0))
    after = torch.arange(1, length + 1, device=bad.device) + advance
    high, low = after.clamp(0, length), (after - taps).clamp(0, length)
    return counts[..., high] > counts[..., low]


def _tap_products(x: Tensor, g: Tensor, goal: tuple[int, ...], advance: int, cut: Plan) -> Tensor:
    lead, length = broadcast_shapes(x.shape[:-1], g.shape[:-1]), g.shape[-1]
    exact = torch.float32 if x.device.type == "mps" else torch.float64
    bins = (cut.n_fft // 2 + 1,) if cut.n_fft else (cut.block, cut.frame)
    total = torch.zeros(cut.parts, *goal, *bins, dtype=exact.to_complex() if cut.n_fft else exact, device=x.device)
    earlier = _earlier(x, advance, cut)
    for start, count in _tile_starts(max(1, prod(lead)), length, cut, x):
        number = min(count, ceil((length - start) / cut.block))
        frames = _frames(x, start + advance, number, cut)
        blocks = _padded(g, start, start + number * cut.block).reshape(*g.shape[:-1], number, cut.block)
        if not cut.n_fft:
            products = torch.matmul(blocks.transpose(-1, -2), frames)
            total[0] += products.sum_to_size((*goal, *bins))
            continue
        spectra, conjugate = torch.fft.rfft(frames), torch.fft.rfft(blocks, cut.n_fft).conj()
        joined = spectra if earlier is None else torch.cat([earlier, spectra], -2)
        for back in range(cut.parts):
            first = cut.parts - 1 - back
            products = (joined[..., first : first + number, :] * conjugate).sum(-2)
            total[back] += products.sum_to_size((*goal, *bins))
        earlier = joined[..., number:, :] if cut.parts > 1 else None
    if not cut.n_fft:
        strides = (*total.stride()[1:-2], cut.frame + 1, 1)
        diagonals: Tensor = total.as_strided((*goal, cut.block, cut.taps), strides)
        return torch.flip(diagonals.sum(-2), (-1,))
    each = cut.n_fft - cut.block + 1 if cut.parts == 1 else cut.block
    lags: Tensor = torch.fft.irfft(total, cut.n_fft)[..., cut.n_fft - cut.block - each + 1 : cut.n_fft - cut.block + 1]
    return torch.flip(lags, (-1,)).movedim(0, -2).flatten(-2)[..., : cut.taps]


def _padded(x: Tensor, start: int, stop: int) -> Tensor:
    """x[start:stop] with zeros wherever that reaches outside x."""
    length = x.shape[-1]
    low, high = min(max(start, 0), length), min(max(stop, 0), length)
    inside = x[..., low:high]
    if high - low == stop - start:
        return inside
    before = min(max(-start, 0), stop - start)
    return pad(inside, (before, stop - start - before - (high - low)))


def _frames(x: Tensor, start: int, count: int, cut: Plan) -> Tensor:
    """View x as `count` overlapping frames (..., count, frame); the first ends `block` after `start`."""
    first = start + cut.block - cut.frame
    needed = _padded(x, first, first + (count - 1) * cut.block + cut.frame)
    frames: Tensor = needed.unfold(-1, cut.frame, cut.block)
    return frames


def _spectra(taps: Tensor, cut: Plan) -> list[Tensor]:
    """Give the spectrum of each part of the taps, with a dimension for the frames: (..., 1, bins)."""
    size = cut.taps if cut.parts == 1 else cut.block
    parts = pad(taps, (0, cut.parts * size - cut.taps)).reshape(*taps.shape[:-1], cut.parts, size)
    spectra: Tensor = torch.fft.rfft(parts, cut.n_fft)
    return list(torch.split(spectra, 1, -2))


def _toeplitz(taps: Tensor, cut: Plan) -> Tensor:
    """Build the matrix (..., frame, block), h[j + taps - 1 - i] at (i, j), that makes a frame a block."""
    wide = pad(taps.flip(-1), (cut.block - 1, cut.block - 1))
    windows: Tensor = wide.unfold(-1, cut.block, 1)
    matrix: Tensor = torch.flip(windows, (-1,))
    return matrix

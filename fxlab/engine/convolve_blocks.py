"""Overlapping frames of a signal, each turned into a block of output: the arithmetic under `convolve`.

Every operation here is the one trilinear form

    T(x, h, g) = sum over n and j of  g[n] h[j] x[n + advance - j]

with x and g of equal length and zero outside it. `slide` is its derivative by g (a convolution, or with
`advance = taps - 1` and flipped taps a correlation), `tap_products` its derivative by h. The two are closed
under differentiation, so `convolve` has gradients of every order from these two functions.

A frame of `block + taps - 1` inputs gives `block` outputs (overlap-save). What differs is only how: a short
kernel is one product with a Toeplitz matrix, a long one a product of spectra.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, log2, prod

import torch
from torch import Tensor
from torch.nn.functional import pad

# Nanoseconds a frame sample for the transforms and the product between, by log2 of the frame: measured on two
# cores with tiles of TILE samples (benchmarks/engine_convolution.py prints it again). Only ratios matter.
FFT_COST = dict(enumerate((1.6, 1.1, 1.0, 1.0, 1.2, 1.4, 1.5, 1.7, 2.0, 2.4, 3.0, 4.3), start=6))
FFT_COST_SLOPE = 2.0  # a further doubling, where one transform no longer fits a core's cache
# Nanoseconds an output, directly, by block: (fixed, for each sample of the frame).
DIRECT_COST = {16: (0.45, 0.016), 32: (0.5, 0.016), 64: (0.5, 0.017)}
FFT_CALL = 40_000.0  # what a kernel's first frame costs whatever its length
DIRECT_CALL = 20_000.0
TILE = 1 << 19  # samples worked on at once: few enough to stay in cache, enough to keep the cores busy
DEVICE_TILE = 1 << 24  # the same on a GPU, where starting a kernel costs more than leaving the cache


@dataclass(frozen=True)
class Plan:
    """How a signal is cut: frames of `block + taps - 1` inputs give `block` outputs, by FFT or directly."""

    taps: int
    block: int
    n_fft: int  # 0: directly

    @property
    def frame(self) -> int:
        """Inputs a frame."""
        return self.block + self.taps - 1


@lru_cache(maxsize=4096)
def plan(length: int, taps: int) -> Plan:
    """Choose the cheapest cut for `length` outputs of `taps` taps by the measured costs above."""
    best, cheapest = Plan(taps, 16, 0), float("inf")
    for block, (fixed, each) in DIRECT_COST.items():
        cost = DIRECT_CALL + ceil(length / block) * block * (fixed + each * (block + taps - 1))
        if cost < cheapest:
            best, cheapest = Plan(taps, block, 0), cost
    for bits in range(max(6, ceil(log2(taps + 1))), max(6, ceil(log2(length + taps))) + 1):
        n_fft = 1 << bits
        block = n_fft - taps + 1
        each = FFT_COST.get(bits, FFT_COST[17] + FFT_COST_SLOPE * (bits - 17))
        cost = FFT_CALL + (ceil(length / block) + 0.5) * n_fft * each
        if cost < cheapest:
            best, cheapest = Plan(taps, block, n_fft), cost
    return best


def broadcast(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...]:
    """Broadcast two shapes; raises RuntimeError where they do not fit."""
    return tuple(torch.broadcast_shapes(one, other))  # type: ignore[no-untyped-call]


def slide(x: Tensor, taps: Tensor, advance: int) -> Tensor:
    """y[n] = sum over j of taps[j] x[n + advance - j], x zero outside its length; leading dims broadcast."""
    lead, length = broadcast(x.shape[:-1], taps.shape[:-1]), x.shape[-1]
    out = x.new_empty((*lead, length))
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


def _tile(x: Tensor) -> int:
    return TILE if x.device.type == "cpu" else DEVICE_TILE


def _split(rows: tuple[int, ...], frame: int, length: int, tile: int) -> int | None:
    """Pick the leading dimension to halve where even short stretches of all rows are too much at once."""
    if prod(rows) * min(max(frame, tile // 8), length) <= tile:
        return None
    largest = max(range(len(rows)), key=lambda dim: rows[dim])
    return largest if rows[largest] > 1 else None


def _half(x: Tensor, dim: int, start: int, stop: int) -> Tensor:
    return x if x.shape[dim] == 1 else x[(slice(None),) * dim + (slice(start, stop),)]


def _slide_into(out: Tensor, x: Tensor, taps: Tensor, advance: int, cut: Plan) -> None:
    rows, length = tuple(out.shape[:-1]), out.shape[-1]
    tile = _tile(out)
    dim = _split(rows, cut.frame, length, tile)
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
    kernel = _spectrum(taps, cut) if cut.n_fft else _toeplitz(taps, cut)
    in_place = prod(x.shape[:-1]) == prod(rows)  # else one signal meets many kernels
    count = max(1, _tile(out) // (prod(rows) * cut.frame))
    total = out.new_zeros(())
    for start in range(0, length, count * cut.block):
        wanted = min(count * cut.block, length - start)
        frames = _frames(x, start + advance, ceil(wanted / cut.block), cut)
        if cut.n_fft:
            spectra = torch.fft.rfft(frames, cut.n_fft)
            total += spectra[..., 0].real.sum()
            spectra = spectra.mul_(kernel) if in_place else spectra * kernel
            blocks = torch.fft.irfft(spectra, cut.n_fft)[..., cut.taps - 1 :]
        else:
            blocks = torch.matmul(frames, kernel)
            total += blocks.sum()
        there = out[..., start : start + wanted]
        if wanted % cut.block:
            there.copy_(blocks.flatten(-2)[..., :wanted])
        else:
            there.view(*rows, -1, cut.block).copy_(blocks)
    return total


def _in_reach(bad: Tensor, advance: int, taps: int) -> Tensor:
    """Where one of the `taps` samples that an output is made of is marked in `bad`."""
    length = bad.shape[-1]
    counts = pad(bad.cumsum(-1), (1, 0))
    after = torch.arange(1, length + 1, device=bad.device) + advance
    high, low = after.clamp(0, length), (after - taps).clamp(0, length)
    return counts[..., high] > counts[..., low]


def _tap_products(x: Tensor, g: Tensor, goal: tuple[int, ...], advance: int, cut: Plan) -> Tensor:
    lead, length = broadcast(x.shape[:-1], g.shape[:-1]), g.shape[-1]
    total: Tensor | None = None
    count = max(1, _tile(g) // (max(1, prod(lead)) * cut.frame))
    wide = torch.complex128 if cut.n_fft else torch.float64
    wide = wide if x.device.type != "mps" else (torch.complex64 if cut.n_fft else torch.float32)
    for start in range(0, length, count * cut.block):
        wanted = min(count * cut.block, length - start)
        number = ceil(wanted / cut.block)
        frames = _frames(x, start + advance, number, cut)
        blocks = _padded(g, start, start + number * cut.block)
        blocks = blocks.reshape(*g.shape[:-1], number, cut.block)
        if cut.n_fft:
            spectra = torch.fft.rfft(blocks, cut.n_fft).conj() * torch.fft.rfft(frames, cut.n_fft)
            part = spectra.sum(-2).sum_to_size((*goal, spectra.shape[-1]))
        else:
            part = torch.matmul(blocks.transpose(-1, -2), frames).sum_to_size((*goal, cut.block, cut.frame))
        part = part.to(wide)
        total = part if total is None else total.add_(part)
    assert total is not None
    if cut.n_fft:
        summed: Tensor = torch.fft.irfft(total, cut.n_fft)[..., : cut.taps]
        return torch.flip(summed, (-1,))
    total = total.contiguous()
    strides = (*total.stride()[:-2], cut.frame + 1, 1)
    diagonals: Tensor = total.as_strided((*goal, cut.block, cut.taps), strides)
    return torch.flip(diagonals.sum(-2), (-1,))


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
    first = start - (cut.taps - 1)
    needed = _padded(x, first, first + (count - 1) * cut.block + cut.frame)
    frames: Tensor = needed.unfold(-1, cut.frame, cut.block)
    return frames


def _spectrum(taps: Tensor, cut: Plan) -> Tensor:
    spectrum: Tensor = torch.fft.rfft(taps, cut.n_fft)
    return spectrum.unsqueeze(-2)


def _toeplitz(taps: Tensor, cut: Plan) -> Tensor:
    """Build the matrix (..., frame, block), h[j + taps - 1 - i] at (i, j), that makes a frame a block."""
    wide = pad(taps.flip(-1), (cut.block - 1, cut.block - 1))
    windows: Tensor = wide.unfold(-1, cut.block, 1)
    matrix: Tensor = torch.flip(windows, (-1,))
    return matrix

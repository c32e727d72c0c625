"""Streaming convolution without latency: long impulse responses in partitions, blocks of any size."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import pad

from fxlab.engine.convolution.convolve import check_taps
from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.engine.torch_support.tensor_checks import check_signal
from fxlab.errors import EngineError

SMALLEST, LARGEST = 64, 1 << 15  # of the first stage's partitions
GROWTH = 16  # how many times longer the partitions of the second stage are


class StreamingConvolver:
    """`convolve` for a signal that comes in blocks: each block's output is whole when the block is.

    The first taps are convolved in partitions of about a block, later ones in partitions sixteen times as long, each
    partition a product of spectra (uniform overlap-save within a stage). The outputs of all blocks one after the
    other are those of `convolve` on the whole signal. Carries no gradient: train with `convolve`.

    Shape:
        taps: `(..., taps)`. Called with blocks `(..., time)` of any lengths, 0 too, of the same leading dimensions
        each time; gives blocks of the same length. `flush()` gives the `taps - 1` samples that still ring.

    Raises:
        EngineError: as `convolve`; also where a block's type, device or leading dimensions are not the first one's.

    Source:
        W. G. Gardner, "Efficient convolution without input-output delay", JAES 43(3), 1995.

    >>> stream = StreamingConvolver(torch.tensor([1.0, 0.5]))
    >>> [stream(block).round(decimals=3).tolist() for block in torch.tensor([[1.0, 1.0], [2.0, 2.0]])]
    [[1.0, 1.5], [2.5, 3.0]]
    >>> stream.flush().round(decimals=3)
    tensor([1.])
    """

    def __init__(self, taps: Tensor, block: int | None = None) -> None:
        check_taps("StreamingConvolver", taps, taps)
        if block is not None and block < 1:
            raise EngineError(f"StreamingConvolver: block is {block}; the expected block has 1 sample or more")
        self.taps = taps.detach()
        self.block = block
        self._stages: list[Stage] = []
        self._like: Tensor | None = None

    def __call__(self, x: Tensor) -> Tensor:
        """Convolve the next block."""
        check_signal("StreamingConvolver", x)
        check_taps("StreamingConvolver", self.taps, x)
        with torch.no_grad(), torch.autocast(x.device.type, enabled=False):
            work = x.detach().to(torch.float64 if x.dtype == torch.float64 else torch.float32)
            lead = broadcast_shapes(x.shape[:-1], self.taps.shape[:-1])
            work = work.expand(*lead, x.shape[-1])
            self._begin(work)
            out = torch.empty_like(work, memory_format=torch.contiguous_format)
            start = 0
            while start < x.shape[-1]:
                first, *later = self._stages
                stop = min(x.shape[-1], start + first.room)
                piece = work[..., start:stop]
                torch.add(first.now(piece), 0, out=out[..., start:stop])
                for stage in later:
                    out[..., start:stop] += stage.ready(stop - start)
                for stage in self._stages:
                    stage.take(piece)
                start = stop
        return out.to(x.dtype)

    def flush(self) -> Tensor:
        """Give the `taps - 1` samples that still ring after the last block, and forget them."""
        ringing = self.taps.shape[-1] - 1
        like = self.taps if self._like is None else self._like
        tail = self(like.new_zeros(*like.shape[:-1], ringing))
        self.reset()
        return tail

    def reset(self) -> None:
        """Begin again from silence."""
        self._stages, self._like = [], None

    def _begin(self, x: Tensor) -> None:
        """Build the stages for the first block, and hold later ones to its kind."""
        if self._like is not None:
            now, then = ((tuple(v.shape[:-1]), v.dtype, v.device) for v in (x, self._like))
            if now != then:
                raise EngineError(
                    f"StreamingConvolver: this block has leading dimensions, type and device {now}; "
                    f"the stream began with {then}: reset() to begin again"
                )
            return
        if x.shape[-1] == 0:
            return
        self._like = x.new_empty(*x.shape[:-1], 0)
        taps = self.taps.to(x.dtype)
        expected = self.block or x.shape[-1]
        size = min(max(1 << (expected - 1).bit_length(), SMALLEST), LARGEST)
        longer = size * GROWTH
        if taps.shape[-1] < 2 * longer:
            self._stages = [Stage(taps, size, 0, x)]
        else:
            self._stages = [Stage(taps[..., :longer], size, 0, x), Stage(taps[..., longer:], longer, 1, x)]


class Stage:
    """Taps in partitions of one size; the first of them begins `offset` partitions after now."""

    def __init__(self, taps: Tensor, size: int, offset: int, x: Tensor) -> None:
        count = -(-taps.shape[-1] // size)
        parts = pad(taps, (0, count * size - taps.shape[-1])).reshape(*taps.shape[:-1], count, size)
        spectra = torch.fft.rfft(parts, 2 * size).movedim(-2, 0)
        lead = x.shape[:-1]
        spectra = spectra.reshape(count, *(1,) * (len(lead) - taps.ndim + 1), *spectra.shape[1:])
        self.size = size
        self.head = spectra[0] if offset == 0 else None
        self.rest = spectra[1 - offset :].contiguous()
        # Newest first and twice over, so that the past is one slice wherever the newest stands.
        self.past = torch.zeros(2 * len(self.rest), *lead, size + 1, dtype=spectra.dtype, device=x.device)
        self.newest = 0
        self.products = torch.empty((len(self.rest), *lead, size + 1), dtype=spectra.dtype, device=x.device)
        self.frame = x.new_zeros(*lead, 2 * size)  # the last whole partition of input, then the one being filled
        self.filled = 0
        self.coming = torch.zeros(*lead, size + 1, dtype=spectra.dtype, device=x.device)
        self.spectrum = self.coming  # of the frame, where `now` has found it
        self.output = x.new_zeros(*lead, size)

    @property
    def room(self) -> int:
        """Samples until the partition being filled is whole."""
        return self.size - self.filled

    def now(self, piece: Tensor) -> Tensor:
        """Give the output of a piece that comes now: what earlier input left, and the piece through the first taps."""
        begin, end = self.size + self.filled, self.size + self.filled + piece.shape[-1]
        self.frame[..., begin:end] = piece
        assert self.head is not None
        self.spectrum = torch.fft.rfft(self.frame)
        both: Tensor = torch.fft.irfft(torch.addcmul(self.coming, self.spectrum, self.head), 2 * self.size)
        return both[..., begin:end]

    def ready(self, count: int) -> Tensor:
        """Give the next samples of what earlier input left."""
        return self.output[..., self.filled : self.filled + count]

    def take(self, piece: Tensor) -> None:
        """Fill in a piece of input; when the partition is whole, work out what it leaves for the next one."""
        if self.head is None:
            self.frame[..., self.size + self.filled : self.size + self.filled + piece.shape[-1]] = piece
        self.filled += piece.shape[-1]
        if self.filled < self.size:
            return
        self.filled = 0
        count = len(self.rest)
        if count:
            self.newest = (self.newest - 1) % count
            spectrum = torch.fft.rfft(self.frame) if self.head is None else self.spectrum
            self.past[self.newest] = spectrum
            self.past[self.newest + count] = spectrum
            torch.mul(self.past[self.newest : self.newest + count], self.rest, out=self.products)
            torch.sum(self.products, 0, out=self.coming)
            if self.head is None:
                self.output = torch.fft.irfft(self.coming, 2 * self.size)[..., self.size :]
        self.frame[..., : self.size] = self.frame[..., self.size :]
        self.frame[..., self.size :] = 0

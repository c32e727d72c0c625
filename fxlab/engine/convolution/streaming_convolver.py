"""`StreamingConvolver`: convolution with long impulse responses, block by block and without latency."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.engine.convolution.convolve import check_taps
from fxlab.engine.convolution.partition_stage import PartitionStage
from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.engine.torch_support.single_thread import SingleThread
from fxlab.engine.torch_support.tensor_checks import check_signal
from fxlab.errors import EngineError

MIN_PARTITION, MAX_PARTITION = 64, 1 << 15  # samples in a partition of the first stage
GROWTH = 16  # the partitions of the second stage are this many times longer


class StreamingConvolver:
    """Convolution of a signal that arrives in blocks: each call returns the output for one block, without latency.

    The taps are divided into partitions, each of which is applied by multiplying spectra (overlap-save); the later
    partitions of a long impulse response are sixteen times as long as the first ones. If the samples and taps are
    finite, the concatenated outputs equal the output of `convolve` for the complete signal, apart from rounding. No
    gradient is computed: use `convolve` for training.

    Args:
        taps: The impulse response.
        block: The expected number of samples in a block, which determines the length of the partitions; by default, the
            length of the first block that is not empty. If samples and taps are finite, `block` affects only rounding.

    Shape:
        taps: `(..., taps)`. Each call receives a block `(..., time)` of any length, including 0. Its leading dimensions
        must be the same in all calls and broadcast with those of the taps. The call returns a block of the same length
        with the broadcast leading dimensions, and `flush()` the `taps - 1` samples of the decay.

    Raises:
        EngineError: As for `convolve`; also if `block` is below 1, or if the leading dimensions, the device or the
            precision of computation (float32 or float64) change in the course of a stream.

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
        self._stages: list[PartitionStage] = []
        self._signal_kind: Tensor | None = None  # empty, with the leading dimensions, dtype and device of the stream
        self._block_dtype = taps.dtype  # of the last block, in which the output is returned

    def __call__(self, x: Tensor) -> Tensor:
        """Return the output for the next block `x`, `(..., time)`, with the same number of samples.

        Raises:
            EngineError: The block is not a real floating-point tensor, or the taps or the first block do not match it.
        """
        check_signal("StreamingConvolver", x)
        check_taps("StreamingConvolver", self.taps, x)
        self._block_dtype = x.dtype
        # On one thread: several would divide an operation's elements in the middle of a row, and equal rows would be
        # rounded differently.
        with torch.no_grad(), torch.autocast(x.device.type, enabled=False), SingleThread():
            signal = x.detach().to(torch.float64 if x.dtype == torch.float64 else torch.float32)
            batch_shape = broadcast_shapes(x.shape[:-1], self.taps.shape[:-1])
            signal = signal.expand(*batch_shape, x.shape[-1])
            self._prepare_stages(signal)
            out = torch.empty_like(signal, memory_format=torch.contiguous_format)
            start = 0
            while start < x.shape[-1]:
                first, *later = self._stages
                stop = min(x.shape[-1], start + first.remaining)
                chunk = signal[..., start:stop]
                torch.add(first.convolve_chunk(chunk), 0, out=out[..., start:stop])
                for stage in later:
                    out[..., start:stop] += stage.output_of_past(stop - start)
                for stage in self._stages:
                    stage.append_chunk(chunk)
                start = stop
        return out.to(x.dtype)

    def flush(self) -> Tensor:
        """Return the `taps - 1` samples of the decay after the last block, and discard all past input."""
        ringing = self.taps.shape[-1] - 1
        like = self.taps if self._signal_kind is None else self._signal_kind
        tail = self(like.new_zeros(*like.shape[:-1], ringing, dtype=self._block_dtype))
        self.reset()
        return tail

    def reset(self) -> None:
        """Discard all past input, so that the next block starts from silence."""
        self._stages, self._signal_kind = [], None

    def _prepare_stages(self, x: Tensor) -> None:
        """Build the stages for the first block that is not empty, or check that a later block suits them.

        `x` is the block, with its leading dimensions broadcast with those of the taps, in the dtype of the computation.

        Raises:
            EngineError: The leading dimensions, dtype or device of `x` differ from those of the first block.
        """
        if self._signal_kind is not None:
            given, expected = ((tuple(v.shape[:-1]), v.dtype, v.device) for v in (x, self._signal_kind))
            if given != expected:
                raise EngineError(
                    f"StreamingConvolver: this block has leading dimensions, dtype and device {given}; "
                    f"the stream began with {expected}: reset() to begin again"
                )
            return
        if x.shape[-1] == 0:
            return
        self._signal_kind = x.new_empty(*x.shape[:-1], 0)
        taps = self.taps.to(x.dtype)
        block = self.block or x.shape[-1]
        size = min(max(1 << (block - 1).bit_length(), MIN_PARTITION), MAX_PARTITION)
        later_size = size * GROWTH
        if taps.shape[-1] < 2 * later_size:
            self._stages = [PartitionStage(taps, size, 0, x)]
        else:
            first = PartitionStage(taps[..., :later_size], size, 0, x)
            self._stages = [first, PartitionStage(taps[..., later_size:], later_size, 1, x)]

"""One stage of a streaming convolution: partitions of equal size, each applied by multiplying spectra."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import pad

from fxlab.engine.convolution.row_transforms import irfft_rows, rfft_rows


class PartitionStage:
    """Uniformly partitioned overlap-save convolution with consecutive taps of a longer kernel.

    A stage with `offset` 0 applies the first partition of its taps to each chunk of input as it arrives, and the later
    partitions to complete partitions of input. A stage with `offset` 1 applies all partitions of its taps to complete
    partitions of input. The spectra of past input are kept in a delay line.

    Args:
        taps: The taps of this stage, `(..., taps)`.
        size: The number of samples in a partition.
        offset: 0 if the first of these taps multiplies the newest sample, 1 if it multiplies the sample `size` samples
            earlier.
        x: A tensor with the leading dimensions, dtype and device of the signal.
    """

    def __init__(self, taps: Tensor, size: int, offset: int, x: Tensor) -> None:
        count = -(-taps.shape[-1] // size)
        partitions = pad(taps, (0, count * size - taps.shape[-1])).reshape(*taps.shape[:-1], count, size)
        spectra = torch.fft.rfft(partitions, 2 * size).movedim(-2, 0)
        batch_shape = x.shape[:-1]
        spectra = spectra.reshape(count, *(1,) * (len(batch_shape) - taps.ndim + 1), *spectra.shape[1:])
        self.size = size
        self.first_spectrum = spectra[0] if offset == 0 else None
        self.later_spectra = spectra[1 - offset :].contiguous()
        later = len(self.later_spectra)
        # Newest first and stored twice, so that the past is a single slice for every position of the newest spectrum.
        self.delay_line = torch.zeros(2 * later, *batch_shape, size + 1, dtype=spectra.dtype, device=x.device)
        self.newest = 0
        self.products = torch.empty((later, *batch_shape, size + 1), dtype=spectra.dtype, device=x.device)
        self.frame = x.new_zeros(*batch_shape, 2 * size)  # the last complete partition, then the one being filled
        self.filled = 0
        self.past_spectrum = torch.zeros(*batch_shape, size + 1, dtype=spectra.dtype, device=x.device)
        self.frame_spectrum = self.past_spectrum  # set by `convolve_chunk`
        self.past_output = x.new_zeros(*batch_shape, size)

    @property
    def remaining(self) -> int:
        """The number of samples until the partition being filled is complete."""
        return self.size - self.filled

    def convolve_chunk(self, chunk: Tensor) -> Tensor:
        """Return the output for the next chunk: the response to past input plus the response to the chunk itself.

        The chunk has at most `remaining` samples; pass it to `append_chunk` afterwards. Only valid for a stage with
        `offset` 0.
        """
        begin, end = self.size + self.filled, self.size + self.filled + chunk.shape[-1]
        self.frame[..., begin:end] = chunk
        assert self.first_spectrum is not None
        self.frame_spectrum = rfft_rows(self.frame)
        spectrum = torch.addcmul(self.past_spectrum, self.frame_spectrum, self.first_spectrum)
        return irfft_rows(spectrum, 2 * self.size)[..., begin:end]

    def output_of_past(self, count: int) -> Tensor:
        """Return the next `count` samples, at most `remaining`, of the response to past input.

        Only valid for a stage with `offset` 1.
        """
        return self.past_output[..., self.filled : self.filled + count]

    def append_chunk(self, chunk: Tensor) -> None:
        """Append a chunk of at most `remaining` samples; a complete partition updates the response to past input."""
        if self.first_spectrum is None:
            self.frame[..., self.size + self.filled : self.size + self.filled + chunk.shape[-1]] = chunk
        self.filled += chunk.shape[-1]
        if self.filled < self.size:
            return
        self.filled = 0
        count = len(self.later_spectra)
        if count:
            self.newest = (self.newest - 1) % count
            spectrum = rfft_rows(self.frame) if self.first_spectrum is None else self.frame_spectrum
            self.delay_line[self.newest] = spectrum
            self.delay_line[self.newest + count] = spectrum
            torch.mul(self.delay_line[self.newest : self.newest + count], self.later_spectra, out=self.products)
            torch.sum(self.products, 0, out=self.past_spectrum)
            if self.first_spectrum is None:
                self.past_output = irfft_rows(self.past_spectrum, 2 * self.size)[..., self.size :]
        self.frame[..., : self.size] = self.frame[..., self.size :]
        self.frame[..., self.size :] = 0

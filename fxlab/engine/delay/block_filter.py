"""`BlockFilter`: second-order sections inside a feedback loop, run on short blocks by a few small matrix products."""

from __future__ import annotations

from math import ceil

import torch
from torch import Tensor
from torch.nn.functional import pad

from fxlab.engine.recursion.matrices.group_matrices import matrix_powers

CHUNK = 32  # samples


class BlockFilter:
    """A filter of one second-order section per row, for many blocks of at most `block` samples.

    A block is divided into chunks of 32 samples, which are filtered together by a few matrix products. The matrices are
    computed once, when the filter is created.

    Args:
        sections: The section of each row, `(..., 6)`, float64: b0, b1, b2, a0, a1, a2.
        block: The largest number of samples in a block.
        dtype: The dtype of the blocks.

    Shape:
        A call with a block `(..., time)` and the state `(..., 2)` of transposed direct form II returns the output and
        the new state, of the same shapes.

    >>> filter = BlockFilter(torch.tensor([0.5, 0.0, 0.0, 1.0, -0.5, 0.0]).double(), 64, torch.float32)
    >>> filter(torch.tensor([1.0, 0.0, 0.0]), torch.zeros(2))[0]
    tensor([0.5000, 0.2500, 0.1250])
    """

    def __init__(self, sections: Tensor, block: int, dtype: torch.dtype) -> None:
        # `sosfilt` is made for long signals: with a thousand samples, preparing a call would take most of the time.
        b0, b1, b2, a0, a1, a2 = sections.unbind(-1)
        b0, b1, b2, a1, a2 = (value / a0 for value in (b0, b1, b2, a1, a2))
        one, zero = torch.ones_like(a1), torch.zeros_like(a1)
        a = torch.stack([torch.stack([-a1, one], -1), torch.stack([-a2, zero], -1)], -2)
        b = torch.stack([b1 - a1 * b0, b2 - a2 * b0], -1)[..., None]
        powers = matrix_powers(a, max(block, CHUNK)).movedim(-3, 0)  # (n, ..., 2, 2)
        responses = (powers @ b)[..., 0]  # (n, ..., 2), the state n samples after an impulse
        outputs = torch.cat([b0[None], responses[:CHUNK, ..., 0]])  # of an impulse
        step = torch.arange(CHUNK, device=a.device)
        lag = step[:, None] - step
        self.powers = powers.to(dtype)
        self.responses = responses.movedim(0, -1).to(dtype)  # (..., 2, n)
        toeplitz = torch.where((lag >= 0)[:, :, *(None,) * b0.ndim], outputs[lag.clamp(min=0)], 0.0)
        self.own = toeplitz.movedim((0, 1), (-1, -2)).to(dtype)  # (..., from, to)
        self.into_state = responses[:CHUNK].flip(0).movedim(0, -2).to(dtype)  # (..., from, 2)
        self.from_state = powers[:CHUNK, ..., 0, :].movedim(0, -1).to(dtype)  # (..., 2, to)
        count = ceil(block / CHUNK)
        jumps = matrix_powers(powers[CHUNK], count).movedim(-3, 0)
        chunk = torch.arange(count, device=a.device)
        lag = chunk[:, None] - chunk - 1
        carried = torch.where((lag >= 0)[:, :, *(None,) * a.ndim], jumps[lag.clamp(min=0)], 0.0)
        # (..., chunks, 2, chunks, 2): the state before each chunk from the states that all chunks leave
        self.carried = carried.movedim((0, 1), (-4, -2)).to(dtype)
        self.jumps = jumps[:count].movedim(0, -3).to(dtype)  # (..., chunks, 2, 2)

    def __call__(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Return the output for the next block, and the state after it."""
        time = x.shape[-1]
        count = ceil(time / CHUNK)
        padded = pad(x, (0, count * CHUNK - time))
        chunks = padded.reshape(*x.shape[:-1], count, CHUNK)
        left = chunks @ self.into_state  # (..., chunks, 2)
        carried = self.carried[..., :count, :, :count, :].flatten(-4, -3).flatten(-2)
        before = (carried @ left.flatten(-2)[..., None])[..., 0]
        before = before.reshape(*before.shape[:-1], count, 2)
        before = before + (self.jumps[..., :count, :, :] @ state[..., None, :, None])[..., 0]
        y = chunks @ self.own + before @ self.from_state
        after = (self.powers[time] @ state[..., None])[..., 0]
        after = after + (self.responses[..., :time] @ x.flip(-1)[..., None])[..., 0]
        return y.flatten(-2)[..., :time], after

    def of_block(self, block: int) -> tuple[Tensor, Tensor, Tensor]:
        """Return three matrices that filter a block of `block` samples, a multiple of `CHUNK`.

        `block` must be less than the `block` of the constructor, by at least `CHUNK`. The first and the third matrix
        are applied to row vectors, `v @ matrix`, the second to a column vector, `matrix @ v`.

        Shape:
            `(..., CHUNK, CHUNK + 2)`: from the samples of a chunk to its output from a state of 0, and to its
            contribution to the state after it.
            `(..., 2 (chunks + 1), 2 (chunks + 1))`: from the state before the block and the contributions of all chunks
            to the state before each chunk and the state after the last one.
            `(..., 2, CHUNK)`: from the state before a chunk to its contribution to the output of the chunk.
        """
        count = block // CHUNK + 1
        chunk = torch.arange(count, device=self.jumps.device)
        lag = chunk[:, None] - chunk
        jumps = self.jumps.movedim(-3, 0)
        carried = torch.where((lag >= 0)[:, :, *(None,) * (jumps.ndim - 1)], jumps[lag.clamp(min=0)], 0.0)
        carried = carried.movedim((0, 1), (-4, -2)).flatten(-4, -3).flatten(-2)
        return torch.cat([self.own, self.into_state], -1), carried, self.from_state

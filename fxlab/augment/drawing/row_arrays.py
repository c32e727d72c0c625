"""`RowArrays`: the rows of a call as NumPy arrays, for augmentations that copy, scale and change parts of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fxlab.augment.drawing.draw import Drawn
from fxlab.engine.torch_support.tensor_checks import may_use_numpy
from fxlab.engine.torch_support.worker_pool import max_workers, run_parts

BLOCK = 1 << 18
"""The largest number of samples of a block of several rows: 1 MB in float32, which stays in the processor's cache.

Work of fewer than twice as many samples is not divided among threads.
"""
PARTS = 2
"""The number of parts of the work per thread, so that a thread that is interrupted delays the others less."""

WriteBlock = Callable[[slice, NDArray[Any], NDArray[Any]], object]
WriteRow = Callable[[int, NDArray[Any], NDArray[Any]], object]


class RowArrays(NamedTuple):
    """The input of an augmentation and the tensor for its output, `(rows, channels, time)`, as NumPy arrays.

    They are used on the CPU if no derivative may be requested: copies of parts of the sounds take less time and memory
    than a tensor with an index or a factor for each sample. `tensor` is the output as a tensor, which shares the memory
    of `output`; `drawn` has the drawn values.
    """

    source: NDArray[Any]
    output: NDArray[Any]
    """The array for the output; the same object as `source` if the input is to be overwritten."""
    tensor: Tensor
    """The tensor with the memory of `output`."""
    drawn: Drawn
    unchecked: Tensor | None
    """All samples of the input, `(samples,)`, if it is not known yet whether they are finite; otherwise None."""

    @staticmethod
    def of(x: Tensor, drawn: Drawn, *, in_place: bool = False, length: int | None = None) -> RowArrays | None:
        """Return the arrays, or None if `x` has no samples, a derivative may be requested, or NumPy cannot read `x`.

        Args:
            x: The input, `(rows, channels, time)`.
            drawn: The drawn values.
            in_place: Whether an output sample depends only on the same sample of the input, which may be overwritten.
            length: The number of samples of the output; None stands for as many as `x`.
        """
        y = drawn.output(x, in_place=in_place, length=length) if may_use_numpy(x) and x.shape[-1] else None
        if y is None:
            return None
        source = x.numpy()
        unchecked = None if drawn.is_checked else x.reshape(-1)
        return RowArrays(source, source if y is x else y.numpy(), y, drawn, unchecked)

    @property
    def changed(self) -> int:
        """The number of the changed rows."""
        return len(self.source) if self.drawn.rows is None else len(self.drawn.rows)

    def values(self, name: str) -> NDArray[Any]:
        """Return the drawn value of each changed row, `(rows,)`."""
        # For a few numbers NumPy takes less time than PyTorch, above all if its code is not in the processor's cache.
        drawn = self.drawn.row_values(name).numpy()
        return drawn if drawn.shape == (self.changed,) else np.full(self.changed, drawn)

    def factors(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return `values` `(rows,)` in the dtype of the samples, `(rows, 1, 1)`."""
        return values.astype(self.source.dtype)[:, None, None]

    def write(self, function: WriteRow, *, copies: bool = False) -> Tensor:
        """Call `function(number, source, output)` for each changed row, in several threads; return the output.

        `number` counts the changed rows, and the arrays are those of one row, `(channels, time)`. With `copies` the
        array `output` already has the samples of the input, and the function only replaces some. See also
        `write_blocks`.
        """

        def write_block(numbers: slice, source: NDArray[Any], output: NDArray[Any]) -> None:
            if copies and output is not source:
                np.copyto(output, source)
            for index, number in enumerate(range(numbers.start, numbers.stop)):
                row = source[index]
                function(number, row, row if output is source else output[index])

        return self.write_blocks(write_block)

    def write_blocks(self, function: WriteBlock) -> Tensor:
        """Call `function(numbers, source, output)` for blocks of changed rows, in several threads; return the output.

        `numbers` is the slice of the changed rows that are in the block, and the arrays are `(rows, channels, time)`;
        both are the same object if the input is overwritten. Rows that are not changed are copied. Samples that have
        not been checked are checked by the sum of the squares of each block, while the block is in the processor's
        cache: if all sums are finite, so are the samples, and `drawn.is_checked` becomes True. Otherwise it stays
        False, and the caller must check each sample, since the square of a finite sample may be infinite.
        """
        blocks, threads = self._blocks(), max_workers()
        samples = sum(last - first for first, last, _ in blocks) * self.source[0].size
        count = min(PARTS * threads, max(1, samples // BLOCK), len(blocks))
        size = -(-len(blocks) // count)
        parts = [blocks[first : first + size] for first in range(0, len(blocks), size)]

        def run(part: list[tuple[int, int, int | None]]) -> float:
            energy = 0.0
            with np.errstate(all="ignore"):  # as in PyTorch's operations
                for first, last, number in part:
                    energy += self._energy(first, last)
                    self._write_block(function, first, last, number)
            return energy

        energies = run_parts(run, parts, threads)
        self.drawn.is_checked |= math.isfinite(sum(energies))
        return self.tensor

    def _blocks(self) -> list[tuple[int, int, int | None]]:
        """Return the blocks: the first row, the row after the last, and the number of the first changed row.

        The number is None for a row that is not changed. Such rows are omitted if they need neither a copy nor a check.
        """
        rows = len(self.source)
        if self.drawn.rows is None:
            size = max(1, BLOCK * rows // max(self.source.size, 1))
            return [(first, min(first + size, rows), first) for first in range(0, rows, size)]
        number_of = {row: number for number, row in enumerate(self.drawn.rows)}
        is_complete = self.output is self.source and self.unchecked is None
        indices = self.drawn.rows if is_complete else range(rows)
        return [(row, row + 1, number_of.get(row)) for row in indices]

    def _energy(self, first: int, last: int) -> float:
        """Return the sum of the squares of the rows from `first` to before `last`; 0 if they have been checked."""
        if self.unchecked is None:
            return 0.0
        size = self.unchecked.numel() // len(self.source)
        samples = self.unchecked[first * size : last * size]
        return torch.dot(samples, samples).item()

    def _write_block(self, function: WriteBlock, first: int, last: int, number: int | None) -> None:
        source = self.source[first:last]
        if number is None:
            if self.output is not self.source:
                np.copyto(self.output[first:last], source)
            return
        numbers = slice(number, number + last - first)
        function(numbers, source, source if self.output is self.source else self.output[first:last])

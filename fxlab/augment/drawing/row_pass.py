"""`RowPass`: changes of rows by one augmentation or several, made in one pass over the memory."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fxlab.engine.torch_support.worker_pool import max_workers, run_parts

BLOCK = 1 << 18
"""The largest number of samples of a block of several rows: 1 MB in float32, which stays in the processor's cache.

Work of fewer than twice as many samples is not divided among threads.
"""
PARTS = 2
"""The number of parts of the work per thread, so that a thread that is interrupted delays the others less."""

WriteBlock = Callable[[slice, NDArray[Any], NDArray[Any]], object]


class RowPass:
    """Changes of the rows of a batch, which `run` makes in the order in which they were added.

    A block of rows goes through all changes while it is in the processor's cache, and several threads share the blocks.

    Args:
        x: The input on the CPU, `(rows, channels, time)`.
        y: The tensor for the output, `(rows, …)`. It may be `x` itself, which is then overwritten.
        is_checked: Whether the samples of `x` are known to be finite; otherwise `x` must be contiguous.
    """

    def __init__(self, x: Tensor, y: Tensor, *, is_checked: bool) -> None:
        self.x, self.y = x, y
        self.is_checked = is_checked
        """Whether the samples of `x` are known to be finite."""
        self.source: NDArray[Any] = x.numpy()
        """The input as an array."""
        self.output: NDArray[Any] = self.source if y is x else y.numpy()
        """The output as an array; the same object as `source` if the input is to be overwritten."""
        self._changes: list[tuple[list[int] | None, WriteBlock]] = []

    @property
    def is_empty(self) -> bool:
        """Whether no change has been added."""
        return not self._changes

    def add(self, rows: list[int] | None, function: WriteBlock) -> None:
        """Add a change of the rows with the indices `rows`, or of all rows if `rows` is None.

        `run` calls `function(numbers, source, output)` for blocks of changed rows. `numbers` is the slice of `rows`, or
        of all rows, that the block contains, and the arrays are `(rows, channels, time)`. If `output` already contains
        the samples of the block, `source` and `output` are the same object.
        """
        if rows is None:
            self._changes.append((None, function))
            return
        number_of = [-1] * len(self.source)
        for number, row in enumerate(rows):
            number_of[row] = number
        self._changes.append((number_of, function))

    def run(self) -> None:
        """Make the changes, and copy the rows that none of them changes.

        Samples that have not been checked are checked by the sum of the squares of each block: if all sums are finite,
        so are the samples, and `is_checked` becomes True. Otherwise it stays False, and the caller must check each
        sample, since the square of a finite sample may be infinite.
        """
        blocks, threads = self._blocks(), max_workers()
        samples = sum(last - first for first, last in blocks) * self.source[0].size
        count = min(PARTS * threads, max(1, samples // BLOCK), len(blocks))
        size = -(-len(blocks) // max(count, 1))
        parts = [blocks[first : first + size] for first in range(0, len(blocks), max(size, 1))]
        unchecked = None if self.is_checked else self.x.reshape(len(self.x), -1)

        def run(part: list[tuple[int, int]]) -> float:
            energy = 0.0
            with np.errstate(all="ignore"):  # as in PyTorch's operations
                for first, last in part:
                    if unchecked is not None:
                        block = unchecked[first:last].reshape(-1)
                        energy += torch.dot(block, block).item()
                    self._change(first, last)
            return energy

        energies = run_parts(run, parts, threads)
        self.is_checked |= math.isfinite(sum(energies))

    def _blocks(self) -> list[tuple[int, int]]:
        """Return the first row of each block and the row after the last.

        Rows that need neither a change, a copy nor a check are omitted.
        """
        rows, changes = len(self.source), [numbers for numbers, _ in self._changes]
        if all(numbers is None for numbers in changes):
            size = max(1, BLOCK * rows // max(self.source.size, 1))
            return [(first, min(first + size, rows)) for first in range(0, rows, size)]
        may_omit = self.output is self.source and self.is_checked
        return [
            (row, row + 1)
            for row in range(rows)
            if not may_omit or any(numbers is None or numbers[row] >= 0 for numbers in changes)
        ]

    def _change(self, first: int, last: int) -> None:
        """Apply the changes to a block of rows; it is a single row unless every change is of all rows."""
        source = now = self.source[first:last]
        output = source if self.output is self.source else self.output[first:last]
        for number_of, function in self._changes:
            number = first if number_of is None else number_of[first]
            if number >= 0:
                function(slice(number, number + last - first), now, output)
                now = output
        if now is not output:
            np.copyto(output, source)

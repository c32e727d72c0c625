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

MIN_SAMPLES = 1 << 16
"""The minimum number of samples that are worth a thread of their own."""

WriteRow = Callable[[int, NDArray[Any], NDArray[Any]], object]


class RowArrays(NamedTuple):
    """The input of an augmentation and the tensor for its output, `(rows, channels, time)`, as NumPy arrays.

    They are used on the CPU if no derivative may be requested: copies of parts of the sounds take less time and memory
    than a tensor with an index or a factor for each sample. `tensor` is the output as a tensor, which shares the memory
    of `output`; `drawn` has the drawn values.
    """

    source: NDArray[Any]
    output: NDArray[Any]
    tensor: Tensor
    drawn: Drawn
    flat_rows: tuple[Tensor, ...]
    """The rows of the input as vectors, if their samples have not been checked yet."""

    @staticmethod
    def of(x: Tensor, drawn: Drawn, *, in_place: bool = False, length: int | None = None) -> RowArrays | None:
        """Return the arrays, or None if `x` is empty, a derivative may be requested, or NumPy cannot read `x`.

        With `in_place` the output may be the input itself. It has `length` samples; None stands for as many as `x`.
        """
        y = drawn.output(x, in_place=in_place, length=length) if may_use_numpy(x) and x.shape[-1] else None
        if y is None:
            return None
        source = x.numpy()
        rows = () if drawn.is_checked else x.flatten(1).unbind()
        return RowArrays(source, source if y is x else y.numpy(), y, drawn, rows)

    def write(self, function: WriteRow) -> Tensor:
        """Call `function(row, source, output)` for the index of each row, in several threads, and return the output.

        `source` and `output` are the arrays `(channels, time)` of the row, the same object if the output is the input.
        Samples that have not been checked yet are checked by the sum of the squares of each row, while the row is in
        the processor's cache: if it is finite, so are they, and `drawn.is_checked` becomes True. Otherwise it stays
        False, and the caller checks each sample.
        """
        rows = len(self.source)
        threads = max_workers()
        parts = max(1, min(rows, 4 * threads, self.source.size // MIN_SAMPLES))
        size = -(-rows // parts)

        def run(first: int) -> float:
            energy = 0.0
            with np.errstate(all="ignore"):  # as in PyTorch's operations
                for row in range(first, min(first + size, rows)):
                    source = self.source[row]
                    if self.flat_rows:
                        samples = self.flat_rows[row]
                        energy += torch.dot(samples, samples).item()
                    function(row, source, source if self.output is self.source else self.output[row])
            return energy

        energies = run_parts(run, range(0, rows, size), threads)
        self.drawn.is_checked |= math.isfinite(sum(energies))
        return self.tensor

    def scale(self, factors: list[float]) -> Tensor:
        """Multiply each row by its factor, and return the output."""
        return self.write(lambda row, source, output: np.multiply(source, factors[row], out=output))


def row_list(values: Tensor, rows: int) -> list[Any]:
    """Return the values of all rows as a list of numbers; a single value is repeated for each row."""
    listed: list[Any] = values.reshape(-1).expand(rows).tolist()
    return listed

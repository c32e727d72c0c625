"""`RowArrays`: the rows of a call as NumPy arrays, for augmentations that copy and change parts of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from numpy.typing import NDArray
from torch import Tensor

from fxlab.augment.drawing.draw import Drawn
from fxlab.engine.torch_support.tensor_checks import may_use_numpy
from fxlab.engine.torch_support.worker_pool import max_workers, run_parts

MIN_SAMPLES = 1 << 16
"""The least number of samples of a part that a thread of its own processes."""

WriteRow = Callable[[int, NDArray[Any], NDArray[Any]], object]


class RowArrays(NamedTuple):
    """The input of an augmentation and the tensor for its output, `(rows, channels, time)`, as NumPy arrays.

    They are used on the CPU if no derivative may be requested: copies of parts of the sounds take less time and memory
    than a tensor with an index or a factor for each sample.
    """

    source: NDArray[Any]
    output: NDArray[Any]
    tensor: Tensor

    @staticmethod
    def of(x: Tensor, drawn: Drawn, *, in_place: bool = False) -> RowArrays | None:
        """Return the arrays, or None if a derivative may be requested or NumPy cannot read `x`.

        With `in_place` the output may be the input itself.
        """
        y = drawn.output(x, in_place=in_place) if may_use_numpy(x) and x.shape[-1] else None
        if y is None:
            return None
        source = x.numpy()
        return RowArrays(source, source if y is x else y.numpy(), y)

    def write(self, function: WriteRow) -> Tensor:
        """Call `function(row, source, output)` for each row, in several threads, and return the output.

        The arrays of a row are `(channels, time)`. If the output is the input, both are the same object.
        """
        rows = len(self.source)
        threads = max_workers()
        parts = max(1, min(rows, 4 * threads, self.source.size // MIN_SAMPLES))
        size = -(-rows // parts)

        def run(first: int) -> None:
            for row in range(first, min(first + size, rows)):
                source = self.source[row]
                function(row, source, source if self.output is self.source else self.output[row])

        run_parts(run, range(0, rows, size), threads)
        return self.tensor


def row_list(values: Tensor, rows: int) -> list[Any]:
    """Return the values of all rows as a list of numbers; a single value is repeated for each row."""
    listed: list[Any] = values.reshape(-1).expand(rows).tolist()
    return listed

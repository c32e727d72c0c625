"""`RowArrays`: the rows of a call as NumPy arrays, for augmentations that copy, scale and change parts of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from fxlab.augment.drawing.draw import Drawn
from fxlab.augment.drawing.row_pass import RowPass, WriteBlock
from fxlab.engine.torch_support.tensor_checks import may_use_numpy

WriteRow = Callable[[int, NDArray[Any], NDArray[Any]], object]


class RowArrays(NamedTuple):
    """The rows of a call as NumPy arrays, `(rows, channels, time)`, and the drawn values for them.

    They are used on the CPU if no derivative may be requested: copies of parts of the sounds take less time and memory
    than a tensor with an index or a factor for each sample.
    """

    row_pass: RowPass
    """The pass that changes the rows. It may be shared by several augmentations; see `Drawn.row_pass`."""
    drawn: Drawn

    @staticmethod
    def of(x: Tensor, drawn: Drawn, *, in_place: bool = False, length: int | None = None) -> RowArrays | None:
        """Return the arrays, or None if `x` has no samples, a derivative may be requested, or NumPy cannot read `x`.

        Args:
            x: The input, `(rows, channels, time)`.
            drawn: The drawn values.
            in_place: Whether the output may be written into the input.
            length: The number of samples of the output; None stands for as many as `x`.
        """
        if drawn.row_pass is not None:
            return RowArrays(drawn.row_pass, drawn)
        y = drawn.output(x, in_place=in_place, length=length) if may_use_numpy(x) and x.shape[-1] else None
        return None if y is None else RowArrays(RowPass(x, y, is_checked=drawn.is_checked), drawn)

    @property
    def source(self) -> NDArray[Any]:
        """The input. In a shared pass the rows to be changed have its shape and dtype, but may have other samples."""
        return self.row_pass.source

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
        """Return `values`, `(rows,)`, as `(rows, 1, 1)` in the dtype of the samples."""
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
        """Change the rows by `function`, copy the others, and return the output; see `RowPass.add` and `RowPass.run`.

        If the samples have not been checked and turn out to be finite, `drawn.is_checked` becomes True. The output of a
        shared pass is not written until the pass runs.
        """
        self.row_pass.add(self.drawn.rows, function)
        if self.drawn.row_pass is None:
            self.row_pass.run()
            self.drawn.is_checked = self.row_pass.is_checked
        return self.row_pass.y

"""`AppliedRows`: the rows of a batch that a draw changes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fxlab.augment.drawing.sharing import per_row

Indices = NDArray[np.int64]
"""Indices of rows or examples, in an array, since for a few numbers NumPy takes less time than PyTorch."""


class AppliedRows(NamedTuple):
    """The rows of a batch that a draw changes, and their places in the draw.

    A draw is for all examples of a batch or for some of them; these are its members. A row is an example, or a channel
    of one.
    """

    numbers: Indices
    """The numbers of the changed rows, counted among the rows of the members, in increasing order."""
    indices: Indices
    """The indices of the changed rows in the batch."""
    examples: int
    """The number of members."""
    rows: int
    """The number of rows of all members."""

    @staticmethod
    def of(applied: Tensor, examples: int, channels: int, members: Indices | None) -> AppliedRows:
        """Return the rows for which `applied` is true.

        Args:
            applied: Whether each unit of the draw is changed: the batch, each member, or each row; `(units,)`.
            examples: The number of members.
            channels: The number of rows of each example.
            members: The indices of the members in the batch, or None for all examples.
        """
        count = examples * channels
        flags = np.array(applied.tolist())  # `numpy` fails for the tensors of a transform of `torch.func`
        numbers = (flags if len(flags) == count else np.repeat(flags, count // len(flags))).nonzero()[0]
        if members is None:
            return AppliedRows(numbers, numbers, examples, count)
        rows = members if channels == 1 else (members[:, None] * channels + np.arange(channels)).reshape(-1)
        return AppliedRows(numbers, rows if len(numbers) == count else rows[numbers], examples, count)

    def values(self, drawn: Tensor) -> Tensor:
        """Return the drawn values of the changed rows, `(rows, …)`, or `(…)` if all rows share one value.

        `drawn` is `(units, …)`; a unit is the batch, a member or a row.
        """
        if len(drawn) == 1:
            return drawn[0]
        drawn = per_row(drawn, self.examples, self.rows)
        return drawn if len(self.numbers) == len(drawn) else drawn[torch.from_numpy(self.numbers)]

"""`TimeEdit`: the base class of augmentations that edit the sound in time, and the targets in the same way."""

from __future__ import annotations

from abc import abstractmethod

import torch
from torch import Tensor

from fxlab.augment.augmentation import Augmentation
from fxlab.augment.drawing.batch import Batch
from fxlab.augment.drawing.draw import Drawn
from fxlab.augment.drawing.range import Range
from fxlab.augment.drawing.sharing import SharingMode
from fxlab.module import Choice


class TimeEdit(Augmentation):
    """The base class of augmentations that move, cut or mask parts of the sound.

    A subclass defines `edit`, which is used for the sound at its sample rate and for the targets at theirs.
    """

    @abstractmethod
    def edit(self, x: Tensor, rate: float, drawn: Drawn, is_target: bool) -> Tensor:
        """Return the edited sounds or targets `x`.

        Args:
            x: The sounds `(rows, channels, time)`, or the targets `(rows, channels · classes, frames)`.
            rate: The number of samples or frames per second.
            drawn: The drawn values for each row, or for all rows.
            is_target: Whether `x` contains targets.

        Raises:
            NotImplementedError: The base class does not define this method; its subclasses do.
        """
        raise NotImplementedError

    def augment(self, x: Tensor, sample_rate: float, drawn: Drawn) -> Tensor:
        """Return the edited sounds, `(rows, channels, time)`."""
        return self.edit(x, sample_rate, drawn, False)

    def augment_targets(self, targets: Tensor, target_rate: float, drawn: Drawn, batch: Batch) -> Tensor:
        """Return the edited targets; a single frame, which is a label of the complete sound, is unchanged."""
        rows, channels, frames, classes = targets.shape
        if frames == 1:
            return targets
        series = targets.transpose(-1, -2).reshape(rows, channels * classes, frames)
        done = self.edit(series, target_rate, drawn, True)
        return done.reshape(rows, channels, classes, -1).transpose(-1, -2)


class LengthEdit(TimeEdit):
    """The base class of augmentations that give all sounds of a batch the same new length."""

    mode = Choice("per_batch", ("per_batch",), doc="Group with one draw: the batch, whose length changes.")
    p_mode = SharingMode(
        "same as mode", ("same as mode", "per_batch"), doc="Group that shares the decision to apply it."
    )

    @property
    def writes_rows(self) -> bool:
        """Always False, since all sounds of a batch get the new length."""
        return False


def share_range(low: float, high: float, doc: str) -> Range:
    """Declare a range of fractions from 0 to 1, whose default is from `low` to `high`."""
    return Range((low, high), low=0.0, high=1.0, at_least=0.0, at_most=1.0, doc=doc)


def positions(x: Tensor) -> Tensor:
    """Return the indices of the samples of `x`, `(time,)`, in float64."""
    return torch.arange(x.shape[-1], dtype=torch.float64, device=x.device)


def pick(x: Tensor, index: Tensor) -> Tensor:
    """Return the samples of each row of `x` `(rows, channels, time)` at `index`; they are 0 outside the sound.

    `index` has whole numbers, `(rows, 1, length)`, or `(1, 1, length)` for all rows.
    """
    inside = (index >= 0) & (index < x.shape[-1])
    safe = index.clamp(0, x.shape[-1] - 1).long().expand(*x.shape[:-1], index.shape[-1])
    return x.gather(-1, safe) * inside.to(x.dtype)


def whole(value: Tensor) -> Tensor:
    """Return `value`, a scalar or `(rows, 1, 1)`, rounded to whole numbers, as `(rows or 1, 1, 1)`."""
    rounded = value.round()
    return rounded if rounded.ndim else rounded.reshape(1, 1, 1)

"""`AugmentationDefinition`: what a random processor defines, which `Augmentation` runs."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

from torch import Tensor

from fxlab.augment.drawing.batch import SOUNDS, Batch
from fxlab.augment.drawing.draw import Drawn
from fxlab.augment.drawing.random_parameters import RandomParameters


class AugmentationDefinition(RandomParameters):
    """The base class of `Augmentation`, which declares the methods and attributes that a subclass may define."""

    checks_rows: ClassVar[bool] = False
    """Whether the augmentation checks that the samples are finite, as `RowArrays` does while it processes them.

    Otherwise they are checked before it runs.
    """
    edits_in_place: ClassVar[bool] = False
    """Whether `augment` reads and writes samples only by `RowArrays.of(…, in_place=True)`, if it may use NumPy.

    A container makes the changes of several such augmentations in one pass over the memory; see `Batch.with_pass`.
    Their draws do not depend on the samples. Subclasses do not inherit it, since they may read the samples.
    """
    takes: str = SOUNDS
    """The kind of input: `SOUNDS`, `SPECTROGRAMS` `(..., channels, frequency, frames)`, or `ANY` for both."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        method = min(_place(cls, "augment"), _place(cls, "edit"))
        if cls.checks_rows and method < _place(cls, "checks_rows"):
            # What a base class declares of its own method does not hold for the method of a subclass.
            for name in {"checks_rows", "writes_rows"} - vars(cls).keys():
                setattr(cls, name, False)

    @abstractmethod
    def augment(self, x: Tensor, sample_rate: float, drawn: Drawn) -> Tensor:
        """Return the augmented `x`; every subclass must define this method.

        Args:
            x: The sounds `(rows, channels, time)` or spectrograms `(rows, channels, frequency, frames)`. A row is an
                example, or a channel if `mode` or `p_mode` is "per_channel".
            sample_rate: The sample rate of the sounds in Hz.
            drawn: The drawn values for each row, or for all rows.

        Raises:
            NotImplementedError: The base class does not define this method; its subclasses do.
        """
        raise NotImplementedError

    def augment_targets(self, targets: Tensor, target_rate: float, drawn: Drawn, batch: Batch) -> Tensor:
        """Return the targets of the augmented sounds; by default they are unchanged.

        Args:
            targets: The targets `(rows, channels, frames, classes)`.
            target_rate: The number of frames of the targets per second.
            drawn: The drawn values for each row, or for all rows.
            batch: The batch before the augmentation; its samples may have been overwritten.
        """
        return targets

    def augmented_rate(self, sample_rate: float, drawn: Drawn) -> float:
        """Return the sample rate of the augmented sounds in Hz; by default `sample_rate`, that of the input."""
        return sample_rate

    @property
    def writes_rows(self) -> bool:
        """Whether `augment` uses `RowArrays`, and keeps the length and the sample rate.

        The batch may then contain rows that are not augmented, which `RowArrays` copies.
        """
        return self.checks_rows

    def evaluate(self, batch: Batch) -> Batch:
        """Return the output for `batch` after `eval()`; by default the batch itself."""
        return batch

    def evaluated_rate(self, sample_rate: float) -> float:
        """Return the sample rate of the output in Hz after `eval()`; by default `sample_rate`, that of the input."""
        return sample_rate


def _place(cls: type, name: str) -> int:
    """Return the place in the method resolution order of the class that defines `name`; the length if none does."""
    return next((place for place, kind in enumerate(cls.__mro__) if name in vars(kind)), len(cls.__mro__))

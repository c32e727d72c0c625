"""`Compose`, `OneOf` and `SomeOf`: augmentations in series, and random choices among several."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

from fxlab.augment.augmentation import Augmentation
from fxlab.augment.compose.container import NOT_USED, Container
from fxlab.augment.drawing.batch import Batch
from fxlab.augment.drawing.random_source import RandomNumbers
from fxlab.augment.drawing.range import Range
from fxlab.augment.drawing.replayable import declared_parameters
from fxlab.errors import ParameterError
from fxlab.module import ArrayParam, Switch
from fxlab.module.serialization import listed_entries, named_entries


class Compose(Container):
    """Augmentations in series: each processes the output of the one before it, at the sample rate of this output.

    The list may also contain filters and effects. They have no `p` of their own, so they run whenever the `Compose` is
    applied; the `p` of the `Compose` is 1 by default. After `eval()` the filters and effects run in the order of the
    list, also those in a nested `Compose`, and no augmentation is applied. With `shuffle` the order is drawn.

    Args:
        transforms: A list of augmentations, modules, or functions of a tensor.
        args: The parameters by position.
        seed: See `Augmentation`.
        kwargs: The parameters by name.

    Shape:
        Sounds `(time,)` or `(..., channels, time)`, or spectrograms, if the first transform other than an `Identity`
        needs them.

    Raises:
        ParameterError: `transforms` is not a list, or contains an object that is not callable.

    >>> from fxlab.augment import AddGaussianNoise, TimeStretch
    >>> augment = Compose([AddGaussianNoise(p=0.5), TimeStretch(p=0.3)], seed=0)
    >>> augment(torch.randn(2, 8000), 16_000).shape
    torch.Size([2, 8000])
    """

    shuffle = Switch(False, doc="Whether the order is drawn.")

    @property
    def checks_rows(self) -> bool:  # type: ignore[override]
        """Whether the order is fixed and the first transform checks that the samples are finite.

        If so, the samples are not checked before the first transform.
        """
        if self.shuffle or not len(self):
            return False
        first = self[0]
        return not isinstance(first, Augmentation) or (first.checks_rows and first.training)

    def draw_plan(self, units: int, numbers: RandomNumbers) -> Tensor:
        """Return the indices of all transforms: in order, `(1, transforms)`, or shuffled, `(units, transforms)`."""
        count = len(self)
        if not self.shuffle:
            return torch.arange(count).expand(1, count)
        return numbers.uniform(units * count).reshape(units, count).argsort(-1)

    def evaluate(self, batch: Batch) -> Batch:
        """Return the batch after the filters and effects, in the order of the list, without the augmentations.

        The filters and effects in a nested `Compose` are applied too; those in a `OneOf` or `SomeOf` are not.
        """
        for part in self:
            if isinstance(part, Augmentation):
                batch = part.evaluate(batch)
            else:
                y = part(batch.x, batch.rate)
                batch = batch._replace(x=y, rate=part.output_rate(batch.rate), is_own=False)
        return batch

    def evaluated_rate(self, sample_rate: float) -> float:
        """Return the sample rate in Hz after the filters and effects, for an input at `sample_rate`."""
        for part in self:
            if isinstance(part, Augmentation):
                sample_rate = part.evaluated_rate(sample_rate)
            else:
                sample_rate = part.output_rate(sample_rate)
        return sample_rate


class Choosing(Container):
    """The base class of containers that choose among their transforms with probabilities proportional to `weights`.

    Without `weights`, or with `weights=None`, all transforms are equally likely.

    Args:
        transforms: A list of augmentations, modules, or functions of a tensor.
        args: The parameters by position.
        seed: See `Augmentation`.
        kwargs: The parameters by name.

    Raises:
        ParameterError: `transforms` is not a list, is empty, or contains an object that is not callable; the weights
            are all 0, or are neither one number nor one for each transform.
    """

    weights = ArrayParam(
        [1.0], shape=("transforms",), at_least=0.0, doc="How often each transform is chosen; one number for all."
    )

    def __init__(self, transforms: Iterable[Any], *args: Any, seed: int | None = None, **kwargs: Any) -> None:
        if kwargs.get("weights", ()) is None:
            del kwargs["weights"]
        super().__init__(transforms, *args, seed=seed, **kwargs)
        name = type(self).__name__
        if not len(self):
            raise ParameterError(f"{name} has no transforms to choose from; give at least one.")
        given = self.weights.shape[-1]
        if given not in (1, len(self)) or not float(self.weights.sum()) > 0:
            raise ParameterError(
                f"{name}: weights are {self.weights.tolist()}; it must be one number of at least 0 for each of the "
                f"{len(self)} transforms, not all 0."
            )

    @property
    def checks_rows(self) -> bool:  # type: ignore[override]
        """Always True: each transform checks the samples, or the container does it before the transform runs."""
        return True

    def order(self, units: int, numbers: RandomNumbers) -> Tensor:
        """Return the indices of all transforms in a random order, drawn with `weights`, `(units, transforms)`.

        The first indices of a row are a weighted choice without replacement.

        Source:
            P. S. Efraimidis, P. G. Spirakis, "Weighted random sampling with a reservoir", Information Processing
            Letters 97(5), 2006.
        """
        weights: Tensor = self.weights.detach().cpu().expand(len(self))
        u = numbers.uniform(units * len(self)).reshape(units, len(self))
        keys = torch.log(1 - u) / weights
        return keys.argsort(-1, descending=True)


class OneOf(Choosing):
    """One of several augmentations, drawn for each example (or for the batch or each channel, depending on `mode`).

    The probability of a transform is proportional to its number in `weights`; without weights all are equally likely.
    The `p` of the container is 1 by default, and the transforms are applied with their own `p`. After `eval()` the
    input is returned, even if the list contains filters or effects.

    Args:
        transforms: A list of augmentations, modules, or functions of a tensor.
        args: The parameters by position.
        seed: See `Augmentation`.
        kwargs: The parameters by name.

    Raises:
        ParameterError: `transforms` is not a list, is empty, or contains an object that is not callable; the weights
            are all 0, or are neither one number nor one for each transform.

    >>> from fxlab.effects import Gain, Invert
    >>> OneOf([Gain(6.0), Invert()], weights=[0.0, 1.0])(torch.ones(2), 8000)
    tensor([-1., -1.])
    """

    def draw_plan(self, units: int, numbers: RandomNumbers) -> Tensor:
        """Return the index of one transform for each unit, `(units, 1)`."""
        return self.order(units, numbers)[:, :1]


class SomeOf(Choosing):
    """Some of several augmentations, in the order of the list or shuffled; their number is fixed or drawn from a range.

    They are drawn one after the other without replacement, each with a probability proportional to its number in
    `weights`; without weights all are equally likely. A transform of weight 0 runs only if too few others are left. The
    `p` of the container is 1 by default, and the transforms are applied with their own `p`. After `eval()` the input is
    returned, even if the list contains filters or effects.

    Args:
        num_transforms: The number of transforms that run, or a range `(fewest, most)`. None stands for all transforms,
            also as an end of the range.
        transforms: A list of augmentations, modules, or functions of a tensor.
        args: The parameters by position.
        seed: See `Augmentation`.
        kwargs: The parameters by name.

    Raises:
        ParameterError: `transforms` is not a list, is empty, has fewer elements than `num_transforms`, or contains an
            object that is not callable; `num_transforms` is not a range of whole numbers of at least 0; the weights are
            all 0, or are neither one number nor one for each transform.

    >>> from fxlab.effects import Gain, Invert
    >>> SomeOf(2, [Invert(), Invert(), Invert()], p=1.0)(torch.ones(2), 8000)
    tensor([1., 1.])
    """

    count = Range((1, 2), low=0.0, high=10.0, at_least=0.0, whole=True, doc="Number of transforms that run.")
    shuffle = Switch(False, doc="Whether the order is drawn.")

    def __init__(
        self,
        num_transforms: int | tuple[int, int | None] | None,
        transforms: Iterable[Any],
        *args: Any,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        parts = self._listed(transforms)
        given = num_transforms if isinstance(num_transforms, (tuple, list)) else (num_transforms, num_transforms)
        if len(given) != 2:
            raise ParameterError(
                f"SomeOf: num_transforms is {num_transforms!r}; it must be a whole number, (fewest, most) or None."
            )
        ends = tuple(len(parts) if end is None else end for end in given)
        super().__init__(parts, *args, seed=seed, **({"count": ends} | kwargs))
        if self.count[1] > len(parts):
            raise ParameterError(
                f"SomeOf: num_transforms is {num_transforms!r}, and there are {len(parts)} transforms. Choose at most "
                f"{len(parts)}."
            )

    def draw_plan(self, units: int, numbers: RandomNumbers) -> Tensor:
        """Return the index of the transform that runs at each step, `(units, transforms)`; −1 stands for none."""
        counts = type(self).count.draw(self, numbers, units)
        order = self.order(units, numbers)
        runs = torch.arange(len(self)) < counts[:, None]
        if self.shuffle:
            return torch.where(runs, order, NOT_USED)
        # Without shuffling, transform i runs at step i or not at all.
        chosen = torch.zeros(units, len(self), dtype=torch.bool).scatter_(1, order, runs)
        return torch.where(chosen, torch.arange(len(self)), NOT_USED)

    @classmethod
    def _rebuild(cls, description: Any, build: Any) -> Any:
        params = dict(named_entries(description, "params"))
        count = params.pop("count", None)
        try:
            low, high = map(round, count)
        except (TypeError, ValueError, OverflowError):
            raise ParameterError(
                f"from_dict: 'count' of {description['type']} must be [fewest, most], the range of the number of "
                f"transforms that run, not {count!r}."
            ) from None
        stages = [build(stage) for stage in listed_entries(description, "stages")]
        made = cls((low, high), stages, **declared_parameters(cls, {**description, "params": params}))
        if "random" in description:
            made.set_extra_state(description["random"])
        return made

    def _arguments(self) -> list[str]:
        low, high = self.count
        rest = [text for text in super()._arguments() if not text.startswith("count=")]
        return [repr(low) if low == high else repr((low, high)), *rest]

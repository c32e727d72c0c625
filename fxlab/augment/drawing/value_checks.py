"""Checks of the values of a draw that is replayed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from fxlab.augment.drawing.range import Range
from fxlab.errors import ParameterError

Refuse = Callable[[str], ParameterError]
"""Returns the error for a draw that does not belong to an augmentation, for the reason."""


def check_shapes(values: Mapping[str, Tensor], expected: Mapping[str, Tensor], refuse: Refuse) -> None:
    """Raise a `ParameterError` unless `values` have the names and dimensions of the `expected` ones, for one unit."""
    if set(values) != set(expected):
        raise refuse(f"its values are {sorted(values)}, and {sorted(expected)} are drawn")
    if len({len(value) for value in values.values()} - {1}) > 1:
        raise refuse("its values are for different numbers of examples")
    sizes: dict[tuple[int, ...], tuple[int, ...]] = {(): ()}
    for name, one in expected.items():
        own = tuple(values[name].shape[1:])
        if len(own) != one.ndim - 1 or sizes.setdefault(tuple(one.shape[1:]), own) != own:
            raise refuse(f"{name} has the shape {tuple(values[name].shape)}")


def check_range(value: Tensor, declaration: Range, owner: str, sample_rate: float | None, refuse: Refuse) -> None:
    """Raise a `ParameterError` if a value is not one that the declared parameter may have.

    Args:
        value: The values of a draw.
        declaration: The declaration of their range.
        owner: The name of the augmentation in messages.
        sample_rate: In Hz; None if it is not known yet.
        refuse: Makes the error for values that are not whole.
    """
    if declaration.whole and not torch.equal(value.double(), value.double().round()):
        raise refuse(f"{declaration.name} is {value.tolist()}, and must be whole numbers")
    try:
        declaration.check(value.double(), owner, sample_rate)
    except ParameterError as error:
        raise ParameterError(f"{owner}: the replayed draw has an invalid value. {error}") from None


def check_share(name: str, value: Tensor, refuse: Refuse) -> None:
    """Raise a `ParameterError` if a value that has no range is not from 0 to 1."""
    if not bool(((value >= 0) & (value <= 1)).all()):
        raise refuse(f"{name} is {value.tolist()}, and must be from 0 to 1")

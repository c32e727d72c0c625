"""Checks of the values of a draw that is replayed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from torch import Tensor

from fxlab.augment.drawing.range import Options, Range
from fxlab.errors import ParameterError

Refuse = Callable[[str], ParameterError]
"""A function that returns the error for a draw that does not belong to an augmentation, given the reason."""


def check_shapes(values: Mapping[str, Tensor], expected: Mapping[str, Tensor], refuse: Refuse) -> None:
    """Raise a `ParameterError` unless `values` have the names and the numbers of dimensions of the `expected` ones.

    The numbers of units must be equal or 1. Values whose sizes after the first dimension are equal in `expected` must
    have equal sizes there too.

    Args:
        values: The values of a draw by name, each `(units, …)`.
        expected: The values of a new draw for one unit.
        refuse: Returns the error, given the reason.
    """
    if set(values) != set(expected):
        raise refuse(f"its values are {sorted(values)}, and {sorted(expected)} are drawn")
    if len({len(value) for value in values.values()} - {1}) > 1:
        raise refuse("its values are for different numbers of examples")
    sizes: dict[tuple[int, ...], tuple[int, ...]] = {(): ()}
    for name, one in expected.items():
        own = tuple(values[name].shape[1:])
        if len(own) != one.ndim - 1 or sizes.setdefault(tuple(one.shape[1:]), own) != own:
            raise refuse(f"{name} has the shape {tuple(values[name].shape)}")


def check_value(
    name: str, value: Tensor, declaration: Range | Options | None, owner: tuple[str, float | None], refuse: Refuse
) -> None:
    """Raise a `ParameterError` if a value of a draw is not valid for its parameter.

    Args:
        name: The name of the value.
        value: One or several numbers for each unit.
        declaration: The declaration of the range; None for a number from 0 to 1. For `Options` nothing is checked.
        owner: The name of the augmentation in messages, and the sample rate in Hz, or None if it is not known yet.
        refuse: Returns the error, given the reason, for a number that is not whole or not from 0 to 1.
    """
    if declaration is None and not bool(((value >= 0) & (value <= 1)).all()):
        raise refuse(f"{name} is {value.tolist()}, and must be from 0 to 1")
    if not isinstance(declaration, Range):
        return
    if not declaration.has_step(value):
        raise refuse(f"{name} is {value.tolist()}, and must be {declaration.step_phrase()}")
    try:
        declaration.check(value.double(), *owner)
    except ParameterError as error:
        raise ParameterError(f"{owner[0]}: the replayed draw has an invalid value. {error}") from None

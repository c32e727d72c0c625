"""The combinations of choices, switches and counts of a module, each of which is a program of its own.

Their values change which operations a module runs. As many parameters as fit, those with the fewest values first, can
be changed in the page, in every combination; the others keep their value.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from itertools import product
from typing import Any, NamedTuple

from fxlab.module.module import Module
from fxlab.module.parameters.discrete import Choice, Count, Switch

MAX_VARIANTS = 24
MAX_TEXT = 160_000
"""The size in bytes of all variants together."""
FUNCTION_LIMITS = 256, 1_900_000
"""The same two limits for an explored function, whose parameters may all be discrete."""


class Discrete(NamedTuple):
    """A choice, a switch or a count in use, and the values that it may have, the present one first."""

    path: str
    values: list[Any]


def discrete_parameters(module: Module) -> list[Discrete]:
    """Return the discrete parameters that have an effect, those with the fewest values first."""
    found = []
    for path, owner, declaration in module.walk():
        if declaration.name not in owner.in_use():
            continue
        now = getattr(owner, declaration.name)
        options: list[Any] = []
        if isinstance(declaration, Choice):
            options = list(declaration.choices)
        elif isinstance(declaration, Switch):
            options = [False, True]
        elif isinstance(declaration, Count):
            options = list(range(declaration.low, declaration.high + 1, declaration.multiple))
        if options:
            found.append(Discrete(path, [now, *(value for value in options if value != now)]))
    return sorted(found, key=lambda one: len(one.values))


def choose_parameters(parameters: list[Discrete], size: int, *, is_function: bool = False) -> list[Discrete]:
    """Return the parameters whose combinations fit, if the text of one of them has `size` bytes."""
    most, text = FUNCTION_LIMITS if is_function else (MAX_VARIANTS, MAX_TEXT)
    limit, count, chosen = max(1, min(most, text // max(1, size))), 1, []
    for parameter in parameters:
        if count * len(parameter.values) <= limit:
            count *= len(parameter.values)
            chosen.append(parameter)
    return chosen


def combinations(module: Module, parameters: list[Discrete], rate: float) -> Iterator[tuple[list[Any], Module]]:
    """Yield all combinations of values except the present one, each with a module that has them.

    Raises:
        FxlabError: The module does not allow a combination.
    """
    for values in list(product(*(parameter.values for parameter in parameters)))[1:]:
        changed = copy.deepcopy(module)
        owners = {path: (owner, declaration.name) for path, owner, declaration in changed.walk()}
        for parameter, value in zip(parameters, values, strict=True):
            owner, name = owners[parameter.path]
            setattr(owner, name, value)
        changed.check(rate)
        yield list(values), changed

"""The combinations of choices, switches and counts of a module, each of which is a program of its own.

Their values determine which operations a module runs. As many parameters as fit, those with the fewest values first,
can be changed in the page, in every combination; the others keep their value.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from itertools import product
from typing import Any, NamedTuple

from fxlab.augment.audition import Audition
from fxlab.labs.exploration import Exploration
from fxlab.module.module import Module
from fxlab.module.parameters.discrete import Choice, Count, Switch

MAX_VARIANTS = 24
MAX_TEXT = 160_000
"""The largest number of characters of all variants together."""
WHOLE_LIMITS = 256, 1_900_000
"""The limits if the programs share their text: the numbers of combinations and of characters of all variants."""


class Discrete(NamedTuple):
    """A choice, a switch or a count in use, and the values that it may have, the current one first."""

    path: str
    values: list[Any]


def discrete_parameters(module: Module) -> list[Discrete]:
    """Return the discrete parameters that have an effect, those with the fewest values first.

    For an augmentation this is the number of the draw alone.
    """
    found = []
    for path, owner, declaration in module.walk():
        if declaration.name not in owner.in_use() or (isinstance(module, Audition) and path != "draw"):
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


def shares_programs(module: Module) -> bool:
    """Return whether the variants of a module share their text: those of a function or of an augmentation."""
    return isinstance(module, (Exploration, Audition))


def max_text(module: Module) -> int:
    """Return the largest number of characters of the text of all variants."""
    return WHOLE_LIMITS[1] if shares_programs(module) else MAX_TEXT


def choose_parameters(module: Module, parameters: list[Discrete], size: int) -> list[Discrete]:
    """Return the parameters that can be changed in the page: as many, in order, as the limits of combinations allow.

    Args:
        module: The module with the parameters.
        parameters: The discrete parameters, those with the fewest values first.
        size: The number of characters of the text of one combination; not used if the variants share their text.
    """
    limit = WHOLE_LIMITS[0] if shares_programs(module) else max(1, min(MAX_VARIANTS, MAX_TEXT // max(1, size)))
    count, chosen = 1, []
    for parameter in parameters:
        if count * len(parameter.values) <= limit:
            count *= len(parameter.values)
            chosen.append(parameter)
    return chosen


def combinations(module: Module, parameters: list[Discrete], rate: float) -> Iterator[tuple[list[Any], Module]]:
    """Yield all combinations of values except the current one, each with a copy of the module with these values.

    Each copy is checked at the sample rate `rate` in Hz.

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

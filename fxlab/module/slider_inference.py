"""Parameter declarations for the arguments of a function or a constructor, from their defaults and types."""

from __future__ import annotations

import copy
import inspect
import math
from typing import Annotated, Any, Literal, get_args, get_origin

import numpy as np

from fxlab.errors import ParameterError
from fxlab.module.parameters.discrete import Choice, Count, Switch
from fxlab.module.parameters.param import Param
from fxlab.module.parameters.parameter_declaration import ParameterDeclaration
from fxlab.signal import Signal

UNITS = {"db": "dB", "hz": "Hz", "ms": "ms"}
"""The unit of an argument by the last part of its name, such as `db` of `gain_db`."""


class LiteralChoice(Choice):
    """A choice among the values of a `typing.Literal`, as text; `value_of` maps each name to its value."""

    def __init__(self, default: Any, values: tuple[Any, ...]) -> None:
        super().__init__(str(default), [str(value) for value in values])
        self.value_of = dict(zip(self.choices, values, strict=True))


def parameter_from_argument(name: str, parameter: inspect.Parameter) -> ParameterDeclaration | None:
    """Return a declaration for the argument `name`, described by `parameter`, or None for a `Signal`.

    Raises:
        ParameterError: The argument has neither a default, nor a declaration, nor the type `Signal`, or its default is
            not suitable for a slider.
    """
    hint, default = parameter.annotation, parameter.default
    if get_origin(hint) is Annotated:
        hint = next((extra for extra in get_args(hint) if isinstance(extra, ParameterDeclaration)), get_args(hint)[0])
    for candidate in (default, hint):
        if isinstance(candidate, ParameterDeclaration):
            declaration = copy.copy(candidate)
            if candidate is hint and default is not parameter.empty:
                declaration.name = declaration.keyword = name  # for an error; no class has set them yet
                declaration.default = declaration.validate(default, "the default")
                declaration.default = float(default) if isinstance(declaration, Param) else declaration.default
            return declaration
    if hint is Signal or isinstance(default, Signal):
        return None
    if default is parameter.empty:
        raise ParameterError(
            f"it has no default and no type. Give it a default ({name}=0.5), a declaration "
            f"({name}=fx.Param(0.5, low=0.0, high=1.0)), or the type of a signal ({name}: fx.Signal)."
        )
    return parameter_from_default(name, default, hint)


def parameter_from_default(name: str, default: Any, hint: Any) -> ParameterDeclaration:
    """Return a declaration for the argument `name` with the plain default `default` and the type `hint`.

    The last part of the name determines the unit; see `UNITS`. A bool gives a `Switch`, a `typing.Literal` a
    `LiteralChoice`, an integer a `Count` and a float a `Param`.

    A float in dB has the range -24 to 24 dB, extended to twice the default if necessary. Another float above 0 has the
    range 0 to 1, or 0 to four times the default if the default is above 1; a float below 0 has the range from 4 to -4
    times the default, and 0.0 the range -1 to 1. An integer has a range from 1, or from the default if that is lower,
    to four times the default, at least to 8.

    Raises:
        ParameterError: The default has a type for which there is no slider, is not finite, or is not in the
            `typing.Literal`.
    """
    unit = UNITS.get(name.rpartition("_")[2].lower(), "")
    if isinstance(default, np.generic):
        default = default.item()
    if isinstance(default, bool):
        return Switch(default)
    if get_origin(hint) is Literal:
        return LiteralChoice(default, get_args(hint))
    if isinstance(default, int):
        return Count(default, low=min(default, 1), high=max(4 * default, 8), at_least=min(default, 1), unit=unit)
    if isinstance(default, float) and math.isfinite(default):
        if unit == "dB":
            return Param(default, low=min(-24.0, 2 * default), high=max(24.0, 2 * default), unit=unit)
        if default <= 0:
            return Param(default, low=4 * default or -1.0, high=-4 * default or 1.0, unit=unit)
        return Param(default, low=0.0, high=1.0 if default <= 1 else 4 * default, unit=unit)
    raise ParameterError(
        f"{name}={default!r} cannot have a slider; the default must be a finite number, True or False, a name "
        "with typing.Literal[…], a Signal, or a Param, Count, Choice or Switch."
    )

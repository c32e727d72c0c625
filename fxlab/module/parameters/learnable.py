"""The choice, by name, of the parameters that an optimizer changes."""

from __future__ import annotations

from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, TypeAlias

from torch import nn

from fxlab.errors import ParameterError
from fxlab.module.parameters.continuous import Continuous
from fxlab.module.parameters.moving_value import MovingValue

if TYPE_CHECKING:
    from fxlab.module.parameters.owner import ParameterOwner


LearnableParameter: TypeAlias = "tuple[str, ParameterOwner, Continuous]"
"""A continuous parameter of a module or of one of its parts: path, such as `"0.cutoff"`, owner and declaration."""


def learnable_parameters(module: ParameterOwner) -> list[LearnableParameter]:
    """Return the continuous parameters of `module` and its parts that can be learned.

    A parameter cannot be learned if it has no effect with the current choices, is in
    `ParameterOwner.rounded_parameters`, or is moved by a control.
    """
    return [
        (path, owner, declaration)
        for path, owner, declaration in module.walk()
        if isinstance(declaration, Continuous)
        and declaration.applies(owner)
        and declaration.name not in owner.rounded_parameters
        and not _is_moving(owner, declaration)
    ]


def learned_parameters(module: ParameterOwner) -> list[LearnableParameter]:
    """Return the learnable parameters of `module` and its parts that are `nn.Parameter`s."""
    return [parameter for parameter in learnable_parameters(module) if parameter[2].name in parameter[1]._parameters]


def learn(module: ParameterOwner, patterns: tuple[str, ...]) -> None:
    """Convert each learnable parameter whose path matches a pattern to an `nn.Parameter`; without patterns, all.

    Raises:
        ParameterError: A pattern matches no parameter that can be learned.
    """
    for _, owner, declaration in _matches(module, patterns):
        value = declaration.stored(owner)
        if not isinstance(value, nn.Parameter):
            setattr(owner, declaration.name, nn.Parameter(value.detach().clone()))


def freeze(module: ParameterOwner, patterns: tuple[str, ...]) -> None:
    """Convert each learned parameter whose path matches a pattern to a buffer; without patterns, all.

    A learned parameter is an `nn.Parameter` or a tensor that requires a gradient.

    Raises:
        ParameterError: A pattern matches no parameter that can be learned.
    """
    for _, owner, declaration in _matches(module, patterns):
        value = declaration.stored(owner)
        if isinstance(value, nn.Parameter) or value.requires_grad:
            setattr(owner, declaration.name, value.detach().clone())


def _matches(module: ParameterOwner, patterns: tuple[str, ...]) -> list[LearnableParameter]:
    parameters = learnable_parameters(module)
    if not patterns:
        return parameters
    found: dict[str, LearnableParameter] = {}
    for pattern in patterns:
        if not isinstance(pattern, str):
            raise ParameterError(
                f"{type(module).__name__}: {pattern!r} is not the name of a parameter; write it as a string."
            )
        matching = {p[0]: p for p in parameters if fnmatchcase(p[0], pattern)}
        if not matching:
            raise ParameterError(_not_learnable(module, pattern, [path for path, _, _ in parameters]))
        found.update(matching)
    return list(found.values())


def _not_learnable(module: ParameterOwner, pattern: str, paths: list[str]) -> str:
    name = type(module).__name__
    for path, owner, declaration in module.walk():
        if path != pattern:
            continue
        if not isinstance(declaration, Continuous):
            return f"{name}: {path} cannot be learned: it is not a continuous parameter, so it has no gradient."
        if declaration.name in owner.rounded_parameters:
            return f"{name}: {path} cannot be learned: {owner.rounded_parameters[declaration.name]}"
        if _is_moving(owner, declaration):
            return (
                f"{name}: {path} is {getattr(owner, declaration.name)!r} and has no value of its own. Learn the "
                f"parameters of the control, for example with learn('{path}.*')."
            )
        return f"{name}: {path} has no effect with the current options, so it cannot be learned."
    near = get_close_matches(pattern, paths, n=1)
    if near:
        return f"{name} has no parameter {pattern!r}; did you mean {near[0]!r}?"
    listed = ", ".join(paths[:12]) + (", …" if len(paths) > 12 else "")
    return f"{name} has no parameter that matches {pattern!r}; it has {listed or 'none that can be learned'}."


def _is_moving(owner: ParameterOwner, declaration: Continuous) -> bool:
    return isinstance(owner._modules.get(declaration.name), MovingValue)

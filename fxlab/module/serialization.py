"""The dictionary that describes a module: the entries that all classes share.

`Module._describe` returns a description and `Module._rebuild` builds the module again; a class that stores its parts in
a different way, such as `Chain`, overrides both. This file imports `Module` only for type checkers, because `Module`
imports this file.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from functools import partial
from inspect import signature
from typing import TYPE_CHECKING, Any, cast

from fxlab.errors import ParameterError
from fxlab.module.parameters.class_names import type_name
from fxlab.module.parameters.moving_value import MovingValue
from fxlab.module.parameters.owner import ParameterOwner

if TYPE_CHECKING:
    from fxlab.module.module import Module

Build = Callable[[Any], "Module"]
"""A function that builds a module, such as a stage or a branch, from its description."""

KEYS = frozenset(
    {
        "type",
        "params",
        "sample_rate",
        "stages",
        "branches",
        "module",
        "parts",
        "bypassed",
        "soloed",
        "random",
        "options",
    }
)
"""All keys that occur in descriptions; a description has some of them."""


# -- describing --------------------------------------------------------------------------------------------------------


def check_constructor(module: Module) -> None:
    """Raise a `ParameterError` if the constructor needs an argument that a description does not contain."""
    parts = _modules(module)
    missing = [name for name in _required_arguments(type(module)) if name not in parts]
    if missing:
        raise ParameterError(
            f"{module!r}: its constructor needs {', '.join(missing)}, which is not a declared parameter and so not in "
            "a dictionary; declare it, or give it a default."
        )


def describe_parameters(module: Module) -> dict[str, Any]:
    """Return the type, the parameters and the sample rate of `module`, without its parts.

    Raises:
        ParameterError: The module contains a tensor, a `torch.nn.Module` or a control that a description cannot
            represent.
    """
    parts = _modules(module)
    controls = module.controls()
    foreign = [name for name, _ in module.named_children() if name not in parts and name not in controls]
    foreign += [name for name in (*module._parameters, *module._buffers) if name not in module.declarations]
    if foreign:
        raise ParameterError(
            f"{module!r} holds {', '.join(foreign)}, which a dictionary of parameters cannot; save its state_dict."
        )
    description: dict[str, Any] = {"type": type_name(type(module))}
    if module.declarations:
        description["params"] = module.encode_values()
    if module.sample_rate is not None:
        description["sample_rate"] = module.sample_rate
    return description


def describe_parts(module: Module) -> dict[str, Any]:
    """Return the descriptions of the attributes that are modules: `{"module": …, "parts": {name: …}}`.

    If the first argument of the constructor is a required `module`, `"module"` describes it; `"parts"` describes all
    others. A key without an entry is omitted.
    """
    described = {name: part._describe() for name, part in _modules(module).items()}
    description: dict[str, Any] = {}
    if _takes_module(type(module)):
        description["module"] = described.pop("module")
    if described:
        description["parts"] = described
    return description


# -- rebuilding --------------------------------------------------------------------------------------------------------


def rebuild(description: Any, find: Callable[[str], type[Module]]) -> Module:
    """Build the module that `description` describes, using the class that `find` returns for its type.

    Raises:
        ParameterError: The description is nested too deeply; for further causes see `Module.from_dict`.
        SignalError: A sample rate is not a finite number above 0.
    """
    if not isinstance(description, dict) or not isinstance(description.get("type"), str):
        raise ParameterError(f"from_dict takes what to_dict gave, a dict with a 'type', not {description!r}.")
    unknown = set(description) - KEYS
    if unknown:
        raise ParameterError(
            f"from_dict: {description['type']} is described with {sorted(unknown, key=str)}, which are not known."
        )
    try:
        return find(description["type"])._rebuild(description, partial(rebuild, find=find))
    except RecursionError:
        raise ParameterError(
            "from_dict: the modules of the description contain each other too many levels deep; join the stages of "
            "nested chains in one chain."
        ) from None


def decode_parameters(cls: type[Module], description: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters in `description`, decoded for `cls`, and the sample rate if there is one, by keyword.

    Raises:
        ParameterError: The parameters are not a dictionary, or one of them is unknown or invalid.
    """
    params = cls.decode_values(named_entries(description, "params"), description["type"])
    accepted = signature(cls).parameters.values()
    # The constructor of `ParameterOwner`, or one that accepts any keyword, raises an error of its own.
    if cls.__init__ is not ParameterOwner.__init__ and all(a.kind is not a.VAR_KEYWORD for a in accepted):
        known = {d.keyword for d in cls.declarations.values()} | set(cls.declarations)
        known |= {argument.name for argument in accepted if argument.kind is not argument.VAR_POSITIONAL}
        check_known(cls, params, known)
    if description.get("sample_rate") is not None:
        params["sample_rate"] = description["sample_rate"]
    return params


def check_known(cls: type[Module], params: Iterable[str], known: Container[str]) -> None:
    """Raise a `ParameterError` if a name in `params` is not among the names `known` of the parameters of `cls`."""
    for name in params:
        if name not in known:
            raise ParameterError(f"from_dict: {cls.__name__} has no parameter {name!r}.")


def set_parts(module: Module, description: dict[str, Any], build: Build, names: tuple[str, ...]) -> None:
    """Build the parts in `description` and set them as attributes of `module`; their names must be in `names`.

    Raises:
        ParameterError: The name of a part is not in `names`.
    """
    for name, part in named_entries(description, "parts").items():
        if name not in names:
            allowed = "its only part is" if len(names) == 1 else "its parts are"
            raise ParameterError(
                f"from_dict: {type(module).__name__} has no part {name!r}; {allowed} {' and '.join(map(repr, names))}. "
                f"Remove {name!r} from the dictionary."
            )
        setattr(module, name, build(part))


def rebuild_with_parts(cls: type[Module], description: dict[str, Any], build: Build) -> Module:
    """Build a module of class `cls`, whose parts are attributes, from its description.

    Raises:
        ParameterError: The description lacks an argument that the constructor needs, or contains an unknown part or
            parameter, or an invalid value.
    """
    params = decode_parameters(cls, description)
    parts = {name: build(part) for name, part in named_entries(description, "parts").items()}
    if _takes_module(cls):
        if "module" not in description:
            raise ParameterError(f"from_dict: a {cls.__name__} is described without its 'module'.")
        parts["module"] = build(description["module"])
    arguments = {name: parts.pop(name) for name in _required_arguments(cls) if name in parts}
    module = _construct(cls, params, arguments)
    children = dict(module.named_children())
    for name, part in parts.items():
        if name not in children:
            raise ParameterError(f"from_dict: {module!r} has no part {name!r}. Remove {name!r} from the dictionary.")
        setattr(module, name, part)
    return module


def _construct(cls: type[Module], params: dict[str, Any], arguments: dict[str, Any]) -> Module:
    if cls.__init__ is ParameterOwner.__init__:
        return cls(**params)
    missing = [name for name in _required_arguments(cls) if name not in arguments and name not in params]
    if missing:
        raise ParameterError(
            f"from_dict: a {cls.__name__} is described without {', '.join(missing)}, which its constructor needs; "
            "take a dictionary that to_dict gave."
        )
    accepted = signature(cls).parameters
    # A constructor defined by the class may not accept every parameter; the others are set afterwards.
    module = cls(**arguments, **{name: value for name, value in params.items() if name in accepted})
    for name, value in params.items():
        if name in module.declarations or name == "sample_rate":
            setattr(module, name, value)
        elif name not in accepted:
            raise ParameterError(f"from_dict: {cls.__name__} has no parameter {name!r}.")
    return module


def _modules(module: Module) -> dict[str, Module]:
    """Return the children of `module` that are fxlab modules, by name."""
    return {
        name: cast("Module", child)
        for name, child in module.named_children()
        if isinstance(child, ParameterOwner) and not isinstance(child, MovingValue)
    }


def _takes_module(cls: type[Module]) -> bool:
    """Return whether the first argument of the constructor is a required `module`, as in `Mix(module, …)`."""
    first = next(iter(signature(cls).parameters.values()), None)
    return first is not None and first.name == "module" and first.name in _required_arguments(cls)


def _required_arguments(cls: type[Module]) -> list[str]:
    """Return the names of the constructor's arguments without a default, except the declared parameters."""
    keywords = {declaration.keyword for declaration in cls.declarations.values()}
    return [
        name
        for name, argument in signature(cls).parameters.items()
        if argument.default is argument.empty
        and argument.kind not in (argument.VAR_POSITIONAL, argument.VAR_KEYWORD)
        and name not in keywords
    ]


def named_entries(description: dict[str, Any], key: str) -> dict[str, Any]:
    """Return `description[key]`, a dictionary whose keys are names; empty if there is no such key.

    Raises:
        ParameterError: The entry is not a dictionary, or a key is not a string.
    """
    entries = description.get(key, {})
    if not isinstance(entries, dict) or not all(isinstance(name, str) for name in entries):
        raise ParameterError(f"from_dict: {key!r} of {description['type']} must be a dict of names, not {entries!r}.")
    return entries


def listed_entries(description: dict[str, Any], key: str) -> list[Any]:
    """Return `description[key]`, a list of descriptions; empty if there is no such key.

    Raises:
        ParameterError: The entry is neither a list nor a tuple.
    """
    entries = description.get(key, [])
    if not isinstance(entries, list | tuple):
        raise ParameterError(
            f"from_dict: {key!r} of {description['type']} must be a list of what to_dict gave, not {entries!r}."
        )
    return list(entries)

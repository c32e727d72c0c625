"""Modules as plain dictionaries, and back."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from functools import partial
from inspect import signature
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor

from fxlab.errors import ParameterError
from fxlab.module.compose.chain import Chain
from fxlab.module.compose.sum import Sum
from fxlab.module.module import Module
from fxlab.module.wrap import Wrapped

_LEFT_OUT = ("bypassed", "soloed")
NONE: Mapping[str, type[Module]] = MappingProxyType({})


def to_dict(module: Module) -> dict[str, Any]:
    """`{"type": …, "params": {…}}`, with `"stages"`, `"branches"` or `"module"` where it has parts."""
    if isinstance(module, Wrapped):
        raise ParameterError(
            f"{module!r} wraps a Python callable, which a dictionary cannot hold; write a Module subclass."
        )
    children = {} if isinstance(module, (Chain, Sum)) else dict(module.named_children())
    parts = {name: part for name, part in children.items() if isinstance(part, Module)}
    # A constructor may take its parts, each kept under the name of the argument.
    needed = [] if isinstance(module, (Chain, Sum)) else [n for n in _own_arguments(type(module)) if n not in parts]
    if needed:
        raise ParameterError(
            f"{module!r}: its constructor needs {', '.join(needed)}, which is no declared parameter and so not in a "
            "dictionary; declare it, or give it a default."
        )
    foreign = [name for name in children if name not in parts]
    foreign += [name for name in (*module._parameters, *module._buffers) if name not in module.declarations]
    if foreign:
        raise ParameterError(
            f"{module!r} holds {', '.join(foreign)}, which a dictionary of parameters cannot; save its state_dict."
        )
    description: dict[str, Any] = {"type": _key(type(module))}
    if module.declarations:
        description["params"] = {d.keyword: _plain(getattr(module, name)) for name, d in module.declarations.items()}
    if module.sample_rate is not None:
        description["sample_rate"] = module.sample_rate
    if isinstance(module, Chain):
        description["stages"] = [to_dict(stage) for stage in module]
        for name in _LEFT_OUT:
            if numbers := getattr(module, name):
                description[name] = sorted(numbers)
    elif isinstance(module, Sum):
        description["branches"] = [to_dict(branch) for branch in module]
    elif parts:
        described = {name: to_dict(part) for name, part in parts.items()}
        if _takes_module(type(module)):
            description["module"] = described.pop("module")
        if described:
            description["parts"] = described
    return description


def kinds_of(module: Module) -> dict[str, type[Module]]:
    """The classes of a module and of its parts, by the names that `to_dict` gives them."""
    return {_key(type(part)): type(part) for part in module.modules() if isinstance(part, Module)}


def from_dict(description: dict[str, Any], kinds: Mapping[str, type[Module]] = NONE) -> Module:
    """Build what `to_dict` described; of these `kinds` first, for many classes of a notebook may share a name."""
    if not isinstance(description, dict) or not isinstance(description.get("type"), str):
        raise ParameterError(f"from_dict takes what to_dict gave, a dict with a 'type', not {description!r}.")
    extra = set(description) - {"type", "params", "sample_rate", "stages", "branches", "module", "parts", *_LEFT_OUT}
    if extra:
        raise ParameterError(
            f"from_dict: {description['type']} is described with {sorted(extra)}, which are not known."
        )
    kind = kinds.get(description["type"]) or _find(description["type"])
    again = partial(from_dict, kinds=kinds)
    params: dict[str, Any] = {}
    for name, value in _entries(description, "params").items():
        params[name] = _tensor(value, f"{description['type']}: {name}")
    if description.get("sample_rate") is not None:
        params["sample_rate"] = description["sample_rate"]
    if issubclass(kind, Chain):
        chain = kind(*map(again, description.get("stages", [])), **params)
        for name in _LEFT_OUT:
            setattr(chain, name, description.get(name, ()))
        return chain
    if issubclass(kind, Sum):
        return kind(*map(again, description.get("branches", [])), **params)
    parts = {name: again(part) for name, part in _entries(description, "parts").items()}
    if _takes_module(kind):
        if "module" not in description:
            raise ParameterError(f"from_dict: a {kind.__name__} is described without its 'module'.")
        parts["module"] = again(description["module"])
    given = {name: parts.pop(name) for name in _own_arguments(kind) if name in parts}
    return _with_parts(_constructed(kind, params, given), parts)


def _constructed(kind: type[Module], params: dict[str, Any], given: dict[str, Any]) -> Module:
    if kind.__init__ is Module.__init__:
        return kind(**params)
    # A constructor of its own may not take every parameter, or any: what it does not take is set afterwards.
    accepted = signature(kind).parameters
    module = kind(**given, **{name: value for name, value in params.items() if name in accepted})
    for name, value in params.items():
        if name in module.declarations or name == "sample_rate":
            setattr(module, name, value)
        elif name not in accepted:
            raise ParameterError(f"from_dict: {kind.__name__} has no parameter {name!r}.")
    return module


def _takes_module(kind: type[Module]) -> bool:
    """Whether its constructor starts with the module that it does something to, as `Mix(module, …)`."""
    first = next(iter(signature(kind).parameters.values()), None)
    return first is not None and first.name == "module" and first.name in _own_arguments(kind)


def _own_arguments(kind: type[Module]) -> list[str]:
    """What the constructor cannot do without, beside the declared parameters."""
    return [
        name
        for name, argument in signature(kind).parameters.items()
        if argument.default is argument.empty
        and argument.kind not in (argument.VAR_POSITIONAL, argument.VAR_KEYWORD)
        and name not in {declaration.keyword for declaration in kind.declarations.values()}
    ]


def _with_parts(module: Module, parts: dict[str, Module]) -> Module:
    children = dict(module.named_children())
    for name, part in parts.items():
        if name not in children:
            raise ParameterError(f"from_dict: {module!r} has no part {name!r}.")
        setattr(module, name, part)
    return module


def _entries(description: dict[str, Any], key: str) -> dict[str, Any]:
    entries = description.get(key, {})
    if not isinstance(entries, dict):
        raise ParameterError(f"from_dict: {key!r} of {description['type']} must be a dict of names, not {entries!r}.")
    return entries


def _key(kind: type[Module]) -> str:
    """fxlab's own go by their name, another's subclass also by its module, so that the two never clash."""
    own = kind.__module__.split(".", 1)[0] == "fxlab"
    return kind.__name__ if own else f"{kind.__module__}.{kind.__qualname__}"


def _find(name: str) -> type[Module]:
    known: dict[str, type[Module]] = {}
    pending = [Module]
    while pending:
        for kind in pending.pop().__subclasses__():
            pending.append(kind)
            if not issubclass(kind, Wrapped):
                known[_key(kind)] = kind  # a class defined again in a notebook replaces the earlier one
    if name in known:
        return known[name]
    near = get_close_matches(str(name), known, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else " Import the module that defines it first."
    raise ParameterError(f"from_dict: there is no module type {name!r}.{hint}")


def _plain(value: Any) -> Any:
    if isinstance(value, Tensor):
        if value.is_complex():  # JSON knows no such numbers: each is a pair
            pairs = torch.view_as_real(value.detach().cpu()).tolist()
            return {"values": pairs, "dtype": str(value.dtype).removeprefix("torch.")}
        listed = value.detach().cpu().tolist()
        return (
            listed
            if value.dtype == torch.float64
            else {"values": listed, "dtype": str(value.dtype).removeprefix("torch.")}
        )
    return value


def _tensor(value: Any, whose: str) -> Any:
    if isinstance(value, list):
        # As a tensor, so that nothing else can be read into it: two values for two examples are no pair of edges.
        try:
            return torch.tensor(value, dtype=torch.float64)
        except (TypeError, ValueError, RuntimeError):
            return value  # the parameter says what is wrong with it
    if not isinstance(value, dict):
        return value
    try:
        dtype = getattr(torch, value["dtype"])
        if dtype.is_complex:
            pairs = torch.tensor(value["values"], dtype=dtype.to_real())
            return torch.view_as_complex(pairs if pairs.numel() else pairs.reshape(0, 2))
        return torch.tensor(value["values"], dtype=dtype)
    except (KeyError, AttributeError, TypeError, ValueError, RuntimeError):
        raise ParameterError(
            f"from_dict: {whose} is {value!r}; allowed is a number, a list, or {{'values': …, 'dtype': 'float32'}}."
        ) from None

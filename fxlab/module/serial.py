"""Modules as plain dictionaries, and back."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

import torch
from torch import Tensor

from fxlab.errors import ParameterError
from fxlab.module.chain import Chain
from fxlab.module.mix import Mix
from fxlab.module.module import Module
from fxlab.module.sum import Sum
from fxlab.module.wrap import Wrapped


def to_dict(module: Module) -> dict[str, Any]:
    """`{"type": …, "params": {…}}`, with `"stages"`, `"branches"` or `"module"` where it has parts."""
    if isinstance(module, Wrapped):
        raise ParameterError(
            f"{module!r} wraps a Python callable, which a dictionary cannot hold; write a Module subclass."
        )
    description: dict[str, Any] = {"type": _key(type(module))}
    if module.declarations:
        description["params"] = {name: _plain(getattr(module, name)) for name in module.declarations}
    if module.sample_rate is not None:
        description["sample_rate"] = module.sample_rate
    if isinstance(module, Chain):
        description["stages"] = [to_dict(stage) for stage in module]
    elif isinstance(module, Sum):
        description["branches"] = [to_dict(branch) for branch in module]
    elif isinstance(module, Mix):
        description["module"] = to_dict(module.module)
    return description


def from_dict(description: dict[str, Any]) -> Module:
    """Build what `to_dict` described."""
    if not isinstance(description, dict) or "type" not in description:
        raise ParameterError(f"from_dict takes what to_dict gave, a dict with a 'type', not {description!r}.")
    extra = set(description) - {"type", "params", "sample_rate", "stages", "branches", "module"}
    if extra:
        raise ParameterError(
            f"from_dict: {description['type']} is described with {sorted(extra)}, which are not known."
        )
    kind = _find(description["type"])
    rate = description.get("sample_rate")
    params = {name: _tensor(value) for name, value in description.get("params", {}).items()}
    if issubclass(kind, Chain):
        return kind(*map(from_dict, description.get("stages", [])), sample_rate=rate)
    if issubclass(kind, Sum):
        return kind(*map(from_dict, description.get("branches", [])), sample_rate=rate)
    if issubclass(kind, Mix):
        if "module" not in description:
            raise ParameterError("from_dict: a Mix is described without its 'module'.")
        return kind(from_dict(description["module"]), **params, sample_rate=rate)
    return kind(**params, sample_rate=rate)


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
            known[_key(kind)] = kind  # a class defined again in a notebook replaces the earlier one
    if name in known:
        return known[name]
    near = get_close_matches(str(name), known, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else " Import the module that defines it first."
    raise ParameterError(f"from_dict: there is no module type {name!r}.{hint}")


def _plain(value: Any) -> Any:
    if isinstance(value, Tensor):
        listed = value.detach().cpu().tolist()
        return (
            listed
            if value.dtype == torch.float64
            else {"values": listed, "dtype": str(value.dtype).removeprefix("torch.")}
        )
    return value


def _tensor(value: Any) -> Any:
    if isinstance(value, dict):
        return torch.tensor(value["values"], dtype=getattr(torch, value["dtype"]))
    return value

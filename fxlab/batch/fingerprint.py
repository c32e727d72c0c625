"""`fingerprint`: a hash by which a later process recognizes the same module and options."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Collection, Mapping
from functools import partial
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from fxlab.augment import Augmentation
from fxlab.errors import FxlabError
from fxlab.module import Module
from fxlab.module.wrap import Wrapped
from fxlab.signal import Signal

_PLAIN = (str, bytes, int, float, complex, type(None), os.PathLike, torch.dtype, torch.device)


def fingerprint(module: Module, options: tuple[object, ...]) -> str:
    """Return a hash of what determines the outputs of `module`, and of `options`.

    The hash includes parameters, weights, functions, seeds and the training mode, but not the number of calls of an
    augmentation, and its last draw only while the augmentation is frozen. A function is represented by its code, its
    default arguments, the values of its closure, and the global numbers, strings, tensors and functions of its own file
    that it uses; a class by its name and not by its code.
    """
    return _Digest().add(options).add(module).digest.hexdigest()


class _Digest:
    """A hash to which objects are added one after the other."""

    def __init__(self) -> None:
        self.digest = hashlib.sha256()
        self._seen: dict[int, tuple[int, object]] = {}

    def add(self, value: object) -> _Digest:
        """Add an object and its contents, or only the number of the object if it was added before; return `self`.

        Plain values, tensors and code are added completely each time.
        """
        if isinstance(value, _PLAIN):
            self._write(f"{type(value).__name__} {value!r}")
        elif isinstance(value, Tensor):
            self._add_tensor(value)
        elif isinstance(value, CodeType):
            self._add_code(value)
        elif id(value) in self._seen:
            self._write(f"again {self._seen[id(value)][0]}")
        else:
            self._seen[id(value)] = len(self._seen), value  # keeps it alive, so that no other gets its id
            self._add_object(value)
        return self

    def _write(self, text: str) -> None:
        data = text.encode("utf-8", "surrogateescape")
        self.digest.update(f"{len(data)}:".encode() + data)

    def _add_object(self, value: object) -> None:
        self._write(type(value).__qualname__)
        if isinstance(value, Mapping | list | tuple | set | frozenset):
            self._add_items(value)
        elif isinstance(value, Signal):
            self.add(value.samples).add(value.sample_rate)
        elif isinstance(value, np.ndarray):
            self._write(f"{value.dtype} {value.shape}")
            self.digest.update(value.tobytes())
        elif isinstance(value, nn.Module):
            self._add_module(value)
        elif isinstance(value, partial):
            self.add(value.func).add(value.args).add(value.keywords)
        elif isinstance(value, MethodType):
            self.add(value.__func__).add(value.__self__)
        elif isinstance(value, FunctionType):
            self._add_function(value)
        elif isinstance(value, type | BuiltinFunctionType):
            self._write(f"{value.__module__}.{value.__qualname__}")
        else:
            self._write(f"{type(value).__module__} {_without_addresses(value)}")
            self.add(_public(value))

    def _add_items(self, value: Mapping[Any, object] | Collection[object]) -> None:
        if isinstance(value, Mapping):
            for key, item in sorted(value.items(), key=lambda pair: repr(pair[0])):
                self.add(key).add(item)
        elif isinstance(value, set | frozenset):  # in any order, which differs from process to process
            self._write(repr(sorted(map(repr, value))))
        else:
            for item in (len(value), *value):
                self.add(item)

    def _add_tensor(self, tensor: Tensor) -> None:
        self._write(f"{tensor.dtype} {tuple(tensor.shape)}")
        if tensor.layout != torch.strided or tensor.is_quantized:
            self._write(repr(tensor.detach().cpu()))
            return
        flat = tensor.detach().cpu().resolve_conj().resolve_neg().contiguous().reshape(-1)
        self.digest.update(flat.view(torch.uint8).numpy().tobytes())

    def _add_module(self, module: nn.Module) -> None:
        self.add([part.training for part in module.modules()])
        if isinstance(module, Module):
            try:
                self.add(_without_counters(module.to_dict()))
                for part in module.modules():
                    if not _is_from_fxlab(part):
                        self.add(_public(part))
                return
            except FxlabError:  # a module with parts that a dictionary cannot describe, such as a neural network
                pass
        for name, part in module.named_modules():
            self._write(f"{name} {type(part).__module__}.{type(part).__qualname__}")
            self._add_own(part)

    def _add_own(self, part: nn.Module) -> None:
        """Add the attributes of a module, without the modules in it."""
        for name, tensor in (*part._parameters.items(), *part._buffers.items()):
            if tensor is not None:
                self.add(name).add(tensor)
        if isinstance(part, Wrapped):
            function, params = part._wrap_arguments
            self.add(None if isinstance(function, nn.Module) else function).add(sorted(params))
            self.add({name: getattr(part, name) for name in part.declarations})
            self.add({name: value for name, value in params.items() if name not in part.declarations})
            return
        if isinstance(part, Module):
            self.add({name: getattr(part, name) for name in part.declarations}).add(part.sample_rate)
        if _is_from_fxlab(part):
            self.add([sorted(getattr(part, name, ())) for name in ("_bypassed", "_soloed")])
            # Their other attributes, such as designs, follow from the parameters.
            self._write(_without_addresses(part))
            if isinstance(part, Augmentation):
                self.add(_own_random(part.get_extra_state()))
            sounds = part.__dict__.get("sounds")
            self.add(None if sounds is None else sounds.entries)
        else:
            self._write("" if isinstance(part, Module) else part.extra_repr())
            self.add(_public(part))

    def _add_function(self, function: FunctionType) -> None:
        self.add(function.__code__).add(function.__defaults__).add(function.__kwdefaults__)
        for cell in function.__closure__ or ():
            try:
                self.add(cell.cell_contents)
            except ValueError:  # it is not filled yet
                self._write("empty")
        for name in _names(function.__code__):
            value = function.__globals__.get(name)
            is_own = isinstance(value, FunctionType) and value.__module__ == function.__module__
            if is_own or (value is not None and isinstance(value, (*_PLAIN, Tensor))):
                self.add(name).add(value)

    def _add_code(self, code: CodeType) -> None:
        self.add(code.co_code).add(list(code.co_names)).add(list(code.co_freevars)).add(code.co_argcount)
        for constant in code.co_consts:
            self.add(constant)


def _names(code: CodeType) -> list[str]:
    """Return the names of globals and attributes in the code of a function and of the functions in it."""
    inner = [name for constant in code.co_consts if isinstance(constant, CodeType) for name in _names(constant)]
    return [*code.co_names, *inner]


def _public(value: object) -> dict[str, Any]:
    """Return the attributes of an object, except modules, `training`, and those whose names begin with `_`."""
    attributes = getattr(value, "__dict__", {})
    return {
        name: item
        for name, item in attributes.items()
        if not name.startswith("_") and name != "training" and not isinstance(item, nn.Module)
    }


def _is_from_fxlab(part: nn.Module) -> bool:
    return isinstance(part, Module) and type(part).__module__.startswith("fxlab.")


def _without_addresses(value: object) -> str:
    return re.sub(r" at 0x[0-9a-fA-F]+", "", repr(value))


def _without_counters(description: Any) -> Any:
    """Return the dictionary of a module without the numbers of calls and the draws that are not frozen."""
    if isinstance(description, list):
        return [_without_counters(item) for item in description]
    if not isinstance(description, dict):
        return description
    return {
        name: _own_random(item) if name == "random" and isinstance(item, dict) else _without_counters(item)
        for name, item in description.items()
    }


def _own_random(state: dict[str, Any]) -> str:
    """Return the seed of an augmentation, and its draw if it is frozen, as text; `state` is its extra state."""
    frozen = bool(state.get("frozen"))
    return json.dumps([state.get("seed"), frozen, state.get("draw") if frozen else None], sort_keys=True, default=repr)

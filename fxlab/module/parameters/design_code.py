"""`CodeInputs`: the global variables, constants and other functions that the code of a class reads.

A user's `design` may read a global variable of the notebook, or a list that it shares with other code. The functions of
classes outside `PURE_PACKAGES` are therefore inspected. If they read only values that cannot change in place, the names
of these values are recorded, so that another assignment is detected. If they read anything else, such as a list, a file
or the module `random`, the class has no `CodeInputs` and its designs are not cached. The random functions of PyTorch,
NumPy and SciPy are recognized by their names, even with a seeded generator.
"""

from __future__ import annotations

import dis
import functools
import inspect
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from types import BuiltinFunctionType, CellType, CodeType, FunctionType, ModuleType
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
import torch

from fxlab.module.parameters.parameter_declaration import ParameterDeclaration

PURE_PACKAGES = frozenset(
    {"abc", "builtins", "cmath", "collections", "dataclasses", "enum", "fractions", "functools", "fxlab", "itertools"}
    | {"math", "numbers", "numpy", "operator", "scipy", "torch", "torchaudio", "typing"}
)
"""Packages whose functions are assumed to return the same result for the same arguments, apart from random ones."""
RANDOM_MODULES = ("numpy.random", "torch.random", "torch.distributions")
RANDOM_NAMES = frozenset(
    {"rand", "rand_like", "randint", "randint_like", "randn", "randn_like", "random", "random_", "randperm"}
    | {"bernoulli", "bernoulli_", "cauchy_", "exponential_", "geometric_", "multinomial", "normal", "poisson"}
    | {"alpha_dropout", "distributions", "dropout", "dropout_", "gumbel_softmax", "rrelu", "rsample", "rvs", "sample"}
)
"""Names of functions, methods and modules that return or fill in random numbers, besides `…normal_` and `…uniform_`."""
IMPURE_BUILTINS = frozenset({"__import__", "breakpoint", "eval", "exec", "globals", "input", "locals", "open", "print"})
"""Built-in functions whose result depends on more than their arguments, or that have an effect of their own."""
CONSTANT_TYPES = (type(None), bool, int, float, complex, str, bytes, type(...), range, np.generic, Enum)
TORCH_CONSTANTS = (torch.dtype, torch.device, torch.layout, torch.memory_format, torch.Size)
NOT_READ = frozenset({"__init__", "__annotate__", "__annotate_func__", "__classcell__"})
"""Entries of a class that a design does not read."""
MISSING = object()


class CodeInputs(NamedTuple):
    """The values that the functions of a class read, with the namespaces and closure cells that contain them."""

    names: tuple[tuple[Mapping[str, Any], str, Any], ...]  # namespace, name and value
    cells: tuple[tuple[CellType, Any], ...]  # cell of a closure and value
    sizes: tuple[tuple[Mapping[str, Any], int], ...]  # namespace of each class and its size, for added methods

    def are_unchanged(self) -> bool:
        """Return whether names and cells refer to the same objects, and classes have as many attributes as before."""
        for namespace, size in self.sizes:
            if len(namespace) != size:
                return False
        for namespace, name, value in self.names:
            if namespace.get(name, MISSING) is not value:
                return False
        return all(_contents(cell) is value for cell, value in self.cells)


class UnknownInputError(Exception):
    """The error for a function that reads an object that may change without detection."""


def code_inputs(cls: type) -> CodeInputs | None:
    """Return the values that the functions of `cls` read, or None if one of these may change without detection.

    >>> from fxlab.filters import LowPass
    >>> code_inputs(LowPass)
    CodeInputs(names=(), cells=(), sizes=())
    """
    found = _KNOWN.get(cls, MISSING)
    if found is MISSING or (isinstance(found, CodeInputs) and not found.are_unchanged()):
        found = _KNOWN[cls] = _inspect(cls)
    return found if isinstance(found, CodeInputs) else None


def is_constant(value: Any) -> bool:
    """Return whether it is known that neither `value` nor an object inside it can change in place.

    >>> is_constant((1, "a", torch.float32)), is_constant([1])
    (True, False)
    """
    if isinstance(value, (tuple, frozenset)):
        return all(is_constant(part) for part in value)
    if isinstance(value, (*CONSTANT_TYPES, *TORCH_CONSTANTS)):
        return True
    if not isinstance(value, type) and is_dataclass(value) and getattr(value, "__dataclass_params__").frozen:  # noqa: B009
        return all(is_constant(getattr(value, field.name)) for field in fields(value))
    return False


_KNOWN: WeakKeyDictionary[type, CodeInputs | None] = WeakKeyDictionary()


def _inspect(cls: type) -> CodeInputs | None:
    inspector = _Inspector()
    try:
        inspector.add_class(cls)
    except UnknownInputError:
        return None
    return CodeInputs(tuple(inspector.names), tuple(inspector.cells), tuple(inspector.sizes))


class _Inspector:
    """A collector of the values that classes and functions read."""

    def __init__(self) -> None:
        self.names: list[tuple[Mapping[str, Any], str, Any]] = []
        self.cells: list[tuple[CellType, Any]] = []
        self.sizes: list[tuple[Mapping[str, Any], int]] = []
        self._seen: set[int] = set()

    def add_class(self, cls: type) -> None:
        """Add the attributes of `cls` and its base classes outside `PURE_PACKAGES`, and the values that these read.

        Raises:
            UnknownInputError: A value may change in place.
        """
        for base in cls.__mro__:
            if _is_pure(base.__module__) or id(base) in self._seen:
                continue
            self._seen.add(id(base))
            namespace = vars(base)
            self.sizes.append((namespace, len(namespace)))
            for name, value in namespace.items():
                is_special = name.startswith("__") and name.endswith("__")
                if name in NOT_READ or name in _OF_EVERY_MODULE or (is_special and not inspect.isroutine(value)):
                    continue
                self.names.append((namespace, name, value))
                self.add_value(value)

    def add_value(self, value: Any) -> None:
        """Add the values that `value` reads, if it is a function or a class or contains one.

        Raises:
            UnknownInputError: `value` or a value that it reads may change in place, or a function is random.
        """
        if is_constant(value) or isinstance(value, (ParameterDeclaration, np.ufunc)):
            return
        if isinstance(value, (tuple, frozenset)):
            for part in value:
                self.add_value(part)
        elif isinstance(value, ModuleType):
            _require(_is_pure(value.__name__))
        elif isinstance(value, type):
            self.add_class(value)
        elif isinstance(value, FunctionType):
            self.add_function(value)
        elif isinstance(value, (staticmethod, classmethod)):
            self.add_value(value.__func__)
        elif isinstance(value, property):
            self.add_value(value.fget)
        elif isinstance(value, functools.cached_property):
            self.add_value(value.func)
        else:
            _require(isinstance(value, BuiltinFunctionType) and _is_pure(value.__module__ or ""))

    def add_function(self, function: FunctionType) -> None:
        """Add the values that a function reads, unless it is defined in one of `PURE_PACKAGES`.

        Raises:
            UnknownInputError: The function is random, or a value that it reads may change in place.
        """
        _require(not _is_random(function.__name__))
        if _is_pure(function.__module__ or "") or id(function) in self._seen:
            return
        self._seen.add(id(function))
        for cell in function.__closure__ or ():
            value = _contents(cell)
            self.cells.append((cell, value))
            self.add_value(value)
        for value in (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()):
            self.add_value(value)
        self._add_code(function.__code__, function.__globals__)

    def _add_code(self, code: CodeType, namespace: dict[str, Any]) -> None:
        _require(not any(map(_is_random, code.co_names)))
        for instruction in dis.get_instructions(code):
            name = instruction.argval
            if instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
                self._add_global(namespace, name)
            elif instruction.opname == "IMPORT_NAME":
                _require(_is_pure(name))
            else:
                _require(instruction.opname not in ("STORE_GLOBAL", "DELETE_GLOBAL"))
        for constant in code.co_consts:
            if isinstance(constant, CodeType):
                self._add_code(constant, namespace)

    def _add_global(self, namespace: dict[str, Any], name: str) -> None:
        value = namespace.get(name, MISSING)
        self.names.append((namespace, name, value))
        if value is MISSING:
            _require(name not in IMPURE_BUILTINS)
        else:
            self.add_value(value)


def _require(is_known: bool) -> None:
    if not is_known:
        raise UnknownInputError


def _is_pure(module: str) -> bool:
    return module.partition(".")[0] in PURE_PACKAGES and not module.startswith(RANDOM_MODULES)


def _is_random(name: str) -> bool:
    return name in RANDOM_NAMES or name.endswith(("normal_", "uniform_"))


def _contents(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # the cell is empty
        return MISSING


_OF_EVERY_MODULE = frozenset({"_abstract_methods", "declarations", "fixed_parameters", "ranks", "continuous"})
"""Attributes that fxlab computes for every class of modules."""

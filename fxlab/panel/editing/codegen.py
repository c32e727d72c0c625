"""The generation of the Python code that builds a module, which `panel.code()` returns."""

from __future__ import annotations

import inspect
import tokenize
from collections.abc import Callable, Iterator
from functools import reduce
from importlib import import_module
from io import StringIO
from itertools import count
from keyword import iskeyword
from typing import Any

from torch import Tensor, nn

from fxlab.errors import ParameterError
from fxlab.module import Module
from fxlab.module.parameters.array import MAX_REPR_VALUES
from fxlab.module.parameters.owner import ParameterOwner
from fxlab.module.parameters.parameter_declaration import ParameterDeclaration, python_literal
from fxlab.module.wrap import WRAPPED_REPR, Wrapped
from fxlab.public_names import PUBLIC_NAMES

MAX_ARRAY_SIZE = 4096
"""The maximum number of elements of an array that is written out in the code."""

RESERVED_NAMES = {"fx", "torch", "module"}
"""Names that the generated code defines itself."""


def generate_code(module: Module) -> str:
    """Return Python code that builds `module` with its current values and assigns it to the name `module`.

    Classes that are not public in fxlab and functions that were passed to `explore` or `wrap` are imported where
    necessary. If an object cannot be imported, a comment in the code states that it must be in scope. A module whose
    `panel_code()` is not None determines the code itself.

    Raises:
        ParameterError: An array of the module has more than `MAX_ARRAY_SIZE` elements.

    >>> from fxlab.filters import LowPass, Peak
    >>> print(generate_code(LowPass(cutoff=1250.0) | Peak(gain_db=6.0)))
    import fxlab as fx
    <BLANKLINE>
    module = fx.LowPass(cutoff=1250.0) | fx.Peak(gain_db=6.0)
    """
    code = module.panel_code()
    if code is not None:
        return code
    _reject_long_arrays(module)
    wrap_calls = WrapCalls()
    longest_token, writer_token = MAX_REPR_VALUES.set(MAX_ARRAY_SIZE), WRAPPED_REPR.set(wrap_calls.write)
    try:
        source = repr(module)
        assignments = list(wrap_calls.assignments(module))
    finally:
        MAX_REPR_VALUES.reset(longest_token)
        WRAPPED_REPR.reset(writer_token)
    parts = [part for part in module.modules() if isinstance(part, ParameterOwner) and not isinstance(part, Wrapped)]
    classes = {type(part).__name__: type(part) for part in parts}
    expression = "".join(_qualify(source, classes))
    torch_import = ["import torch"] if "torch." in "".join([expression, *assignments]) else []
    comments = [f"# {name} has to be in scope: {description}." for name, description in wrap_calls.in_scope.items()]
    header = ["import fxlab as fx", *torch_import, *wrap_calls.imports, *_class_imports(classes), *comments]
    return "\n".join([*header, "", f"module = {expression}", *assignments])


def _reject_long_arrays(module: Module) -> None:
    for path, owner, declaration in module.walk():
        if not path or declaration.kind != "numbers":
            continue
        size = owner.values()[declaration.name].numel()
        if size > MAX_ARRAY_SIZE:
            raise ParameterError(
                f"panel.code: {type(owner).__name__} has {size} numbers in {declaration.keyword}, but at most "
                f"{MAX_ARRAY_SIZE} are written out as code. Save them with "
                "torch.save(panel.module.state_dict(), path) instead."
            )


def _qualify(source: str, classes: dict[str, type[ParameterOwner]]) -> Iterator[str]:
    """Yield the tokens of `source` and the spaces between them, with `fx.` before calls of public names of fxlab.

    `classes` are the classes of the module's parts, by name.
    """
    tokens = list(tokenize.generate_tokens(StringIO(source).readline))
    end = (1, 0)
    for index, token in enumerate(tokens):
        if token.type in (tokenize.NEWLINE, tokenize.NL, tokenize.ENDMARKER):
            continue
        yield " " * (token.start[1] - end[1])
        end = token.end
        is_call = token.type == tokenize.NAME and tokens[index + 1].string == "("
        is_attribute = index > 0 and tokens[index - 1].string == "."
        if is_call and not is_attribute and _is_public(token.string, classes.get(token.string)):
            yield "fx."
        yield token.string


def _is_public(name: str, cls: type[ParameterOwner] | None) -> bool:
    """Return whether `name` is part of fxlab's public interface, and not a user's class of the same name.

    `cls` is the class of that name in the module, or None if there is none, as for a function.
    """
    return name in PUBLIC_NAMES and (cls is None or cls is PUBLIC_NAMES[name])


def _class_imports(classes: dict[str, type[ParameterOwner]]) -> Iterator[str]:
    """Yield an import statement for each class that is not public in fxlab, or a comment if it cannot be imported."""
    for name, cls in sorted(classes.items()):
        if _is_public(name, cls):
            continue
        if cls.__module__ == "__main__" or "<locals>" in cls.__qualname__:
            yield f"# {name} has to be in scope: a class of your own."
        else:
            yield f"from {cls.__module__} import {cls.__qualname__.split('.')[0]}"


class WrapCalls:
    """The calls of `fx.wrap` in the code of one module, and the names that they use.

    Once the code has been written, `imports` contains the import statements for the wrapped callables, in order, and
    `in_scope` the description of each object that cannot be imported, by its name in the code.
    """

    def __init__(self) -> None:
        self.imports: dict[str, None] = {}
        self.in_scope: dict[str, str] = {}
        self._objects: dict[str, Any] = {}
        self._written: list[Wrapped] = []

    def write(self, wrapped: Wrapped) -> str:
        """Return the call of `fx.wrap` that builds `wrapped` with its declared defaults.

        The names that must be imported or be in scope for it are recorded in `imports` or `in_scope`.
        """
        function, params = wrapped._wrap_arguments
        self._written.append(wrapped)
        arguments = [f"{name}={self._argument(name, value)}" for name, value in params.items()]
        return f"wrap({', '.join([self._function(function), *arguments])})"

    def assignments(self, module: Module) -> Iterator[str]:
        """Yield assignments of values that differ from their defaults, and of sample rates that are set.

        There is one for each such value of the parts of `module` for which `write` has been called.
        """
        for path, part in module.named_modules():
            if not any(part is wrapped for wrapped in self._written):
                continue
            assert isinstance(part, Wrapped)
            access = "".join(f"[{step}]" if step.isdigit() else f".{step}" for step in path.split(".") if step)
            for name, declared in part.declarations.items():
                if (text := declared.source(getattr(part, name))) != declared.source(declared.default):
                    yield f"module{access}.{name} = {text}"
            if part.sample_rate is not None:
                yield f"module{access}.sample_rate = {python_literal(part.sample_rate)}"

    def _argument(self, name: str, value: Any) -> str:
        """Return the source of an argument of `fx.wrap`."""
        if isinstance(value, ParameterDeclaration):
            return declaration_source(value)
        if value is None or isinstance(value, (bool, int, float, str, Tensor)):
            return python_literal(value)
        return self._name_in_scope(name, value, f"the {name} that fx.wrap was given")

    def _function(self, function: Callable[..., Any]) -> str:
        """Return the name of the wrapped callable in the code.

        If the name must be imported or be in scope, record that in `imports` or `in_scope`.
        """
        name = getattr(function, "__name__", type(function).__name__.lower())
        module_name = getattr(function, "__module__", None) or ""
        for attribute in (name, getattr(function, "__qualname__", name)):
            if _import_attribute(module_name, attribute) is function:
                if module_name.partition(".")[0] == "torch":
                    return f"{module_name}.{attribute}"
                if module_name != "builtins":
                    self.imports[f"from {module_name} import {attribute.partition('.')[0]}"] = None
                return attribute
        kind = f"{type(function).__name__}, weights and all," if isinstance(function, nn.Module) else "function"
        usable = name.isidentifier() and not iskeyword(name) and name not in ("partial", "<lambda>")
        return self._name_in_scope(name if usable else "function", function, f"the {kind} that fx.wrap was given")

    def _name_in_scope(self, name: str, value: Any, description: str) -> str:
        """Return the name for `value` in the code: `name`, or if that is reserved or taken, `name_2`, `name_3`, ….

        `description` is recorded in `in_scope` under the returned name.
        """
        candidates = (name if n == 1 else f"{name}_{n}" for n in count(1) if n > 1 or name not in RESERVED_NAMES)
        chosen = next(candidate for candidate in candidates if self._objects.get(candidate, value) is value)
        self._objects[chosen], self.in_scope[chosen] = value, description
        return chosen


def declaration_source(declared: ParameterDeclaration) -> str:
    """Return the Python source of a parameter declaration, without the optional arguments that equal their defaults."""
    arguments = []
    for name, argument in inspect.signature(type(declared)).parameters.items():
        value = getattr(declared, name, argument.default)
        if name == "default":
            arguments.append(declared.source(value))
        elif argument.default is argument.empty or value != argument.default:
            arguments.append(f"{name}={value!r}")
    return f"{type(declared).__name__}({', '.join(arguments)})"


def _import_attribute(module_name: str, attribute: str) -> Any:
    """Return an attribute of a Python module, by its dotted path.

    The result is None if it cannot be imported, as for a function that is defined in a notebook.
    """
    if not module_name or module_name == "__main__" or "<" in attribute:
        return None
    try:
        return reduce(getattr, attribute.split("."), import_module(module_name))
    except (ImportError, AttributeError):
        return None

"""The signature of a module's constructor, the checks of a module class, and the message for an unknown parameter."""

from __future__ import annotations

import inspect
from difflib import get_close_matches
from typing import TYPE_CHECKING

from torch import nn

from fxlab.errors import ParameterError
from fxlab.module.parameters.parameter_declaration import ParameterDeclaration

if TYPE_CHECKING:
    from fxlab.module.parameters.owner import ParameterOwner

INSTANCE_ATTRIBUTES = frozenset([*vars(nn.Module()), "_discrete", "sample_rate"])
"""The names of attributes that each module has, but not its class, such as `training`; no parameter can have them."""


def constructor_signature(cls: type[ParameterOwner]) -> inspect.Signature:
    """Return the signature of the constructor of `cls`, for `help` and completion.

    It has the arguments of `__init__`. If these include `**kwargs`, the declared parameters and `sample_rate` replace
    `*args` and `**kwargs`. A variable argument of another name, such as `*buses`, is kept, and the declared
    parameters are then keyword-only.
    """
    kind = inspect.Parameter
    own = list(inspect.signature(cls.__init__).parameters.values())[1:]
    if not any(p.kind is kind.VAR_KEYWORD for p in own):
        return inspect.Signature(own)
    names = {p.name for p in own}
    positional = [p for p in own if p.kind in (kind.POSITIONAL_ONLY, kind.POSITIONAL_OR_KEYWORD)]
    others = [p for p in own if p.kind is kind.VAR_POSITIONAL and p.name != "args"]
    keyword_only = [p for p in own if p.kind is kind.KEYWORD_ONLY and p.name != "sample_rate"]
    declared = [
        kind(d.keyword, kind.KEYWORD_ONLY if others else kind.POSITIONAL_OR_KEYWORD, default=d.default)
        for d in cls.declarations.values()
        if d.keyword not in names
    ]
    sample_rate = kind("sample_rate", kind.KEYWORD_ONLY, default=None)
    return inspect.Signature([*positional, *others, *declared, *keyword_only, sample_rate])


def check_declarations(cls: type[ParameterOwner]) -> None:
    """Raise a `ParameterError` if a declaration is invalid, or `forward` does not accept `(self, x, sample_rate)`."""
    for name, value in vars(cls).items():
        if isinstance(value, ParameterDeclaration):
            _check_declaration(cls, name, value)
    forward = vars(cls).get("forward")
    if not inspect.isfunction(forward):
        return
    try:
        inspect.signature(forward).bind(None, None, None)
    except TypeError:
        raise ParameterError(
            f"{cls.__name__}: forward{inspect.signature(forward)} cannot be called; a Module's is "
            "forward(self, x, sample_rate)."
        ) from None


def _check_declaration(cls: type[ParameterOwner], name: str, declaration: ParameterDeclaration) -> None:
    """Raise a `ParameterError` for a name that is taken, a declaration with two names, or an invalid default."""
    taken = any(
        name in vars(base) and not isinstance(vars(base)[name], ParameterDeclaration) for base in cls.__mro__[1:]
    )
    if taken or name in INSTANCE_ATTRIBUTES:
        raise ParameterError(
            f"{cls.__name__}: a parameter cannot be called {name!r}, a name that modules use; choose another."
        )
    if declaration.name != name:
        raise ParameterError(
            f"{cls.__name__}: {name} and {declaration.name} are one declaration; give each name its own."
        )
    declaration.validate(declaration.default, cls.__name__)


def unknown_parameter_message(module: ParameterOwner, name: str) -> str:
    """Return the error message for an unknown parameter, with all names and, if there is one, a similar name."""
    names = [*(declaration.keyword for declaration in module.declarations.values()), "sample_rate"]
    near = get_close_matches(name, names, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return f"{type(module).__name__} has no parameter {name!r}; it has {', '.join(names)}.{hint}"

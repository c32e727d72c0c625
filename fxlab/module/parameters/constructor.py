"""What a module's constructor takes, how its arguments are written, and the words for what it does not take."""

from __future__ import annotations

import inspect
from difflib import get_close_matches
from typing import TYPE_CHECKING

from fxlab.errors import ParameterError
from fxlab.module.parameters.parameter import ParameterDeclaration

if TYPE_CHECKING:
    from fxlab.module.parameters.owner import ParameterOwner


def signature(cls: type[ParameterOwner]) -> inspect.Signature:
    """What `help` and tab completion show: own arguments, the parameters in order, the sample rate."""
    kind = inspect.Parameter
    own = list(inspect.signature(cls.__init__).parameters.values())[1:]
    if not any(p.kind is kind.VAR_KEYWORD for p in own):
        return inspect.Signature(own)
    named = {p.name for p in own}
    before = [p for p in own if p.kind in (kind.POSITIONAL_ONLY, kind.POSITIONAL_OR_KEYWORD)]
    behind = [p for p in own if p.kind is kind.KEYWORD_ONLY and p.name != "sample_rate"]
    declared = [
        kind(d.keyword, kind.POSITIONAL_OR_KEYWORD, default=d.default)
        for d in cls.declarations.values()
        if d.keyword not in named
    ]
    return inspect.Signature([*before, *declared, *behind, kind("sample_rate", kind.KEYWORD_ONLY, default=None)])


def check_class(cls: type[ParameterOwner]) -> None:
    """Refuse a subclass that cannot work: its declarations, or a `forward` that is not `forward(x, sample_rate)`."""
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
    """Refuse a name that a torch module needs for itself, a declaration with two names, and an invalid default."""
    taken = any(
        name in vars(base) and not isinstance(vars(base)[name], ParameterDeclaration) for base in cls.__mro__[1:]
    )
    if taken or name == "sample_rate":
        raise ParameterError(
            f"{cls.__name__}: a parameter cannot be called {name!r}, a name that modules use; choose another."
        )
    if declaration.name != name:
        raise ParameterError(
            f"{cls.__name__}: {name} and {declaration.name} are one declaration; give each name its own."
        )
    declaration.validate(declaration.default, cls.__name__)


def unknown(module: ParameterOwner, name: str) -> str:
    """The message for a parameter that is not there, with the nearest that is."""
    names = [*(declaration.keyword for declaration in module.declarations.values()), "sample_rate"]
    near = get_close_matches(name, names, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return f"{type(module).__name__} has no parameter {name!r}; it has {', '.join(names)}.{hint}"

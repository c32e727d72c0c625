"""The Python that makes a module again."""

from __future__ import annotations

import tokenize
from collections.abc import Iterator
from io import StringIO

import fxlab
from fxlab.errors import ParameterError
from fxlab.module import Module
from fxlab.module.parameters.array import LONGEST_SOURCE
from fxlab.module.wrap import WRITER, Wrapped
from fxlab.panel.editing.wrapping import Wrapping

LONGEST = 4096  # numbers of an array that may stand in a cell


def code(module: Module) -> str:
    """Python that makes `module` again, values and all, and calls it `module`.

    A class that is not fxlab's goes by its name, and so does a function that `explore` or `wrap` was given; where it
    cannot be imported a comment says that it has to be in scope.

    Raises:
        ParameterError: It holds an array too long to be written down.

    >>> from fxlab.filters import LowPass, Peak
    >>> print(code(LowPass(cutoff=1250.0) | Peak(gain_db=6.0)))
    import fxlab as fx
    <BLANKLINE>
    module = fx.LowPass(cutoff=1250.0) | fx.Peak(gain_db=6.0)
    """
    own = getattr(module, "written", None)
    if own is not None:
        return str(own())
    _refuse_long(module)
    wrapping = Wrapping()
    long, writer = LONGEST_SOURCE.set(LONGEST), WRITER.set(wrapping.write)
    try:
        written = repr(module)
        moved = list(wrapping.moved(module))
    finally:
        LONGEST_SOURCE.reset(long)
        WRITER.reset(writer)
    parts = [part for part in module.modules() if isinstance(part, Module) and not isinstance(part, Wrapped)]
    kinds = {type(part).__name__: type(part) for part in parts}
    body = "".join(_qualified(written, kinds))
    torch_too = ["import torch"] if "torch." in "".join([body, *moved]) else []
    needs = [f"# {name} has to be in scope: {what}." for name, what in wrapping.needs.items()]
    lines = ["import fxlab as fx", *torch_too, *wrapping.imports, *_imports(kinds), *needs]
    return "\n".join([*lines, "", f"module = {body}", *moved])


def _refuse_long(module: Module) -> None:
    for path, owner, declaration in module.walk():
        if path and declaration.kind == "numbers" and (count := owner.values()[declaration.name].numel()) > LONGEST:
            raise ParameterError(
                f"panel.code: {type(owner).__name__} has {count} numbers in {declaration.keyword}; in a cell there may "
                f"stand {LONGEST}. Keep them with torch.save(panel.module.state_dict(), path)."
            )


def _qualified(written: str, kinds: dict[str, type[Module]]) -> Iterator[str]:
    """The source with `fx.` before the names of fxlab's classes."""
    tokens = list(tokenize.generate_tokens(StringIO(written).readline))
    end = (1, 0)
    for place, token in enumerate(tokens):
        if token.type in (tokenize.NEWLINE, tokenize.NL, tokenize.ENDMARKER):
            continue
        yield " " * (token.start[1] - end[1])
        end = token.end
        called = token.type == tokenize.NAME and tokens[place + 1].string == "("
        after_dot = place > 0 and tokens[place - 1].string == "."
        if called and not after_dot and _is_ours(token.string, kinds.get(token.string)):
            yield "fx."
        yield token.string


def _is_ours(name: str, kind: type[Module] | None) -> bool:
    return name in fxlab.__all__ and (kind is None or kind is getattr(fxlab, name))


def _imports(kinds: dict[str, type[Module]]) -> Iterator[str]:
    """How the classes that are not fxlab's come into scope."""
    for name, kind in sorted(kinds.items()):
        if _is_ours(name, kind):
            continue
        if kind.__module__ == "__main__" or "<locals>" in kind.__qualname__:
            yield f"# {name} has to be in scope: a class of your own."
        else:
            yield f"from {kind.__module__} import {kind.__qualname__.split('.')[0]}"

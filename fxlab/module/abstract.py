"""Abstract classes: the methods that a class does not define, and the error for constructing such a class.

The methods are marked with `abc.abstractmethod`, as in the standard library. Its metaclass `ABCMeta` is not used: the
error should name the missing methods with their arguments and be an `FxlabError`.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable

from fxlab.errors import FxlabError


def abstract_methods(cls: type, inherited: Iterable[str]) -> tuple[str, ...]:
    """Return the names of the abstract methods of `cls`; `inherited` are the abstract methods of its bases."""
    own = [name for base in cls.__mro__ for name in vars(base) if _is_abstract(vars(base)[name])]
    return tuple(name for name in dict.fromkeys([*inherited, *own]) if _is_abstract(getattr(cls, name)))


def raise_abstract_error(cls: type, missing: Iterable[str], hint: str) -> None:
    """Raise an `FxlabError` that names the missing public methods of `cls`, or the private ones if there are none."""
    names = [name for name in missing if not name.startswith("_")] or list(missing)
    listed = ", ".join(f"{name}({', '.join(inspect.signature(getattr(cls, name)).parameters)})" for name in names)
    raise FxlabError(
        f"{cls.__name__} is abstract and cannot be constructed: it does not define {listed}. Define what is missing in "
        f"a subclass.{hint if 'forward' in names else ''}"
    )


def _is_abstract(member: object) -> bool:
    return bool(getattr(member, "__isabstractmethod__", False))

"""`AbstractBase`: a class that can be constructed only if it defines all abstract methods.

The methods are marked with `abc.abstractmethod`. The metaclass `abc.ABCMeta` is not used, because the error should be
an `FxlabError` and name the missing methods with their arguments.
"""

from __future__ import annotations

import inspect
from typing import Any, ClassVar, Self

from fxlab.errors import FxlabError


class AbstractBase:
    """A base class whose subclasses can be constructed only if they define all abstract methods."""

    _abstract_methods: ClassVar[tuple[str, ...]] = ()
    """The names of the abstract methods, which a subclass must define."""
    _abstract_hint: ClassVar[str] = ""
    """Text that is appended to the error for constructing a class without `forward`."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._abstract_methods = _abstract_methods(cls)

    def __new__(cls, *args: Any, sample_rate: float | None = None, **kwargs: Any) -> Self:  # noqa: ARG004
        """Create the object, or raise an `FxlabError` if its class is abstract; only `__init__` uses the arguments."""
        if cls.is_abstract():
            _raise_abstract_error(cls)
        return super().__new__(cls)

    @classmethod
    def is_abstract(cls) -> bool:
        """Return whether the class has abstract methods and therefore cannot be constructed.

        >>> from fxlab.filters import LowPass
        >>> from fxlab.module import Module
        >>> Module.is_abstract(), LowPass.is_abstract()
        (True, False)
        """
        return bool(cls._abstract_methods)


def _abstract_methods(cls: type[AbstractBase]) -> tuple[str, ...]:
    """Return the names of the methods that are abstract in `cls`, including inherited ones."""
    own = [name for base in cls.__mro__ for name in vars(base) if _is_abstract(vars(base)[name])]
    return tuple(
        name for name in dict.fromkeys([*cls._abstract_methods, *own]) if _is_abstract(getattr(cls, name, None))
    )


def _raise_abstract_error(cls: type[AbstractBase]) -> None:
    """Raise an `FxlabError` that names the missing public methods of `cls`; if none is public, the private ones."""
    missing = cls._abstract_methods
    names = [name for name in missing if not name.startswith("_")] or list(missing)
    listed = ", ".join(f"{name}({', '.join(inspect.signature(getattr(cls, name)).parameters)})" for name in names)
    raise FxlabError(
        f"{cls.__name__} is abstract and cannot be constructed: it does not define {listed}. Define what is missing in "
        f"a subclass.{cls._abstract_hint if 'forward' in names else ''}"
    )


def _is_abstract(member: object) -> bool:
    return bool(getattr(member, "__isabstractmethod__", False))

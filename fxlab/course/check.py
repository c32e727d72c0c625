"""`check`, which contains the checks of all exercises, and the decorator `exercise`, which adds a check to it."""

from __future__ import annotations

import difflib
import pkgutil
import textwrap
from collections.abc import Callable
from functools import cache, wraps
from importlib import import_module
from typing import ParamSpec

from fxlab.course.wrong_answer import WrongAnswerError
from fxlab.errors import FxlabError, describe_error

P = ParamSpec("P")
WIDTH = 100
"""The largest number of columns in a line of a message."""

_EXERCISES: dict[str, Callable[..., None]] = {}


def exercise(hint: str) -> Callable[[Callable[P, str]], Callable[P, None]]:
    """Return a decorator that adds a function to `check`, under the name of the function.

    The function returns a sentence about why the answer is right, or raises `WrongAnswerError` with a sentence about
    the mistake. Any other error that an answer causes counts as a wrong answer too. The decorated function prints the
    sentence and returns None, or raises `WrongAnswerError` with the sentence and the hint.

    Args:
        hint: The text below the message: how to find the answer, but not the answer itself.

    Raises:
        ValueError: An exercise of another module has the same name; raised when the decorator is applied.

    >>> @exercise(hint="Count them.")
    ... def fingers(answer: object) -> str:
    ...     if answer != 5:
    ...         raise WrongAnswerError(f"{answer} is not the number of fingers of a hand.")
    ...     return "The thumb counts."
    >>> fingers(5)
    ✓ fingers: correct. The thumb counts.
    >>> fingers(6)
    Traceback (most recent call last):
    fxlab.course.wrong_answer.WrongAnswerError: ✗ fingers: 6 is not the number of fingers of a hand.
      Hint: Count them.
    >>> del _EXERCISES["fingers"]
    """

    def register(judge: Callable[P, str]) -> Callable[P, None]:
        name = judge.__name__
        if name in _EXERCISES and _EXERCISES[name].__module__ != judge.__module__:
            raise ValueError(f"The exercise {name!r} exists already, in {_EXERCISES[name].__module__}; choose another.")

        @wraps(judge)
        def checked(*args: P.args, **kwargs: P.kwargs) -> None:
            try:
                reason = judge(*args, **kwargs)
            except FxlabError as error:
                raise _wrong_answer(name, str(error), hint) from None
            except Exception as error:
                # PyTorch's errors may list all of its backends, in many lines.
                text = textwrap.shorten(describe_error(error).partition("\n")[0], 2 * WIDTH, placeholder=" …")
                raise _wrong_answer(name, f"the answer cannot be read: {text}", hint) from error
            print(_wrapped(f"✓ {name}: correct. {reason}", 0))

        _EXERCISES[name] = checked
        return checked

    return register


def _wrong_answer(name: str, text: str, hint: str) -> WrongAnswerError:
    lines = [f"✗ {name}: {text}", f"Hint: {hint}"]
    return WrongAnswerError("\n".join(_wrapped(line, number) for number, line in enumerate(lines)))


def _wrapped(text: str, number: int) -> str:
    """Return the line `number` of a message, counted from 0, wrapped to `WIDTH` columns.

    Everything except the beginning of line 0 is indented.
    """
    return textwrap.fill(text, WIDTH, initial_indent="  " if number else "", subsequent_indent="  ")


@cache
def exercises() -> dict[str, Callable[..., None]]:
    """Import the modules of all exercises, and return the checks by name."""
    package = import_module("fxlab.course.exercises")
    for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        import_module(module.name)
    return _EXERCISES


class Checks:
    """The checks of all exercises, one attribute each: `check.beat_rate(answer)`.

    A check prints a sentence if the answer is right. Otherwise it raises `WrongAnswerError`, with a description of the
    mistake and a hint.

    Raises:
        AttributeError: There is no exercise of that name.

    >>> check.beat_rate(5)
    ✓ beat_rate: correct. Two tones beat at the difference of their frequencies.
    >>> check.beat_rates(5)
    Traceback (most recent call last):
    AttributeError: The course has no exercise 'beat_rates'. Did you mean check.beat_rate?
    """

    def __getattr__(self, name: str) -> Callable[..., None]:
        found = {} if name.startswith("_") else exercises()
        if name in found:
            return found[name]
        close = difflib.get_close_matches(name, found, n=1)
        meant = f" Did you mean check.{close[0]}?" if close else ""
        raise AttributeError(f"The course has no exercise {name!r}.{meant}")

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *exercises()})

    def __repr__(self) -> str:
        return f"<the checks of the {len(exercises())} exercises of the course: check.NAME(answer)>"


check = Checks()
"""The checks of all exercises."""

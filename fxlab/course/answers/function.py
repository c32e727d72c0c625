"""`call`: the result of a function that the student has written."""

from __future__ import annotations

from typing import Any

from fxlab.course.answers.kind import describe_kind
from fxlab.course.wrong_answer import WrongAnswerError
from fxlab.errors import describe_error


def call(function: Any, *arguments: Any) -> Any:
    """Call the function of an answer, and return its result, `function(*arguments)`.

    Raises:
        WrongAnswerError: `function` is not callable or is a class, raises an exception, or returns None.

    >>> call(abs, -2.0)
    2.0
    >>> call(2.0, -2.0)  # doctest: +NORMALIZE_WHITESPACE
    Traceback (most recent call last):
    fxlab.course.wrong_answer.WrongAnswerError: the answer is of the type float. A function is asked for: pass its name,
    without parentheses.
    """
    if not callable(function) or isinstance(function, type):
        said = describe_kind(function)
        raise WrongAnswerError(f"{said} A function is asked for: pass its name, without parentheses.")
    name = getattr(function, "__name__", "the function")
    try:
        result = function(*arguments)
    except NotImplementedError:  # the line that nbgrader puts in the place of a solution
        raise WrongAnswerError(f"{name} is not written yet: replace `raise NotImplementedError()`.") from None
    except Exception as error:
        raise WrongAnswerError(f"{_call_text(name, arguments)} raises {describe_error(error)}") from error
    if result is None:
        raise WrongAnswerError(f"{_call_text(name, arguments)} returns None: is its last line `return …`?")
    return result


def _call_text(name: str, arguments: tuple[Any, ...]) -> str:
    shown = [repr(argument) for argument in arguments]
    return f"{name}({', '.join(text if len(text) <= 40 and chr(10) not in text else '…' for text in shown)})"

"""`describe_kind`: a description of an answer whose type is wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fxlab.module import Module
from fxlab.signal import Signal


def describe_kind(answer: Any) -> str:
    """Return a sentence that describes the type of `answer` and, for common mistakes, how to correct it.

    >>> describe_kind(None)
    'the answer is None: a variable that was not set, or a function without return.'
    >>> describe_kind("440 Hz")
    "'440 Hz' is text: write numbers without quotes and without a unit."
    """
    for kinds, sentence in KINDS:
        if isinstance(answer, kinds):
            return sentence(answer)
    name = getattr(answer, "__name__", "the function")
    if type(answer).__name__ == "Panel":
        text = "a panel: use panel.module, the module that it plays, or panel.output, its sound."
    elif hasattr(answer, "shape"):
        text = f"an array of shape {tuple(answer.shape)}."
    elif callable(answer):
        text = f"the function {name} itself: call it, {name}(…)."
    elif hasattr(answer, "__len__"):
        text = f"a {type(answer).__name__} of {len(answer)}."
    else:
        text = f"of the type {type(answer).__name__}."
    return f"the answer is {text}"


def _short(answer: Any) -> str:
    text = repr(answer)
    return text if len(text) <= 60 else f"{text[:57]}…"


KINDS: list[tuple[Any, Callable[[Any], str]]] = [
    (type(None), lambda _: "the answer is None: a variable that was not set, or a function without return."),
    (type(...), lambda _: "the answer is still the placeholder `...`."),
    (str | bytes, lambda a: f"{_short(a)} is text: write numbers without quotes and without a unit."),
    (bool, lambda a: f"the answer is {a}, which is neither a number nor an object of fxlab."),
    (type, lambda a: f"{a.__name__} is a class: create an object with {a.__name__}(…)."),
    (Signal, lambda a: f"the answer is a {a!r}."),
    (Module, lambda a: f"the answer is the module {_short(a)}."),
]
"""Types of answers, each with a function that returns a sentence about such an answer."""

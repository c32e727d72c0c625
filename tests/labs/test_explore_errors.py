"""The errors of `explore`: functions that cannot be explored, and values with which one fails."""

from __future__ import annotations

import math
from typing import Annotated, Any

import pytest
import torch

import fxlab as fx
from fxlab.errors import ParameterError, SignalError
from fxlab.panel.rendering.renderer import Renderer


@pytest.mark.parametrize("name", ["function", "signals", "training", "values", "panel"])
def test_argument_cannot_have_the_name_of_a_module_attribute(name):
    made: dict[str, Any] = {}
    exec(f"def bad({name}=0.5): return [{name}]", made)
    with pytest.raises(ParameterError, match=f"'{name}'"):
        fx.explore(made["bad"])


def annotated(a: Annotated[int, fx.Count(5, low=2, high=9)] = 0) -> list[int]:
    return [a]


def unreadable(a: Nowhere = 0.5) -> list[float]:  # type: ignore[name-defined]  # noqa: F821
    return [a]


def annotated_with(text: str) -> Any:
    def given(a=1.0):
        return [a]

    given.__annotations__ = {"a": text}
    return given


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda x: [x], r"function, argument 'x': it has no default and no type\. Give it a default"),
        (lambda a=math.nan: [a], "argument 'a': a=nan cannot have a slider"),
        (
            lambda *args, **options: [1.0],
            r"takes \*args and \*\*options, which have no names for sliders",
        ),
        (annotated, "argument 'a': the default: a is 0; it must be a whole number of at least 1"),
        (max, "max has no signature; write a function that calls it, such as def demo"),
        (fx.LowPass(), r"LowPass\(\) is a module; open its own panel"),
        (unreadable, "an annotation of unreadable cannot be read: name 'Nowhere' is not defined"),
        (annotated_with("torch.Foo"), "an annotation of given cannot be read: module 'torch' has no attribute 'Foo'"),
        (annotated_with("a b"), "an annotation of given cannot be read: invalid syntax"),
        (annotated_with("1 + 'x'"), "an annotation of given cannot be read: unsupported operand"),
        (
            lambda x=1.0: ({"Curves": fx.Picture([[1.0]])}, [1.0, 2.0]),
            "a drawing named 'Curves' and the curve 'Value', whose tab has the same name; give the drawing another",
        ),
        (lambda x="name": [1.0], r"x='name' cannot have a slider"),
        (lambda x=1.0: "text", "returned str; return a Signal to play it"),
        (lambda x=1.0: {"a": torch.zeros(2, 2, 2)}, "Curves"),
        (lambda x=1.0: (), "nothing to play or to draw"),
        (lambda x=1.0: ["a", "b"], "not a vector of numbers"),
        (lambda x=1.0: [torch.ones(3), torch.ones(3)], "not a vector of numbers"),
        (lambda x=1.0: torch.fft.rfft(torch.ones(8)), "returned complex numbers"),
        (lambda function=1.0: [function], "cannot be named 'function'"),
    ],
)
def test_invalid_functions_raise(function, words):
    if words == "Curves":
        fields, _ = fx.explore(function)._renderer.draw_view("Curves")
        assert "a curve has one dimension" in fields["error"]
        return
    with pytest.raises(ParameterError, match=words):
        fx.explore(function)


def test_change_to_another_rate_or_an_exception_is_undone():
    def tone(rate: int = 8000) -> fx.Signal:
        if rate == 3:
            raise ZeroDivisionError("no rate")
        return fx.sine(100.0, 0.5, sample_rate=rate)

    panel = fx.explore(tone)
    renderer = Renderer(panel.module, panel.signal, "cpu")  # the panel's own renderer runs in its thread
    for value, words in ((16_000, "return signals of one sample rate"), (3, "no rate")):
        renderer.apply_values({"rate": value})
        with pytest.raises(Exception, match=words):
            renderer.render_full()
        assert panel.module.rate == 8000
    with pytest.raises(SignalError):
        fx.Signal([], 8000)

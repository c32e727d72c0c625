"""Expressions of the intermediate form as text, in JavaScript and in C."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fxlab.page.compiler.graph import Expression, View

BINARY = {
    "add": ("+", 10),
    "sub": ("-", 10),
    "mul": ("*", 11),
    "div": ("/", 11),
    "lt": ("<", 7),
    "le": ("<=", 7),
    "gt": (">", 7),
    "ge": (">=", 7),
    "eq": ("==", 6),
    "ne": ("!=", 6),
}
ATOM = 20


@dataclass(frozen=True)
class Language:
    """The syntax of operations, numbers and loops in a language."""

    functions: Mapping[str, str]
    """The function of the language for each operation that is not an operator, by the name of the operation."""
    operators: Mapping[str, str]
    """Operators that differ from those of `BINARY`."""
    loop: str
    """The head of a loop, with `{i}` for the loop variable and `{n}` for the count."""
    number: Callable[[float], str]
    """The function that returns the literal of a number."""
    variable: str
    """The keyword or type that declares a number that changes."""
    index: str
    """The conversion of a number, in place of `{}`, to an index."""


def write_number(value: float, infinity: str = "Infinity", nan: str = "NaN") -> str:
    """Return `value` as a literal that is read back exactly, except that -0 becomes 0.

    `infinity` and `nan` are the literals of these values.
    """
    if math.isnan(value):
        return nan
    if value in (float("inf"), float("-inf")):
        return infinity if value > 0 else f"-{infinity}"
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def _c_number(value: float) -> str:
    text = write_number(value, "INFINITY", "NAN")
    return text if any(mark in text for mark in ".eIN") else f"{text}.0"


FUNCTIONS = [
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "sinh",
    "cosh",
    "tanh",
    "asinh",
    "acosh",
    "atanh",
    "exp",
    "expm1",
    "log",
    "log1p",
    "log2",
    "log10",
    "sqrt",
    "abs",
    "sign",
    "floor",
    "ceil",
    "trunc",
]
"""Functions of one number, which have the same name in PyTorch, in JavaScript and, but for `abs` and `sign`, in C."""
_MATH = [*FUNCTIONS, "atan2", "hypot", "max", "min", "pow"]
JAVASCRIPT = Language(
    functions={name: f"Math.{name}" for name in _MATH}
    | {"rint": "engine.roundHalfToEven", "erf": "engine.erf", "bessel_i0": "engine.besselI0"}
    | {"copysign": "engine.copySign", "square": "engine.square"},
    operators={"eq": "===", "ne": "!=="},
    loop="for (let {i} = 0; {i} < {n}; {i}++) {{",
    number=write_number,
    variable="let",
    index="{}",
)
C = Language(
    functions={name: name for name in _MATH}
    | {"abs": "fabs", "max": "fxlab_max", "min": "fxlab_min", "rint": "rint", "erf": "erf", "copysign": "copysign"}
    | {"mod": "fmod", "sign": "fxlab_sign", "square": "fxlab_square", "bessel_i0": "fxlab_bessel_i0"},
    operators={},
    loop="for (int {i} = 0; {i} < {n}; {i}++) {{",
    number=_c_number,
    variable="double",
    index="(int)({})",
)
COMPARISONS = ("lt", "le", "gt", "ge", "eq", "ne", "and", "or")


class ExpressionWriter:
    """A writer of expressions in one language.

    Args:
        language: The syntax of the language.
        element: A function that returns the text of an element of a view, at given indices or, for None, at the loop
            variables.
        index: A function that returns the text of the loop variable of a dimension.
    """

    def __init__(
        self, language: Language, element: Callable[[View, tuple[str, ...] | None], str], index: Callable[[int], str]
    ) -> None:
        self.language, self.element, self.index = language, element, index

    def write(self, value: Expression, outer: int = 0) -> str:
        """Return the text of an expression, in parentheses if its precedence is below `outer`."""
        text, precedence = self._text(value)
        return f"({text})" if precedence < outer else text

    def condition(self, value: Expression, outer: int = 0) -> str:
        """Return the text of an expression as a condition, which is true if the value is not 0."""
        if value[0] in COMPARISONS:
            text, precedence = self._comparison(value)
            return f"({text})" if precedence < outer else text
        return self.condition(("ne", value, ("const", 0.0)), outer)

    def _text(self, value: Expression) -> tuple[str, int]:
        name = value[0]
        if name == "const":
            text = self.language.number(value[1])
            return text, 14 if text.startswith("-") else ATOM
        if name == "load":
            return self.element(value[1], None), ATOM
        if name == "index":
            return self.index(value[1]), ATOM
        if name == "at":
            return self.element(value[1], tuple(self.write(part, 12) for part in value[2:])), ATOM
        if name == "neg":
            return f"-{self.write(value[1], 15)}", 14
        if name in COMPARISONS:
            text, precedence = self._comparison(value)
            return f"{text if precedence > 4 else f'({text})'} ? 1 : 0", 3
        if name == "select":
            condition = self.condition(value[1], 4)
            return f"{condition} ? {self.write(value[2], 3)} : {self.write(value[3], 3)}", 3
        if name in BINARY:
            symbol, precedence = BINARY[name]
            left, right = self.write(value[1], precedence), self.write(value[2], precedence + 1)
            return f"{left} {symbol} {right}", precedence
        if name == "mod" and "mod" not in self.language.functions:
            return f"{self.write(value[1], 11)} % {self.write(value[2], 12)}", 11
        if name == "square":
            inner, precedence = self._text(value[1])
            if precedence == ATOM and len(inner) < 30 and "(" not in inner:
                return f"{inner} * {inner}", 11
        arguments = ", ".join(self.write(part) for part in value[1:])
        return f"{self.language.functions[name]}({arguments})", ATOM

    def _comparison(self, value: Expression) -> tuple[str, int]:
        if value[0] in ("and", "or"):
            symbol, precedence = ("&&", 5) if value[0] == "and" else ("||", 4)
            parts = [self.condition(part, precedence + 1) for part in value[1:]]
            return f" {symbol} ".join(parts), precedence
        symbol, precedence = BINARY[value[0]]
        symbol = self.language.operators.get(value[0], symbol)
        return f"{self.write(value[1], precedence + 1)} {symbol} {self.write(value[2], precedence + 1)}", precedence

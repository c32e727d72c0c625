"""The intermediate form of a compiled module: buffers of float64 numbers, and statements that fill them.

Every tensor of the traced computation is a `View` into a `Buffer`: an offset, a shape and strides, as in PyTorch. A
reshape, a slice or a transposition therefore needs no statement. A complex tensor is a view whose elements take two
numbers, real part first. Integers and booleans are stored as float64 too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from math import prod
from typing import Any, NamedTuple

Expression = tuple[Any, ...]
"""`("load", View)`, `("const", number)`, `("index", dimension)`, `("at", View, index…)`, or an operation."""


class Stage(IntEnum):
    """The time at which a buffer is computed: never (a constant), when a parameter changes, or for each block."""

    CONSTANT = 0
    DESIGN = 1
    BLOCK = 2


@dataclass(eq=False)
class Buffer:
    """An array of `size` numbers in the memory of the program."""

    size: int
    kind: str = "temporary"
    """`temporary`, `constant`, `parameter`, `input` or `state`, and in the writers `output` or `work`."""
    name: str = ""
    """The path of a parameter, or a description of the content."""
    values: list[float] | None = None
    """The values of a constant, or the initial ones of a parameter, a state or a buffer that is written in part."""
    stage: Stage = Stage.CONSTANT
    whole: bool = False
    """Whether the values are whole numbers, between which the page must not interpolate."""


@dataclass(frozen=True, eq=False)
class View:
    """A tensor in a buffer: the position of its first element, its shape and its strides."""

    buffer: Buffer
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    """In numbers of the buffer; an element of a complex tensor takes two."""
    is_complex: bool = False
    is_conjugate: bool = False
    """Whether the imaginary parts have the opposite sign of the numbers in the buffer."""
    is_negative: bool = False
    """Whether all elements have the opposite sign of the numbers in the buffer."""

    @property
    def numel(self) -> int:
        """The number of elements."""
        return prod(self.shape)

    def real(self) -> View:
        """Return the real parts of a complex tensor, in the same buffer."""
        return replace(self, is_complex=False, is_conjugate=False)

    def imag(self) -> View:
        """Return the imaginary parts, in the same buffer; those of a conjugate tensor have `is_negative` inverted."""
        part = replace(self, is_complex=False, is_conjugate=False, offset=self.offset + 1)
        return replace(part, is_negative=self.is_negative != self.is_conjugate)

    def expand(self, shape: Sequence[int]) -> View:
        """Return the view broadcast to `shape`, in the same buffer."""
        missing = len(shape) - len(self.shape)
        own, strides = (1,) * missing + self.shape, (0,) * missing + self.strides
        wide = tuple(0 if have == 1 != want else stride for have, want, stride in zip(own, shape, strides, strict=True))
        return replace(self, shape=tuple(shape), strides=wide)

    def is_contiguous(self) -> bool:
        """Return whether the elements are real, not negated, and follow each other in memory in order, without gaps."""
        step = 1
        for size, stride in zip(reversed(self.shape), reversed(self.strides), strict=True):
            if size != 1 and stride != step:
                return False
            step *= size
        return not (self.is_complex or self.is_negative)


def contiguous_view(buffer: Buffer, shape: Sequence[int], is_complex: bool = False) -> View:
    """Return the view of the whole buffer as a tensor of the given shape, in row-major order."""
    step, strides = 2 if is_complex else 1, []
    for size in reversed(shape):
        strides.append(step)
        step *= size
    return View(buffer, 0, tuple(shape), tuple(reversed(strides)), is_complex)


@dataclass(eq=False)
class Assign:
    """An assignment of an expression to every element of a view.

    All views in it have the same shape, except those that are read at computed indices.
    """

    out: View
    value: Expression
    where: str = ""
    """The line of the module's code that it comes from."""


@dataclass(eq=False)
class Reduce:
    """A reduction of an expression of shape `shape` along the dimensions in which `out` has size 1."""

    out: View
    value: Expression
    shape: tuple[int, ...]
    operation: str
    """`sum`, `prod`, `max` or `min`."""
    where: str = ""


@dataclass(eq=False)
class Call:
    """A call of a function of the engine, which writes to `outputs` and reads `inputs`, all contiguous."""

    function: str
    arguments: list[View | int | float | str]
    outputs: list[View]
    where: str = ""
    memory: tuple[str, tuple[int, ...]] | None = None
    """The function that creates the object in which the operator stores its own state, and the function's arguments;
    None without such an object."""

    @property
    def inputs(self) -> list[View]:
        """The views that the call reads: those among the arguments that are not outputs."""
        return [a for a in self.arguments if isinstance(a, View) and not any(a is out for out in self.outputs)]


Statement = Assign | Reduce | Call


@dataclass(frozen=True, eq=False)
class Guard:
    """A condition on parameters that has determined which operations the module runs, or a check of parameters.

    The program is valid for values for which the condition has the value `expected`.
    """

    value: View
    """One number: the condition, not 0 if it is true."""
    expected: bool
    paths: list[str]
    """The paths of the parameters on which the condition depends."""
    where: str
    """The line of the module's code."""
    checked: str = ""
    """The class that checks its values with the condition; empty for other conditions."""

    @property
    def message(self) -> str:
        """The error for values for which the program is not valid."""
        if self.checked and len(self.paths) == 1:
            return f"{self.checked}: this setting of {self.paths[0]} is not possible."
        names = ", ".join(self.paths)
        if self.checked:
            return f"{self.checked}: these settings are not possible together: {names}."
        return f"This page has no program for these values of {names} ({self.where}). Open the notebook for them."


@dataclass(frozen=True, eq=False)
class GraphDrawing:
    """A drawing, such as a plot that an explored function returns, as text and as vectors that are computed."""

    function: str
    """The function of the engine that makes it: `plot` or `picture`."""
    view: str
    """The name of its tab."""
    fields: str
    """Its fields as JSON, with marks of `number_mark` in place of computed numbers."""
    vectors: dict[str, View]
    options: tuple[float, ...] = ()
    """Further arguments of the function."""


class PositionState(NamedTuple):
    """A state that contains a position in the sound."""

    first: float
    """Its first value."""
    growth: float
    """The amount by which it grows in each block."""
    delay: int = 0
    """The number of samples by which the sound of its stage is late."""


def number_mark(index: int, digits: int) -> str:
    """Return the text that stands for `Graph.numbers[index]`, which the page writes with `digits` decimal places."""
    return f"\ue000{index}:{digits}\ue001"


@dataclass
class Graph:
    """A traced block: its statements in order, with their inputs and outputs."""

    statements: list[Statement] = field(default_factory=list)
    parameters: dict[str, Buffer] = field(default_factory=dict)
    input: View | None = None
    output: View | None = None
    states: list[tuple[View, View]] = field(default_factory=list)
    """Pairs of views: a state, and its value after the block."""
    responses: list[tuple[str, str, View]] = field(default_factory=list)
    """The path, the kind (`sections` or `taps`) and the coefficients of each filter."""
    lag: int = 0
    """The delay in samples of the output of the blocks relative to that of the module, which may look ahead."""
    positions: dict[Buffer, PositionState] = field(default_factory=dict)
    """The states that contain a position in the sound."""
    guards: list[Guard] = field(default_factory=list)
    fixed: dict[str, str] = field(default_factory=dict)
    """The reason for which a parameter keeps its value, by path."""
    is_function: bool = False
    """Whether the graph is that of an explored function, which runs as a whole after each change of a value."""
    drawings: list[GraphDrawing] = field(default_factory=list)
    output_length: View | None = None
    """The number of samples of the output if it depends on parameters, else None; `output` has the greatest length."""
    numbers: list[View] = field(default_factory=list)
    """The computed numbers within the text of drawings."""


def loads(value: Expression) -> list[View]:
    """Return all views that an expression reads."""
    if value[0] == "load":
        return [value[1]]
    found = [value[1]] if value[0] == "at" else []
    for part in value[1:]:
        if isinstance(part, tuple):
            found += loads(part)
    return found


def reads(statement: Statement) -> list[View]:
    """Return the views that a statement reads."""
    return statement.inputs if isinstance(statement, Call) else loads(statement.value)


def writes(statement: Statement) -> list[View]:
    """Return the views that a statement writes."""
    return statement.outputs if isinstance(statement, Call) else [statement.out]


def has_computed_places(value: Expression) -> bool:
    """Return whether an expression reads elements at indices that the program computes."""
    return value[0] == "at" or any(has_computed_places(part) for part in value[1:] if isinstance(part, tuple))

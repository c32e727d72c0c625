"""Statements of the intermediate form as text: loops over elements, reductions, and calls."""

from __future__ import annotations

from collections.abc import Callable

from fxlab.page.compiler.expressions import ExpressionWriter, Language
from fxlab.page.compiler.graph import Assign, Buffer, Call, Reduce, Statement, View, has_computed_places, loads

NEUTRAL = {"sum": 0.0, "prod": 1.0, "max": float("-inf"), "min": float("inf")}


class StatementWriter:
    """A writer of statements in one language.

    Args:
        language: The syntax of the language.
        reference: A function that returns the text that refers to a buffer.
        is_scalar: A function that returns whether a buffer is a scalar variable of the program, not an array.
        declare: A function that returns the left side of an assignment to such a variable, with its declaration if it
            needs one.
        call: A function that returns the text of a call of a function of the engine.
    """

    def __init__(
        self,
        language: Language,
        reference: Callable[[Buffer], str],
        is_scalar: Callable[[Buffer], bool],
        declare: Callable[[Buffer], str],
        call: Callable[[Call], str],
    ) -> None:
        self.language, self.reference, self.is_scalar, self.declare, self.call = (
            language,
            reference,
            is_scalar,
            declare,
            call,
        )
        self._loops: dict[int, str] = {}
        self._strides: dict[int, tuple[int, ...]] = {}
        self._uniform: dict[int, float] = {}

    def write(self, statement: Statement) -> list[str]:
        """Return the lines of a statement."""
        if isinstance(statement, Call):
            return [self.call(statement)]
        if isinstance(statement, Assign):
            return self._assign(statement)
        return self._reduce(statement)

    def _assign(self, statement: Assign) -> list[str]:
        views = [statement.out, *loads(statement.value)]
        sizes, writer = self._prepare(
            statement.out.shape, views, has_computed_places(statement.value) or _indexes(statement)
        )
        target = self._target(statement.out)
        return self._nest(sizes, [f"{target} = {writer.write(statement.value)};"])

    def _target(self, out: View) -> str:
        if self.is_scalar(out.buffer):
            return self.declare(out.buffer)
        return self._element(out, None)

    def _reduce(self, statement: Reduce) -> list[str]:
        shape, out = statement.shape, statement.out.expand(statement.shape)
        views = [out, *loads(statement.value)]
        sizes, writer = self._prepare(shape, views, True)
        reduced = [d for d in range(len(shape)) if statement.out.shape[d] == 1 and shape[d] != 1]
        kept = [d for d in range(len(shape)) if d not in reduced]
        is_scalar = self.is_scalar(statement.out.buffer)
        total = f"{self.reference(statement.out.buffer)}_total" if is_scalar else "total"
        value, combine = writer.write(statement.value), self.language.functions
        step = {
            "sum": f"{total} += {value};",
            "prod": f"{total} *= {value};",
            "max": f"{total} = {combine['max']}({total}, {value});",
            "min": f"{total} = {combine['min']}({total}, {value});",
        }[statement.operation]
        start = self.language.number(NEUTRAL[statement.operation])
        body = [
            f"{self.language.variable} {total} = {start};",
            *self._nest([(d, n) for d, n in sizes if d in reduced], [step]),
            f"{self.declare(statement.out.buffer) if is_scalar else self._element(out, None)} = {total};",
        ]
        outer = [(d, n) for d, n in sizes if d in kept]
        return body if is_scalar else self._nest(outer, body) if outer else ["{", *_indent(body), "}"]

    def _nest(self, sizes: list[tuple[int, int]], body: list[str]) -> list[str]:
        for dim, size in reversed(sizes):
            head = self.language.loop.format(i=self._loops[dim], n=size)
            body = [head, *_indent(body), "}"]
        return body

    def _prepare(
        self, shape: tuple[int, ...], views: list[View], as_is: bool
    ) -> tuple[list[tuple[int, int]], ExpressionWriter]:
        """Return the dimension and the size of each loop over `shape`, and a writer of expressions in the loops.

        Neighboring dimensions share a loop if the strides of all `views` allow it, unless `as_is` is True.
        """
        dims = [d for d, n in enumerate(shape) if n != 1]
        strides = {id(view): view.strides for view in views}
        sizes = {d: shape[d] for d in dims}
        merged: list[int] = []
        for d in dims:
            last = merged[-1] if merged else None
            fits = last is not None and all(
                len(view.shape) == len(shape) and strides[id(view)][last] == strides[id(view)][d] * shape[d]
                for view in views
            )
            if fits and not as_is:
                sizes[d] *= sizes[merged.pop()]
            merged.append(d)
        names = "ijklmnpq"
        self._loops = {d: names[number] for number, d in enumerate(merged)}
        writer = ExpressionWriter(self.language, self._element, lambda d: self._loops.get(d, "0"))
        return [(d, sizes[d]) for d in merged], writer

    def _element(self, view: View, places: tuple[str, ...] | None) -> str:
        buffer = view.buffer
        if self.is_scalar(buffer):
            return self.reference(buffer)
        terms: list[str] = [str(view.offset)] if view.offset else []
        for dim, stride in enumerate(view.strides):
            if places is None:
                if dim not in self._loops or not stride:
                    continue
                name = self._loops[dim]
            else:
                name = places[dim]
                if name == "0" or not stride:
                    continue
            terms.append(name if stride == 1 else f"{stride} * {name}")
        index = " + ".join(terms).replace("+ -", "- ") or "0"
        return f"{self.reference(buffer)}[{self._as_index(index, places)}]"

    def _as_index(self, index: str, places: tuple[str, ...] | None) -> str:
        return self.language.index.format(index) if places is not None else index


def _indexes(statement: Assign) -> bool:
    def walk(value: tuple[object, ...]) -> bool:
        return value[0] == "index" or any(walk(part) for part in value[1:] if isinstance(part, tuple))

    return walk(statement.value)


def _indent(lines: list[str]) -> list[str]:
    return [f"  {line}" for line in lines]

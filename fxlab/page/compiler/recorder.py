"""Recording the computation of a module: every operation of PyTorch that depends on a parameter, a state or the sound.

The module runs with real values. An operation whose operands are all constants is not recorded, unless it makes a large
constant that the page can compute; its result is captured when a recorded operation uses it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode, _disable_current_modes

from fxlab.page.compiler.dependencies import dependencies
from fxlab.page.compiler.graph import (
    Assign,
    Call,
    Expression,
    Graph,
    Guard,
    Reduce,
    Statement,
    View,
    loads,
)
from fxlab.page.compiler.page_constants import run_on_constants
from fxlab.page.compiler.refusals import (
    ValueReadError,
    refuse_length,
    refuse_operation,
    refuse_random_numbers,
    refuse_sound_values,
    run_operation,
    tensors_in,
)
from fxlab.page.compiler.source_line import source_line
from fxlab.page.compiler.tracked_tensors import TrackedTensors

Lowering = Callable[["Recorder", tuple[Any, ...], dict[str, Any], Any], None]

VALUE_READERS = {"aten::_local_scalar_dense", "aten::is_nonzero", "aten::equal", "aten::nonzero", "aten::masked_select"}
VIEWS_IN_PLACE = {"aten::squeeze_", "aten::unsqueeze_", "aten::t_", "aten::transpose_", "aten::detach_"}
MAX_STATEMENTS = 10_000
"""The largest number of statements of a graph. An elliptic filter of order 12 has 700; a larger number usually comes
from a loop over samples, which it would take minutes to unroll."""


class Recorder(TrackedTensors, TorchDispatchMode):  # type: ignore[no-untyped-call]
    """The mode in which operations of PyTorch are recorded in a graph.

    `lowerings` contains the function that records an operation, by the name of the operation.
    """

    def __init__(self, lowerings: dict[str, Lowering]) -> None:
        super().__init__()
        self.graph = Graph()
        self.lowerings = lowerings
        self.is_paused = False
        self.lags: dict[Any, int] = {}
        """The delay in samples of the output of parts that look ahead, by the part."""
        self.withheld: list[Tensor] = []
        """The tensors whose values fxlab's code has read, and which were withheld because they are not constant."""
        self.is_function = False
        """Whether the code is an explored function, which may format and compare its numbers."""
        self.is_generating = False
        """Whether a function of fxlab is running whose large constants the page computes, such as a noise generator."""
        self.checked = ""  # the class whose check of its values is being recorded

    # -- statements ---------------------------------------------------------------------------------------------

    def _add(self, statement: Statement) -> None:
        self.graph.statements.append(statement)
        if len(self.graph.statements) > MAX_STATEMENTS:
            refuse_length(MAX_STATEMENTS)

    def assign(self, out: View, value: Expression) -> None:
        """Add an assignment of `value`, computed for each element, to `out`.

        Raises:
            CompileError: `out` or `value` has complex elements; real and imaginary parts need an assignment each.
        """
        if out.is_complex or any(view.is_complex for view in loads(value)):
            self.refuse("for these complex numbers")
        if out.is_negative:
            out, value = replace(out, is_negative=False), ("neg", value)
        if out.numel:
            self._add(Assign(out, value, source_line()))

    def reduce(self, out: View, value: Expression, shape: tuple[int, ...], operation: str) -> None:
        """Add a reduction of `value`, of the given shape, to `out`; `operation` is that of `Reduce`.

        Raises:
            CompileError: `out` or `value` has complex elements; real and imaginary parts need a reduction each.
        """
        if out.is_complex or any(view.is_complex for view in loads(value)):
            self.refuse("for these complex numbers")
        self._add(Reduce(out, value, shape, operation, source_line()))

    def call(
        self,
        function: str,
        outputs: list[View],
        arguments: list[View | int | float | str],
        *,
        memory: tuple[str, tuple[int, ...]] | None = None,
    ) -> None:
        """Add a call of `function` of the engine; the arguments are the fields of `Call`."""
        self._add(Call(function, arguments, outputs, source_line(), memory))

    def array(self, value: Tensor | View, shape: tuple[int, ...] | None = None) -> View:
        """Return a contiguous view of a tensor or of a copy of it, broadcast to `shape` first if that is not None."""
        view = self.view(value) if isinstance(value, Tensor) else value
        view = view if shape is None else view.expand(shape)
        if view.is_contiguous():
            return view
        copy = self.temporary(view.shape, view.is_complex)
        copy.buffer.whole = view.buffer.whole
        if view.is_complex:
            self.assign(copy.real(), ("load", view.real()))
            self.assign(copy.imag(), ("load", view.imag()))
        else:
            self.assign(copy, ("load", view))
        return copy

    # -- the modes ----------------------------------------------------------------------------------------------

    def run(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Run a function without recording it, and return its result; a tensor, alone or in a tuple, is copied."""
        paused, self.is_paused = self.is_paused, True
        try:
            with _disable_current_modes():
                result = function(*args, **kwargs)
                return tuple(map(_copied, result)) if isinstance(result, tuple) else _copied(result)
        finally:
            self.is_paused = paused

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Return the result of an operation, and record the operation if an operand is recorded."""
        kwargs = kwargs or {}
        refuse_random_numbers(func, kwargs)
        operands = [*tensors_in(args), *tensors_in(kwargs.values())]
        if not self.is_tracked(*operands):
            result = run_on_constants(self, func, args, kwargs, operands)
            self._alive += tensors_in([result])
            return result
        if kwargs.get("out") is not None:
            return self._write_out(func, args, kwargs)
        name = func._schema.name
        if name in VIEWS_IN_PLACE:
            return run_operation(func, args, kwargs)
        if name in VALUE_READERS:
            self.refuse_reading(name, operands)
            return run_operation(func, args, kwargs)
        lowering = self.lowerings.get(f"{name}.{func._overloadname}") or self.lowerings.get(name)
        if lowering is None:
            if not func._schema.is_mutable:
                result = run_operation(func, args, kwargs)
                results = tensors_in([result])
                if results and all(self.is_tracked(tensor) for tensor in results):
                    return result  # a view
            decomposition = torch._decomp.decomposition_table.get(func)
            if decomposition is None and func._can_decompose():
                decomposition = func.decompose
            if decomposition is not None:
                with self:
                    decomposed = decomposition(*args, **kwargs)
                if decomposed is NotImplemented:
                    self.refuse(name)
                return decomposed
        written = args[0] if func._schema.is_mutable else None
        if written is not None and not self.is_tracked(written):
            self._track_written(written)
        result = run_operation(func, args, kwargs)
        results = tensors_in([result])
        if written is None and all(self.is_tracked(tensor) for tensor in results):
            return result  # a view
        if lowering is None:
            self.refuse(name)
        else:
            lowering(self, args, kwargs, result)
        self._alive += results
        return result

    def _write_out(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Tensor:
        """Run an operation without its argument `out`, copy the result to `out`, and return `out`."""
        out: Tensor = kwargs["out"]
        with self:
            result = func._overloadpacket(*args, **{name: value for name, value in kwargs.items() if name != "out"})
            if not isinstance(result, Tensor) or result.shape != out.shape:
                self.refuse(f"{func._schema.name} with this argument out")
            is_whole = out.numel() * out.element_size() == out.untyped_storage().nbytes()
            if is_whole and not self.is_tracked(out):
                self.new(out)  # without the values that its memory happens to have
            return out.copy_(result)

    def guard(self, condition: Tensor) -> bool:
        """Return whether any element of a recorded condition is true, or False if it depends on the sound or a state.

        A condition that depends on the sound or a state is added to `withheld`. For one that depends on parameters
        alone, a `Guard` is added to the graph, because the program is valid only for values with the same result.
        """
        paths, is_design = dependencies(self.graph, [self.view(condition).buffer])
        if not is_design:
            self.withheld.append(condition)
            return False
        holds = bool(self.run(torch.any, condition))
        if paths:
            names = sorted(path.removesuffix("[]") for path in paths)
            self.graph.guards.append(Guard(self.view(condition.any()), holds, names, source_line(), self.checked))
        return holds

    def refuse(self, name: str) -> None:
        """Raise the `CompileError` for the operation `name`, which the compiler does not have."""
        refuse_operation(name)

    def refuse_reading(self, name: str, operands: list[Tensor]) -> None:
        """Raise an error if the values of `operands`, which the operation `name` reads, are not constant.

        Raises:
            CompileError: The values depend on the sound or on a state.
            ValueReadError: The values depend on a parameter.
        """
        views = [self.view(tensor) for tensor in operands if self.is_tracked(tensor)]
        paths, is_design = dependencies(self.graph, [view.buffer for view in views])
        if not is_design:
            refuse_sound_values(name)
        if paths:
            raise ValueReadError(source_line(full=True), paths)


def _copied(value: Any) -> Any:
    return value.clone(memory_format=torch.contiguous_format) if isinstance(value, Tensor) else value

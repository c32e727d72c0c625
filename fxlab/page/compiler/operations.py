"""The table of PyTorch's operations: the lowering of each, a function that records it in the intermediate form."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fxlab.page.compiler.arrangement import ARRANGEMENTS, copy
from fxlab.page.compiler.complex_elements import COMPLEX, REAL_RESULT, lower_complex
from fxlab.page.compiler.elementwise import ELEMENTWISE, ZERO, as_expression, element_value, lower_elementwise
from fxlab.page.compiler.matrices import MATRICES
from fxlab.page.compiler.ordering import ORDERING
from fxlab.page.compiler.reductions import REDUCTIONS

if TYPE_CHECKING:
    from fxlab.page.compiler.recorder import Recorder

Lowering = Callable[["Recorder", tuple[Any, ...], dict[str, Any], Any], None]
"""A function that records an operation, given the recorder, the arguments by position and by name, and the result."""


def _element_operation(name: str) -> Lowering:
    real = lower_elementwise(name, ELEMENTWISE[name]) if name in ELEMENTWISE else None

    def lower(recorder: Recorder, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> None:
        if lower_complex(recorder, name, args, kwargs, result):
            return
        if real is None:
            recorder.refuse(name)
        else:
            real(recorder, args, kwargs, result)

    return lower


def _in_place(name: str) -> Lowering:
    build = ELEMENTWISE[name]

    def lower(recorder: Recorder, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> None:
        out = recorder.view(args[0])
        if out.is_complex:
            recorder.refuse(f"{name}_ of complex numbers")
        recorder.assign(out, element_value(recorder, name, build, args, kwargs, out.shape))

    return lower


def _copy_(recorder: Recorder, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> None:
    out = recorder.view(args[0])
    copy(recorder, out, recorder.view(args[1]).expand(out.shape))


def _fill_(recorder: Recorder, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> None:
    out = recorder.view(args[0])
    value = as_expression(recorder, args[1], out.shape) if len(args) > 1 else ZERO
    recorder.assign(out.real() if out.is_complex else out, value)
    if out.is_complex:
        recorder.assign(out.imag(), ZERO)


def _constant_like(recorder: Recorder, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> None:
    """Do nothing: the result does not depend on the values of the operand, and stays a constant."""


OPERATIONS: dict[str, Lowering] = {
    **{name: _element_operation(name) for name in {**ELEMENTWISE, **COMPLEX, **REAL_RESULT}},
    **{f"{name}_": _in_place(name) for name in ELEMENTWISE},
    **ARRANGEMENTS,
    **REDUCTIONS,
    **ORDERING,
    **MATRICES,
    **{
        f"aten::{name}": _constant_like
        for name in [
            "zeros_like",
            "ones_like",
            "full_like",
            "empty_like",
            "new_zeros",
            "new_ones",
            "new_full",
            "new_empty",
            "new_empty_strided",
            "_linalg_check_errors",
            "sym_size",
        ]
    },
    "aten::copy_": _copy_,
    "aten::fill_": _fill_,
    "aten::zero_": _fill_,
}
"""The lowerings by the name of the operation, or by its name and overload."""

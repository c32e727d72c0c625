"""Matrix operations: products, Cholesky factors, and systems of linear equations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from torch import Tensor

from fxlab.page.compiler.complex_elements import COMPLEX
from fxlab.page.compiler.elementwise import ZERO, load
from fxlab.page.compiler.graph import Expression
from fxlab.page.compiler.reductions import call_into, kept_dims

if TYPE_CHECKING:
    from fxlab.page.compiler.recorder import Recorder


def _product(a: Expression, b: Expression) -> Expression:
    return ("mul", a, b)


def matrix_product(recorder: Recorder, args: tuple[Any, ...], kwargs: dict[str, Any], result: Tensor) -> None:
    """Record a product of matrices or vectors: `mm`, `bmm`, `mv` or `dot`."""
    a, b = recorder.view(args[0]), recorder.view(args[1])
    out = recorder.new(result)
    rank = len(a.shape)
    if rank == 1:  # dot
        shape: tuple[int, ...] = a.shape
        wide_a, wide_b, kept = a, b, kept_dims(out, shape, [0])
    elif len(b.shape) == 1:  # mv
        shape = a.shape
        wide_a, wide_b, kept = a, b.expand(shape), kept_dims(out, shape, [1])
    else:
        batch, (rows, inner), columns = a.shape[:-2], a.shape[-2:], b.shape[-1]
        shape = (*batch, rows, columns, inner)
        wide_a = replace(
            a, shape=(*batch, rows, 1, inner), strides=(*a.strides[:-2], a.strides[-2], 0, a.strides[-1])
        ).expand(shape)
        wide_b = replace(
            b, shape=(*batch, 1, columns, inner), strides=(*b.strides[:-2], 0, b.strides[-1], b.strides[-2])
        ).expand(shape)
        kept = kept_dims(out, shape, [len(shape) - 1])
    if not (a.is_complex or b.is_complex):
        recorder.reduce(kept, _product(load(wide_a), load(wide_b)), shape, "sum")
        return
    pairs = [(load(v.real()), load(v.imag()) if v.is_complex else ZERO) for v in (wide_a, wide_b)]
    real, imag = COMPLEX["aten::mul"](*pairs)
    recorder.reduce(kept.real(), real, shape, "sum")
    recorder.reduce(kept.imag(), imag, shape, "sum")


def solve(recorder: Recorder, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> None:
    """Record the solution of a system of linear equations of real numbers; the factors of its matrix are not available.

    Raises:
        CompileError: The numbers are complex, or `left` is False.
    """
    if result[0].is_complex() or not kwargs.get("left", True) or (len(args) > 2 and not args[2]):
        recorder.refuse("linalg_solve of complex numbers, or with left=False,")
    a, b = recorder.array(args[0]), args[1]
    n = args[0].shape[-1]
    out = recorder.new(result[0])
    right = recorder.array(b)
    columns = max(1, right.numel // max(1, a.numel // n))
    call_into(recorder, out, "solveLinear", [a, right, a.numel // (n * n), n, columns])
    for other in result[1:]:
        recorder.unavailable(other, "a factor of a matrix")


def cholesky(recorder: Recorder, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> None:
    """Record the Cholesky factor of a matrix, and the number of the first pivot that is not positive, or 0.

    Raises:
        CompileError: The numbers are complex, or `upper` is True.
    """
    if result[0].is_complex() or kwargs.get("upper") or (len(args) > 1 and args[1]):
        recorder.refuse("linalg_cholesky_ex of complex numbers, or with upper=True,")
    a, n = recorder.array(args[0]), args[0].shape[-1]
    out, failed = recorder.new(result[0]), recorder.new(result[1])
    call_into(recorder, out, "choleskyFactor", [failed, a, a.numel // (n * n), n], also=(failed,))


def cholesky_solve(recorder: Recorder, args: tuple[Any, ...], kwargs: dict[str, Any], result: Tensor) -> None:
    """Record the solution of a system of equations with the Cholesky factor of its matrix.

    Raises:
        CompileError: The numbers are complex, or `upper` is True.
    """
    if kwargs.get("upper") or (len(args) > 2 and args[2]):
        recorder.refuse("cholesky_solve with upper=True")
    n, columns = args[0].shape[-2:]
    lead = result.shape[:-2]
    b, factor = recorder.array(args[0], tuple(result.shape)), recorder.array(args[1], (*lead, n, n))
    out = recorder.new(result)
    call_into(recorder, out, "choleskySolve", [b, factor, factor.numel // (n * n), n, columns])


MATRICES: dict[str, Callable[[Recorder, tuple[Any, ...], dict[str, Any], Any], None]] = {
    "aten::mm": matrix_product,
    "aten::bmm": matrix_product,
    "aten::mv": matrix_product,
    "aten::dot": matrix_product,
    "aten::_linalg_solve_ex": solve,
    "aten::linalg_cholesky_ex": cholesky,
    "aten::cholesky_solve": cholesky_solve,
}

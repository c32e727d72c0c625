"""Operations that combine elements: sums, products, maxima, cumulative sums, and products of matrices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from torch import Tensor

from fxlab.page.compiler.arrangement import copy, part
from fxlab.page.compiler.complex_elements import COMPLEX
from fxlab.page.compiler.elementwise import ZERO, constant, load
from fxlab.page.compiler.graph import Expression, View

if TYPE_CHECKING:
    from fxlab.page.compiler.recorder import Recorder

Lowering = Callable[["Recorder", tuple[Any, ...], dict[str, Any], Any], None]


def _kept(out: View, shape: tuple[int, ...], dims: list[int]) -> View:
    """Return the result with size 1 in the dimensions that were reduced."""
    sizes, strides, own = [], [], iter(zip(out.shape, out.strides, strict=True))
    if len(out.shape) == len(shape):
        return out
    for dim in range(len(shape)):
        size, stride = (1, 0) if dim in dims else next(own)
        sizes.append(size)
        strides.append(stride)
    return replace(out, shape=tuple(sizes), strides=tuple(strides))


def _dims(args: tuple[Any, ...], kwargs: dict[str, Any], rank: int) -> list[int]:
    given = args[1] if len(args) > 1 else kwargs.get("dim")
    if given is None or given == []:
        return list(range(rank))
    return [d % max(rank, 1) for d in (given if isinstance(given, (list, tuple)) else [given])]


def reduction(operation: str) -> Lowering:
    """Return the lowering of a reduction: `sum`, `mean`, `prod`, `max`, `min`, `any` or `all`."""

    def lower(recorder: Recorder, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> None:
        values = result if isinstance(result, Tensor) else result[0]
        source = recorder.view(args[0])
        dims = _dims(args, kwargs, len(source.shape))
        out = recorder.new(values)
        if source.is_complex and operation == "prod":
            _complex_product(recorder, _kept(out, source.shape, dims), source, dims)
            return
        pairs = [(out.real(), source.real()), (out.imag(), source.imag())] if source.is_complex else [(out, source)]
        for target, operand in pairs:
            kept = _kept(target, source.shape, dims)
            value = load(operand)
            if operation in ("any", "all"):
                value = ("ne", value, ZERO)
            recorder.reduce(
                kept, value, source.shape, {"mean": "sum", "any": "max", "all": "min"}.get(operation, operation)
            )
            if operation == "mean":
                count = 1
                for dim in dims:
                    count *= source.shape[dim]
                recorder.assign(kept, ("div", load(kept), constant(count)))
        if not isinstance(result, Tensor):
            recorder.unavailable(result[1], "the index of an extreme value")

    return lower


def _complex_product(recorder: Recorder, out: View, source: View, dims: list[int]) -> None:
    """Multiply complex numbers along dimensions, one after the other."""
    for dim in dims:
        total = part(source, dim, 0, 1)
        for number in range(1, source.shape[dim]):
            factor, product = part(source, dim, number, 1), recorder.temporary(total.shape, is_complex=True)
            pairs = [(load(view.real()), load(view.imag())) for view in (total, factor)]
            real, imag = COMPLEX["aten::mul"](*pairs)
            recorder.assign(product.real(), real)
            recorder.assign(product.imag(), imag)
            total = product
        source = total
    copy(recorder, out, source)


def norm(recorder: Recorder, args: tuple[Any, ...], kwargs: dict[str, Any], result: Tensor) -> None:
    """Add the Euclidean norm."""
    source = recorder.view(args[0])
    dims = _dims((args[0], *args[2:]), kwargs, len(source.shape))
    out = _kept(recorder.new(result), source.shape, dims)
    recorder.reduce(out, ("square", load(source)), source.shape, "sum")
    recorder.assign(out, ("sqrt", load(out)))


def cumulative(function: str) -> Lowering:
    """Return the lowering of `cumsum` and `cumprod`, which the engine runs along contiguous rows."""

    def lower(recorder: Recorder, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> None:
        values = result if isinstance(result, Tensor) else result[0]
        dim = args[1] % max(values.ndim, 1)
        source, out = recorder.view(args[0]), recorder.new(values)
        if not isinstance(result, Tensor):
            recorder.unavailable(result[1], "the index of an extreme value")
        source, out = _moved_last(source, dim), _moved_last(out, dim)
        rows = recorder.array(source)
        target = out if out.is_contiguous() else recorder.temporary(out.shape)
        time = source.shape[-1] if source.shape else 1
        recorder.call(function, [target], [target, rows, rows.numel // max(time, 1), time])
        if target is not out:
            recorder.assign(out, load(target))

    return lower


def _moved_last(view: View, dim: int) -> View:
    order = [d for d in range(len(view.shape)) if d != dim] + ([dim] if view.shape else [])
    return replace(view, shape=tuple(view.shape[d] for d in order), strides=tuple(view.strides[d] for d in order))


def _product(a: Expression, b: Expression) -> Expression:
    return ("mul", a, b)


def matrix_product(recorder: Recorder, args: tuple[Any, ...], kwargs: dict[str, Any], result: Tensor) -> None:
    """Multiply matrices: `mm`, `bmm`, `mv` and `dot`."""
    a, b = recorder.view(args[0]), recorder.view(args[1])
    out = recorder.new(result)
    rank = len(a.shape)
    if rank == 1:  # dot
        shape: tuple[int, ...] = a.shape
        wide_a, wide_b, kept = a, b, _kept(out, shape, [0])
    elif len(b.shape) == 1:  # mv
        shape = a.shape
        wide_a, wide_b, kept = a, b.expand(shape), _kept(out, shape, [1])
    else:
        batch, (rows, inner), columns = a.shape[:-2], a.shape[-2:], b.shape[-1]
        shape = (*batch, rows, columns, inner)
        wide_a = replace(
            a, shape=(*batch, rows, 1, inner), strides=(*a.strides[:-2], a.strides[-2], 0, a.strides[-1])
        ).expand(shape)
        wide_b = replace(
            b, shape=(*batch, 1, columns, inner), strides=(*b.strides[:-2], 0, b.strides[-1], b.strides[-2])
        ).expand(shape)
        kept = _kept(out, shape, [len(shape) - 1])
    if not (a.is_complex or b.is_complex):
        recorder.reduce(kept, _product(load(wide_a), load(wide_b)), shape, "sum")
        return
    pairs = [(load(v.real()), load(v.imag()) if v.is_complex else ZERO) for v in (wide_a, wide_b)]
    real, imag = COMPLEX["aten::mul"](*pairs)
    recorder.reduce(kept.real(), real, shape, "sum")
    recorder.reduce(kept.imag(), imag, shape, "sum")


def solve(recorder: Recorder, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> None:
    """Solve a system of linear equations."""
    a, b = recorder.array(args[0]), args[1]
    n = args[0].shape[-1]
    out = recorder.new(result[0])
    right = recorder.array(b)
    columns = max(1, right.numel // max(1, a.numel // n))
    target = out if out.is_contiguous() else recorder.temporary(out.shape)
    recorder.call("solveLinear", [target], [target, a, right, a.numel // (n * n), n, columns])
    if target is not out:
        recorder.assign(out, load(target))
    for other in result[1:]:
        recorder.unavailable(other, "a factor of a matrix")


def cholesky(recorder: Recorder, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> None:
    """Factor a symmetric matrix; the second result says which pivot is not positive."""
    if kwargs.get("upper") or (len(args) > 1 and args[1]):
        recorder.refuse("linalg_cholesky_ex with upper=True")
    a, n = recorder.array(args[0]), args[0].shape[-1]
    out, failed = recorder.new(result[0]), recorder.new(result[1])
    target = out if out.is_contiguous() else recorder.temporary(out.shape)
    recorder.call("choleskyFactor", [target, failed], [target, failed, a, a.numel // (n * n), n])
    if target is not out:
        recorder.assign(out, load(target))


def cholesky_solve(recorder: Recorder, args: tuple[Any, ...], kwargs: dict[str, Any], result: Tensor) -> None:
    """Solve a system of equations whose matrix is factored."""
    if kwargs.get("upper") or (len(args) > 2 and args[2]):
        recorder.refuse("cholesky_solve with upper=True")
    n, columns = args[0].shape[-2:]
    lead = result.shape[:-2]
    b, factor = recorder.array(args[0], tuple(result.shape)), recorder.array(args[1], (*lead, n, n))
    out = recorder.new(result)
    target = out if out.is_contiguous() else recorder.temporary(out.shape)
    recorder.call("choleskySolve", [target], [target, b, factor, factor.numel // (n * n), n, columns])
    if target is not out:
        recorder.assign(out, load(target))


def scatter_add(recorder: Recorder, args: tuple[Any, ...], kwargs: dict[str, Any], result: Tensor) -> None:
    """Add values at computed places along the last dimension."""
    if args[1] % max(result.ndim, 1) != result.ndim - 1:
        recorder.refuse("scatter_add along another dimension than the last")
    own, out = recorder.view(args[0]), recorder.new(result)
    recorder.assign(out, load(own))
    index, values = recorder.array(args[2]), recorder.array(args[3])
    rows = max(1, result.numel() // max(1, result.shape[-1]))
    counts = [rows, result.shape[-1], args[2].shape[-1], args[3].shape[-1]]
    recorder.call("scatterAdd", [out], [out, index, values, *counts])


def search_sorted(recorder: Recorder, args: tuple[Any, ...], kwargs: dict[str, Any], result: Tensor) -> None:
    """Find the places of values among sorted ones."""
    right = bool(kwargs.get("right")) or kwargs.get("side") == "right" or (len(args) > 3 and bool(args[3]))
    table, values, out = recorder.array(args[0]), recorder.array(args[1]), recorder.new(result)
    count, size = args[0].shape[-1], max(1, args[0].numel())
    rows = size // count
    arguments: list[Any] = [out, table, values, rows, count, values.numel // rows, int(right)]
    recorder.call("searchSorted", [out], arguments)


def fourier(direction: str) -> Lowering:
    """Return the lowering of a transform along the last dimension: `r2c`, `c2r` or `c2c`."""

    def lower(recorder: Recorder, args: tuple[Any, ...], kwargs: dict[str, Any], result: Tensor) -> None:
        if [d % result.ndim for d in args[1]] != [result.ndim - 1]:
            recorder.refuse("for a Fourier transform of other dimensions than the last")
        source, out = recorder.view(args[0]), recorder.new(result)
        n = result.shape[-1] if direction == "c2r" else source.shape[-1]
        lead, have = source.shape[:-1], source.shape[-1]
        rows = source.numel // max(1, have)
        values = recorder.temporary((*lead, n), is_complex=True)
        copy(recorder, part(values, len(lead), 0, have), source)
        if direction == "c2r" and n > have:  # the spectrum of a real signal is symmetric
            count = n - have
            mirrored = part(source, len(lead), 1, count)
            last = (n - have) * source.strides[-1]
            mirrored = replace(
                source,
                offset=source.offset + last,
                shape=mirrored.shape,
                strides=(*source.strides[:-1], -source.strides[-1]),
            )
            copy(
                recorder, part(values, len(lead), have, count), replace(mirrored, is_conjugate=not source.is_conjugate)
            )
        forward = direction == "r2c" or (direction == "c2c" and bool(args[3]))
        spectrum = recorder.temporary((*lead, n), is_complex=True)
        recorder.call("fourierTransform", [spectrum], [spectrum, values, rows, n, -1 if forward else 1])
        kept = part(spectrum, len(lead), 0, result.shape[-1])
        scale = {0: 1.0, 1: n**-0.5, 2: 1.0 / n}[args[2]]
        for target, value in zip(_parts(out), (kept.real(), kept.imag()), strict=False):
            recorder.assign(target, ("mul", load(value), constant(scale)))

    return lower


def _parts(view: View) -> list[View]:
    return [view.real(), view.imag()] if view.is_complex else [view]


REDUCTIONS: dict[str, Lowering] = {
    "aten::sum": reduction("sum"),
    "aten::mean": reduction("mean"),
    "aten::prod": reduction("prod"),
    "aten::amax": reduction("max"),
    "aten::amin": reduction("min"),
    "aten::max": reduction("max"),
    "aten::min": reduction("min"),
    "aten::any": reduction("any"),
    "aten::all": reduction("all"),
    "aten::linalg_vector_norm": norm,
    "aten::cumsum": cumulative("cumulativeSum"),
    "aten::cumprod": cumulative("cumulativeProduct"),
    "aten::cummax": cumulative("cumulativeMaximum"),
    "aten::searchsorted": search_sorted,
    "aten::scatter_add": scatter_add,
    "aten::_fft_r2c": fourier("r2c"),
    "aten::_fft_c2r": fourier("c2r"),
    "aten::_fft_c2c": fourier("c2c"),
    "aten::mm": matrix_product,
    "aten::bmm": matrix_product,
    "aten::mv": matrix_product,
    "aten::dot": matrix_product,
    "aten::_linalg_solve_ex": solve,
    "aten::linalg_cholesky_ex": cholesky,
    "aten::cholesky_solve": cholesky_solve,
}

"""Operations that combine elements, such as sums, norms, variances, cumulative sums, searches and transforms."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from torch import Tensor

from fxlab.page.compiler.arrangement import copy, part
from fxlab.page.compiler.complex_elements import COMPLEX
from fxlab.page.compiler.elementwise import ZERO, constant, load
from fxlab.page.compiler.graph import Expression, View
from fxlab.page.compiler.ordering import extreme_with_place, moved_last

if TYPE_CHECKING:
    from fxlab.page.compiler.recorder import Recorder

Lowering = Callable[["Recorder", tuple[Any, ...], dict[str, Any], Any], None]


def kept_dims(out: View, shape: tuple[int, ...], dims: list[int]) -> View:
    """Return `out`, the result of a reduction of `shape`, with size 1 in the reduced dimensions `dims`."""
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
    """Return the function that records a reduction: `sum`, `mean`, `prod`, `max`, `min`, `any` or `all`."""

    def lower(recorder: Recorder, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> None:
        values = result if isinstance(result, Tensor) else result[0]
        source = recorder.view(args[0])
        dims = _dims(args, kwargs, len(source.shape))
        out = recorder.new(values)
        if source.is_complex and operation == "prod":
            _complex_product(recorder, kept_dims(out, source.shape, dims), source, dims)
            return
        pairs = [(out.real(), source.real()), (out.imag(), source.imag())] if source.is_complex else [(out, source)]
        for target, operand in pairs:
            kept = kept_dims(target, source.shape, dims)
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

    return lower


def _complex_product(recorder: Recorder, out: View, source: View, dims: list[int]) -> None:
    """Record the product of complex numbers along dimensions, one factor after the other."""
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
    """Record the vector norm along dimensions; the order is infinity or a number above 0.

    Raises:
        CompileError: The order is 0 or below.
    """
    source = recorder.view(args[0])
    order = float(args[1] if len(args) > 1 else kwargs.get("ord", 2))
    dims = _dims((args[0], *args[2:]), kwargs, len(source.shape))
    out = kept_dims(recorder.new(result), source.shape, dims)
    size: Expression = ("abs", load(source.real()))
    if source.is_complex:
        size = ("hypot", load(source.real()), load(source.imag()))
    if order == math.inf:
        recorder.reduce(out, size, source.shape, "max")
    elif order == 2:
        recorder.reduce(out, ("square", size), source.shape, "sum")
        recorder.assign(out, ("sqrt", load(out)))
    elif order > 0:
        recorder.reduce(out, ("pow", size, constant(order)), source.shape, "sum")
        recorder.assign(out, ("pow", load(out), constant(1 / order)))
    else:
        recorder.refuse(f"linalg_vector_norm of order {order:g}")


def deviation(*, root: bool) -> Lowering:
    """Return the function that records `std` if `root` is True, and `var` otherwise."""

    def lower(recorder: Recorder, args: tuple[Any, ...], kwargs: dict[str, Any], result: Tensor) -> None:
        source = recorder.view(args[0])
        if source.is_complex:
            recorder.refuse("for the variance of complex numbers")
        dims = _dims(args, kwargs, len(source.shape))
        count = math.prod(source.shape[d] for d in dims)
        correction = kwargs.get("correction")
        out = kept_dims(recorder.new(result), source.shape, dims)
        mean = recorder.temporary(tuple(1 if d in dims else n for d, n in enumerate(source.shape)))
        recorder.reduce(mean, load(source), source.shape, "sum")
        recorder.assign(mean, ("div", load(mean), constant(count)))
        difference: Expression = ("sub", load(source), load(mean.expand(source.shape)))
        recorder.reduce(out, ("square", difference), source.shape, "sum")
        free = max(0.0, count - float(1 if correction is None else correction))
        value: Expression = ("div", load(out), constant(free))
        recorder.assign(out, ("sqrt", value) if root else value)

    return lower


def call_into(
    recorder: Recorder, out: View, function: str, arguments: list[Any], *, also: tuple[View, ...] = ()
) -> None:
    """Add a call of the engine that writes to `out`, through a contiguous array if `out` is not contiguous.

    Args:
        recorder: The recorder, which is recording.
        out: The result, of real numbers, which is the first argument of the function.
        function: The function of the engine.
        arguments: The other arguments.
        also: The arguments among them to which the function also writes.
    """
    target = out if out.is_contiguous() else recorder.temporary(out.shape)
    recorder.call(function, [target, *also], [target, *arguments])
    if target is not out:
        recorder.assign(out, load(target))


def cumulative(function: str) -> Lowering:
    """Return the function that records `cumsum`, `cumprod` or `cummax`, by a call of `function` of the engine.

    A program cannot read the indices that `cummax` returns.
    """

    def lower(recorder: Recorder, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> None:
        values = result if isinstance(result, Tensor) else result[0]
        dim = args[1] % max(values.ndim, 1)
        source, out = recorder.view(args[0]), recorder.new(values)
        if source.is_complex:
            recorder.refuse(f"{function} of complex numbers")
        if not isinstance(result, Tensor):
            recorder.unavailable(result[1], "the index of an extreme value")
        source, out = moved_last(source, dim), moved_last(out, dim)
        rows = recorder.array(source)
        time = source.shape[-1] if source.shape else 1
        call_into(recorder, out, function, [rows, rows.numel // max(time, 1), time])

    return lower


def search_sorted(recorder: Recorder, args: tuple[Any, ...], kwargs: dict[str, Any], result: Tensor) -> None:
    """Record `searchsorted`: the indices at which values would be inserted into sorted rows.

    Raises:
        CompileError: The rows are sorted by a `sorter`.
    """
    if kwargs.get("sorter") is not None:
        recorder.refuse("for searchsorted with a sorter")
    right = bool(kwargs.get("right")) or kwargs.get("side") == "right" or (len(args) > 3 and bool(args[3]))
    table, values, out = recorder.array(args[0]), recorder.array(args[1]), recorder.new(result)
    count, size = args[0].shape[-1], max(1, args[0].numel())
    rows = size // count
    arguments: list[Any] = [out, table, values, rows, count, values.numel // rows, int(right)]
    recorder.call("searchSorted", [out], arguments)


def fourier(direction: str) -> Lowering:
    """Return the function that records a Fourier transform along the last dimension.

    `direction` is `r2c`, `c2r` or `c2c`: from real or complex to complex or real numbers.
    """

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
    "aten::var": deviation(root=False),
    "aten::std": deviation(root=True),
    "aten::prod": reduction("prod"),
    "aten::amax": reduction("max"),
    "aten::amin": reduction("min"),
    "aten::max": extreme_with_place(1, reduction("max")),
    "aten::min": extreme_with_place(-1, reduction("min")),
    "aten::any": reduction("any"),
    "aten::all": reduction("all"),
    "aten::linalg_vector_norm": norm,
    "aten::cumsum": cumulative("cumulativeSum"),
    "aten::cumprod": cumulative("cumulativeProduct"),
    "aten::cummax": cumulative("cumulativeMaximum"),
    "aten::searchsorted": search_sorted,
    "aten::_fft_r2c": fourier("r2c"),
    "aten::_fft_c2r": fourier("c2r"),
    "aten::_fft_c2c": fourier("c2c"),
}

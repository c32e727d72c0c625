"""Operations that order elements or write them at computed indices: sorting, indices of extremes, and scattering."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from torch import Tensor

from fxlab.page.compiler.arrangement import copy, part
from fxlab.page.compiler.elementwise import as_expression, load
from fxlab.page.compiler.graph import View

if TYPE_CHECKING:
    from fxlab.page.compiler.recorder import Recorder

Lowering = Callable[["Recorder", tuple[Any, ...], dict[str, Any], Any], None]


def moved_last(view: View, dim: int) -> View:
    """Return the view with the dimension `dim` as the last one."""
    order = [d for d in range(len(view.shape)) if d != dim] + ([dim] if view.shape else [])
    return replace(view, shape=tuple(view.shape[d] for d in order), strides=tuple(view.strides[d] for d in order))


def sort(recorder: Recorder, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> None:
    """Record `sort` or `argsort` along a dimension. Equal elements keep their order, and NaN is the largest.

    Raises:
        CompileError: The numbers are complex.
    """
    dim = kwargs.get("dim", args[1] if len(args) > 1 else -1)
    descending = kwargs.get("descending", args[2] if len(args) > 2 else False)
    _sorted_part(recorder, args[0], dim, bool(descending), result)


def top_k(recorder: Recorder, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> None:
    """Record `topk`: the `k` largest or smallest elements along a dimension, in order.

    Raises:
        CompileError: The numbers are complex.
    """
    dim = kwargs.get("dim", args[2] if len(args) > 2 else -1)
    largest = kwargs.get("largest", args[3] if len(args) > 3 else True)
    _sorted_part(recorder, args[0], dim, bool(largest), result)


def _sorted_part(recorder: Recorder, source: Tensor, dim: int, descending: bool, result: Any) -> None:
    """Record the sorted values of `source` and their indices, or the indices alone if `result` is a single tensor.

    Their number along `dim` is that of `result`.

    Raises:
        CompileError: The numbers are complex.
    """
    if source.is_complex():
        recorder.refuse("sort of complex numbers")
    dim %= max(source.ndim, 1)
    rows = recorder.array(moved_last(recorder.view(source), dim))
    count = rows.shape[-1] if rows.shape else 1
    values, places = recorder.temporary(rows.shape), recorder.temporary(rows.shape)
    places.buffer.whole = True
    numbers: list[Any] = [values, places, rows, rows.numel // max(count, 1), count, int(descending)]
    recorder.call("sortRows", [values, places], numbers)
    pairs = [(result, places)] if isinstance(result, Tensor) else zip(result, (values, places), strict=True)
    for tensor, found in pairs:
        out = moved_last(recorder.new(tensor), dim)
        copy(recorder, out, part(found, len(found.shape) - 1, 0, out.shape[-1]) if out.shape else found)


def extreme_place(sign: int) -> Lowering:
    """Return the function that records `argmax`, with a `sign` of 1, or `argmin`, with −1."""

    def lower(recorder: Recorder, args: tuple[Any, ...], kwargs: dict[str, Any], result: Tensor) -> None:
        source, dim = recorder.view(args[0]), args[1] if len(args) > 1 else kwargs.get("dim")
        if dim is None:
            flat = recorder.array(source)
            rows = replace(flat, shape=(flat.numel,), strides=(1,))
        else:
            rows = recorder.array(moved_last(source, dim % max(len(source.shape), 1)))
        out = recorder.new(result)
        count = rows.shape[-1] if rows.shape else 1
        recorder.call("extremePlaces", [out], [out, rows, rows.numel // max(count, 1), count, sign])

    return lower


def extreme_with_place(sign: int, reduce: Lowering) -> Lowering:
    """Return the function that records `max`, with a `sign` of 1, or `min`, with −1.

    It records the extremes by `reduce`, and then their indices if the operation returns these.
    """

    def lower(recorder: Recorder, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> None:
        reduce(recorder, args, kwargs, result)
        if not isinstance(result, Tensor):
            extreme_place(sign)(recorder, args, kwargs, result[1])

    return lower


def scattering(function: str) -> Lowering:
    """Return the function that records `scatter` or `scatter_add`, which write at computed indices along a dimension.

    `function` is the function of the engine, `"scatter"` or `"scatterAdd"`.
    """

    def lower(recorder: Recorder, args: tuple[Any, ...], kwargs: dict[str, Any], result: Tensor) -> None:
        own, index, given = recorder.view(args[0]), recorder.view(args[2]), args[3]
        if kwargs.get("reduce") is not None or own.is_complex:
            recorder.refuse(f"{function} of complex numbers, or with reduce,")
        dim = args[1] % max(result.ndim, 1)
        shapes = [shape[:dim] + shape[dim + 1 :] for shape in (own.shape, index.shape)]
        if shapes[0] != shapes[1]:
            recorder.refuse(f"{function} with an index that is smaller than the tensor")
        if isinstance(given, Tensor):
            source = replace(recorder.view(given), shape=index.shape)  # elements beyond the index have no effect
        else:
            source = recorder.temporary(index.shape)
            recorder.assign(source, as_expression(recorder, given, index.shape))
        out = moved_last(recorder.new(result), dim)
        target = out if out.is_contiguous() else recorder.temporary(out.shape)
        target.buffer.whole = out.buffer.whole
        recorder.assign(target, load(moved_last(own, dim)))
        places, values = (recorder.array(moved_last(view, dim)) for view in (index, source))
        size, width = (view.shape[dim] if view.shape else 1 for view in (own, index))
        recorder.call(function, [target], [target, places, values, index.numel // max(width, 1), size, width])
        if target is not out:
            recorder.assign(out, load(target))

    return lower


def overlap_add(recorder: Recorder, args: tuple[Any, ...], kwargs: dict[str, Any], result: Tensor) -> None:
    """Record `unfold_backward`, which `istft` uses: the sum of overlapping frames `(..., frames, size)`.

    Raises:
        CompileError: The frames are not those of the last dimension, or the numbers are complex.
    """
    frames, (_, dim, size, step) = args[0], args[1:]
    if dim % result.ndim != result.ndim - 1 or result.is_complex():
        recorder.refuse("unfold_backward of complex numbers, or along another dimension than the last")
    parts, out, time = recorder.array(frames), recorder.new(result), result.shape[-1]
    rows = result.numel() // max(time, 1)
    recorder.call("overlapAdd", [out], [out, parts, rows, time, frames.shape[-2], size, step])


ORDERING: dict[str, Lowering] = {
    "aten::sort": sort,
    "aten::argsort": sort,
    "aten::topk": top_k,
    "aten::argmax": extreme_place(1),
    "aten::argmin": extreme_place(-1),
    "aten::scatter": scattering("scatter"),
    "aten::scatter_add": scattering("scatterAdd"),
    "aten::unfold_backward": overlap_add,
}

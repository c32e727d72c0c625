"""Operations that arrange elements: joining, padding, flipping, rolling, indexing, scattering and repeating."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from fxlab.page.compiler.elementwise import ZERO, as_expression, constant, load
from fxlab.page.compiler.graph import Expression, View

if TYPE_CHECKING:
    from fxlab.page.compiler.recorder import Recorder


def copy(recorder: Recorder, out: View, source: View) -> None:
    """Record a copy of the elements of `source` to `out`, a view of the same shape."""
    if out.is_complex:
        imag: Expression = load(source.imag()) if source.is_complex else ZERO
        recorder.assign(out.real(), load(source.real()))
        recorder.assign(out.imag(), imag)
    else:
        recorder.assign(out, load(source))


def part(view: View, dim: int, start: int, length: int, step: int = 1) -> View:
    """Return a slice of `length` elements of a view along `dim`, from the index `start` on in steps of `step`."""
    shape, strides = list(view.shape), list(view.strides)
    offset = view.offset + start * strides[dim]
    shape[dim], strides[dim] = length, strides[dim] * step
    return replace(view, offset=offset, shape=tuple(shape), strides=tuple(strides))


def cat(recorder: Recorder, args: tuple[Any, ...], kwargs: dict[str, Any], result: Tensor) -> None:
    """Record `cat`: tensors joined along a dimension."""
    dim = (args[1] if len(args) > 1 else kwargs.get("dim", 0)) % max(result.ndim, 1)
    views = [recorder.view(tensor) for tensor in args[0] if tensor.numel()]
    out, start = recorder.new(result), 0
    for view in views:
        copy(recorder, part(out, dim, start, view.shape[dim]), view)
        start += view.shape[dim]


def stack(recorder: Recorder, args: tuple[Any, ...], kwargs: dict[str, Any], result: Tensor) -> None:
    """Record `stack`: tensors joined along a new dimension."""
    dim = (args[1] if len(args) > 1 else kwargs.get("dim", 0)) % result.ndim
    views = [recorder.view(tensor) for tensor in args[0]]
    out = recorder.new(result)
    for number, view in enumerate(views):
        place = part(out, dim, number, 1)
        shape, strides = place.shape[:dim] + place.shape[dim + 1 :], place.strides[:dim] + place.strides[dim + 1 :]
        copy(recorder, replace(place, shape=shape, strides=strides), view)


def constant_pad(recorder: Recorder, args: tuple[Any, ...], kwargs: dict[str, Any], result: Tensor) -> None:
    """Record `constant_pad_nd`: a tensor padded with a constant, or cut where the padding is negative."""
    source, pads = recorder.view(args[0]), args[1]
    fill = args[2] if len(args) > 2 else kwargs.get("value", 0)
    out = recorder.new(result)
    if any(size > 0 for size in pads):
        recorder.assign(out.real() if out.is_complex else out, constant(fill))
        if out.is_complex:
            recorder.assign(out.imag(), ZERO)
    inner = out
    for number in range(len(pads) // 2):
        dim = result.ndim - 1 - number
        before, after = pads[2 * number], pads[2 * number + 1]
        source = part(source, dim, max(0, -before), source.shape[dim] - max(0, -before) - max(0, -after))
        inner = part(inner, dim, max(0, before), source.shape[dim])
    copy(recorder, inner, source)


def flip(recorder: Recorder, args: tuple[Any, ...], kwargs: dict[str, Any], result: Tensor) -> None:
    """Record `flip`: the elements in reversed order along some dimensions."""
    source = recorder.view(args[0])
    offset, strides = source.offset, list(source.strides)
    for dim in args[1]:
        offset += (source.shape[dim] - 1) * strides[dim]
        strides[dim] = -strides[dim]
    copy(recorder, recorder.new(result), replace(source, offset=offset, strides=tuple(strides)))


def roll(recorder: Recorder, args: tuple[Any, ...], kwargs: dict[str, Any], result: Tensor) -> None:
    """Record `roll`: the elements shifted cyclically along a dimension.

    Raises:
        CompileError: `dims` does not name exactly one dimension.
    """
    source, out = recorder.view(args[0]), recorder.new(result)
    dims = args[2] if len(args) > 2 else kwargs.get("dims", [])
    if len(dims) != 1:
        recorder.refuse("roll along several dimensions, or of a flattened tensor,")
    dim = dims[0] % result.ndim
    size = source.shape[dim]
    shift = args[1][0] % max(1, size)
    copy(recorder, part(out, dim, shift, size - shift), part(source, dim, 0, size - shift))
    if shift:
        copy(recorder, part(out, dim, 0, shift), part(source, dim, size - shift, shift))


def gather(recorder: Recorder, args: tuple[Any, ...], kwargs: dict[str, Any], result: Tensor) -> None:
    """Record `gather`: the elements at computed indices along a dimension."""
    source, dim, shape = recorder.view(args[0]), args[1] % max(result.ndim, 1), tuple(result.shape)
    place = as_expression(recorder, args[2], shape)
    indices = tuple(place if d == dim else ("index", d) for d in range(result.ndim))
    _take(recorder, result, source, indices)


def index_select(recorder: Recorder, args: tuple[Any, ...], kwargs: dict[str, Any], result: Tensor) -> None:
    """Record `index_select`: the slices at computed indices along a dimension."""
    source, dim, index = recorder.view(args[0]), args[1] % max(result.ndim, 1), recorder.view(args[2])
    own = [1] * result.ndim
    strides = [0] * result.ndim
    own[dim], strides[dim] = index.shape[-1] if index.shape else 1, index.strides[-1] if index.strides else 0
    place = load(replace(index, shape=tuple(own), strides=tuple(strides)).expand(tuple(result.shape)))
    indices = tuple(place if d == dim else ("index", d) for d in range(result.ndim))
    _take(recorder, result, source, indices)


def index(recorder: Recorder, args: tuple[Any, ...], kwargs: dict[str, Any], result: Tensor) -> None:
    """Record `index`: indexing with integer tensors and masks, in adjacent dimensions.

    Raises:
        CompileError: The indexed dimensions are not adjacent, or a mask depends on a parameter or on the sound.
    """
    source, given = recorder.view(args[0]), _without_masks(recorder, args[1])
    given += [None] * (args[0].ndim - len(given))
    indexed = [d for d, tensor in enumerate(given) if tensor is not None]
    if indexed != list(range(indexed[0], indexed[-1] + 1)):
        from fxlab.errors import CompileError
        from fxlab.page.compiler.source_line import source_line

        raise CompileError(f"{source_line(full=True)}: indices in dimensions that are not adjacent. Use torch.gather.")
    rank = max(given[d].ndim for d in indexed)
    first, shape = indexed[0], tuple(result.shape)
    places: list[Expression] = []
    for d in range(args[0].ndim):
        if d < first:
            places.append(("index", d))
        elif d > indexed[-1]:
            places.append(("index", d - len(indexed) + rank))
        else:
            view = recorder.view(given[d])
            missing = rank - len(view.shape)
            tail = len(shape) - first - rank
            own = (1,) * (first + missing) + view.shape + (1,) * tail
            strides = (0,) * (first + missing) + view.strides + (0,) * tail
            place = load(replace(view, shape=own, strides=strides).expand(shape))
            size = args[0].shape[d]
            places.append(("select", ("lt", place, ZERO), ("add", place, constant(size)), place))
    _take(recorder, result, source, tuple(places))


def _without_masks(recorder: Recorder, given: list[Any]) -> list[Any]:
    """Return the indices, tensors or None by dimension, with each mask replaced by the indices of its true elements.

    Raises:
        CompileError: A mask depends on a parameter or on the sound.
    """
    places: list[Any] = []
    for tensor in given:
        if tensor is None or tensor.dtype not in (torch.bool, torch.uint8):
            places.append(tensor)
            continue
        if recorder.is_tracked(tensor):
            recorder.refuse_reading("aten::nonzero", [tensor])
        places += recorder.run(torch.nonzero, tensor).unbind(-1)
    return places


def _take(recorder: Recorder, result: Tensor, source: View, indices: tuple[Expression, ...]) -> None:
    """Assign the elements of `source` at computed indices to a new result; those of a negated view are negated."""
    out = recorder.new(result)
    pairs = [(out.real(), source.real()), (out.imag(), source.imag())] if out.is_complex else [(out, source)]
    for target, numbers in pairs:
        value: Expression = ("at", numbers, *indices)
        recorder.assign(target, ("neg", value) if numbers.is_negative else value)


def scattered(kind: str) -> Callable[[Recorder, tuple[Any, ...], dict[str, Any], Tensor], None]:
    """Return the function that records `slice_scatter`, or `select_scatter` if `kind` is `"select"`.

    It records a copy of a tensor, and then a copy of another tensor to a part of the first copy.
    """

    def lower(recorder: Recorder, args: tuple[Any, ...], kwargs: dict[str, Any], result: Tensor) -> None:
        own, new, out = recorder.view(args[0]), recorder.view(args[1]), recorder.new(result)
        copy(recorder, out, own)
        dim = (args[2] if len(args) > 2 else kwargs.get("dim", 0)) % result.ndim
        if kind == "select":
            at = args[3] % result.shape[dim]
            place = part(out, dim, at, 1)
            place = replace(
                place,
                shape=place.shape[:dim] + place.shape[dim + 1 :],
                strides=place.strides[:dim] + place.strides[dim + 1 :],
            )
        else:
            start = (args[3] if len(args) > 3 else kwargs.get("start")) or 0
            step = args[5] if len(args) > 5 else kwargs.get("step", 1)
            start = start + result.shape[dim] if start < 0 else start
            place = part(out, dim, start, new.shape[dim], step)
        copy(recorder, place, new.expand(place.shape))

    return lower


def repeat(recorder: Recorder, args: tuple[Any, ...], kwargs: dict[str, Any], result: Tensor) -> None:
    """Record `repeat`: copies of a tensor side by side along the dimensions of the result."""
    source, shape = recorder.view(args[0]), tuple(result.shape)
    missing = result.ndim - len(source.shape)
    own = (1,) * missing + source.shape
    wide = replace(source, shape=own, strides=(0,) * missing + source.strides)
    indices: tuple[Expression, ...] = tuple(
        ("index", d) if own[d] == shape[d] else ("mod", ("index", d), constant(own[d])) for d in range(result.ndim)
    )
    _take(recorder, result, wide, indices)


ARRANGEMENTS = {
    "aten::cat": cat,
    "aten::stack": stack,
    "aten::constant_pad_nd": constant_pad,
    "aten::flip": flip,
    "aten::roll": roll,
    "aten::gather": gather,
    "aten::index_select": index_select,
    "aten::index": index,
    "aten::slice_scatter": scattered("slice"),
    "aten::select_scatter": scattered("select"),
    "aten::repeat": repeat,
}

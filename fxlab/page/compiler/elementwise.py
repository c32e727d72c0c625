"""Elementwise operations of PyTorch as expressions of the intermediate form."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from fxlab.page.compiler.expressions import FUNCTIONS
from fxlab.page.compiler.graph import Expression, View

if TYPE_CHECKING:
    from fxlab.page.compiler.recorder import Recorder

Build = Callable[..., Expression]


def constant(value: float | int | bool) -> Expression:
    """Return a number as an expression."""
    return ("const", float(value))


ZERO, ONE = constant(0), constant(1)


def _scaled(value: Expression, factor: Any) -> Expression:
    return value if factor == 1 else ("mul", constant(factor), value)


def _clamp(x: Expression, low: Expression | None = None, high: Expression | None = None) -> Expression:
    x = x if low is None else ("max", x, low)
    return x if high is None else ("min", x, high)


def _divide(a: Expression, b: Expression, *, rounding_mode: str | None = None) -> Expression:
    quotient = ("div", a, b)
    return quotient if rounding_mode is None else ({"floor": "floor", "trunc": "trunc"}[rounding_mode], quotient)


def _round(x: Expression, *, decimals: int = 0) -> Expression:
    if not decimals:
        return ("rint", x)
    scale = constant(10.0**decimals)
    return ("div", ("rint", ("mul", x, scale)), scale)


def _nan_to_num(x: Expression, nan: Any = None, posinf: Any = None, neginf: Any = None) -> Expression:
    number = [
        e if e is not None else constant(d)
        for e, d in ((nan, 0.0), (posinf, 1.7976931348623157e308), (neginf, -1.7976931348623157e308))
    ]
    x = ("select", ("eq", x, constant(math.inf)), number[1], x)
    x = ("select", ("eq", x, constant(-math.inf)), number[2], x)
    return ("select", ("ne", x, x), number[0], x)


def _power(a: Expression, b: Expression) -> Expression:
    if b[0] == "const":
        if b[1] == 2.0:
            return ("square", a)
        if b[1] == 0.5:
            return ("sqrt", a)
        if b[1] == -1.0:
            return ("div", ONE, a)
        if b[1] == 1.0:
            return a
    return ("pow", a, b)


def _unary(name: str) -> Build:
    return lambda x: (name, x)


def _binary(name: str) -> Build:
    return lambda a, b: (name, a, b)


def _ignoring_nan(name: str) -> Build:
    return lambda a, b: ("select", ("ne", a, a), b, ("select", ("ne", b, b), a, (name, a, b)))


ELEMENTWISE: dict[str, Build] = {f"aten::{name}": _unary(name) for name in ("neg", *FUNCTIONS, "erf")} | {
    "aten::add": lambda a, b, *, alpha=1: ("add", a, _scaled(b, alpha)),
    "aten::sub": lambda a, b, *, alpha=1: ("sub", a, _scaled(b, alpha)),
    "aten::rsub": lambda a, b, *, alpha=1: ("sub", b, _scaled(a, alpha)),
    "aten::mul": _binary("mul"),
    "aten::div": _divide,
    "aten::floor_divide": lambda a, b: ("floor", ("div", a, b)),
    "aten::pow": _power,
    "aten::exp2": lambda x: ("pow", constant(2), x),
    "aten::rsqrt": lambda x: ("div", ONE, ("sqrt", x)),
    "aten::reciprocal": lambda x: ("div", ONE, x),
    "aten::square": lambda x: ("square", x),
    "aten::sgn": _unary("sign"),
    "aten::round": _round,
    "aten::frac": lambda x: ("sub", x, ("trunc", x)),
    "aten::sigmoid": lambda x: ("div", ONE, ("add", ONE, ("exp", ("neg", x)))),
    "aten::relu": lambda x: ("max", x, ZERO),
    "aten::special_i0": _unary("bessel_i0"),
    "aten::i0": _unary("bessel_i0"),
    "aten::special_i0e": lambda x: ("mul", ("exp", ("neg", ("abs", x))), ("bessel_i0", x)),
    "aten::atan2": _binary("atan2"),
    "aten::hypot": _binary("hypot"),
    "aten::maximum": _binary("max"),
    "aten::minimum": _binary("min"),
    "aten::fmax": _ignoring_nan("max"),
    "aten::fmin": _ignoring_nan("min"),
    "aten::remainder": lambda a, b: ("sub", a, ("mul", b, ("floor", ("div", a, b)))),
    "aten::fmod": _binary("mod"),
    "aten::copysign": _binary("copysign"),
    "aten::clamp": _clamp,
    "aten::clamp_min": _clamp,
    "aten::clamp_max": lambda x, high: _clamp(x, None, high),
    "aten::where": lambda c, a, b: ("select", c, a, b),
    "aten::lerp": lambda a, b, w: ("add", a, ("mul", w, ("sub", b, a))),
    "aten::addcmul": lambda x, a, b, *, value=1: ("add", x, _scaled(("mul", a, b), value)),
    "aten::addcdiv": lambda x, a, b, *, value=1: ("add", x, _scaled(("div", a, b), value)),
    "aten::logical_and": _binary("and"),
    "aten::logical_or": _binary("or"),
    "aten::logical_xor": lambda a, b: ("ne", ("ne", a, ZERO), ("ne", b, ZERO)),
    "aten::logical_not": lambda x: ("eq", x, ZERO),
    "aten::bitwise_and": _binary("and"),
    "aten::bitwise_or": _binary("or"),
    "aten::bitwise_not": lambda x: ("eq", x, ZERO),
    "aten::bitwise_xor": lambda a, b: ("ne", ("ne", a, ZERO), ("ne", b, ZERO)),
    "aten::isnan": lambda x: ("ne", x, x),
    "aten::isfinite": lambda x: ("lt", ("abs", x), constant(math.inf)),
    "aten::isinf": lambda x: ("eq", ("abs", x), constant(math.inf)),
    "aten::nan_to_num": _nan_to_num,
    "aten::masked_fill": lambda x, mask, value: ("select", mask, value, x),
    "aten::clone": lambda x: x,
    "aten::alias": lambda x: x,
    "aten::_to_copy": lambda x: x,
    "aten::lift_fresh_copy": lambda x: x,
    **{f"aten::{name}": _binary(name) for name in ("eq", "ne", "lt", "le", "gt", "ge")},
}
"""The operations by PyTorch's name; each takes its operands as expressions, and its other arguments as they are."""

IGNORED = ("memory_format", "dtype", "layout", "device", "pin_memory", "non_blocking", "copy")


def as_expression(recorder: Recorder, value: Any, shape: tuple[int, ...]) -> Expression:
    """Return the expression for an element of a real tensor, broadcast to `shape`, or for a number."""
    if isinstance(value, Tensor):
        return load(recorder.view(value).expand(shape))
    return constant(value)


def load(view: View) -> Expression:
    """Return the expression that reads an element of a view, or a number if its buffer is a single constant."""
    value: Expression = ("load", view)
    buffer = view.buffer
    if buffer.kind == "constant" and buffer.values is not None and len(buffer.values) == 1:
        value = constant(buffer.values[0])
    return ("neg", value) if view.is_negative else value


def lower_elementwise(name: str, build: Build) -> Callable[[Recorder, tuple[Any, ...], dict[str, Any], Any], None]:
    """Return the function that records the elementwise operation `name` on real numbers.

    `build` returns the expression for an element of the result, given those for the elements of the operands.
    """

    def lower(recorder: Recorder, args: tuple[Any, ...], kwargs: dict[str, Any], result: Tensor) -> None:
        shape = tuple(result.shape)
        value = element_value(recorder, name, build, args, kwargs, shape)
        out = recorder.new(result)
        recorder.assign(out, converted(value, args[0], result))

    return lower


def element_value(
    recorder: Recorder, name: str, build: Build, args: tuple[Any, ...], kwargs: dict[str, Any], shape: tuple[int, ...]
) -> Expression:
    """Return the expression for an element of the result of the operation `name` on real numbers.

    `build` returns it, given the expressions of the operands; `args` and `kwargs` are the arguments of the operation,
    and `shape` is the shape of its result.

    Raises:
        CompileError: The operation is a bitwise one on integers.
    """
    if name.startswith("aten::bitwise") and any(isinstance(a, Tensor) and a.dtype != torch.bool for a in args):
        recorder.refuse(f"{name} of integers")
    count = 1 if name == "aten::round" else len(args)
    operands = [None if a is None else as_expression(recorder, a, shape) for a in args[:count]]
    options = {key: value for key, value in kwargs.items() if key not in IGNORED}
    if name.startswith("aten::clamp"):
        options = {key: None if v is None else as_expression(recorder, v, shape) for key, v in options.items()}
        options = {{"min": "low", "max": "high"}[key]: value for key, value in options.items()}
    return build(*operands, **options)


def converted(value: Expression, source: Any, result: Tensor) -> Expression:
    """Return `value`, an element computed from the operand `source`, for a result that may have another dtype.

    It is truncated toward zero for integers, and 0 or 1 for booleans. Comparisons, logical operations and selections,
    and values whose `source` is not a tensor, are returned unchanged.
    """
    was = source.dtype if isinstance(source, Tensor) else None
    if was is None or was == result.dtype or value[0] in ("eq", "ne", "lt", "le", "gt", "ge", "and", "or", "select"):
        return value
    if result.dtype == torch.bool:
        return ("ne", value, ZERO)
    if was.is_floating_point and not result.dtype.is_floating_point and not result.dtype.is_complex:
        return ("trunc", value)
    return value

"""Elementwise operations on complex numbers, as expressions of their real and imaginary parts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from torch import Tensor

from fxlab.page.compiler.elementwise import ELEMENTWISE, ONE, ZERO, constant, load
from fxlab.page.compiler.graph import Expression

if TYPE_CHECKING:
    from fxlab.page.compiler.recorder import Recorder

Pair = tuple[Expression, Expression]
HALF = constant(0.5)


def _add(a: Pair, b: Pair, *, alpha: float = 1) -> Pair:
    scale = constant(alpha)
    b = b if alpha == 1 else (("mul", scale, b[0]), ("mul", scale, b[1]))
    return ("add", a[0], b[0]), ("add", a[1], b[1])


def _sub(a: Pair, b: Pair, *, alpha: float = 1) -> Pair:
    return _add(a, b, alpha=-alpha)


def _mul(a: Pair, b: Pair) -> Pair:
    if b[1] == ZERO:
        return ("mul", a[0], b[0]), ("mul", a[1], b[0])
    if a[1] == ZERO:
        return _mul(b, a)
    return (
        ("sub", ("mul", a[0], b[0]), ("mul", a[1], b[1])),
        ("add", ("mul", a[0], b[1]), ("mul", a[1], b[0])),
    )


def _square_size(a: Pair) -> Expression:
    return ("add", ("square", a[0]), ("square", a[1]))


def _div(a: Pair, b: Pair) -> Pair:
    if b[1] == ZERO:
        return ("div", a[0], b[0]), ("div", a[1], b[0])
    size = _square_size(b)
    real, imag = _mul(a, (b[0], ("neg", b[1])))
    return ("div", real, size), ("div", imag, size)


def _exp(a: Pair) -> Pair:
    return ("mul", ("exp", a[0]), ("cos", a[1])), ("mul", ("exp", a[0]), ("sin", a[1]))


def _size(a: Pair) -> Expression:
    return ("hypot", a[0], a[1])


def _sgn(a: Pair) -> Pair:
    size = _size(a)
    is_zero = ("eq", size, ZERO)
    return ("select", is_zero, ZERO, ("div", a[0], size)), ("select", is_zero, ZERO, ("div", a[1], size))


def _sqrt(a: Pair) -> Pair:
    # The root in the right half plane, from the part that does not cancel.
    large = ("sqrt", ("mul", HALF, ("add", _size(a), ("abs", a[0]))))
    small = ("select", ("eq", large, ZERO), ZERO, ("div", ("mul", HALF, ("abs", a[1])), large))
    is_right = ("ge", a[0], ZERO)
    return ("select", is_right, large, small), ("copysign", ("select", is_right, small, large), a[1])


def _log(a: Pair) -> Pair:
    return ("log", _size(a)), ("atan2", a[1], a[0])


def _pow(a: Pair, b: Pair) -> Pair:
    if b == (constant(2), ZERO):
        return _mul(a, a)
    return _exp(_mul(b, _log(a)))


def _sin(a: Pair) -> Pair:
    return ("mul", ("sin", a[0]), ("cosh", a[1])), ("mul", ("cos", a[0]), ("sinh", a[1]))


def _cos(a: Pair) -> Pair:
    return ("mul", ("cos", a[0]), ("cosh", a[1])), ("neg", ("mul", ("sin", a[0]), ("sinh", a[1])))


COMPLEX: dict[str, Callable[..., Pair]] = {
    "aten::add": _add,
    "aten::sub": _sub,
    "aten::rsub": lambda a, b, alpha=1: _sub(b, a, alpha=alpha),
    "aten::mul": _mul,
    "aten::div": _div,
    "aten::reciprocal": lambda a: _div((ONE, ZERO), a),
    "aten::neg": lambda a: (("neg", a[0]), ("neg", a[1])),
    "aten::exp": _exp,
    "aten::sin": _sin,
    "aten::cos": _cos,
    "aten::sgn": _sgn,
    "aten::sqrt": _sqrt,
    "aten::log": _log,
    "aten::pow": _pow,
    "aten::square": lambda a: _mul(a, a),
    "aten::conj_physical": lambda a: (a[0], ("neg", a[1])),
    "aten::_conj_physical": lambda a: (a[0], ("neg", a[1])),
    "aten::nan_to_num": lambda a: (ELEMENTWISE["aten::nan_to_num"](a[0]), ELEMENTWISE["aten::nan_to_num"](a[1])),
    "aten::clone": lambda a: a,
    "aten::_to_copy": lambda a: a,
    "aten::lift_fresh_copy": lambda a: a,
    "aten::where": lambda c, a, b: (("select", c[0], a[0], b[0]), ("select", c[0], a[1], b[1])),
    "aten::polar": lambda size, angle: (
        ("mul", size[0], ("cos", angle[0])),
        ("mul", size[0], ("sin", angle[0])),
    ),
    "aten::complex": lambda a, b: (a[0], b[0]),
    "aten::tan": lambda a: _div(
        (("sin", ("mul", constant(2), a[0])), ("sinh", ("mul", constant(2), a[1]))),
        (("add", ("cos", ("mul", constant(2), a[0])), ("cosh", ("mul", constant(2), a[1]))), ZERO),
    ),
}
"""Operations with a complex result; each takes and returns pairs of expressions, real and imaginary part."""

REAL_RESULT: dict[str, Callable[..., Expression]] = {
    "aten::abs": _size,
    "aten::angle": lambda a: ("atan2", a[1], a[0]),
    "aten::eq": lambda a, b: ("and", ("eq", a[0], b[0]), ("eq", a[1], b[1])),
    "aten::ne": lambda a, b: ("or", ("ne", a[0], b[0]), ("ne", a[1], b[1])),
    "aten::isnan": lambda a: ("or", ("ne", a[0], a[0]), ("ne", a[1], a[1])),
}
"""Operations on complex operands, as pairs of expressions, with a real result."""


def pair(recorder: Recorder, value: Any, shape: tuple[int, ...]) -> Pair:
    """Return the real and the imaginary part of a tensor, broadcast to `shape`, or of a number, as expressions."""
    if isinstance(value, Tensor):
        view = recorder.view(value).expand(shape)
        return (load(view.real()), load(view.imag())) if view.is_complex else (load(view), ZERO)
    number = complex(value)
    return constant(number.real), constant(number.imag)


def lower_complex(recorder: Recorder, name: str, args: tuple[Any, ...], kwargs: dict[str, Any], result: Tensor) -> bool:
    """Record the operation `name` and return True if an operand or its `result` is complex; otherwise return False.

    Raises:
        CompileError: The compiler does not have the operation for complex numbers.
    """
    operands = [value for value in (*args, *kwargs.values()) if isinstance(value, Tensor)]
    if not (result.is_complex() or any(value.is_complex() for value in operands)):
        return False
    if name not in COMPLEX and name not in REAL_RESULT:
        recorder.refuse(f"{name} of complex numbers")
    pairs = [pair(recorder, value, tuple(result.shape)) for value in args]
    if not result.is_complex() and name in REAL_RESULT:
        recorder.assign(recorder.new(result), REAL_RESULT[name](*pairs))
        return True
    options = {key: value for key, value in kwargs.items() if key == "alpha"}
    real, imag = COMPLEX[name](*pairs, **options)
    out = recorder.new(result)
    recorder.assign(out.real(), real)
    recorder.assign(out.imag(), imag)
    return True

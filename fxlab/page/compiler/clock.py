"""`Position`: the position of a block in the sound, an integer in fxlab's streams, as a value of the recorded graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from fxlab.errors import CompileError
from fxlab.page.compiler.source_line import source_line


class Position:
    """An integer `scale * clock + offset`, where `clock` is a recorded tensor whose value is a multiple of `block`.

    Sums, differences and products with integers are positions again, and so are sums and differences of positions with
    the same clock, and the quotient of a floor division by a divisor of `block`. Two results are plain integers, since
    they are the same in every block: the difference of positions with the same clock and scale, and the remainder of a
    division by a divisor of `scale * block`. Most other operations return tensors. Comparisons, and conversions to a
    bool, a number, an index or a text, raise a `CompileError`.

    `isinstance(position, int)` is true, as for the integer in fxlab's streams. The class does not derive from `int`,
    because Python would then silently use the value that the position has during the trace: in `range`, as an index of
    a list, and in a product with a float, such as `2.0 * position`.
    """

    clock: Tensor
    scale: int
    offset: int
    block: int
    quotients: dict[int, Tensor]
    """The quotients of the clock, by divisor; they are kept so that equal quotients are the same tensor."""

    @classmethod
    def of(cls, clock: Tensor, block: int, scale: int = 1, offset: int = 0, *, value: int = 0) -> Position:
        """Return the position `scale * clock + offset`; see `Position`.

        `value` is the value of the clock during the trace.
        """
        made = cls()
        made.clock, made.block, made.scale, made.offset = clock, block, scale, offset
        made._value = value
        made.quotients = clock.__dict__.setdefault("quotients", {})
        return made

    _value: int

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        return int

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return with_tensors(func, args, kwargs or {})

    def _with(self, scale: int, offset: int) -> Position:
        return Position.of(self.clock, self.block, scale, offset, value=self._value)

    def tensor(self) -> Tensor:
        """Return the value as a recorded tensor."""
        scaled = self.clock if self.scale == 1 else self.clock * self.scale
        return scaled + self.offset if self.offset else scaled

    def __add__(self, other: Any) -> Any:
        if isinstance(other, Position) and other.clock is self.clock:
            return self._with(self.scale + other.scale, self.offset + other.offset)
        if type(other) is int:
            return self._with(self.scale, self.offset + other)
        return NotImplemented if isinstance(other, Tensor) else self.tensor() + other

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        if isinstance(other, Position) and other.clock is self.clock:
            scale, offset = self.scale - other.scale, self.offset - other.offset
            return self._with(scale, offset) if scale else offset
        if type(other) is int:
            return self._with(self.scale, self.offset - other)
        return NotImplemented if isinstance(other, Tensor) else self.tensor() - other

    def __rsub__(self, other: Any) -> Any:
        return (-self).__add__(other)

    def __neg__(self) -> Position:
        return self._with(-self.scale, -self.offset)

    def __mul__(self, other: Any) -> Any:
        if type(other) is int:
            return self._with(self.scale * other, self.offset * other)
        return NotImplemented if isinstance(other, Tensor) else self.tensor() * other

    __rmul__ = __mul__

    def __pos__(self) -> Position:
        return self

    __trunc__ = __floor__ = __ceil__ = __pos__

    def __round__(self, digits: int | None = None) -> Any:
        return self if digits is None or digits >= 0 else self._refuse_value()

    def __abs__(self) -> Tensor:
        return self.tensor().abs()

    def __truediv__(self, other: Any) -> Any:
        return self.tensor() / _replaced(other)

    def __rtruediv__(self, other: Any) -> Any:
        return other / self.tensor()

    def __floordiv__(self, other: Any) -> Any:
        if type(other) is int and self.block % other == 0:
            quotients = self.quotients
            if other not in quotients:
                quotients[other] = torch.div(self.clock, other, rounding_mode="floor")
            value = self._value // other
            return Position.of(quotients[other], self.block // other, self.scale, self.offset // other, value=value)
        return torch.div(self.tensor(), _replaced(other), rounding_mode="floor")

    def __rfloordiv__(self, other: Any) -> Any:
        return other // self.tensor()

    def __mod__(self, other: Any) -> Any:
        if type(other) is int and (self.scale * self.block) % other == 0:
            return self.offset % other
        return torch.remainder(self.tensor(), _replaced(other))

    def __rmod__(self, other: Any) -> Any:
        return other % self.tensor()

    def __divmod__(self, other: Any) -> tuple[Any, Any]:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> tuple[Any, Any]:
        return other // self, other % self

    def __pow__(self, other: Any, modulus: Any = None) -> Any:
        base = self.tensor().double() if type(other) is int and other < 0 else self.tensor()
        power = base ** _replaced(other)
        return power if modulus is None else power % modulus

    def __rpow__(self, other: Any) -> Any:
        return other ** self.tensor()

    def __lshift__(self, other: Any) -> Any:
        return self * 2**other

    def __rshift__(self, other: Any) -> Any:
        return self // 2**other

    def __and__(self, other: Any) -> Any:
        if type(other) is int and other >= 0 and other & (other + 1) == 0:  # the lowest bits
            return self % (other + 1)
        return self.tensor() & _replaced(other)

    def __or__(self, other: Any) -> Any:
        return self.tensor() | _replaced(other)

    def __xor__(self, other: Any) -> Any:
        return self.tensor() ^ _replaced(other)

    __rand__, __ror__, __rxor__ = __and__, __or__, __xor__

    def __invert__(self) -> Any:
        return -self - 1

    def _refuse_choice(self, *_others: Any) -> Any:
        raise CompileError(f"{source_line(full=True)}: the code chooses by the position in the sound. Use torch.where.")

    def _refuse_value(self, *_others: Any) -> Any:
        raise CompileError(
            f"{source_line(full=True)}: the code reads the value of the position in the sound, which is not known "
            "before the page plays. Calculate with the position itself, or with the tensor torch.as_tensor(position)."
        )

    __lt__ = __le__ = __gt__ = __ge__ = __eq__ = __ne__ = __bool__ = _refuse_choice
    __int__ = __float__ = __complex__ = __index__ = __hash__ = __str__ = __format__ = _refuse_value


def with_tensors(func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Return the result of a function of PyTorch, called with recorded tensors in place of positions.

    A `torch.arange` between positions becomes one from 0, to which the recorded start is added.

    Raises:
        CompileError: The length of a `torch.arange` depends on a position.
    """
    if func is torch.arange:
        first, last = (args[0], args[1]) if len(args) > 1 else (0, args[0])
        step = args[2] if len(args) > 2 else kwargs.pop("step", 1)
        start = first if isinstance(first, Position) else last._with(0, first)
        length = last - start
        if isinstance(length, Position) and length.scale:
            length._refuse_choice()
        count = length.offset if isinstance(length, Position) else length
        return torch.arange(0, count, step, **kwargs) + start.tensor()
    if func is torch.tensor:
        func = torch.as_tensor  # torch.tensor of a tensor warns
    return func(*_replaced(args), **{name: _replaced(value) for name, value in kwargs.items()})


def holds_position(values: Any) -> bool:
    """Return whether `values`, arguments of a function, contain a `Position`, directly or within lists and tuples."""
    if isinstance(values, dict):
        values = values.values()
    return any(
        isinstance(value, Position) or (isinstance(value, (tuple, list)) and holds_position(value)) for value in values
    )


def _replaced(value: Any) -> Any:
    if isinstance(value, Position):
        return value.tensor()
    return type(value)(_replaced(part) for part in value) if type(value) in (tuple, list) else value

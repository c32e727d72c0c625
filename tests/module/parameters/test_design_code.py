"""The designs of a user's own class are kept only while all that its code reads is unchanged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

import fxlab as fx
from tests.support.own_design import RATE, Own, X, first_sample, gain, is_kept

FACTOR: Any = 1.0


def scaled(value: Any) -> Any:
    return value * FACTOR


def test_a_design_of_parameters_and_functions_of_torch_is_kept() -> None:
    module = Own()
    assert is_kept(module)
    module.level = 2.0
    assert first_sample(module) == 2.0


def set_factor(value: Any) -> None:
    global FACTOR  # noqa: PLW0603
    FACTOR = value


def read_global() -> tuple[fx.Module, Callable[[], None]]:
    class Global(Own):
        def design(self, sample_rate: float) -> Tensor:
            return gain(FACTOR)

    set_factor(1.0)
    return Global(), lambda: set_factor(3.0)


def read_global_in_a_function() -> tuple[fx.Module, Callable[[], None]]:
    class Helped(Own):
        def design(self, sample_rate: float) -> Tensor:
            return gain(scaled(self.level))

    set_factor(1.0)
    return Helped(), lambda: set_factor(3.0)


def read_global_in_a_comprehension() -> tuple[fx.Module, Callable[[], None]]:
    class Nested(Own):
        def design(self, sample_rate: float) -> Tensor:
            return gain(sum(value * FACTOR for value in (0.5, 0.5)))

    set_factor(1.0)
    return Nested(), lambda: set_factor(3.0)


def read_closure() -> tuple[fx.Module, Callable[[], None]]:
    level = 1.0

    class Closure(Own):
        def design(self, sample_rate: float) -> Tensor:
            return gain(level)

    def change() -> None:
        nonlocal level
        level = 3.0

    return Closure(), change


def read_attribute() -> tuple[fx.Module, Callable[[], None]]:
    class Attribute(Own):
        def __init__(self, extra: float) -> None:
            super().__init__()
            self.extra = extra

        def design(self, sample_rate: float) -> Tensor:
            return gain(self.level * self.extra)

    module = Attribute(1.0)
    return module, lambda: setattr(module, "extra", 3.0)


def read_new_attribute() -> tuple[fx.Module, Callable[[], None]]:
    class Optional(Own):
        def design(self, sample_rate: float) -> Tensor:
            return gain(getattr(self, "extra", 1.0))

    module = Optional()
    return module, lambda: setattr(module, "extra", 3.0)


def read_attribute_through_dict() -> tuple[fx.Module, Callable[[], None]]:
    module, _ = read_attribute()
    return module, lambda: vars(module).update(extra=3.0)


def read_class_attribute() -> tuple[fx.Module, Callable[[], None]]:
    class Constant(Own):
        extra = 1.0

        def design(self, sample_rate: float) -> Tensor:
            return gain(self.extra)

    return Constant(), lambda: setattr(Constant, "extra", 3.0)


def read_inherited_attribute() -> tuple[fx.Module, Callable[[], None]]:
    module, _ = read_class_attribute()

    class Derived(type(module)):  # type: ignore[misc]
        pass

    return Derived(), lambda: setattr(Derived.__mro__[1], "extra", 3.0)


def replace_method() -> tuple[fx.Module, Callable[[], None]]:
    class Method(Own):
        def factor(self) -> float:
            return 1.0

        def design(self, sample_rate: float) -> Tensor:
            return gain(self.factor())

    return Method(), lambda: setattr(Method, "factor", lambda self: 3.0)


def replace_design() -> tuple[fx.Module, Callable[[], None]]:
    class Redefined(Own):
        pass

    return Redefined(), lambda: setattr(Redefined, "design", lambda self, rate: gain(3.0))


def replace_class() -> tuple[fx.Module, Callable[[], None]]:
    class Loud(Own):
        def design(self, sample_rate: float) -> Tensor:
            return gain(3.0)

    module = Own()
    return module, lambda: setattr(module, "__class__", Loud)


def read_buffer() -> tuple[fx.Module, Callable[[], None]]:
    class Buffered(Own):
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("table", torch.ones(3))

        def design(self, sample_rate: float) -> Tensor:
            return gain(self.get_buffer("table")[0])

    module = Buffered()
    return module, lambda: module.get_buffer("table").data.fill_(3.0)  # type: ignore[func-returns-value]


def read_late_buffer() -> tuple[fx.Module, Callable[[], None]]:
    class Late(Own):
        def design(self, sample_rate: float) -> Tensor:
            return gain(dict(self.named_buffers()).get("table", 1.0))

    module = Late()
    return module, lambda: module.register_buffer("table", torch.tensor(3.0))


def read_tensor() -> tuple[fx.Module, Callable[[], None]]:
    class Plain(Own):
        def __init__(self) -> None:
            super().__init__()
            self.table = torch.ones(3)

        def design(self, sample_rate: float) -> Tensor:
            return gain(self.table[1])

    module = Plain()
    return module, lambda: module.table.numpy().fill(3.0)


def read_part() -> tuple[fx.Module, Callable[[], None]]:
    class Whole(Own):
        def __init__(self) -> None:
            super().__init__()
            self.inner = Own()

        def design(self, sample_rate: float) -> Tensor:
            return self.inner.sos(sample_rate)

    module = Whole()
    return module, lambda: setattr(module.inner, "level", 3.0)


def exchange_part() -> tuple[fx.Module, Callable[[], None]]:
    module, _ = read_part()
    return module, lambda: setattr(module, "inner", Own(3.0))


KEPT = (
    read_global, read_global_in_a_function, read_global_in_a_comprehension, read_closure, read_attribute,
    read_new_attribute, read_attribute_through_dict, read_class_attribute, read_inherited_attribute, replace_method,
    replace_design, replace_class, read_buffer, read_late_buffer, read_tensor, read_part, exchange_part,
)  # fmt: skip


@pytest.mark.parametrize("make", KEPT, ids=lambda make: make.__name__)
def test_a_kept_design_follows_what_it_reads(make: Callable[[], tuple[fx.Module, Callable[[], None]]]) -> None:
    module, change = make()
    assert first_sample(module) == 1.0
    assert is_kept(module)
    change()
    assert first_sample(module) == 3.0
    stream = (module | fx.LowPass()).stream(RATE)
    stream(X)

"""The designs of a user's own class are kept only while all that its code reads is unchanged."""

from __future__ import annotations

import random
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import fxlab as fx
from fxlab.module.parameters.design_code import code_inputs, is_constant
from fxlab.module.parameters.design_inputs import inputs_of, torch_environment

RATE = 8000.0
X = torch.tensor([[1.0, 0.0, 0.0, 0.0]], dtype=torch.float64)
FACTOR: Any = 1.0
TABLE = [1.0]


def gain(value: Any) -> Tensor:
    """Return the section of a constant gain."""
    section = torch.tensor([[0.0, 0.0, 0.0, 1.0, 0.0, 0.0]], dtype=torch.float64)
    section[0, 0] = float(value)
    return section


def scaled(value: Any) -> Any:
    return value * FACTOR


class Own(fx.Recursive):
    """A gain of 1; the classes below read it from somewhere."""

    level = fx.Param(1.0, low=0.0, high=2.0)

    def design(self, sample_rate: float) -> Tensor:
        return gain(self.level)


def first_sample(module: fx.Module) -> float:
    return float(module(X, sample_rate=RATE)[0, 0])


def is_kept(module: fx.Module) -> bool:
    """Return whether the design of `module` is kept after a call."""
    first_sample(module)
    inputs = inputs_of(module, torch_environment())
    return inputs is not None and bool(inputs.results)


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


# -- what is not kept: it may change in a way that nobody can notice --------------------------------------------------


class Holder:
    """An object with a value."""

    value = 1.0


def read_list() -> tuple[fx.Module, Callable[[], None]]:
    class Listed(Own):
        def __init__(self) -> None:
            super().__init__()
            self.table = [1.0]

        def design(self, sample_rate: float) -> Tensor:
            return gain(self.table[0])

    module = Listed()
    return module, lambda: module.table.__setitem__(0, 3.0)


def read_array() -> tuple[fx.Module, Callable[[], None]]:
    class Arrayed(Own):
        def __init__(self) -> None:
            super().__init__()
            self.table = np.ones(2)

        def design(self, sample_rate: float) -> Tensor:
            return gain(self.table[0])

    module = Arrayed()
    return module, lambda: module.table.fill(3.0)


def read_global_list() -> tuple[fx.Module, Callable[[], None]]:
    class Global(Own):
        def design(self, sample_rate: float) -> Tensor:
            return gain(TABLE[0])

    TABLE[0] = 1.0
    return Global(), lambda: TABLE.__setitem__(0, 3.0)


def read_object() -> tuple[fx.Module, Callable[[], None]]:
    class Reader(Own):
        def __init__(self) -> None:
            super().__init__()
            self.holder = Holder()

        def design(self, sample_rate: float) -> Tensor:
            return gain(self.holder.value)

    module = Reader()
    return module, lambda: setattr(module.holder, "value", 3.0)


def read_module() -> tuple[fx.Module, Callable[[], None]]:
    settings = types.ModuleType("settings")
    vars(settings)["level"] = 1.0

    class Configured(Own):
        def design(self, sample_rate: float) -> Tensor:
            return gain(settings.level)

    return Configured(), lambda: setattr(settings, "level", 3.0)


def read_network() -> tuple[fx.Module, Callable[[], None]]:
    class Network(Own):
        def __init__(self) -> None:
            super().__init__()
            self.net = nn.Linear(1, 1, bias=False)
            nn.init.ones_(self.net.weight)

        def design(self, sample_rate: float) -> Tensor:
            return gain(self.net(torch.ones(1)).detach())

    module = Network()
    return module, lambda: setattr(module.net, "forward", lambda x: 3 * x)


def read_default_argument() -> tuple[fx.Module, Callable[[], None]]:
    table = [1.0]

    class Default(Own):
        def design(self, sample_rate: float, table: list[float] = table) -> Tensor:
            return gain(table[0])

    return Default(), lambda: table.__setitem__(0, 3.0)


def read_random_numbers() -> tuple[fx.Module, Callable[[], None]]:
    source = random.Random(0)

    class Random(Own):
        def design(self, sample_rate: float) -> Tensor:
            return gain(source.choice((1.0,)) * FACTOR)

    set_factor(1.0)
    return Random(), lambda: set_factor(3.0)


NOT_KEPT = (
    read_list, read_array, read_global_list, read_object, read_module, read_network, read_default_argument,
    read_random_numbers,
)  # fmt: skip


@pytest.mark.parametrize("make", NOT_KEPT, ids=lambda make: make.__name__)
def test_a_design_of_what_may_change_unnoticed_is_not_kept(
    make: Callable[[], tuple[fx.Module, Callable[[], None]]],
) -> None:
    module, change = make()
    assert first_sample(module) == 1.0
    assert not is_kept(module)
    change()
    assert first_sample(module) == 3.0


def test_a_design_with_a_side_effect_runs_at_every_call(capsys: pytest.CaptureFixture[str]) -> None:
    class Printing(Own):
        def design(self, sample_rate: float) -> Tensor:
            print("designed")
            return gain(self.level)

    class Counting(Own):
        calls = 0

        def design(self, sample_rate: float) -> Tensor:
            self.calls += 1
            return gain(self.level)

    for module in (Printing(), counting := Counting()):
        for _ in range(3):
            first_sample(module)
    assert capsys.readouterr().out.count("designed") == 3
    assert counting.calls == 3


def test_an_overridden_check_runs_at_every_call() -> None:
    seen = []

    class Checked(Own):
        def check(self, sample_rate: float) -> Any:
            seen.append(sample_rate)
            return super().check(sample_rate)

    module, chain = Checked(), Checked() | fx.LowPass()
    seen.clear()
    for _ in range(2):
        module(X, sample_rate=RATE)
        chain(X, sample_rate=RATE)
        module.stream(RATE)(X)
    assert len(seen) == 6


def test_constants_are_known() -> None:
    @dataclass(frozen=True)
    class Frozen:
        value: Any

    constant = (1, 2.0, "a", None, np.float64(1.0), torch.float32, torch.Size([1]), (1, (2,)), Frozen(1), ...)
    assert all(is_constant(value) for value in constant)
    assert not any(
        is_constant(value) for value in ([1], {}, np.ones(1), torch.ones(1), (1, [2]), Frozen([1]), Holder())
    )


def test_the_public_filters_are_known_by_their_package() -> None:
    kinds = [kind for kind in (getattr(fx, name) for name in fx.__all__) if isinstance(kind, type)]
    assert all(code_inputs(kind) == ((), (), ()) for kind in kinds if issubclass(kind, fx.Module))

"""Designs of a user's own class that are not kept, since what they read may change in a way that nobody can notice."""

from __future__ import annotations

import random
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.random as numpy_random
import pytest
import torch
from torch import Tensor, nn
from torch.distributions import Uniform
from torch.nn.functional import dropout as drop

import fxlab as fx
from fxlab.module.parameters.design_code import code_inputs, is_constant
from tests.support.own_design import RATE, Own, X, first_sample, gain, is_kept

TABLE = [1.0]
FACTOR: Any = 1.0


def set_factor(value: Any) -> None:
    global FACTOR  # noqa: PLW0603
    FACTOR = value


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


RANDOM: dict[str, Callable[[], Any]] = {
    "torch.rand": lambda: torch.rand(()),
    "a method": lambda: torch.empty(()).uniform_(),
    "torch.nn.init": lambda: nn.init.normal_(torch.empty(())),
    "another name of a function": lambda: drop(torch.ones(())),
    "a distribution": lambda: Uniform(0.0, 1.0).sample(),
    "NumPy's global generator": lambda: np.random.uniform(0.5, 1.0),
    "another name of numpy.random": lambda: numpy_random.normal(0.0, 1.0),
    "an unseeded generator": lambda: np.random.default_rng().standard_normal(),
}


@pytest.mark.parametrize("name", RANDOM)
def test_a_random_design_is_drawn_at_every_call(name: str) -> None:
    draw = RANDOM[name]

    class Drawn(Own):
        def design(self, sample_rate: float) -> Tensor:
            return gain(draw())

    module = Drawn()
    assert not is_kept(module)
    assert len({first_sample(module) for _ in range(50)}) > 1  # a dropout has two values


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

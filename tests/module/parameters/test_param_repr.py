"""The `repr` of every public class: it names the changed parameters, and evaluates to an equal module."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import fxlab as fx
from tests.support.specimens import (
    all_params,
    eval_repr,
    public_classes,
    random_values,
    same_modules,
    specimens,
    value_at,
)

CLASSES = public_classes()
SPECIMENS = specimens()
INHERITED_CONSTRUCTOR = [name for name, kind in CLASSES.items() if kind.__init__ is fx.Module.__init__]


@pytest.mark.parametrize("name", SPECIMENS)
def test_repr_of_the_defaults_evaluates_to_an_equal_module(name):
    make = SPECIMENS[name]
    assert same_modules(eval_repr(repr(make())), make())


@pytest.mark.parametrize("name", INHERITED_CONSTRUCTOR)
def test_repr_omits_the_defaults(name):
    assert repr(SPECIMENS[name]()) == f"{name}()"


@pytest.mark.parametrize("name", CLASSES)
def test_repr_of_other_values_evaluates_to_an_equal_module(name):
    make = SPECIMENS[name]
    for seed in range(5):
        module = make(**random_values(CLASSES[name], seed))
        assert same_modules(eval_repr(repr(module)), module)
    assert same_modules(eval_repr(repr(make(sample_rate=22_050))), make(sample_rate=22_050))


@pytest.mark.parametrize(("name", "param"), all_params())
def test_repr_contains_only_changed_parameters_and_evaluates_to_an_equal_module(name, param):
    kind, make = CLASSES[name], SPECIMENS[name]
    value = value_at(kind.declarations[param], 0.35)
    text = repr(make(**{param: value}))
    assert f"{param}={value!r}" in text
    assert [p for p in kind.declarations if f" {p}=" in text.replace("(", "( ").rsplit("(", 1)[-1]] == [param]
    for tensor in (
        torch.tensor([value, value]),
        torch.tensor([[value], [value]], dtype=torch.float64),
        nn.Parameter(torch.tensor(value)),
    ):
        module = make(**{param: tensor})
        restored = eval_repr(repr(module))
        assert same_modules(restored, module)
        assert isinstance(getattr(restored, param), nn.Parameter) == isinstance(tensor, nn.Parameter)

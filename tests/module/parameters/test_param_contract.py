"""The contract of declared parameters, for every public class: constructor, documentation, values, slider."""

from __future__ import annotations

import inspect
import itertools
import math
import re

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

import fxlab as fx
from tests.support.specimens import (
    RATE,
    all_params,
    declaration_of,
    public_classes,
    random_values,
    same_modules,
    specimens,
    value_at,
)

CLASSES = public_classes()
SPECIMENS = specimens()
INHERITED_CONSTRUCTOR = [name for name, kind in CLASSES.items() if kind.__init__ is fx.Module.__init__]
# Arrays as arguments of the constructor are tested in tests/module/parameters/test_array.py.
WITHOUT_ARRAYS = [
    name
    for name in INHERITED_CONSTRUCTOR
    if not any(isinstance(declaration, fx.ArrayParam) for declaration in CLASSES[name].declarations.values())
]


def test_public_classes_contain_the_processors_and_no_abstract_class():
    assert {"LowPass", "HighPass", "Peak", "Chain", "Sum", "Mix"} <= set(CLASSES)
    assert not {"Module", "LTI", "Recursive", "Biquad"} & set(CLASSES)


@pytest.mark.parametrize("name", SPECIMENS)
def test_every_specimen_can_be_made(name):
    assert isinstance(SPECIMENS[name](), fx.Module)


@pytest.mark.parametrize("name", CLASSES)
def test_the_signature_lists_the_parameters_in_the_order_of_their_declaration(name):
    kind = CLASSES[name]
    shown = inspect.signature(kind).parameters
    keywords = [d.keyword for d in kind.declarations.values()]
    assert [n for n in shown if n in keywords] == keywords
    assert [*shown][-1] == "sample_rate"
    assert shown["sample_rate"].kind is inspect.Parameter.KEYWORD_ONLY
    # `Sum(a, b, …)` takes any number of branches by position, so that its parameters are given by name.
    takes_any_number = any(argument.kind is inspect.Parameter.VAR_POSITIONAL for argument in shown.values())
    expected = inspect.Parameter.KEYWORD_ONLY if takes_any_number else inspect.Parameter.POSITIONAL_OR_KEYWORD
    for declaration in kind.declarations.values():
        param = declaration.keyword
        assert shown[param].default == declaration.default
        assert shown[param].kind is expected


@pytest.mark.parametrize("name", WITHOUT_ARRAYS)
def test_positional_and_keyword_arguments_are_equivalent(name):
    kind = CLASSES[name]
    values = random_values(kind, seed=1)
    by_name, by_position = kind(**values), kind(*values.values())
    assert same_modules(by_name, by_position)
    assert {n: getattr(by_name, n) for n in values} == values
    with pytest.raises(fx.ParameterError, match=rf"{name} takes {len(values)} values"):
        kind(*values.values(), 1.0)


@pytest.mark.parametrize("name", [name for name in WITHOUT_ARRAYS if CLASSES[name].declarations])
def test_an_argument_given_twice_is_rejected(name):
    kind = CLASSES[name]
    first, value = next(iter(random_values(kind, seed=1).items()))
    with pytest.raises(fx.ParameterError, match=f"{name}: {first} is given twice"):
        kind(value, **{first: value})


@pytest.mark.parametrize("name", SPECIMENS)
def test_defaults_are_valid(name):
    SPECIMENS[name]().check(RATE)


GIVEN_ARRAYS = {"ConvolutionReverb"}
"""Modules whose specimen is given another array than the default, which is a single number."""


@pytest.mark.parametrize("name", [name for name, kind in CLASSES.items() if kind.declarations])
def test_defaults_are_the_declared_ones(name):
    module = SPECIMENS[name]()
    for param, declaration in module.declarations.items():
        value = getattr(module, param)
        if isinstance(declaration, fx.ArrayParam):
            if name not in GIVEN_ARRAYS:
                assert torch.equal(value, declaration.validate(declaration.default, name))
        else:
            assert value == declaration.default
            assert type(value) is type(declaration.default)


@pytest.mark.parametrize("name", SPECIMENS)
def test_every_class_and_parameter_is_documented(name):
    kind = type(SPECIMENS[name]())
    assert inspect.getdoc(kind), f"{name} has no docstring"
    for param, declaration in kind.declarations.items():
        assert re.fullmatch(r"[A-Z].{8,}[^\s]\.?", declaration.doc), (
            f"{name}.{param} needs a sentence: {declaration.doc!r}"
        )
        suffix = re.search(r"_(db|hz|ms|s)$", param)
        if suffix:
            assert declaration.unit.lower() == suffix[1], f"{name}.{param} is counted in {declaration.unit!r}"
        if param in ("cutoff", "frequency"):
            assert declaration.unit == "Hz"
        assert declaration.label
        assert declaration.label[0].isupper()


# -- reading values -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "param"), all_params())
def test_a_scalar_reads_as_a_float_and_other_values_as_the_tensor(name, param):
    value = value_at(declaration_of(name, param), 0.7)
    make = SPECIMENS[name]
    for value_as in (value, np.float64(value), torch.tensor(value, dtype=torch.float64), np.array(value)):
        read = getattr(make(**{param: value_as}), param)
        assert type(read) is float
        assert read == value
    assert getattr(make(**{param: torch.tensor(value)}), param) == torch.tensor(value).item()
    assert torch.equal(
        getattr(make(**{param: [value, value]}), param), torch.tensor([value, value]).double().fill_(value)
    )
    leaf = torch.tensor(value, requires_grad=True)
    assert getattr(make(**{param: leaf}), param) is leaf
    learned = nn.Parameter(torch.tensor(value))
    module = make(**{param: learned})
    assert getattr(module, param) is learned
    assert learned in set(module.parameters())
    setattr(module, param, value)
    assert not list(module.parameters())


@pytest.mark.parametrize(("name", "param"), all_params())
def test_the_callers_array_and_the_modules_value_are_independent(name, param):
    """The module does not modify its argument, and a later change of the argument does not change the module."""
    low, high = (value_at(declaration_of(name, param), place) for place in (0.3, 0.6))
    for array in (np.array([low, low]), torch.tensor([low, low], dtype=torch.float64)):
        module = SPECIMENS[name](**{param: array})
        array[0] = high
        assert getattr(module, param).tolist() == [low, low]
        module.load_state_dict(SPECIMENS[name](**{param: [high, high]}).state_dict())
        assert getattr(module, param).tolist() == [high, high]
        assert array[1] == low


# -- the slider -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "param"), all_params())
@settings(max_examples=8)
@given(place=st.floats(0, 1), rate=st.sampled_from([None, 8000.0, 22_050.0, 48_000.0, 192_000.0]))
def test_slider_positions_and_values_convert_both_ways(name, param, place, rate):
    declaration = declaration_of(name, param)
    assert isinstance(declaration, fx.Param)
    low, high = declaration.span(rate)
    value = declaration.from_slider(place, rate)
    assert low <= value <= high
    assert declaration.to_slider(value, rate) == pytest.approx(place, abs=1e-12)
    declaration.validate(value, name, rate)  # every slider position is valid
    assert declaration.from_slider(0.0, rate) == low
    assert declaration.from_slider(1.0, rate) == high


@pytest.mark.parametrize(("name", "param"), all_params())
def test_the_slider_is_monotonic_and_contains_the_default(name, param):
    declaration = declaration_of(name, param)
    assert isinstance(declaration, fx.Param)
    values = [declaration.from_slider(k / 50) for k in range(51)]
    assert all(a < b for a, b in itertools.pairwise(values))
    assert 0 <= declaration.to_slider(declaration.default) <= 1
    if declaration.scale == "log":
        assert declaration.from_slider(0.5) == pytest.approx(math.sqrt(declaration.low * declaration.high))
    else:
        assert declaration.from_slider(0.5) == pytest.approx((declaration.low + declaration.high) / 2)

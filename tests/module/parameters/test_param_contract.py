"""What one line of declaration promises, held for every public processor: constructor, checks, slider, words."""

from __future__ import annotations

import inspect
import itertools
import math
import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

import fxlab as fx
from tests.support.specimens import (
    RATE,
    all_params,
    declaration_of,
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
# The constructor's arguments of arrays are tested in tests/module/parameters/test_array.py.
WITHOUT_ARRAYS = [
    name
    for name in INHERITED_CONSTRUCTOR
    if not any(isinstance(declaration, fx.ArrayParam) for declaration in CLASSES[name].declarations.values())
]


def test_the_walk_finds_the_processors_and_leaves_out_the_abstract():
    assert {"LowPass", "HighPass", "Peak", "Chain", "Sum", "Mix"} <= set(CLASSES)
    assert not {"Module", "LTI", "Recursive", "Biquad"} & set(CLASSES)


@pytest.mark.parametrize("name", SPECIMENS)
def test_each_can_be_made(name):
    assert isinstance(SPECIMENS[name](), fx.Module)


@pytest.mark.parametrize("name", CLASSES)
def test_the_signature_lists_the_parameters_in_the_order_of_their_declaration(name):
    kind = CLASSES[name]
    shown = inspect.signature(kind).parameters
    keywords = [d.keyword for d in kind.declarations.values()]
    assert [n for n in shown if n in keywords] == keywords
    assert [*shown][-1] == "sample_rate"
    assert shown["sample_rate"].kind is inspect.Parameter.KEYWORD_ONLY
    for declaration in kind.declarations.values():
        param = declaration.keyword
        assert shown[param].default == declaration.default
        assert shown[param].kind is inspect.Parameter.POSITIONAL_OR_KEYWORD


@pytest.mark.parametrize("name", WITHOUT_ARRAYS)
def test_by_position_and_by_keyword_are_the_same(name):
    kind = CLASSES[name]
    values = random_values(kind, seed=1)
    by_name, by_place = kind(**values), kind(*values.values())
    assert same_modules(by_name, by_place)
    assert {n: getattr(by_name, n) for n in values} == values
    with pytest.raises(fx.ParameterError, match=rf"{name} takes {len(values)} values"):
        kind(*values.values(), 1.0)


@pytest.mark.parametrize("name", [name for name in WITHOUT_ARRAYS if CLASSES[name].declarations])
def test_an_argument_by_position_and_by_keyword_at_once_is_refused(name):
    kind = CLASSES[name]
    first, value = next(iter(random_values(kind, seed=1).items()))
    with pytest.raises(fx.ParameterError, match=f"{name}: {first} is given twice"):
        kind(value, **{first: value})


@pytest.mark.parametrize("name", SPECIMENS)
def test_defaults_are_valid(name):
    SPECIMENS[name]().check(RATE)


@pytest.mark.parametrize("name", [name for name, kind in CLASSES.items() if kind.declarations])
def test_defaults_are_what_is_declared(name):
    made = SPECIMENS[name]()
    for param, declaration in made.declarations.items():
        value = getattr(made, param)
        if isinstance(declaration, fx.ArrayParam):
            assert torch.equal(value, declaration.validate(declaration.default, name))
        else:
            assert value == declaration.default
            assert type(value) is type(declaration.default)


@pytest.mark.parametrize("name", SPECIMENS)
def test_each_says_what_it_is_for(name):
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


# -- what is refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "param"), all_params())
@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_is_refused_with_object_value_and_range(name, param, wrong):
    declaration = declaration_of(name, param)
    for value in (wrong, torch.tensor([declaration.default, wrong]), np.float32(wrong)):
        with pytest.raises(fx.ParameterError) as caught:
            SPECIMENS[name](**{param: value})
        message = str(caught.value)
        assert message.startswith(f"{name}: {param} is {wrong}")
        assert declaration.allowed() in message
        assert declaration.unit in message


def limits(declaration: fx.Param) -> list[tuple[float, bool, float]]:
    """The ends of the valid range: `(value, whether the value itself is invalid, direction out of the range)`."""
    ends = [
        (declaration.above, True, -1.0),
        (declaration.at_least, False, -1.0),
        (RATE / 2 if declaration.below == "nyquist" else declaration.below, True, 1.0),
        (declaration.at_most, False, 1.0),
    ]
    return [(float(end), is_open, outward) for end, is_open, outward in ends if end is not None]


def beyond_the_slider(declaration: fx.Param) -> list[float]:
    """Valid values a little below the slider and a little above it."""
    beyond = []
    for end, outward in ((declaration.low, -1.0), (declaration.high, 1.0)):
        value = end * 1.01**outward if declaration.scale == "log" else end + 0.01 * outward
        if not any(outward * value >= outward * limit for limit, _, way in limits(declaration) if way == outward):
            beyond.append(value)
    return beyond


@pytest.mark.parametrize(
    ("name", "param", "end", "is_open", "outward"),
    [(name, param, *limit) for name, param in all_params() for limit in limits(declaration_of(name, param))],
)
def test_beyond_each_end_of_the_valid_range_is_refused(name, param, end, is_open, outward):
    declaration, make = declaration_of(name, param), SPECIMENS[name]
    past = end if is_open else math.nextafter(end, outward * math.inf)
    for value in (past, end + outward, torch.tensor([[declaration.default], [end + outward]])):
        with pytest.raises(fx.ParameterError) as caught:
            make(**{param: value}, sample_rate=RATE)
        message = str(caught.value)
        assert message.startswith(f"{name}: {param} is ")
        assert f"{end:g}" in message
        assert declaration.unit in message
        assert "allowed is" in message
    inside = math.nextafter(end, -outward * math.inf) if is_open else end
    declaration.check(declaration.stored(make(**{param: inside})), name, RATE)  # whatever stands beside it


@pytest.mark.parametrize(
    ("name", "param", "value"),
    [(name, param, value) for name, param in all_params() for value in beyond_the_slider(declaration_of(name, param))],
)
def test_the_slider_is_no_limit(name, param, value):
    assert getattr(SPECIMENS[name](**{param: value}), param) == value


@pytest.mark.parametrize(("name", "param"), all_params())
@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ("loud", "must be a number"),
        ("440", "must be a number"),
        (True, "must be a number"),
        (None, "must be a number"),
        (1 + 2j, "must be a number"),
        (np.array([1.0 + 2.0j]), "must be a number"),
        (torch.tensor([1.0 + 2.0j]), "must be real"),
        (torch.tensor([True]), "must be real"),
        (torch.zeros(0), "is an empty tensor"),
        ([], "is an empty tensor"),
        (torch.ones(2, 2, 2), r"has shape \(2, 2, 2\); allowed are a scalar, \(batch,\) or \(batch, channels\)"),
    ],
)
def test_what_is_no_number_is_refused(name, param, wrong, says):
    with pytest.raises(fx.ParameterError, match=f"^{name}: {param} {says}"):
        SPECIMENS[name](**{param: wrong})


def test_a_list_of_learned_numbers_would_lose_their_gradient_and_is_refused():
    leaf = torch.tensor(100.0, requires_grad=True)
    with pytest.raises(fx.ParameterError, match=r"torch\.stack"):
        fx.LowPass(cutoff=[leaf, 200.0])
    assert fx.LowPass(cutoff=torch.stack([leaf, torch.tensor(200.0)])).cutoff.requires_grad


@pytest.mark.parametrize(("name", "param"), all_params())
def test_a_misspelt_keyword_is_answered_with_the_nearest(name, param):
    for wrong in (f"{param}x", param.upper() if len(param) > 1 else f"{param}{param}"):
        with pytest.raises(fx.ParameterError) as caught:
            SPECIMENS[name](**{wrong: 1.0})
        message = str(caught.value)
        assert f"{name} has no parameter {wrong!r}" in message
        assert param in message


@pytest.mark.parametrize(("name", "param"), [(name, param) for name, param in all_params() if len(param) > 1])
def test_a_keyword_with_a_letter_too_many_is_answered_with_the_right_one(name, param):
    with pytest.raises(fx.ParameterError) as caught:
        SPECIMENS[name](**{f"{param}x": 1.0})
    assert f"Did you mean {param!r}?" in str(caught.value)


@pytest.mark.parametrize(("name", "param"), [(name, param) for name, param in all_params() if len(param) > 3])
def test_a_misspelt_attribute_is_answered_with_the_nearest(name, param):
    made = SPECIMENS[name]()
    with pytest.raises(fx.ParameterError, match=f"Did you mean '{param}'"):
        setattr(made, f"{param}s", 1.0)


@pytest.mark.parametrize(("name", "param"), all_params())
def test_setting_is_checked_as_making_is_and_a_refusal_changes_nothing(name, param):
    made = SPECIMENS[name]()
    before = getattr(made, param)
    with pytest.raises(fx.ParameterError, match=f"^{name}: {param} is nan"):
        setattr(made, param, math.nan)
    assert getattr(made, param) == before
    value = value_at(declaration_of(name, param), 0.4)
    setattr(made, param, value)
    assert getattr(made, param) == value


# -- how it reads ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "param"), all_params())
def test_a_scalar_reads_as_a_float_and_the_rest_as_the_tensor(name, param):
    value = value_at(declaration_of(name, param), 0.7)
    make = SPECIMENS[name]
    for given_as in (value, np.float64(value), torch.tensor(value, dtype=torch.float64), np.array(value)):
        read = getattr(make(**{param: given_as}), param)
        assert type(read) is float
        assert read == value
    assert getattr(make(**{param: torch.tensor(value)}), param) == torch.tensor(value).item()
    assert torch.equal(
        getattr(make(**{param: [value, value]}), param), torch.tensor([value, value]).double().fill_(value)
    )
    leaf = torch.tensor(value, requires_grad=True)
    assert getattr(make(**{param: leaf}), param) is leaf
    learned = nn.Parameter(torch.tensor(value))
    made = make(**{param: learned})
    assert getattr(made, param) is learned
    assert learned in set(made.parameters())
    setattr(made, param, value)
    assert not list(made.parameters())


@pytest.mark.parametrize(("name", "param"), all_params())
def test_what_is_handed_over_stays_the_callers(name, param):
    """Neither does the module change the caller's array, nor the array the module."""
    low, high = (value_at(declaration_of(name, param), place) for place in (0.3, 0.6))
    for theirs in (np.array([low, low]), torch.tensor([low, low], dtype=torch.float64)):
        made = SPECIMENS[name](**{param: theirs})
        theirs[0] = high
        assert getattr(made, param).tolist() == [low, low]
        made.load_state_dict(SPECIMENS[name](**{param: [high, high]}).state_dict())
        assert getattr(made, param).tolist() == [high, high]
        assert theirs[1] == low


@pytest.mark.parametrize("name", SPECIMENS)
def test_repr_of_the_defaults_evaluates_to_an_equal_module(name):
    make = SPECIMENS[name]
    assert same_modules(eval_repr(repr(make())), make())


@pytest.mark.parametrize("name", INHERITED_CONSTRUCTOR)
def test_repr_leaves_out_the_defaults(name):
    assert repr(SPECIMENS[name]()) == f"{name}()"


@pytest.mark.parametrize("name", CLASSES)
def test_repr_of_other_values_evaluates_to_an_equal_module(name):
    make = SPECIMENS[name]
    for seed in range(5):
        made = make(**random_values(CLASSES[name], seed))
        assert same_modules(eval_repr(repr(made)), made)
    assert same_modules(eval_repr(repr(make(sample_rate=22_050))), make(sample_rate=22_050))


@pytest.mark.parametrize(("name", "param"), all_params())
def test_repr_names_what_is_not_the_default_and_evaluates_to_an_equal_module(name, param):
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
        made = make(**{param: tensor})
        back = eval_repr(repr(made))
        assert same_modules(back, made)
        assert isinstance(getattr(back, param), nn.Parameter) == isinstance(tensor, nn.Parameter)


# -- the slider -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "param"), all_params())
@given(place=st.floats(0, 1), rate=st.sampled_from([None, 8000.0, 22_050.0, 48_000.0, 192_000.0]))
def test_the_slider_there_and_back(name, param, place, rate):
    declaration = declaration_of(name, param)
    assert isinstance(declaration, fx.Param)
    low, high = declaration.span(rate)
    value = declaration.from_slider(place, rate)
    assert low <= value <= high
    assert declaration.to_slider(value, rate) == pytest.approx(place, abs=1e-12)
    declaration.validate(value, name, rate)  # nothing on the slider is invalid
    assert declaration.from_slider(0.0, rate) == low
    assert declaration.from_slider(1.0, rate) == high


@pytest.mark.parametrize(("name", "param"), all_params())
def test_the_slider_rises_and_holds_the_default(name, param):
    declaration = declaration_of(name, param)
    assert isinstance(declaration, fx.Param)
    values = [declaration.from_slider(k / 50) for k in range(51)]
    assert all(a < b for a, b in itertools.pairwise(values))
    assert 0 <= declaration.to_slider(declaration.default) <= 1
    if declaration.scale == "log":
        assert declaration.from_slider(0.5) == pytest.approx(math.sqrt(declaration.low * declaration.high))
    else:
        assert declaration.from_slider(0.5) == pytest.approx((declaration.low + declaration.high) / 2)

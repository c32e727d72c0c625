"""The validation of declared parameters, for every public class: what is rejected, and what the message says."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

import fxlab as fx
from tests.support.specimens import (
    RATE,
    all_params,
    declaration_of,
    specimens,
    value_at,
)

SPECIMENS = specimens()


@pytest.mark.parametrize(("name", "param"), all_params())
def test_values_that_are_not_finite_are_rejected_with_object_value_and_range(name, param):
    declaration = declaration_of(name, param)
    not_finite = (math.nan, math.inf, -math.inf)
    for wrong, value in [
        pair for w in not_finite for pair in ((w, w), (w, torch.tensor([declaration.default, w])), (w, np.float32(w)))
    ]:
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


def valid_values_outside_the_slider(declaration: fx.Param) -> list[float]:
    """Valid values a little below the slider and a little above it."""
    beyond = []
    for end, outward in ((declaration.low, -1.0), (declaration.high, 1.0)):
        value = end * 1.01**outward if declaration.scale == "log" else end + 0.01 * outward
        same_side = [limit for limit, _, direction in limits(declaration) if direction == outward]
        if not any(outward * value >= outward * limit for limit in same_side):
            beyond.append(value)
    return beyond


@pytest.mark.parametrize(
    ("name", "param", "end", "is_open", "outward"),
    [(name, param, *limit) for name, param in all_params() for limit in limits(declaration_of(name, param))],
)
def test_values_outside_the_valid_range_are_rejected(name, param, end, is_open, outward):
    declaration, make = declaration_of(name, param), SPECIMENS[name]
    invalid = end if is_open else math.nextafter(end, outward * math.inf)
    for value in (invalid, end + outward, torch.tensor([[declaration.default], [end + outward]])):
        with pytest.raises(fx.ParameterError) as caught:
            make(**{param: value}, sample_rate=RATE)
        message = str(caught.value)
        assert message.startswith(f"{name}: {param} is ")
        assert f"{end:g}" in message
        assert declaration.unit in message
        assert "it must be" in message
    inside = math.nextafter(end, -outward * math.inf) if is_open else end
    # By itself, since other parameters may restrict the value further.
    declaration.check(declaration.stored(make(**{param: inside})), name, RATE)


@pytest.mark.parametrize(
    ("name", "param"),
    [pair for pair in all_params() if valid_values_outside_the_slider(declaration_of(*pair))],
)
def test_valid_values_outside_the_slider_are_accepted(name, param):
    for value in valid_values_outside_the_slider(declaration_of(name, param)):
        assert getattr(SPECIMENS[name](**{param: value}), param) == value


NOT_NUMBERS = [
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
    (torch.ones(2, 2, 2), r"has shape \(2, 2, 2\); it must be a scalar, \(batch,\) or \(batch, channels\)"),
]


@pytest.mark.parametrize(("name", "param"), all_params())
def test_values_that_are_not_numbers_are_rejected(name, param):
    for wrong, says in NOT_NUMBERS:
        with pytest.raises(fx.ParameterError, match=f"^{name}: {param} {says}"):
            SPECIMENS[name](**{param: wrong})


def test_a_list_of_tensors_with_gradients_is_rejected():
    leaf = torch.tensor(100.0, requires_grad=True)
    with pytest.raises(fx.ParameterError, match=r"torch\.stack"):
        fx.LowPass(cutoff=[leaf, 200.0])
    assert fx.LowPass(cutoff=torch.stack([leaf, torch.tensor(200.0)])).cutoff.requires_grad


@pytest.mark.parametrize(("name", "param"), all_params())
def test_the_message_for_an_unknown_keyword_lists_the_parameters(name, param):
    for wrong in (f"{param}x", param.upper() if len(param) > 1 else f"{param}{param}"):
        with pytest.raises(fx.ParameterError) as caught:
            SPECIMENS[name](**{wrong: 1.0})
        message = str(caught.value)
        assert f"{name} has no parameter {wrong!r}" in message
        assert param in message


@pytest.mark.parametrize(("name", "param"), [(name, param) for name, param in all_params() if len(param) > 1])
def test_the_message_for_a_misspelt_keyword_suggests_the_right_one(name, param):
    with pytest.raises(fx.ParameterError) as caught:
        SPECIMENS[name](**{f"{param}x": 1.0})
    assert f"Did you mean {param!r}?" in str(caught.value)


@pytest.mark.parametrize(("name", "param"), [(name, param) for name, param in all_params() if len(param) > 3])
def test_the_message_for_a_misspelt_attribute_suggests_the_right_one(name, param):
    module = SPECIMENS[name]()
    with pytest.raises(fx.ParameterError, match=f"Did you mean '{param}'"):
        setattr(module, f"{param}s", 1.0)


@pytest.mark.parametrize(("name", "param"), all_params())
def test_an_attribute_is_checked_like_an_argument_and_an_invalid_value_changes_nothing(name, param):
    module = SPECIMENS[name]()
    before = getattr(module, param)
    with pytest.raises(fx.ParameterError, match=f"^{name}: {param} is nan"):
        setattr(module, param, math.nan)
    assert getattr(module, param) == before
    value = value_at(declaration_of(name, param), 0.4)
    setattr(module, param, value)
    assert getattr(module, param) == value

"""Choice, Switch and Count: exact kinds, checked; part of the structure and not of the state."""

from __future__ import annotations

import copy
import json
import pickle

import numpy as np
import pytest
import torch

import fxlab as fx
from tests.support.specimens import same_modules
from tests.support.teacher_modules import Shaper


def test_they_read_as_what_they_are():
    made = Shaper(curve="cube", times=np.int64(3), invert=True)
    assert (made.curve, made.times, made.invert) == ("cube", 3, True)
    assert (type(made.times), type(made.invert)) == (int, bool)
    assert Shaper(times=torch.tensor(2)).times == 2
    assert isinstance(Shaper.curve, fx.Choice)


def test_they_do_what_they_say():
    x = torch.tensor([0.5, -0.25], dtype=torch.float64)
    assert Shaper(2.0, "cube")(x, sample_rate=1.0).tolist() == [0.25, -0.03125]
    assert torch.equal(Shaper(invert=True)(x, sample_rate=1.0), -Shaper()(x, sample_rate=1.0))
    assert torch.equal(Shaper(times=2)(x, sample_rate=1.0), torch.tanh(torch.tanh(x)))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"curve": "tan"}, ["Shaper: curve is 'tan'", "one of 'tanh', 'cube'", "Did you mean 'tanh'?"]),
        ({"curve": "Cube"}, ["curve is 'Cube'", "one of 'tanh', 'cube'"]),
        ({"curve": 0}, ["curve is 0", "one of 'tanh', 'cube'"]),
        ({"curve": ["tanh"]}, ["curve is ['tanh']", "one of"]),
        ({"times": 2.0}, ["Shaper: times is 2.0", "a whole number of at least 1 and at most 8"]),
        ({"times": "2"}, ["times is '2'", "a whole number"]),
        ({"times": True}, ["times is True", "a whole number"]),
        ({"times": 0}, ["times is 0", "at least 1"]),
        ({"times": 9}, ["times is 9", "at most 8"]),
        ({"invert": 1}, ["Shaper: invert is 1", "True or False"]),
        ({"invert": "no"}, ["invert is 'no'", "True or False"]),
        ({"invert": None}, ["invert is None", "True or False"]),
    ],
)
def test_what_they_refuse(wrong, words):
    made = Shaper()
    for run in (lambda: Shaper(**wrong), lambda: [setattr(made, name, value) for name, value in wrong.items()]):
        with pytest.raises(fx.ParameterError) as caught:
            run()
        for word in words:
            assert word in str(caught.value)
    assert same_modules(made, Shaper())


def test_beyond_the_slider_is_no_error():
    assert Shaper(times=7).times == 7
    assert Shaper.times.high == 4


def test_a_declaration_that_contradicts_itself():
    with pytest.raises(fx.ParameterError, match=r"the default 'c' must be one of 'a', 'b'"):
        fx.Choice("c", ["a", "b"])


def test_structure_and_not_state():
    made = Shaper(3.0, "cube", 2, True)
    assert list(made.state_dict()) == ["drive"]
    plain = Shaper()
    plain.load_state_dict(made.state_dict())
    assert (plain.drive, plain.curve) == (3.0, "tanh")
    for back in (
        fx.Module.from_dict(json.loads(json.dumps(made.to_dict()))),
        copy.deepcopy(made),
        pickle.loads(pickle.dumps(made)),
    ):
        assert same_modules(back, made)


def test_a_copy_is_apart():
    made = Shaper()
    other = copy.deepcopy(made)
    other.curve, other.times = "cube", 3
    assert (made.curve, made.times) == ("tanh", 1)


def test_they_walk_with_the_others():
    kinds = [(path, declaration.kind) for path, _, declaration in (fx.LowPass() | Shaper()).walk()]
    assert kinds == [
        ("0.cutoff", "number"),
        ("0.q", "number"),
        ("1.drive", "number"),
        ("1.curve", "choice"),
        ("1.times", "count"),
        ("1.invert", "switch"),
    ]

"""Choice, Switch and Count: exact types, checked values, part of the structure and not of the state."""

from __future__ import annotations

import copy
import json
import pickle

import numpy as np
import pytest
import torch

import fxlab as fx
from fxlab.display.number_format import format_value
from fxlab.panel.controls.spec import describe
from tests.support.specimens import same_modules
from tests.support.teacher_modules import Shaper


def test_values_read_as_str_int_and_bool():
    module = Shaper(curve="cube", times=np.int64(3), invert=True)
    assert (module.curve, module.times, module.invert) == ("cube", 3, True)
    assert (type(module.times), type(module.invert)) == (int, bool)
    assert Shaper(times=torch.tensor(2)).times == 2
    assert isinstance(Shaper.curve, fx.Choice)


def test_values_reach_forward():
    x = torch.tensor([0.5, -0.25], dtype=torch.float64)
    assert Shaper(2.0, "cube")(x, sample_rate=1.0).tolist() == [0.25, -0.03125]
    assert torch.equal(Shaper(invert=True)(x, sample_rate=1.0), -Shaper()(x, sample_rate=1.0))
    assert torch.equal(Shaper(times=2)(x, sample_rate=1.0), torch.tanh(torch.tanh(x)))


@pytest.mark.parametrize(
    ("arguments", "words"),
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
def test_invalid_values_are_rejected(arguments, words):
    module = Shaper()
    [(name, value)] = arguments.items()
    for run in (lambda: Shaper(**arguments), lambda: setattr(module, name, value)):
        with pytest.raises(fx.ParameterError) as caught:
            run()
        for word in words:
            assert word in str(caught.value)
    assert same_modules(module, Shaper())


def test_a_count_outside_the_slider_is_accepted():
    assert Shaper(times=7).times == 7
    assert Shaper.times.high == 4


def test_the_taper_of_a_count():
    """A logarithmic slider needs a lowest value above 0; the page is told which it is."""
    assert fx.Spectrogram.n_fft.scale == "log"
    assert fx.Spectrogram.hop_length.scale == "linear"
    assert describe(fx.Spectrogram(), fx.silence(1.0), "cpu")["stages"][0]["params"][0]["scale"] == "log"
    for scale, low in (("log", 0), ("mel", 1)):
        with pytest.raises(fx.ParameterError, match=rf"scale is '{scale}' with low={low}"):
            fx.Count(4, low=low, high=8, at_least=0, scale=scale)


def test_a_value_that_follows_from_others_is_shown_as_auto():
    """In the specification, on the card and in its table."""
    params = describe(fx.Spectrogram(), fx.silence(1.0), "cpu")["stages"][0]["params"]
    automatic = {param["name"] for param in params if param.get("zero_is_automatic")}
    assert automatic == {"win_length", "hop_length"}
    assert format_value(fx.Spectrogram.hop_length, 0) == "auto"
    assert format_value(fx.Spectrogram.hop_length, 128) == "128 samples"


def test_a_default_that_is_not_a_choice_is_rejected():
    with pytest.raises(fx.ParameterError, match=r"the default 'c' must be one of 'a', 'b'"):
        fx.Choice("c", ["a", "b"])


def test_discrete_parameters_are_in_the_dictionary_and_not_in_the_state():
    module = Shaper(3.0, "cube", 2, True)
    assert list(module.state_dict()) == ["drive"]
    plain = Shaper()
    plain.load_state_dict(module.state_dict())
    assert (plain.drive, plain.curve) == (3.0, "tanh")
    for restored in (
        fx.Module.from_dict(json.loads(json.dumps(module.to_dict()))),
        copy.deepcopy(module),
        pickle.loads(pickle.dumps(module)),
    ):
        assert same_modules(restored, module)


def test_a_copy_is_independent():
    module = Shaper()
    other = copy.deepcopy(module)
    other.curve, other.times = "cube", 3
    assert (module.curve, module.times) == ("tanh", 1)


def test_walk_yields_discrete_and_continuous_parameters():
    kinds = [(path, declaration.kind) for path, _, declaration in (fx.LowPass() | Shaper()).walk()]
    assert kinds == [
        ("0.cutoff", "number"),
        ("0.q", "number"),
        ("1.drive", "number"),
        ("1.curve", "choice"),
        ("1.times", "count"),
        ("1.invert", "switch"),
    ]

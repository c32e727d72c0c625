"""Every check explains answers that are not of the kind asked for, and gives away nothing of the solution."""

import math

import numpy as np
import pytest
import torch

import fxlab as fx
from fxlab.course import WrongAnswerError
from fxlab.course.check import exercises

NO_ANSWERS = {
    "None": None,
    "placeholder": ...,
    "empty text": "",
    "text with a unit": "440 Hz",
    "truth value": True,
    "not a number": math.nan,
    "infinite": math.inf,
    "complex": 1 + 2j,
    "empty list": [],
    "list of text": ["a", "b", "c", "d", "e"],
    "dictionary": {"a": 1},
    "set": {1.0, 2.0},
    "object": object(),
    "class": fx.LowPass,
    "module": fx.Gain(gain_db=-100.0),
    "signal": fx.silence(0.1),
    "array": np.zeros((2, 3)),
    "empty tensor": torch.zeros(0),
    "tensor without dimensions": torch.tensor(-77.25),
    "sparse tensor": torch.tensor([0.0, -77.25]).to_sparse(),
    "tensor without data": torch.zeros(2, device="meta"),
    "integer too large for a float": 10**400,
    "list of integers too large for a float": [10**400] * 2,
    "two filters": fx.LowPass(torch.tensor([100.0, 200.0])),
    "function of an integer too large for a float": lambda *_: 10**400,
    "function of a sparse tensor": lambda *_: torch.tensor([0.0, -77.25]).to_sparse(),
    "function that fails": lambda *_: 1 / 0,
    "function of nothing": lambda *_: None,
    "function with another signature": lambda: 0.0,
    "function of text": lambda *_: "text",
}


@pytest.mark.parametrize("name", exercises())
def test_an_answer_of_another_kind_is_explained(name, capsys):
    for what, answer in NO_ANSWERS.items():
        with pytest.raises(WrongAnswerError) as caught:
            exercises()[name](answer)
        first, *rest = str(caught.value).splitlines()
        assert first.startswith(f"✗ {name}: "), what
        assert any(line.startswith("  Hint: ") for line in rest), what
        assert max(map(len, [first, *rest])) <= 100
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("name", exercises())
def test_a_check_says_what_it_checks(name):
    assert (exercises()[name].__doc__ or "").startswith("Check ")

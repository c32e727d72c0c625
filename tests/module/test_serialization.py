"""Dictionaries of modules that take other modules in their constructor."""

from __future__ import annotations

import json
import re
import sys
from typing import Any

import pytest
import torch

import fxlab as fx


class Twice(fx.Module):
    """A class whose constructor takes another module, under a name of its own."""

    gain = fx.Param(1.0, low=0.0, high=2.0)

    def __init__(self, inner: fx.Module, **kwargs: object) -> None:
        super().__init__(**kwargs)  # type: ignore[arg-type]
        self.inner = inner

    def forward(self, x: torch.Tensor, sample_rate: float) -> torch.Tensor:
        return self.gain * self.inner(self.inner(x, sample_rate=sample_rate), sample_rate=sample_rate)


def test_a_module_in_the_constructor_is_in_the_dictionary():
    module = Twice(fx.LowPass(300.0), gain=0.5)
    description = json.loads(json.dumps(module.to_dict()))
    assert description["parts"] == {"inner": fx.LowPass(300.0).to_dict()}
    restored = fx.Module.from_dict(description)
    assert restored.gain == 0.5
    assert restored.inner.cutoff == 300.0


@pytest.mark.parametrize(
    ("description", "message"),
    [
        ({"type": "Chain", "stages": 3}, "'stages' of Chain must be a list of what to_dict gave, not 3"),
        ({"type": "Chain", "stages": None}, "'stages' of Chain must be a list of what to_dict gave, not None"),
        ({"type": "Chain", "stages": "ab"}, "'stages' of Chain must be a list of what to_dict gave, not 'ab'"),
        ({"type": "Chain", "stages": [[{"type": "LowPass"}]]}, "a dict with a 'type', not [{'type': 'LowPass'}]"),
        ({"type": "Chain", "stages": [{"type": "Sum", "branches": 3}]}, "'branches' of Sum must be a list"),
        ({"type": "Chain", "params": {"nope": 1}}, "Chain has no parameter 'nope'"),
        ({"type": "Sum", "params": {"branches": 1}}, "Sum has no parameter 'branches'"),
        ({"type": "LowPass", "params": None}, "'params' of LowPass must be a dict of names, not None"),
        ({"type": "LowPass", "params": {3: 100.0}}, "'params' of LowPass must be a dict of names, not {3: 100.0}"),
        ({"type": "LowPass", 3: 1, "a": 2}, "LowPass is described with [3, 'a'], which are not known"),
        ({"type": "LowPass", "params": {"cutoff": 10**400}}, "cutoff must be a number in Hz or a tensor of numbers"),
        ({"type": "ZPK", "params": {"zeros": [[1], [2, 3]]}}, "ZPK: zeros must be an array of complex numbers"),
        ({"type": "ZPK", "params": {"zeros": [float("nan")]}}, "ZPK: zeros is (nan+0j); it must be a finite number"),
        ({"type": "Compressor", "parts": 3}, "'parts' of Compressor must be a dict of names, not 3"),
        ({"type": "MidSide", "parts": ["mid"]}, "'parts' of MidSide must be a dict of names, not ['mid']"),
        ({"type": "MidSide", "parts": {"_modules": {"type": "LowPass"}}}, "MidSide has no part '_modules'"),
        ({"type": "tests.module.test_serialization.Twice"}, "a Twice is described without inner"),
        ({"type": "Gain", "params": {"gain_db": {"control": {"type": "LFO", "params": 3}}}}, "'params' of LFO must be"),
        ({"type": "Gain", "params": {"gain_db": {"control": {"type": "Control"}}}}, "there is no control 'Control'"),
        ({"type": "OctaveBank", "params": {"low": 10**400}}, "OctaveBank: low"),
        ({"type": "LowPass", "sample_rate": 10**400}, "it must be a number of Hz above 0"),
    ],
)
def test_a_malformed_description_is_named(description: dict[Any, Any], message: str):
    with pytest.raises(fx.FxlabError, match=re.escape(message)):
        fx.Module.from_dict(description)


def test_a_description_that_is_nested_too_deeply_is_named():
    description: dict[str, Any] = {"type": "LowPass"}
    for _ in range(sys.getrecursionlimit()):
        description = {"type": "Chain", "stages": [description]}
    with pytest.raises(fx.ParameterError, match="contain each other too many levels deep"):
        fx.Module.from_dict(description)

"""Dictionaries of modules that take other modules in their constructor."""

from __future__ import annotations

import json

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

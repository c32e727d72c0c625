"""Modules that take others in their constructor, as dictionaries."""

from __future__ import annotations

import json

import torch

import fxlab as fx


class Twice(fx.Module):
    """A class whose constructor takes a part, under a name of its own."""

    gain = fx.Param(1.0, low=0.0, high=2.0)

    def __init__(self, inner: fx.Module, **kwargs: object) -> None:
        super().__init__(**kwargs)  # type: ignore[arg-type]
        self.inner = inner

    def forward(self, x: torch.Tensor, sample_rate: float) -> torch.Tensor:
        return self.gain * self.inner(self.inner(x, sample_rate=sample_rate), sample_rate=sample_rate)


def test_a_constructor_that_takes_a_part_is_written_down_with_it():
    made = Twice(fx.LowPass(300.0), gain=0.5)
    described = json.loads(json.dumps(made.to_dict()))
    assert described["parts"] == {"inner": fx.LowPass(300.0).to_dict()}
    back = fx.Module.from_dict(described)
    assert back.gain == 0.5
    assert back.inner.cutoff == 300.0

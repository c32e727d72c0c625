"""A user's own filter, whose subclasses in the tests read its gain from somewhere."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

import fxlab as fx
from fxlab.module.parameters.design_inputs import inputs_of, torch_environment

RATE = 8000.0
X = torch.tensor([[1.0, 0.0, 0.0, 0.0]], dtype=torch.float64)


def gain(value: Any) -> Tensor:
    """Return the section of a constant gain."""
    section = torch.tensor([[0.0, 0.0, 0.0, 1.0, 0.0, 0.0]], dtype=torch.float64)
    section[0, 0] = float(value)
    return section


class Own(fx.Recursive):
    """A gain of 1; the classes below read it from somewhere."""

    level = fx.Param(1.0, low=0.0, high=2.0)

    def design(self, sample_rate: float) -> Tensor:
        return gain(self.level)


def first_sample(module: fx.Module) -> float:
    return float(module(X, sample_rate=RATE)[0, 0])


def is_kept(module: fx.Module) -> bool:
    """Return whether the design of `module` is kept after a call."""
    first_sample(module)
    inputs = inputs_of(module, torch_environment())
    return inputs is not None and bool(inputs.results)

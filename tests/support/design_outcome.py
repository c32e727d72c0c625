"""The output of a module beside that of a new one, for tests of designs that modules keep between calls."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import Tensor

import fxlab as fx
from tests.support.specimens import RATE

X = torch.randn(2, 96, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
RATES = (RATE, 44_100.0, 96_000.0)


def outcome(module: fx.Module, x: Tensor = X, rate: float = RATE) -> Tensor | str:
    """Return the output, or the message of the error."""
    try:
        return module(x, sample_rate=rate)
    except fx.FxlabError as error:
        return str(error)


def assert_answers_like_a_new_one(module: fx.Module, rate: float = RATE) -> None:
    expected, found = outcome(copy.deepcopy(module), rate=rate), outcome(module, rate=rate)
    if isinstance(expected, str) or isinstance(found, str):
        assert found == expected
    else:
        assert torch.equal(found, expected)


def count_designs(monkeypatch: pytest.MonkeyPatch, kind: type[fx.Module]) -> list[float]:
    """Return a list to which each design of `kind` appends its sample rate."""
    seen: list[float] = []
    plain = kind.design  # type: ignore[attr-defined]
    monkeypatch.setattr(kind, "design", lambda self, rate: (seen.append(rate), plain(self, rate))[1])
    return seen

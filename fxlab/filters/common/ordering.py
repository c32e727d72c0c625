"""Check that one parameter lies below another."""

from __future__ import annotations

import torch

from fxlab.engine.torch_support.known_values import any_true
from fxlab.errors import ParameterError
from fxlab.module import Module
from fxlab.module.parameters.broadcasting import broadcast_together


def check_ordered(module: Module, lower: str, upper: str, rule: str) -> None:
    """Raise a `ParameterError` with both values and `rule` if `lower` is not below `upper`."""
    values = broadcast_together({name: module.values()[name] for name in (lower, upper)})
    low, high = torch.broadcast_tensors(values[lower].detach(), values[upper].detach())  # type: ignore[no-untyped-call]
    wrong = low >= high
    if not any_true(wrong):
        return
    first, second = (
        module.declarations[name].format(value[wrong][0].item()) for name, value in ((lower, low), (upper, high))
    )
    raise ParameterError(f"{type(module).__name__}: {lower} is {first} and {upper} {second}; {rule}.")

"""Checks that one parameter lies below another, and that the numbers of an array are in order and in range."""

from __future__ import annotations

import torch

from fxlab.engine.torch_support.known_values import any_true
from fxlab.errors import ParameterError
from fxlab.module import Module
from fxlab.module.parameters.broadcasting import broadcast_together


def check_ordered(module: Module, lower: str, upper: str, rule: str) -> None:
    """Raise a `ParameterError` if the parameter `lower` is not below `upper`; the message ends with `rule`."""
    values = broadcast_together({name: module.values()[name] for name in (lower, upper)})
    low, high = torch.broadcast_tensors(values[lower].detach(), values[upper].detach())  # type: ignore[no-untyped-call]
    wrong = low >= high
    if not any_true(wrong):
        return
    first, second = (
        module.declarations[name].format(value[wrong][0].item()) for name, value in ((lower, low), (upper, high))
    )
    raise ParameterError(f"{type(module).__name__}: {lower} is {first} and {upper} {second}; {rule}.")


def check_ascending(module: Module, name: str, *, strictly: bool = True) -> None:
    """Raise a `ParameterError` that names two neighbors if the numbers of an `ArrayParam` are not in ascending order.

    `name` is the name of the `ArrayParam`. Two neighbors may be equal unless `strictly` is true.
    """
    values = module.values()[name].detach()
    before, after = values[..., :-1], values[..., 1:]
    wrong = after <= before if strictly else after < before
    if not any_true(wrong):
        return
    place = tuple(wrong.nonzero()[0].tolist())
    unit = f" {module.declarations[name].unit}"
    below = "above the one before" if strictly else "at least the one before"
    raise ParameterError(
        f"{type(module).__name__}: {name} has {after[place].item():g}{unit} after {before[place].item():g}{unit}; each "
        f"must be {below}. Sort them in ascending order."
    )


def check_within_spectrum(module: Module, name: str, sample_rate: float) -> None:
    """Raise a `ParameterError` if a frequency of the array `name` is below 0 Hz or above half the sample rate."""
    values = module.values()[name].detach()
    wrong = (values < 0) | (values > sample_rate / 2 * (1 + 1e-12))
    if any_true(wrong):
        raise ParameterError(
            f"{type(module).__name__}: {name} has {values[wrong].flatten()[0].item():g} Hz; each must be at least 0 Hz "
            f"and at most half the sample rate ({sample_rate / 2:g} Hz). Change it, or the sample rate of the signal."
        )

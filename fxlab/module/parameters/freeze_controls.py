"""Copies of a module in which controls are replaced by their values at one time or at several times."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any, TypeVar

import torch
from torch import Tensor

from fxlab.module.parameters.clock import validate_time
from fxlab.module.parameters.control import interpolate
from fxlab.module.parameters.moving_value import MovingValue
from fxlab.module.parameters.owner import ParameterOwner

T = TypeVar("T", bound=ParameterOwner)
GOLDEN_RATIO = 0.5 * (5**0.5 - 1)
DEFAULT_RATE = 44_100.0  # Hz: the values at a time in seconds do not depend on it


def freeze_controls(module: T, seconds: float) -> T:
    """Return a copy of `module` in which each control is replaced by its value `seconds` after the start of the sound.

    Raises:
        ParameterError: `seconds` is not a finite number of at least 0, or a control follows the input.
    """
    seconds = validate_time(seconds, f"{type(module).__name__}.frozen_at")
    copied, rate = _copy(module), module.sample_rate or DEFAULT_RATE
    for part, name, control in moving_parameters(copied):
        setattr(part, name, _values(part, name, control, torch.tensor([seconds]), rate)[..., 0])
    return copied


def freeze_at_times(module: T, seconds: Tensor, known: Mapping[tuple[str, str], Tensor] | None = None) -> T:
    """Return a copy of `module` in which each control is replaced by its values at several times, as a batch.

    The copy is for analysis: it shares its attributes with the module, except parts and the values of parameters.
    If a control or a parameter has a value for each example, that of the first example is used. The values of a control
    that follows the input are spread over its range unless `known` contains them.

    Args:
        module: The module, whose controls may be in its parts.
        seconds: The times in seconds after the start of the sound, `(n,)`; with a single time, `()`, the values are
            numbers.
        known: The values of controls at these times, `(n,)`, by the path of the part and the name of its parameter.

    >>> from fxlab.control import Ramp
    >>> from fxlab.filters import LowPass
    >>> lowpass = LowPass(cutoff=Ramp(100.0, 10_000.0, duration=2.0))
    >>> freeze_at_times(lowpass, torch.tensor([0.0, 1.0])).cutoff.round()
    tensor([ 100., 1000.], dtype=torch.float64)
    """
    copied, rate = _copy_for_analysis(module), module.sample_rate or DEFAULT_RATE
    moving, times = list(moving_parameters(copied)), seconds.reshape(-1)
    for part in copied.modules():
        if isinstance(part, ParameterOwner) and not isinstance(part, MovingValue):
            _keep_first_example(part)
    paths = {id(part): path for path, part in copied.named_modules()}
    for part, name, control in moving:
        if known and (paths[id(part)], name) in known:
            values = known[paths[id(part)], name].double().to(control.limits()[0].device)
        elif control.has_state:
            values = _spread(control, getattr(part.declarations[name], "scale", "linear"), len(times))
        else:
            values = _values(part, name, control, times, rate).detach().reshape(-1, len(times))[0]
        setattr(part, name, values.reshape(seconds.shape))
    return copied


def moving_parameters(module: ParameterOwner) -> Iterator[tuple[ParameterOwner, str, MovingValue]]:
    """Yield the owner, the name and the control of each moving parameter of `module` and its parts."""
    for part in list(module.modules()):
        if isinstance(part, ParameterOwner):
            for name, control in part.controls().items():
                yield part, name, control


def _copy(module: T) -> T:
    """Return a deep copy of `module` that shares its controls."""
    # A copy of a `Follower` would copy the sound that it follows.
    memo: dict[int, Any] = {id(control): control for _, _, control in moving_parameters(module)}
    return deepcopy(module, memo)


def _copy_for_analysis(module: T) -> T:
    """Return a copy whose parameters, including those of its parts, can be set without changing `module`."""
    # This takes a tenth of the time of a deep copy.
    copied: T = object.__new__(type(module))
    copied.__dict__.update(module.__dict__)
    for name in ("_parameters", "_buffers", "_discrete"):
        copied.__dict__[name] = dict(module.__dict__[name])
    copied.__dict__["_modules"] = {
        name: _copy_for_analysis(part)
        if isinstance(part, ParameterOwner) and not isinstance(part, MovingValue)
        else part
        for name, part in module._modules.items()
    }
    return copied


def _values(part: ParameterOwner, name: str, control: MovingValue, seconds: Tensor, rate: float) -> Tensor:
    scale = getattr(part.declarations[name], "scale", "linear")
    return control.evaluate(seconds.double() * rate, rate, scale)


def _spread(control: MovingValue, scale: str, count: int) -> Tensor:
    """Return `count` values spread over the range of a control, on a linear or a logarithmic `scale`."""
    # The fractional parts of multiples of the golden ratio are spread evenly, and not in the order of time.
    low, high = (limit.detach().flatten()[0].double() for limit in control.limits())
    places = torch.arange(count, dtype=torch.float64, device=low.device)
    return interpolate(low, high, (places * GOLDEN_RATIO).frac(), scale)


def _keep_first_example(part: ParameterOwner) -> None:
    controls = part.controls()
    for name, declaration in part.continuous.items():
        if name in controls:
            continue
        value, rank = declaration.stored(part), part.ranks.get(name, 0)
        if value.ndim > rank:
            setattr(part, name, value.detach().reshape(-1, *value.shape[value.ndim - rank :])[0])

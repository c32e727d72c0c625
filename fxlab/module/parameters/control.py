"""`Control`: the base class of values that change over time, such as an LFO or an automation."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import torch
from torch import Tensor

from fxlab import hooks
from fxlab.engine.torch_support.known_values import any_true
from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.errors import ParameterError
from fxlab.module.checks import validate_rate
from fxlab.module.parameters.active_values import use_values
from fxlab.module.parameters.broadcasting import broadcast_together
from fxlab.module.parameters.class_names import type_name
from fxlab.module.parameters.discrete import Count
from fxlab.module.parameters.moving_value import MovingValue
from fxlab.module.parameters.owner import ParameterOwner

DEFAULT_HOP = 16


def hop_count() -> Count:
    """Return the declaration of `hop`, a parameter of every control."""
    return Count(
        DEFAULT_HOP,
        low=1,
        high=256,
        unit="samples",
        doc="A filter with this control is designed again after this number of samples; 1 is audio rate.",
    )


class Control(ParameterOwner, MovingValue):
    """A value of a `Param` that changes over time: `LowPass(cutoff=LFO(0.5, 200.0, 4000.0))`.

    A subclass declares its parameters and defines `curve` and `limits`. Time is counted in samples from the start of
    the sound: a call begins at 0 unless `start_at` sets another time, and a `Stream` counts from block to block.

    A control moves on the scale of the parameter that it belongs to: halfway between 100 Hz and 10 kHz, a cutoff is
    1 kHz, as on its slider.

    Shape:
        The parameters of a control are scalars, `(batch,)` or `(batch, channels)`, like those of a `Module`: one LFO
        per example is `LFO(rate_hz=torch.tensor([0.5, 2.0]))`.
    """

    @abstractmethod
    def curve(self, samples: Tensor, sample_rate: float, scale: str) -> Tensor:
        """Return the values `(batch…, n)` at the positions `samples`, `(n,)`, in samples; see `evaluate`.

        Inside this method, continuous parameters are float64 tensors `(batch…, 1)`, and arrays `(batch…, 1, own…)` with
        their own dimensions last. `samples` is float64.
        """

    @property
    def jumps(self) -> bool:
        """Whether the value jumps from one sample to the next, as for a square wave; False by default."""
        return False

    def evaluate(self, samples: Tensor, sample_rate: float, scale: str = "linear") -> Tensor:
        """Return the values of the control over time.

        Args:
            samples: The positions in samples since the start of the sound, `(n,)`.
            sample_rate: The sample rate in Hz.
            scale: The scale on which the control moves, `"linear"` or `"log"`: that of its parameter.

        Returns:
            The values `(batch…, n)` in float64.

        Raises:
            ParameterError: `samples` is not a tensor `(n,)`, a position is below 0, the batch shapes of the parameters
                do not broadcast, or the control follows the input of a module, which is not known here.
            SignalError: The sample rate is not a finite number above 0.
        """
        name = type(self).__name__
        if not isinstance(samples, Tensor) or samples.ndim != 1:
            raise ParameterError(f"{name}: evaluate takes positions in samples as a tensor (n,), not {samples!r}.")
        if any_true(samples < 0):
            raise ParameterError(
                f"{name}: a position is {samples.min():g} samples; they are counted from the start of the sound, so "
                "they must be 0 or later."
            )
        rate = validate_rate(sample_rate, name)
        self.batch_shape()
        with use_values(self, self._values_over_time()):
            return self.curve(samples.double(), rate, scale)

    def batch_shape(self) -> tuple[int, ...]:
        """Return the batch dimensions of the values, `(batch…)`.

        Raises:
            ParameterError: The batch shapes of the parameters do not broadcast.
        """
        shapes = {name: d.lead(d.stored(self)) for name, d in self.continuous.items()}
        ndim = max(map(len, shapes.values()), default=0)
        try:
            return tuple(broadcast_shapes(*(shape + (1,) * (ndim - len(shape)) for shape in shapes.values())))
        except RuntimeError:
            listed = ", ".join(f"{self.declarations[name].keyword} {shape}" for name, shape in shapes.items() if shape)
            raise ParameterError(
                f"{type(self).__name__}: the batch shapes of its parameters differ: {listed}. Give each of them one "
                "value, or as many values as the others have."
            ) from None

    def accept_control(self, name: str, control: MovingValue) -> None:
        """Raise a `ParameterError`, because the parameters of a control cannot move."""
        reason = "the parameters of a control are constant. For a movement of your own, draw it with fx.Automation."
        self.declarations[name].refuse_control(type(self).__name__, control, reason)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Raise a `ParameterError`, because a control does not process sound."""
        raise ParameterError(not_a_stage(self))

    def describe(self) -> dict[str, Any]:
        """Return a JSON-compatible dictionary that describes the control: `{"type": …, "params": {…}}`."""
        return {"type": type_name(type(self)), "params": self.encode_values()}

    @classmethod
    def rebuild(cls, description: dict[str, Any]) -> Control:
        """Build a control of this class from the result of `describe`.

        Raises:
            ParameterError: The parameters are not a dictionary, or one of them is unknown or invalid.
        """
        params = description.get("params", {})
        if not isinstance(params, dict) or not all(isinstance(name, str) for name in params):
            raise ParameterError(
                f"from_dict: 'params' of {description['type']} must be a dict of names, not {params!r}."
            )
        return cls(**cls.decode_values(params, cls.__name__))

    def _values_over_time(self) -> dict[str, Tensor]:
        """Return the continuous parameters in float64, with a time dimension of size 1 after the batch dimensions."""
        padded = {
            name: value.unsqueeze(-1 - self.ranks.get(name, 0)) if name in self.ranks else value.unsqueeze(-1)
            for name, value in self.values().items()
        }
        return broadcast_together(padded, self.ranks)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        return hooks.resolve("control_bundle")(self, include=include, exclude=exclude)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(self._arguments())})"


def not_a_stage(control: Any) -> str:
    """Return the error message for a control that is used as a module."""
    return (
        f"{control!r} is not a processor, but a value that moves: give it to a parameter, as in "
        f"fx.Gain(gain_db={control!r})."
    )


def interpolate(low: Tensor, high: Tensor, position: Tensor, scale: str) -> Tensor:
    """Return the value at `position`, 0 at `low` and 1 at `high`, on a `"linear"` or a `"log"` scale.

    >>> interpolate(torch.tensor(100.0), torch.tensor(10_000.0), torch.tensor(0.5), "log").round()
    tensor(1000.)
    """
    if scale == "log":
        return low * torch.exp(position * torch.log(high / low))
    return low + (high - low) * position


def ordered_limits(control: Control, first: str, second: str) -> tuple[Tensor, Tensor]:
    """Return the minimum and the maximum, `(batch…)` each, of the parameters `first` and `second` of `control`."""
    values = broadcast_together({name: control.values()[name] for name in (first, second)})
    return values[first].minimum(values[second]), values[first].maximum(values[second])

"""`FeatureModule`: the base class of modules that compute a feature of a sound."""

from __future__ import annotations

from abc import abstractmethod
from functools import partial
from typing import Any, ClassVar, NamedTuple, Self, overload

import torch
from torch import Tensor

from fxlab.errors import FxlabError
from fxlab.features.axis import Axis
from fxlab.features.feature import Feature
from fxlab.module import Module
from fxlab.module.checks import rate_of_signal
from fxlab.signal import Signal

FULL_SCALE_SINE = "a full-scale sine"


class Description(NamedTuple):
    """The meaning of the output of a feature module; see `Feature`, whose axis `frequency` is `rows` here."""

    name: str
    quantity: str
    unit: str
    rows: Axis
    kind: str = "linear"
    reference: float = 1.0
    reference_name: str = ""
    limits: tuple[float, float] | None = None


class FeatureModule(Module):
    """The base class of modules that compute a feature of a sound, such as a spectrogram.

    `signal | module` returns a `Feature`, with axes and units, and `module(tensor, sample_rate=…)` a tensor.

    A subclass defines `forward`, `describe`, `frame_times` and `hop`; if a sound can be recovered or estimated from the
    feature, it also defines `invert`.

    Shape:
        Input: `(..., channels, time)`. Output: `(..., channels, frequency, frames)`, or `(..., channels, frames)` for a
        feature of one number per frame. The output for a sound `(time,)` has no dimension of channels.
    """

    gives_sound: bool = False
    is_standalone: bool = True
    has_rows: ClassVar[bool] = True
    """Whether the output has an axis of frequencies or coefficients; False for one number per frame."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        reason = "all frames of a feature have the same parameters. Give it a constant."
        cls.fixed_parameters = dict.fromkeys(cls.continuous, reason)

    @abstractmethod
    def describe(self, sample_rate: float) -> Description:
        """Return the description of the output at a sample rate in Hz.

        Raises:
            NotImplementedError: The base class does not define this method; its subclasses do.
        """
        raise NotImplementedError

    @abstractmethod
    def frame_times(self, frames: int, sample_rate: float) -> Tensor:
        """Return the centers of the first `frames` frames in seconds, `(frames,)`, float64.

        Raises:
            NotImplementedError: The base class does not define this method; its subclasses do.
        """
        raise NotImplementedError

    @abstractmethod
    def hop(self) -> int:
        """Return the distance between frames in samples.

        Raises:
            NotImplementedError: The base class does not define this method; its subclasses do.
        """
        raise NotImplementedError

    def invert(self, feature: Feature) -> Signal:
        """Return a sound with this feature, recovered or estimated; `Feature.inverse` calls this method.

        Raises:
            FxlabError: The feature has no inverse.
        """
        raise FxlabError(f"{self._name()} has no inverse.")

    def is_invertible(self) -> bool:
        """Return whether features of this module have an inverse: by default, whether the class defines `invert`."""
        return type(self).invert is not FeatureModule.invert

    @overload  # type: ignore[override]
    def __call__(self, x: Signal, sample_rate: None = None) -> Feature: ...
    @overload
    def __call__(self, x: Tensor, sample_rate: float | None = None) -> Tensor: ...
    def __call__(self, x: Signal | Tensor, sample_rate: float | None = None) -> Feature | Tensor:
        """Return a `Feature` for a Signal, or a tensor for a tensor.

        `sample_rate` is the sample rate of a tensor in Hz; None stands for the `sample_rate` of the module.

        Raises:
            SignalError: The input is not valid audio or too short, or its sample rate is missing or contradictory.
            ParameterError: A parameter is invalid at the sample rate.
        """
        if not isinstance(x, Signal):
            return super().__call__(x, sample_rate)
        rate = rate_of_signal(x, sample_rate, self._name())
        data = super().__call__(x.samples, rate)
        if not self.has_rows:
            data = data.unsqueeze(-2)
        described = self.describe(rate)
        return Feature(
            data=data,
            name=described.name,
            quantity=described.quantity,
            unit=described.unit,
            frequency=described.rows,
            time=Axis("Time", "s", self.frame_times(data.shape[-1], rate)),
            sample_rate=rate,
            samples=x.frames,
            hop=self.hop(),
            kind=described.kind,
            reference=described.reference,
            reference_name=described.reference_name,
            limits=described.limits,
            # The feature keeps the parameters that it was computed with.
            invert=partial(_invert, self._snapshot()) if self.is_invertible() else None,
        )

    def output_rate(self, sample_rate: float | None = None) -> float:
        """Return the number of frames per second."""
        return self._resolve_rate(sample_rate) / self.hop()

    def _snapshot(self) -> Self:
        """Return a module of this class with the current values, without gradients."""
        values = {d.keyword: getattr(self, name) for name, d in self.declarations.items()}
        plain = {name: v.detach().clone() if isinstance(v, Tensor) else v for name, v in values.items()}
        make: Any = type(self)
        made: Self = make(**plain)
        return made

    def _stored(self, name: str) -> Tensor:
        """Return the stored value of a continuous parameter, `(batch…)`, in float64, not reshaped for broadcasting."""
        value = self.continuous[name].stored(self)
        return value if value.dtype == torch.float64 else value.double()


def _invert(module: FeatureModule, feature: Feature) -> Signal:
    return module.invert(feature)


def constant(value: Any) -> float | None:
    """Return the value of a parameter as a number, or None if it has dimensions, a gradient or no known value.

    With a number, results that depend on the parameter can be cached.
    """
    if value.ndim or value.requires_grad or value.is_meta:
        return None
    return float(value)

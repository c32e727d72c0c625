"""The base classes of modules that compute a feature (`FeatureTransform`) or a sound (`Resynthesis`) from a feature."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NoReturn, overload

import torch
from torch import Tensor

from fxlab.errors import SignalError
from fxlab.features.feature import Feature
from fxlab.module import Module
from fxlab.module.checks import check_audio
from fxlab.signal import Signal

if TYPE_CHECKING:
    from fxlab.module.parameters.moving_value import MovingValue


class OnFeatures(Module):
    """The base class of modules whose input is a `Feature`, or a tensor `(..., frequency, frames)`.

    For a tensor, `sample_rate` is the number of frames per second.
    """

    takes_sound: bool = False
    has_output: bool = False

    def check_input(self, x: Any) -> None:
        """Raise a `SignalError` unless `x` is a valid tensor of real or complex numbers; see `check_audio`."""
        name = self._name()
        if isinstance(x, Signal):
            raise SignalError(
                f"{name} processes a feature, not a sound: write signal | fx.MelSpectrogram() | fx.{name}()."
            )
        check_audio(torch.view_as_real(x) if isinstance(x, Tensor) and x.is_complex() else x, name)

    def accept_control(self, name: str, control: MovingValue) -> NoReturn:
        """Raise a `ParameterError`: all frames have the same parameters."""
        reason = "all frames of a feature have the same parameters. Give it a constant."
        self.declarations[name].refuse_control(self._name(), control, reason)


class FeatureTransform(OnFeatures):
    """The base class of modules that compute a feature from another one, with a frame for each frame of the input.

    A subclass defines `forward` and `describe_result`.
    """

    gives_sound: bool = False

    @abstractmethod
    def describe_result(self, feature: Feature, data: Tensor) -> Feature:
        """Return `data`, the result for `feature`, as a `Feature` with the name, quantity and unit of the result.

        Raises:
            NotImplementedError: The base class does not define this method; its subclasses do.
        """
        raise NotImplementedError

    @overload  # type: ignore[override]
    def __call__(self, x: Feature, sample_rate: None = None) -> Feature: ...
    @overload
    def __call__(self, x: Tensor, sample_rate: float | None = None) -> Tensor: ...
    def __call__(self, x: Feature | Tensor, sample_rate: float | None = None) -> Feature | Tensor:
        """Return a `Feature` for a `Feature`, or a tensor for a tensor.

        `sample_rate` is the number of frames of a tensor per second; it may be None if the module has a `sample_rate`
        or the result does not depend on it. For a `Feature` its own frame rate is used.

        Raises:
            SignalError: The input is neither a `Feature` nor a valid tensor of real or complex numbers, or the frame
                rate of a tensor is needed but missing.
        """
        if isinstance(x, Feature):
            result: Tensor = super().__call__(x.data, x.frame_rate)
            return self.describe_result(x, result)
        self.check_input(x)
        return super().__call__(x, sample_rate)

    needs_rate: bool = False
    """Whether the result depends on the number of frames per second."""

    def _resolve_rate(self, sample_rate: float | None) -> float:
        # Most transforms do not depend on the frame rate, and torchaudio's take no rate.
        if sample_rate is None and self.sample_rate is None and not self.needs_rate:
            return 1.0
        return super()._resolve_rate(sample_rate)


class Resynthesis(OnFeatures):
    """The base class of modules that compute a sound from spectra; a subclass defines `forward` and `hop`."""

    has_output: bool = True

    @abstractmethod
    def hop(self) -> int:
        """Return the distance between frames in samples.

        Raises:
            NotImplementedError: The base class does not define this method; its subclasses do.
        """
        raise NotImplementedError

    @overload  # type: ignore[override]
    def __call__(self, x: Feature, sample_rate: None = None) -> Signal: ...
    @overload
    def __call__(self, x: Tensor, sample_rate: float | None = None) -> Tensor: ...
    def __call__(self, x: Feature | Tensor, sample_rate: float | None = None) -> Signal | Tensor:
        """Return the sound of a `Feature` as a Signal, or that of a tensor as a tensor.

        `sample_rate` is the number of frames of a tensor per second; the samples do not depend on it.

        Raises:
            SignalError: The input is invalid, or a `Feature` has another hop than the module, or a batch dimension.
        """
        if not isinstance(x, Feature):
            self.check_input(x)
            return super().__call__(x, sample_rate)
        if x.hop != self.hop():
            raise SignalError(
                f"{self._name()}: its hop is {self.hop()} samples, and that of the feature {x.hop}; use the same "
                "n_fft, win_length and hop_length for both, or feature.inverse()."
            )
        samples: Tensor = super().__call__(x.data, x.frame_rate)
        return Signal._of_channels(samples[..., : x.samples], x.sample_rate)

    def output_rate(self, sample_rate: float | None = None) -> float:
        """Return the sample rate of the sound in Hz, for `sample_rate` frames per second."""
        return self._resolve_rate(sample_rate) * self.hop()

    def _resolve_rate(self, sample_rate: float | None) -> float:
        return 1.0 if sample_rate is None and self.sample_rate is None else super()._resolve_rate(sample_rate)


def renamed(feature: Feature, data: Tensor, name: str, quantity: str, unit: str = "") -> Feature:
    """Return `data` as a `Feature` with the axes of `feature` and a new name, quantity and unit.

    The result has the kind `"linear"`, and neither limits nor an inverse.
    """
    return replace(
        feature,
        data=data,
        name=name,
        quantity=quantity,
        unit=unit,
        kind="linear",
        reference=1.0,
        reference_name="",
        limits=None,
        invert=None,
    )

"""Convolution with an impulse response: of a room, a loudspeaker, a guitar's body."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from fxlab.engine.torch_support.known_values import all_true
from fxlab.errors import ParameterError, SignalError
from fxlab.module import ArrayParam, Choice, Finite
from fxlab.module.parameters.rate import Rate
from fxlab.signal import Signal


class Channels(ArrayParam):
    """Declare samples, `(time,)` or `(channels, time)`, kept as `(channels, time)`."""

    def validate(self, value: Any, owner: str, sample_rate: float | None = None) -> Tensor:
        """See `ArrayParam`."""
        tensor = self.tensor(value, owner)
        if isinstance(value, torch.nn.Parameter) and tensor.ndim == 1:
            raise ParameterError(
                f"{self._full_name(owner)} is learned and of shape {tuple(tensor.shape)}; one that is learned has the "
                "shape (channels, time), so that it stays the same object: write torch.nn.Parameter(taps[None])."
            )
        if tensor.ndim > 2:
            raise ParameterError(
                f"{self._full_name(owner)} has shape {tuple(tensor.shape)}; allowed is (time,) or (channels, time)."
            )
        return super().validate(tensor if tensor.ndim == 2 else tensor.reshape(1, -1), owner)

    def summary(self, value: Tensor) -> str:
        """How many there are: `"2 × 48000"`."""
        channels, time = value.shape
        return f"{time}" if channels == 1 else f"{channels} × {time}"


class Convolve(Finite):
    """Sound as if in a place, or through a thing, whose impulse response was recorded.

    The impulse response is a `Signal`, or samples with the `rate` they were taken at: then a sound at another rate is
    refused. One channel serves all channels of the sound; several go with as many, one by one. The sound keeps its
    length: put silence behind it to hear the end. For a part of the effect beside the dry sound take `Mix`.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: No samples, one that is not finite, silence that is to be normalised, or a sound at another
            rate than the impulse response.
        SignalError: A sound of other channels than the impulse response has.

    >>> room = Signal([1.0, 0.0, 0.5], sample_rate=8000)
    >>> Convolve(room)(Signal([1.0, 0.0, 0.0, 0.0], sample_rate=8000)).samples
    tensor([[1.0000, 0.0000, 0.5000, 0.0000]])
    """

    samples = Channels(
        [[1.0]], shape=("channels", "time"), keyword="impulse_response", doc="What comes out for a single 1."
    )
    rate = Rate(doc="Sample rate of the impulse response; None where it fits any.")
    normalize = Choice(
        "none",
        ("none", "energy"),
        doc="Whether it is used as it is, or scaled so that white noise keeps its level, averaged over the channels.",
    )

    def __init__(self, *args: Any, sample_rate: float | None = None, **kwargs: Any) -> None:
        names = [d.keyword for d in self.declarations.values()]
        given = {**dict(zip(names, args, strict=False)), **kwargs}
        heard = given.get("impulse_response")
        if isinstance(heard, Signal) and len(given) == len(args) + len(kwargs):
            if given.get("rate") not in (None, heard.sample_rate):
                raise ParameterError(
                    f"{self._name()}: the impulse response runs at {heard.sample_rate:g} Hz and rate is "
                    f"{given['rate']!r}; leave rate out."
                )
            given.update(impulse_response=heard.samples, rate=heard.sample_rate)
            super().__init__(sample_rate=sample_rate, **given)
            return
        super().__init__(*args, sample_rate=sample_rate, **kwargs)

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "samples" and isinstance(value, Signal):
            super().__setattr__("samples", value.samples)
            super().__setattr__("rate", value.sample_rate)
            return
        super().__setattr__(name, value)

    def check(self, sample_rate: float) -> None:
        """Raise a `ParameterError` where a value is not valid, or not at this sample rate."""
        super().check(sample_rate)
        if self.rate is not None and self.rate != sample_rate:
            raise ParameterError(
                f"{self._name()}: the impulse response was taken at {self.rate:g} Hz and the sound runs at "
                f"{sample_rate:g} Hz, where it would sound {self.rate / sample_rate:.3g} times as long; resample one "
                "of the two, for example with torchaudio.functional.resample."
            )
        if self.normalize == "energy" and all_true(self.values()["samples"].detach() == 0):
            raise ParameterError(
                f"{self._name()}: the impulse response is silent, so normalize='energy' has nothing to scale; "
                "take normalize='none'."
            )

    def design(self, sample_rate: float) -> Tensor:
        """The impulse response `(time,)`, or `(1, channels, time)` of several, which differ by channel alone."""
        taps: Tensor = self.samples
        if self.normalize == "energy":
            taps = taps / taps.square().sum(-1).mean().sqrt()
        return taps[0] if taps.shape[0] == 1 else taps[None]

    def impulse_response(self, sample_rate: float | None = None, *, duration: float | None = None) -> Tensor:
        """What comes out for a single 1: `(time,)`, or `(channels, time)` of several; see `LTI`."""
        rate = self._checked_rate(sample_rate)
        taps = self._taps(rate).squeeze(0) if self.samples.shape[0] > 1 else self._taps(rate)
        frames = self._decay_length(rate) if duration is None else self._frames(duration, rate)
        return torch.nn.functional.pad(taps, (0, max(0, frames - taps.shape[-1])))[..., :frames]

    def _aligned_taps(self, x: Tensor, rate: float) -> Tensor:
        taps = self._taps(rate).to(x.device)
        channels = x.shape[-2] if x.ndim > 1 else 1
        if taps.ndim > 1 and taps.shape[1] != channels:
            raise SignalError(
                f"{self._name()}: the impulse response has {taps.shape[1]} channels and the sound {channels}; give as "
                "many, or an impulse response of one channel."
            )
        return taps[0] if taps.ndim > 1 else taps

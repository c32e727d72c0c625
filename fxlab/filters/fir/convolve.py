"""`Convolve`: convolution with a recorded impulse response."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from fxlab.engine.torch_support.known_values import all_true
from fxlab.errors import ParameterError, SignalError
from fxlab.module import ArrayParam, Choice, Finite
from fxlab.module.lti.decay import frames_of
from fxlab.module.parameters.owner import ParameterOwner
from fxlab.module.parameters.rate import Rate
from fxlab.signal import Signal


class Channels(ArrayParam):
    """The declaration of samples `(time,)` or `(channels, time)`, stored as `(channels, time)`."""

    def validate(self, value: Any, owner: str, sample_rate: float | None = None) -> Tensor:
        """Return `value` as a tensor `(channels, time)`; see `ArrayParam.validate`.

        Raises:
            ParameterError: The shape is neither `(time,)` nor `(channels, time)`, or an `nn.Parameter` has the shape
                `(time,)`.
        """
        tensor = self.tensor(value, owner)
        if isinstance(value, torch.nn.Parameter) and tensor.ndim == 1:
            raise ParameterError(
                f"{self._full_name(owner)} is an nn.Parameter of shape {tuple(tensor.shape)}; a learned one must "
                "have the shape (channels, time), so that it stays the same object: torch.nn.Parameter(taps[None])."
            )
        if tensor.ndim > 2:
            raise ParameterError(
                f"{self._full_name(owner)} has shape {tuple(tensor.shape)}; it must be (time,) or (channels, time)."
            )
        return super().validate(tensor if tensor.ndim == 2 else tensor.reshape(1, -1), owner)

    def summary(self, value: Tensor) -> str:
        """Return the size as text: `"2 × 48000"`, or `"48000"` for one channel."""
        channels, time = value.shape
        return f"{time}" if channels == 1 else f"{channels} × {time}"


class RecordedResponse(ParameterOwner):
    """The base class of modules with a recorded impulse response, which may be given as a `Signal`.

    A subclass declares `samples` (whose keyword is `impulse_response`), `rate` and `normalize`.

    Raises:
        ParameterError: `rate` is given and is not the sample rate of the `Signal`, or a value is invalid.
    """

    samples: Any
    rate: Any
    normalize: Any

    def __init__(self, *args: Any, sample_rate: float | None = None, **kwargs: Any) -> None:
        names = [d.keyword for d in self.declarations.values()]
        given = {**dict(zip(names, args, strict=False)), **kwargs}
        recorded = given.get("impulse_response")
        if isinstance(recorded, Signal) and len(given) == len(args) + len(kwargs):
            if given.get("rate") not in (None, recorded.sample_rate):
                raise ParameterError(
                    f"{type(self).__name__}: the impulse response has a sample rate of {recorded.sample_rate:g} Hz "
                    f"and rate is {given['rate']!r}; omit rate."
                )
            given.update(impulse_response=recorded.samples, rate=recorded.sample_rate)
            super().__init__(sample_rate=sample_rate, **given)
            return
        super().__init__(*args, sample_rate=sample_rate, **kwargs)

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "samples" and isinstance(value, Signal):
            super().__setattr__("samples", value.samples)
            super().__setattr__("rate", value.sample_rate)
            return
        super().__setattr__(name, value)

    def _check(self, sample_rate: float) -> None:
        """Raise a `ParameterError` if a value is invalid or the sample rate is not that of the impulse response.

        With `normalize="energy"`, a silent impulse response is an error too.
        """
        super()._check(sample_rate)
        if self.rate is not None and self.rate != sample_rate:
            raise ParameterError(
                f"{type(self).__name__}: the impulse response was recorded at {self.rate:g} Hz and the signal has "
                f"{sample_rate:g} Hz, where it would last {self.rate / sample_rate:.3g} times as long; resample one "
                "of the two, for example with torchaudio.functional.resample."
            )
        if self.normalize == "energy" and all_true(self.values()["samples"].detach() == 0):
            raise ParameterError(
                f"{type(self).__name__}: the impulse response is silent, so normalize='energy' cannot scale it; "
                "use normalize='none'."
            )


class Convolve(RecordedResponse, Finite):
    """Convolution with the recorded impulse response of a room, a loudspeaker, or an instrument's body.

    The impulse response is a `Signal`, or samples with their sample rate as `rate`; a signal at another rate raises an
    error, unless `rate` is None. A mono impulse response is used for all channels of the signal; one with several
    channels needs a signal with the same number of channels. The output has the length of the input: append silence to
    hear the decay. Use `Mix` to blend with the dry signal.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: There are no samples, a sample is not finite, a silent response is to be normalized, or the
            signal does not have the rate of the impulse response.
        SignalError: The impulse response has several channels, and the signal has another number of channels.

    >>> room = Signal([1.0, 0.0, 0.5], sample_rate=8000)
    >>> Convolve(room)(Signal([1.0, 0.0, 0.0, 0.0], sample_rate=8000)).samples
    tensor([[1.0000, 0.0000, 0.5000, 0.0000]])
    """

    samples = Channels([[1.0]], shape=("channels", "time"), keyword="impulse_response", doc="Impulse response.")
    rate = Rate(doc="Sample rate of the impulse response; None allows any.")
    normalize = Choice(
        "none",
        ("none", "energy"),
        doc="Whether the response is used unchanged, or scaled to keep the level of white noise, averaged over the "
        "channels.",
    )

    def design(self, sample_rate: float) -> Tensor:
        """Return the impulse response, scaled if `normalize` asks for it.

        The shape is `(time,)`, or `(1, channels, time)` for several channels.
        """
        taps: Tensor = self.samples
        if self.normalize == "energy":
            taps = taps / taps.square().sum(-1).mean().sqrt()
        return taps[0] if taps.shape[0] == 1 else taps[None]

    def impulse_response(self, sample_rate: float | None = None, *, duration: float | None = None) -> Tensor:
        """Return the impulse response, scaled if `normalize` asks for it; see `LinearAnalysis.impulse_response`.

        The shape is `(time,)`, or `(channels, time)` for several channels.
        """
        rate = self._checked_rate(sample_rate)
        taps = self._taps(rate).squeeze(0) if self.samples.shape[0] > 1 else self._taps(rate)
        frames = self._decay_length(rate) if duration is None else frames_of(duration, rate, self._name())
        return torch.nn.functional.pad(taps, (0, max(0, frames - taps.shape[-1])))[..., :frames]

    def _aligned_taps(self, x: Tensor, rate: float) -> Tensor:
        taps = self._taps(rate).to(x.device)
        channels = x.shape[-2] if x.ndim > 1 else 1
        if taps.ndim > 1 and taps.shape[1] != channels:
            raise SignalError(
                f"{self._name()}: the impulse response has {taps.shape[1]} channels and the signal {channels}; use as "
                "many, or an impulse response of one channel."
            )
        return taps[0] if taps.ndim > 1 else taps

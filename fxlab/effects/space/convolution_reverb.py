"""`ConvolutionReverb`: a reverberator that convolves the sound with a recorded impulse response."""

from __future__ import annotations

from typing import Any

from torch import Tensor
from torch.nn.functional import pad

from fxlab.effects.common.channels import has_no_channels, with_channels
from fxlab.effects.common.loop_parameters import computation_dtype, mix
from fxlab.effects.common.ringing import Ringing, tail_choice
from fxlab.engine import convolve
from fxlab.errors import SignalError
from fxlab.filters.fir.convolve import Channels, RecordedResponse
from fxlab.module import Choice
from fxlab.module.lti.convolve_block import convolve_block
from fxlab.module.parameters.moving_values import moving_values, stored_values
from fxlab.module.parameters.rate import Rate


class ConvolutionReverb(RecordedResponse, Ringing):
    """A reverberator that convolves the sound with the impulse response of a recorded room, a plate or a spring.

    The impulse response is a `Signal`, or samples with their sample rate as `rate`. A response with one channel is used
    for every channel of the sound. With several channels, each is used for the channel of the same number; a mono sound
    is convolved with each of them. A stream convolves with a long response in partitions, without latency.

    Args:
        impulse_response: A `Signal`, or samples `(time,)` or `(channels, time)`.

    Shape:
        Input and output: `(..., channels, time)`; with `tail="ring"` the output is longer by the length of the impulse
        response minus one sample.

    Raises:
        ParameterError: The impulse response is empty or not finite, is silent with `normalize="energy"`, or does not
            have the sample rate of the signal; or `mix` is not from 0 to 1.
        SignalError: The numbers of channels differ, and neither is 1.

    Source:
        W. G. Gardner, "Efficient convolution without input-output delay", JAES 43(3), 1995.

    >>> from fxlab.signal import Signal
    >>> room = Signal([1.0, 0.0, 0.5], sample_rate=8000)
    >>> reverb = ConvolutionReverb(room, mix=1.0, normalize="none", tail="ring")
    >>> reverb(Signal([1.0, 0.0], sample_rate=8000)).samples
    tensor([[1.0000, 0.0000, 0.5000, 0.0000]])
    """

    samples = Channels([[1.0]], shape=("channels", "time"), keyword="impulse_response", doc="Impulse response.")
    mix = mix(0.3)
    normalize = Choice(
        "energy",
        ("none", "energy"),
        doc="Whether the response is unchanged, or scaled to keep the level of white noise, averaged over channels.",
    )
    rate = Rate(doc="Sample rate of the impulse response; None if it fits any.")
    tail = tail_choice()

    def forward(self, x: Tensor, sample_rate: float) -> Tensor:
        """Return the complete sound convolved with the impulse response, and mixed with the input."""
        if has_no_channels(x) or (moving_values(self) is not None and self.tail == "ring"):
            return super().forward(x, sample_rate)  # the tail of moving parameters needs later values
        sound = pad(with_channels(x), (0, self.tail_samples(sample_rate)))
        taps = self._taps_for(sound)
        wet = convolve(sound.to(computation_dtype(x)).expand(*sound.shape[:-2], *self._rows(sound), -1), taps)
        return self._mixed(sound, wet, x)

    def process_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Return the output for the next block, and the state after it, a `ConvolutionState`.

        Raises:
            SignalError: The numbers of channels differ, and neither is 1; or the length of the impulse response has
                changed since the last block.
        """
        sound = with_channels(x)
        taps = self._taps_for(sound)
        signal = sound.to(computation_dtype(x)).expand(*sound.shape[:-2], *self._rows(sound), -1)
        wet, after = convolve_block(signal, taps, state, self._name())
        return self._mixed(sound, wet, x), after

    def decay_samples(self, sample_rate: float) -> int:
        """Return the length of the impulse response minus 1, in samples; see `Ringing`."""
        return int(stored_values(self)["samples"].shape[-1]) - 1

    def _rows(self, sound: Tensor) -> tuple[int]:
        """Return the number of output channels, as a shape."""
        return (max(sound.shape[-2], stored_values(self)["samples"].shape[0]),)

    def _taps_for(self, sound: Tensor) -> Tensor:
        """Return the impulse response, scaled as `normalize` says, `(taps,)` or `(channels, taps)`.

        Raises:
            SignalError: The impulse response and the sound have different numbers of channels, neither of them 1.
        """
        taps, channels = stored_values(self)["samples"], sound.shape[-2]
        if taps.shape[0] > 1 and channels not in (1, taps.shape[0]):
            raise SignalError(
                f"{self._name()}: the impulse response has {taps.shape[0]} channels and the signal {channels}; the "
                "numbers must be equal, or one of them 1. Select channels, or mix one to mono with signal.mono()."
            )
        taps = taps.to(sound.device).double()
        if self.normalize == "energy":
            taps = taps / taps.square().sum(-1).mean().sqrt()
        return taps[0] if taps.shape[0] == 1 else taps

    def _mixed(self, dry: Tensor, wet: Tensor, x: Tensor) -> Tensor:
        y: Tensor = ((1 - self.mix.to(wet.dtype)) * dry + self.mix.to(wet.dtype) * wet).to(x.dtype)
        return y[0] if x.ndim == 1 and y.shape[0] == 1 else y

"""`Resample`: conversion to another sample rate."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from fxlab.effects.pitch.common_ratio import ADVICE
from fxlab.engine.resampling.polyphase import Polyphase, rate_ratio
from fxlab.engine.torch_support.tracing import is_recorded
from fxlab.module import Count, StatefulModule
from fxlab.module.checks import not_recordable, stale_state


class ResampleState(NamedTuple):
    """The state of a stream: the last input samples, the numbers of samples read and returned so far, and the ratio."""

    past: Tensor
    """The last input samples; they begin `reach` samples before the period of the next output sample.

    A period is the number of input samples after which the phases of the resampler repeat.
    """
    received: int = 0
    sent: int = 0
    ratio: tuple[int, int] | None = None
    """The factors by which the sample rate is raised and lowered; None before the first block."""


class Resample(StatefulModule):
    """Conversion to the sample rate `rate`, in Hz: the same sound with more or fewer samples.

    The filter is a sinc with a Kaiser window of 128 periods of the lower rate: flat within 0.0002 dB up to 0.9 of half
    the lower rate, and at least 98 dB of attenuation from half the lower rate on. The output of a call is aligned with
    its input, and has `ceil(samples · rate / sample_rate)` samples. In a stream the last samples are returned by
    `flush`.

    The output of `resample(signal)` is a Signal of the new rate; a stage after it in a `Chain` runs at that rate.

    Shape:
        Input: `(..., channels, time)`. Output: the same with a different length.

    Raises:
        ParameterError: `rate` is not a whole number from 100 to 10 000 000.
        FxlabError: PyTorch records a graph, as in `torch.compile` and `torch.export`.

    Source:
        See `fxlab.engine.resampling.polyphase`.

    >>> from fxlab.signal import sine
    >>> sound = Resample(rate=16_000)(sine(frequency=440.0, duration=0.5, sample_rate=48_000))
    >>> sound.sample_rate, sound.samples.shape
    (16000, torch.Size([1, 8000]))
    """

    rate = Count(44_100, low=8000, high=192_000, at_least=100, at_most=10_000_000, unit="Hz", doc="New sample rate.")

    def output_rate(self, sample_rate: float | None = None) -> float:
        """Return the sample rate of the output in Hz, `rate`, whatever that of the input is."""
        return float(self.rate)

    def forward_block(self, x: Tensor, state: ResampleState | None, sample_rate: float) -> tuple[Tensor, ResampleState]:
        """Return the next block resampled, and the state after it, a `ResampleState`.

        Raises:
            SignalError: The sample rate or `rate` has changed since the last block.
            FxlabError: PyTorch records a graph, as in `torch.compile` and `torch.export`.
        """
        if is_recorded():
            raise not_recordable(self._name(), "the number of its periods depends on the length of the sound", ADVICE)
        return self._advance(x, state, sample_rate, is_last=False)

    def flush_block(self, state: ResampleState | None, sample_rate: float) -> Tensor | None:
        """Return the remaining samples, computed with silence after the input; None if there was no block.

        Raises:
            SignalError: The sample rate or `rate` has changed since the last block.
        """
        return None if state is None else self._advance(state.past[..., :0], state, sample_rate, is_last=True)[0]

    def _advance(
        self, x: Tensor, state: ResampleState | None, sample_rate: float, is_last: bool
    ) -> tuple[Tensor, ResampleState]:
        ratio = rate_ratio(sample_rate, self.rate)
        return advance(Polyphase.of(ratio.numerator, ratio.denominator), x, state, is_last, self._name())


def advance(
    resampler: Polyphase, x: Tensor, state: ResampleState | None, is_last: bool, owner: str
) -> tuple[Tensor, ResampleState]:
    """Resample the next block of a stream, and return it with the new state.

    `state` is None at the first block. If `is_last` is True, silence follows this block.

    Raises:
        SignalError: The ratio of the sample rates has changed since the last block; the message names the module
            `owner`.
    """
    ratio = resampler.up, resampler.down
    if state is not None and state.ratio not in (None, ratio):
        raise stale_state(owner, "its rate changed")
    reach = 0 if resampler.up == resampler.down else resampler.reach
    dtype = torch.float64 if x.dtype == torch.float64 else torch.float32
    past, received, sent, _ = state or ResampleState(x.new_zeros(*x.shape[:-1], resampler.reach))
    known, received = torch.cat([past, x], -1), received + x.shape[-1]
    ready = resampler.length(received if is_last else max(0, received - reach))
    first = sent % resampler.up
    y = resampler.run(known.to(dtype), first, ready - sent).to(x.dtype)
    drop = (ready // resampler.up - sent // resampler.up) * resampler.down
    return y, ResampleState(known[..., drop:], received, ready, ratio)

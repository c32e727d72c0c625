"""`Reverb`: artificial reverberation by combs and all-passes."""

from __future__ import annotations

import math
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import pad

from fxlab.effects.common.channels import with_channels_of_values
from fxlab.effects.common.loop_parameters import REFERENCE_RATE, computation_dtype, damping, damping_pole, mix
from fxlab.effects.common.ringing import TAIL_DB, Ringing, tail_choice
from fxlab.engine.delay.all_pass_chain import all_pass_chain
from fxlab.engine.delay.comb_bank import LARGEST_POLE, comb_bank, low_pass_reach
from fxlab.engine.torch_support.known_values import all_true, any_true
from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.engine.torch_support.tracing import needs_derivative
from fxlab.errors import ParameterError
from fxlab.module import Param
from fxlab.module.parameters.moving_values import exact_value

COMBS = (1116, 1188, 1277, 1356, 1422, 1491, 1557, 1617)
"""The delays of the combs in samples at 44.1 kHz, as in Freeverb."""
ALL_PASSES = (556, 441, 341, 225)
SPREAD = 23
"""The number of samples, at 44.1 kHz, by which the delays of each channel exceed those of the previous channel."""
ALL_PASS_GAIN = 0.5
DESIGN_RATE = 44_100.0
CONSTANT_COMBS = "the combs have one gain and one low-pass for the whole signal."


class ReverbState(NamedTuple):
    """The state of a stream: the samples in the delay lines of the combs and of the all-passes."""

    lines: Tensor
    """`(..., combs, history)`, newest last; see `comb_bank`."""
    all_passes: tuple[Tensor, ...]
    """One tensor for each all-pass; see `all_pass_chain`."""


class Reverb(Ringing):
    """A reverberator: eight parallel combs, followed by four all-passes in series, for each channel.

    The mean of all channels enters the combs of every channel, whose delays differ by 23 samples (at 44.1 kHz) from
    channel to channel, so that the echoes are decorrelated. The gain of each comb makes its echoes decay by 60 dB
    within `decay_s`. `damping` shortens the decay of high frequencies. Without damping, the reverberation of mono white
    noise has about the power of the noise for every decay time.

    Shape:
        Input and output: `(..., channels, time)`; with `tail="ring"` the output is longer.

    Raises:
        ParameterError: `decay_s` is not above 0, `damping` is not from 0 to below 1 (at most 0.9999975 at 44.1 kHz), or
            `mix` or `width` is not from 0 to 1.
        FxlabError: PyTorch records a graph, as in `torch.compile` and `torch.export`.

    Source:
        M. R. Schroeder, "Natural sounding artificial reverberation", JAES 10(3), 1962: combs and all-passes, and the
        gain for a decay. J. A. Moorer, "About this reverberation business", Computer Music Journal 3(2), 1979: the
        low-pass in the comb. The delays are those of Freeverb (Jezar, 2000), scaled to the sample rate.

    >>> click = torch.zeros(1, 4000)
    >>> click[0, 0] = 1.0
    >>> wet = Reverb(decay_s=1.0, mix=1.0)(click, sample_rate=44_100)
    >>> int(wet[0].nonzero()[0])  # the shortest comb
    1116
    """

    fixed_parameters: ClassVar[dict[str, str]] = dict.fromkeys(("decay_s", "damping"), CONSTANT_COMBS)

    decay_s = Param(
        1.5, low=0.2, high=10.0, unit="s", scale="log", doc="Time in which low frequencies decay by 60 dB (RT60)."
    )
    mix = mix(0.3)
    damping = damping(0.2)
    width = Param(
        1.0, low=0.0, high=1.0, at_least=0.0, at_most=1.0, doc="Difference between the channels: 0 is mono, 1 is full."
    )
    tail = tail_choice()

    def process_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, ReverbState]:
        """Return the output for the next block, and the state after it, a `ReverbState`."""
        dtype = computation_dtype(x)
        sound = with_channels_of_values(self, x).to(dtype)
        delays = _delays(COMBS, sound.shape[-2], sample_rate).to(x.device)
        # `(..., channels, combs, 1)`
        decay = _for_combs(exact_value(self, "decay_s", x), x)
        pole = _for_combs(damping_pole(exact_value(self, "damping", x), sample_rate), x)
        gain = 10 ** (-TAIL_DB / 20 * delays[..., None] / (decay * sample_rate))
        weights = torch.sqrt((1 - gain.square()) / len(COMBS))
        lead = broadcast_shapes(sound.shape[:-1], gain.shape[:-2], pole.shape[:-2])
        entering = sound.mean(-2, keepdim=True).expand(*lead, sound.shape[-1])
        history = int(delays.max()) + low_pass_reach(pole)
        if state is None:
            lines = entering.new_zeros(*lead, len(COMBS), history)
        else:
            lines = pad(state.lines.to(sound), (history - state.lines.shape[-1], 0))
        wet, lines = comb_bank(entering, lines, delays, gain.to(dtype), pole.to(dtype), weights.to(dtype))
        stages = [_delays((samples,), sound.shape[-2], sample_rate)[:, 0].tolist() for samples in ALL_PASSES]
        wet, all_passes = all_pass_chain(wet, stages, ALL_PASS_GAIN, None if state is None else state.all_passes)
        y = self._mixed(sound, wet, x).to(x.dtype)
        if needs_derivative(gain, pole):
            y = y + (0 * (gain + pole)).sum(-2).to(x.dtype)  # in the graph also of a sound shorter than the combs
        return (y[..., 0, :] if x.ndim == 1 else y), ReverbState(lines, all_passes)

    def decay_samples(self, sample_rate: float) -> int:
        """Return the number of samples until the sound has decayed by 60 dB; see `Ringing`."""
        return math.ceil(self._largest("decay_s") * sample_rate)

    def _check(self, sample_rate: float) -> None:
        """Raise a `ParameterError` if a value is invalid, or the low-pass in the loops would hardly decay."""
        super()._check(sample_rate)
        amount = self.values()["damping"].detach().double()
        wrong = damping_pole(amount, sample_rate) > LARGEST_POLE
        if any_true(wrong):
            samples = LARGEST_POLE / (1 - LARGEST_POLE) * (REFERENCE_RATE / sample_rate)
            raise ParameterError(
                f"{self._name()}: damping is {amount[wrong][0].item():.9g}; at {sample_rate:g} Hz it must be at most "
                f"{samples / (1 + samples):.7f}, so that the low-pass in the loops decays. Lower damping."
            )

    def _mixed(self, dry: Tensor, wet: Tensor, x: Tensor) -> Tensor:
        width, share = self.width.to(dry.dtype), self.mix.to(dry.dtype)
        if dry.shape[-2] > 1 and (needs_derivative(width) or not all_true(width == 1)):
            middle = wet.mean(-2, keepdim=True)
            wet = middle + width * (wet - middle)
        elif needs_derivative(width):
            wet = wet + 0 * width
        return torch.lerp(dry, wet, share)


def _delays(at_design_rate: tuple[int, ...], channels: int, rate: float) -> Tensor:
    """Return the delays in samples of each channel, `(channels, delays)`, at the sample rate `rate`.

    `at_design_rate` are those of the first channel at 44.1 kHz.
    """
    scale = rate / DESIGN_RATE
    rows = [[max(1, round((d + SPREAD * channel) * scale)) for d in at_design_rate] for channel in range(channels)]
    return torch.tensor(rows)


def _for_combs(value: Tensor, x: Tensor) -> Tensor:
    """Return `value`, which broadcasts against `x`, with a dimension of size 1 for the combs before that of time."""
    if not value.ndim:
        return value.reshape(1, 1)
    return value[None] if x.ndim == 1 else value[..., None, :]

"""Effects that change the speed, the pitch or the sample rate, as operators of the intermediate form."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from math import prod
from typing import Any

import torch
from torch import Tensor

from fxlab.effects.pitch.phase_vocoder import window_size
from fxlab.effects.pitch.resample import Resample
from fxlab.effects.pitch.speed import MAX_DENOMINATOR, Speed
from fxlab.effects.pitch.time_stretch import TimeStretch
from fxlab.engine.resampling.polyphase import rate_ratio
from fxlab.module.module import Module
from fxlab.page.compiler.graph import Buffer, View, contiguous_view
from fxlab.page.compiler.interception import Replacement
from fxlab.page.compiler.recorder import Recorder
from fxlab.page.compiler.replacements import ROUNDED_SLIDER

ToSound = Callable[..., Tensor]
ToBlock = Callable[..., tuple[Tensor, Any]]

LENGTHS: dict[str, Callable[[int, float], int]] = {
    "fasterLength": lambda time, rate: math.ceil(time / Fraction(rate).limit_denominator(MAX_DENOMINATOR)),
    "stretchedLength": lambda time, rate: max(1, round(time / rate)),
}
"""The number of output samples as a function of the number of input samples and the rate, by the name in the engine."""


def pitch_operators(recorder: Recorder, traced: Module) -> dict[tuple[str, str], Replacement]:
    """Return the replacements of the effects for a complete sound; see `interception.replaced`.

    If `traced` is itself a `Speed` or `TimeStretch`, its `rate` changes the length of the output in the page. In a
    chain the rate is fixed.
    """
    own = _Operators(recorder, traced)
    package = "fxlab.effects.pitch"
    return {
        (f"{package}.pitch_shift", "PitchShift.forward"): own.shift_pitch,
        (f"{package}.time_stretch", "TimeStretch.forward"): own.stretch_time,
        (f"{package}.speed", "Speed.forward_block"): own.play_faster,
        (f"{package}.resample", "Resample.forward_block"): own.convert_rate,
        (f"{package}.phase_vocoder", "stretch"): own.stretch_rows,
    }


class _Operators:
    def __init__(self, recorder: Recorder, traced: Module) -> None:
        self.recorder, self.traced = recorder, traced

    def _is_recorded(self, x: Tensor) -> bool:
        return self.recorder.is_tracked(x) and x.numel() > 0

    def shift_pitch(self, original: ToSound, module: Any, x: Tensor, sample_rate: float) -> Tensor:
        """Record a shift of the pitch, or call `original` if `x` is empty or not recorded."""
        if not self._is_recorded(x):
            return original(module, x, sample_rate)
        semitones = self._number(module.semitones)
        return _call(self.recorder, "shiftPitch", x, x.shape[-1], [semitones, *_sizes(x), window_size(sample_rate)])

    def stretch_time(self, original: ToSound, module: TimeStretch, x: Tensor, sample_rate: float) -> Tensor:
        """Record a stretch of the sound, or call `original` if `x` is empty or not recorded."""
        if not self._is_recorded(x):
            return original(module, x, sample_rate)
        return self._with_other_length(module, x, "stretchedLength", "stretchTime", [window_size(sample_rate)])

    def stretch_rows(
        self, original: ToSound, x: Tensor, rate: float | Tensor, length: int, sample_rate: float
    ) -> Tensor:
        """Record a stretch of `x` with one constant rate other than 1, as in an augmentation, or call `original`."""
        recorder = self.recorder
        if not self._is_recorded(x) or recorder.is_tracked(rate):
            return original(x, rate, length, sample_rate)
        rates: set[float] = set(rate.reshape(-1).tolist()) if isinstance(rate, Tensor) else {float(rate)}
        if len(rates) > 1 or 1.0 in rates:  # at a rate of 1, what is computed depends on whether it is a tensor
            return original(x, rate, length, sample_rate)
        numbers = [recorder.array(torch.tensor([number], dtype=torch.float64)) for number in (length, *rates)]
        return _call(recorder, "stretchTime", x, length, [*numbers, *_sizes(x), length, window_size(sample_rate)])

    def play_faster(
        self, original: ToBlock, module: Speed, x: Tensor, state: Any, sample_rate: float
    ) -> tuple[Tensor, Any]:
        """Record the playback of the complete sound at another speed; the state is None, so nothing is flushed.

        If `x` is empty or not recorded, the original method is called.
        """
        if not self._is_recorded(x):
            return original(module, x, state, sample_rate)
        return self._with_other_length(module, x, "fasterLength", "playFaster", []), None

    def convert_rate(
        self, original: ToBlock, module: Resample, x: Tensor, state: Any, sample_rate: float
    ) -> tuple[Tensor, Any]:
        """Record a conversion of the complete sound to the rate of the module, which is constant; the state is None.

        If `x` is empty or not recorded, the original method is called.
        """
        if not self._is_recorded(x):
            return original(module, x, state, sample_rate)
        return converted(self.recorder, x, sample_rate, float(module.rate)), None

    def _with_other_length(
        self, module: Speed | TimeStretch, x: Tensor, length_of: str, function: str, more: list[Any]
    ) -> Tensor:
        """Record a change of the speed, after which the sound has another length, and return the sound.

        If `module` is the traced one, its rate can change in the page, and the length is stored in the graph.

        Args:
            module: The effect.
            x: The sound.
            length_of: The function of the engine that computes the new length.
            function: The function of the engine that computes the sound.
            more: Further arguments of `function`.

        Raises:
            ValueReadError: The rate is recorded, and `module` is not the traced one, so that a later stage needs the
                length.
        """
        recorder, is_output = self.recorder, module is self.traced
        value: Tensor = module.rate
        if not is_output and recorder.is_tracked(value):
            recorder.refuse_reading("scalar_value", [value])  # a later stage needs the length
        slowest = float(recorder.run(lambda: value.detach().reshape(-1)[0]))
        if is_output:
            slowest = min(slowest, module.declarations["rate"].span()[0]) / ROUNDED_SLIDER  # type: ignore[attr-defined]
        size = LENGTHS[length_of](x.shape[-1], slowest)
        rate, (rows, time) = self._number(value), _sizes(x)
        length = recorder.temporary((1,))
        recorder.call(length_of, [length], [length, rate, time, size])
        if is_output:
            recorder.graph.output_length = length
        return _call(recorder, function, x, size, [length, rate, rows, time, size, *more])

    def _number(self, value: Tensor) -> View:
        """Return an array with the first value of a parameter.

        Raises:
            ValueReadError: `value` is recorded and has several elements, which the page cannot change.
        """
        if value.numel() != 1 and self.recorder.is_tracked(value):
            self.recorder.refuse_reading("scalar_value", [value])
        return self.recorder.array(value.detach().double().reshape(-1)[:1])


def _sizes(x: Tensor) -> list[int]:
    return [prod(x.shape[:-1]), x.shape[-1]]


def _call(recorder: Recorder, function: str, x: Tensor, size: int, arguments: list[Any]) -> Tensor:
    """Record a call of `function` of the engine with the sound `x`; return the output, `size` samples per channel."""
    y, sound = x.new_zeros(*x.shape[:-1], size), recorder.array(x)
    out = recorder.new(y)
    recorder.call(function, [out], [out, sound, *arguments])
    return y


def converted(recorder: Recorder, x: Tensor, from_rate: float, to_rate: float) -> Tensor:
    """Record the conversion of `x` between sample rates in Hz, and return the result; at equal rates, return `x`."""
    if from_rate == to_rate:
        return x
    ratio = rate_ratio(from_rate, to_rate)
    size = -(-x.shape[-1] * ratio.numerator // ratio.denominator)
    return _call(recorder, "convertRate", x, size, [*_sizes(x), size, from_rate, to_rate])


def heard_conversion(recorder: Recorder, module: Resample, x: Tensor, sample_rate: float) -> Tensor:
    """Record a conversion to the rate of the module and back to `sample_rate`, and return the result.

    The rate of the module becomes a parameter of the graph, so that the page can change it.
    """
    rate = Buffer(1, "parameter", "rate", [float(module.rate)])
    recorder.graph.parameters["rate"] = rate
    arguments = [*_sizes(x), sample_rate, contiguous_view(rate, (1,))]
    return _call(recorder, "convertRateAndBack", x, x.shape[-1], arguments)

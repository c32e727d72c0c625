"""Functions of fxlab that read numbers, in a form that can be traced within an explored function."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any, cast

import torch
from torch import Tensor

from fxlab.effects.level.integrated_loudness import integrated_power, to_lufs
from fxlab.errors import CompileError
from fxlab.labs.exploration import Exploration
from fxlab.module import Param
from fxlab.page.compiler.dependencies import dependencies
from fxlab.page.compiler.interception import Replacement
from fxlab.page.compiler.recorder import Recorder
from fxlab.page.compiler.source_line import source_line
from fxlab.signal import Signal
from fxlab.signal.sample_grid import SampleGrid


def function_replacements(recorder: Recorder, module: Exploration) -> dict[tuple[str, str], Replacement]:
    """Return the replacements of functions of fxlab that read values; see `interception.replaced`."""

    def peak(original: Callable[..., Any], samples: Any) -> float:
        return 0.0 if recorder.is_tracked(samples) else float(original(samples))

    def check_number(original: Callable[..., Any], generator: str, name: str, value: Any, unit: str) -> Any:
        return value if recorder.is_tracked(value) else original(generator, name, value, unit)

    def integrated(original: Callable[..., Any], x: Tensor, sample_rate: float) -> Any:
        if not recorder.is_tracked(x):
            return original(x, sample_rate)
        return to_lufs(integrated_power(x.detach(), sample_rate))

    def between(original: Callable[..., Any], signal: Signal, start: Any = 0.0, stop: Any = None) -> Signal:
        if not recorder.is_tracked(start, stop):
            return cast(Signal, original(signal, start, stop))
        return _between(recorder, signal, start, signal.duration if stop is None else stop)

    def harmonic_wave(
        shape: str, original: Callable[..., Any], frequency: Any = 440.0, *args: Any, **options: Any
    ) -> Any:
        if not recorder.is_tracked(frequency):
            return original(frequency, *args, **options)
        return _harmonic_wave(recorder, module, shape, frequency, *args, **options)

    def noise(original: Callable[..., Any], *args: Any, **options: Any) -> Signal:
        recorder.is_generating = True
        try:
            return cast(Signal, original(*args, **options))
        finally:
            recorder.is_generating = False

    return {
        ("fxlab.signal.generators", "noise"): noise,
        ("fxlab.signal.generators", "sawtooth"): partial(harmonic_wave, "sawtooth"),
        ("fxlab.signal.generators", "square"): partial(harmonic_wave, "square"),
        ("fxlab.signal.samples", "peak"): peak,
        ("fxlab.signal.sample_grid", "check_number"): check_number,
        ("fxlab.analysis.loudness", "integrated"): integrated,
        ("fxlab.signal.signal", "Signal.between"): between,
    }


def _between(recorder: Recorder, signal: Signal, start: Any, stop: Any) -> Signal:
    """Return the part of a signal between recorded times in s; the page refuses times that change the part's length.

    Raises:
        CompileError: The part lies outside of the signal or has no samples.
    """
    rate = signal.sample_rate
    first, last = (torch.round(torch.as_tensor(time, dtype=torch.float64) * rate) for time in (start, stop))
    length = int(recorder.run(lambda: last - first))
    is_outside = (first < 0) | (last > signal.frames) | (last - first != length)
    if length < 1 or recorder.guard(is_outside):
        raise CompileError(f"{source_line(full=True)}: the part of {signal!r} lies outside of it or has no samples.")
    places = first.long() + torch.arange(length)
    return Signal._of_channels(signal.samples[:, places], rate)


def _harmonic_wave(
    recorder: Recorder,
    module: Exploration,
    shape: str,
    frequency: Tensor,
    duration: float = 1.0,
    *,
    sample_rate: float = 44_100,
    level_db: float = -6.0,
    channels: int = 1,
) -> Signal:
    """Return the wave of `fx.sawtooth` or `fx.square` at a recorded frequency.

    The number of harmonics is that at the lowest frequency of the slider; harmonics that are not below half the sample
    rate have the amplitude 0.
    """
    grid = SampleGrid(shape, duration, sample_rate, channels)
    tone: Any = grid.check_frequency("frequency", cast(Any, frequency))
    lowest = _lowest_value(recorder, module, frequency)
    harmonics = torch.arange(1.0, max(2, math.ceil(grid.rate / 2 / lowest)), 1 if shape == "sawtooth" else 2)
    harmonics = harmonics.double()
    is_below = harmonics * tone < grid.rate / 2
    last = (harmonics * is_below).amax()
    crest = (torch.sin(harmonics * (math.pi / (last + 1))) / harmonics * is_below).sum()
    sign = -1 if shape == "sawtooth" else 1
    amplitudes = is_below * (sign / (harmonics * crest))
    return grid.to_signal(grid.sum_harmonics(tone, harmonics, amplitudes), level_db)


def _lowest_value(recorder: Recorder, module: Exploration, number: Tensor) -> float:
    """Return the lowest value of the slider whose value is `number`.

    Raises:
        CompileError: `number` is not the value of a slider.
    """
    paths, _ = dependencies(recorder.graph, [recorder.view(number).buffer])
    declared = module.declarations.get(next(iter(paths), ""))
    if isinstance(declared, Param) and len(paths) == 1:
        given, value = recorder.run(lambda: (number.double(), declared.stored(module).double().reshape(())))
        if bool(recorder.run(torch.isclose, given, value)):
            return declared.span(44_100)[0]
    recorder.refuse_reading("scalar_value", [number])
    raise AssertionError("a recorded number has a parameter")

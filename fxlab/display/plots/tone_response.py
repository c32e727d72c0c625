"""`ToneResponse`: a test tone, and the output of a module for it."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from fxlab.analysis.isolated_run import batch_shape, device_of, preserve_random_state, run, without_side_effects
from fxlab.engine.torch_support.shapes import first_example
from fxlab.errors import SignalError
from fxlab.module import Module

LEVELS_DB = (-20.0, -2.0, -20.0)
_TONE_HZ = 220.0
_MAX_DURATION = 1.0  # seconds
_TIME_BUDGET = 0.6  # seconds of computation per card

Array = NDArray[np.float64]


@dataclass(frozen=True)
class ToneResponse:
    """A test tone in three parts (soft, loud, soft) and the output of a module for it."""

    rate: float
    """The sample rate in Hz."""
    frequency: float
    """The frequency of the tone in Hz; its period is an integer number of samples."""
    input: Array
    """The test tone, `(time,)`."""
    output: Array
    """The first channel of the first example of the output, `(time,)`."""
    loud_part: slice
    """The indices of the loud part."""
    examples: int
    """The number of examples of the output."""
    channels: int
    """The number of channels of the output."""


def measure_tone_response(module: Module, rate: float) -> ToneResponse:
    """Return the test tone and the output of `module` for it; the module and PyTorch's random state are not changed.

    `rate` is the sample rate in Hz. The tone lasts about 1 s, or less if the module is slow.

    Raises:
        SignalError: A sample of the first channel of the output is not finite.
        Exception: Every error that the module raises when it is called.
    """
    subject, lead, device = without_side_effects(module), batch_shape(module), device_of(module)
    period = max(4, round(rate / _TONE_HZ))
    with torch.no_grad(), preserve_random_state(device):
        part = _part_frames(subject, rate, period, lead, device)
        tone = torch.sin(2 * torch.pi * torch.arange(3 * part, dtype=torch.float64) / period)
        gain = torch.tensor([10 ** (level / 20) for level in LEVELS_DB], dtype=torch.float64).repeat_interleave(part)
        input_ = tone * gain
        output, channels = run(subject, input_.float(), rate, lead, device)
    examples = int(np.prod(lead)) if lead else 1
    first = first_example(output).double().cpu().numpy()
    if not np.isfinite(first).all():
        raise SignalError(f"its output for a {rate / period:.0f} Hz tone is not finite.")
    return ToneResponse(rate, rate / period, input_.numpy(), first, slice(part, 2 * part), examples, channels)


def _part_frames(module: Module, rate: float, period: int, lead: tuple[int, ...], device: torch.device) -> int:
    """Return the number of samples of each of the three parts of the tone, a multiple of `period`.

    A part lasts about a third of a second, or less if the module is slow, but at least 4 periods. `rate` is the sample
    rate in Hz, and `lead` the shape of the batch.
    """
    max_periods = max(4, round(_MAX_DURATION / 3 * rate / period))
    periods = 4
    run(module, torch.zeros(periods * period), rate, lead, device)  # warm-up, so that the timed run excludes set-up
    while True:
        start = time.perf_counter()
        run(module, torch.zeros(periods * period), rate, lead, device)
        cost = time.perf_counter() - start
        if periods == max_periods or cost * 3 * max_periods / periods <= _TIME_BUDGET:
            return max_periods * period
        if 4 * cost > _TIME_BUDGET / 2:
            return periods * period
        periods = min(max_periods, 4 * periods)

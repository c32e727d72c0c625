"""`measure_transfer`: the output of a module as a function of its input, for each sample and for each level."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from fxlab.analysis.isolated_run import batch_shape, device_of, preserve_random_state, run, without_side_effects
from fxlab.engine.torch_support.shapes import first_example
from fxlab.errors import SignalError
from fxlab.module import Module

MIN_LEVEL_DB, MAX_LEVEL_DB = -60.0, 0.0  # dBFS
TONE_FREQUENCY = 220.0  # Hz
LEVEL_STEP_DB, LEVEL_STEP_SECONDS = 3.0, 0.06


class Transfer(NamedTuple):
    """The output of a module for a tone whose level rises in steps; a full-scale sine has the level 0 dBFS."""

    input_levels: Tensor
    """The levels of the input in dBFS, `(steps,)`."""
    output_levels: Tensor
    """The levels of the output in dBFS, computed from its RMS, `(steps,)`."""
    input_samples: Tensor
    """Two periods of the loudest tone, `(time,)`."""
    output_samples: Tensor
    """The output for `input_samples`, `(time,)`."""


def transfer_seconds() -> float:
    """Return the approximate duration of the tone of `measure_transfer` in seconds.

    >>> transfer_seconds()
    1.26
    """
    return LEVEL_STEP_SECONDS * (1 + round((MAX_LEVEL_DB - MIN_LEVEL_DB) / LEVEL_STEP_DB))


def measure_transfer(module: Module, rate: float) -> Transfer:
    """Measure the output of `module` for a tone of about 220 Hz whose level rises from −60 to 0 dBFS in steps of 3 dB.

    `rate` is the sample rate in Hz. The first channel of the first example is measured.

    Raises:
        FxlabError: The output is not audio.
        SignalError: The output is not finite.
    """
    period = max(4, round(rate / TONE_FREQUENCY))
    length = max(4, round(LEVEL_STEP_SECONDS * rate / period)) * period
    levels = torch.arange(MIN_LEVEL_DB, MAX_LEVEL_DB + 0.5, LEVEL_STEP_DB, dtype=torch.float64)
    subject, lead, device = without_side_effects(module), batch_shape(module), device_of(module)
    tone = torch.sin(2 * torch.pi * torch.arange(len(levels) * length, dtype=torch.float64) / period)
    x = tone * (10 ** (levels / 20)).repeat_interleave(length)
    with torch.no_grad(), preserve_random_state(device):
        output, _ = run(subject, x.float(), rate, lead, device)
    y = first_example(output).double().cpu()
    if not bool(y.isfinite().all()):
        raise SignalError(
            f"{type(module).__name__}: its output for a tone of {rate / period:.0f} Hz has NaN or infinite samples."
        )
    y = torch.nn.functional.pad(y, (0, max(0, len(x) - len(y))))[: len(x)]
    # The first half of a step is not used: it still contains the response to the step before.
    settled = y.reshape(len(levels), length)[:, length // 2 :]
    power = settled.square().mean(-1).clamp(min=1e-20)
    return Transfer(levels, 10 * (2 * power).log10(), x[-2 * period :], y[-2 * period :])

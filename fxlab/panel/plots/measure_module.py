"""Measurements of a module without a known response, with a sweep and with a tone of increasing level."""

from __future__ import annotations

import math
import time

import numpy as np
import torch
from torch import Tensor

from fxlab.analysis.isolated_run import batch_shape, device_of, preserve_random_state, run, without_side_effects
from fxlab.analysis.measurement import Measurement, measure
from fxlab.analysis.transfer import MAX_LEVEL_DB, MIN_LEVEL_DB, Transfer, measure_transfer, transfer_seconds
from fxlab.engine.torch_support.shapes import first_example
from fxlab.errors import FxlabError
from fxlab.module import Module

MIN_FREQUENCY = 40.0  # Hz: a sweep from an octave lower would take twice as long
PERIODS = 12.0  # periods of `MIN_FREQUENCY` for each factor e in frequency; see `measure`
MAX_FREQUENCY = 0.475  # times the sample rate: the highest frequency of a measurement
TRIAL_LENGTHS = (2048, 16_384)  # samples; the duration of a measurement is estimated from runs of these lengths
TIME_LIMIT = 2.0  # seconds that a measurement may take


def measure_response(module: Module, rate: float, peak: float) -> Measurement:
    """Return the response of `module`, measured with a sweep.

    Args:
        module: A module without a known response.
        rate: The sample rate in Hz.
        peak: The peak of the input signal, where 1 is full scale; it determines the level of the sweep.

    Raises:
        FxlabError: The measurement would take too long, or the output is not audio or not finite.
    """
    lowest = min(MIN_FREQUENCY, MAX_FREQUENCY * rate / 8)
    duration = max(1.0, 1.05 * PERIODS / lowest * math.log(2 * rate / lowest))
    check_cost(module, rate, 1.3 * duration)
    return measure(module, level_db=sweep_level(peak), sample_rate=rate, lowest=lowest, duration=duration)


def sweep_level(peak: float) -> float:
    """Return the level of the sweep in dBFS for an input whose peak is `peak`, where 1 is full scale.

    It is rounded to 1 dB and limited to the range from −60 to 0 dBFS.
    """
    return float(min(MAX_LEVEL_DB, max(MIN_LEVEL_DB, round(20 * math.log10(max(peak, 1e-9))))))


def check_cost(module: Module, rate: float, seconds: float) -> None:
    """Raise an `FxlabError` if `module` would take longer than `TIME_LIMIT` to process `seconds` of audio.

    `rate` is the sample rate in Hz. The time is estimated from short runs of the module, with silence of two lengths.
    """
    subject, lead, device = without_side_effects(module), batch_shape(module), device_of(module)
    durations = []
    with torch.no_grad(), preserve_random_state(device):
        run(subject, torch.zeros(TRIAL_LENGTHS[0]), rate, lead, device)  # the first run includes one-time set-up
        for frames in TRIAL_LENGTHS:
            # The shortest of three, because another process may have used the processor.
            durations.append(min(_run_seconds(subject, torch.zeros(frames), rate, lead, device) for _ in range(3)))
    # The part of the cost that does not depend on the length must not be counted for each sample.
    slope = max(0.0, durations[1] - durations[0]) / (TRIAL_LENGTHS[1] - TRIAL_LENGTHS[0])
    cost = durations[0] + slope * (seconds * rate - TRIAL_LENGTHS[0])
    if cost > TIME_LIMIT:
        raise FxlabError(
            f"Measuring {type(module).__name__} would take {cost:.0f} s, and a panel allows {TIME_LIMIT:g} s; "
            "fx.measure has no limit."
        )


def _run_seconds(module: Module, x: Tensor, rate: float, lead: tuple[int, ...], device: torch.device) -> float:
    start = time.perf_counter()
    run(module, x, rate, lead, device)
    return time.perf_counter() - start


def measured_magnitude(measurement: Measurement, frequencies: Tensor) -> Tensor:
    """Return the measured magnitude of the first example in dB, interpolated at `frequencies` in Hz.

    It is NaN outside the measured range.
    """
    known = measurement.frequencies.double().cpu().numpy()
    level = first_example(measurement.magnitude_db).double().cpu().numpy()
    at = frequencies.double().cpu().numpy()
    return torch.from_numpy(np.interp(at, known, level, left=np.nan, right=np.nan)).float()


def measure_transfer_within_limit(module: Module, rate: float) -> Transfer:
    """Return the `Transfer` of `module`, measured with a tone whose level rises from −60 to 0 dBFS.

    `rate` is the sample rate in Hz.

    Raises:
        FxlabError: The measurement would take too long, or the output is not audio or not finite.
    """
    check_cost(module, rate, transfer_seconds())
    return measure_transfer(module, rate)

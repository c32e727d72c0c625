"""What a module without a response does: measured with a sweep and with a tone, as the plots show it."""

from __future__ import annotations

import math
import time

import numpy as np
import torch
from torch import Tensor

from fxlab.analysis.isolated_run import batch_of, device_of, run, undisturbed, unharmed
from fxlab.analysis.measurement import Measurement, measure
from fxlab.errors import FxlabError, SignalError
from fxlab.module import Module

LOWEST = 40.0  # Hz: from lower on a sweep would take twice as long
PERIODS = 12.0  # of that frequency for each e-fold, see `measure`
TOP = 0.475  # of the sample rate, where a measurement ends
SOFTEST, LOUDEST = -60.0, 0.0  # dBFS
TRIALS = (2048, 16_384)  # samples from which is told how long it would take
BUDGET = 2.0  # seconds that measuring may take
TONE = 220.0  # Hz
STEP_DB, STEP_SECONDS = 3.0, 0.06


def swept(module: Module, rate: float, peak: float) -> Measurement:
    """The response to a sweep as loud as `peak`, the highest sample of the sound that plays.

    Raises:
        FxlabError: It cannot be measured: it is too slow for that, or what comes out is no sound.
    """
    lowest = min(LOWEST, TOP * rate / 8)
    duration = max(1.0, 1.05 * PERIODS / lowest * math.log(2 * rate / lowest))
    affordable(module, rate, 1.3 * duration)
    return measure(module, level_db=level_of(peak), sample_rate=rate, lowest=lowest, duration=duration)


def level_of(peak: float) -> float:
    """The level of a sweep for a sound with that peak, in whole dBFS from −60 to 0."""
    return float(min(LOUDEST, max(SOFTEST, round(20 * math.log10(max(peak, 1e-9))))))


def affordable(module: Module, rate: float, seconds: float) -> None:
    """Raise where it would compute for too long at so many seconds of sound."""
    subject, lead, device = unharmed(module), batch_of(module), device_of(module)
    took = []
    with torch.no_grad(), undisturbed(device):
        run(subject, torch.zeros(TRIALS[0]), rate, lead, device)  # the first run pays for what is built once
        for frames in TRIALS:
            # The least of three: another process may have had the processor.
            took.append(min(_seconds(subject, torch.zeros(frames), rate, lead, device) for _ in range(3)))
    # What a call costs whatever its length is not paid for each sample.
    slope = max(0.0, took[1] - took[0]) / (TRIALS[1] - TRIALS[0])
    cost = took[0] + slope * (seconds * rate - TRIALS[0])
    if cost > BUDGET:
        raise FxlabError(
            f"{type(module).__name__} would take {cost:.0f} s to be measured, and a panel takes {BUDGET:g} s at most; "
            "fx.measure takes its time."
        )


def _seconds(module: Module, x: Tensor, rate: float, lead: tuple[int, ...], device: torch.device) -> float:
    start = time.perf_counter()
    run(module, x, rate, lead, device)
    return time.perf_counter() - start


def curve(found: Measurement, frequencies: Tensor) -> Tensor:
    """Its magnitude in dB at `frequencies`, NaN where nothing was measured."""
    known = found.frequencies.double().cpu().numpy()
    level = found.magnitude_db.reshape(-1, len(known))[0].double().cpu().numpy()
    at = frequencies.double().cpu().numpy()
    return torch.from_numpy(np.interp(at, known, level, left=np.nan, right=np.nan)).float()


def transferred(module: Module, rate: float) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Levels in dBFS of a tone that goes in and comes out, step by step, and two periods of the loudest, in and out.

    Raises:
        FxlabError: It cannot be measured; see `swept`.
    """
    period = max(4, round(rate / TONE))
    length = max(4, round(STEP_SECONDS * rate / period)) * period
    levels = torch.arange(SOFTEST, LOUDEST + 0.5, STEP_DB, dtype=torch.float64)
    affordable(module, rate, len(levels) * length / rate)
    subject, lead, device = unharmed(module), batch_of(module), device_of(module)
    tone = torch.sin(2 * torch.pi * torch.arange(len(levels) * length, dtype=torch.float64) / period)
    given = tone * (10 ** (levels / 20)).repeat_interleave(length)
    with torch.no_grad(), undisturbed(device):
        got, _ = run(subject, given.float(), rate, lead, device)
    first = got.reshape(-1, got.shape[-1])[0].double().cpu()
    if not bool(first.isfinite().all()):
        raise SignalError(f"{type(module).__name__}: its output for a {rate / period:.0f} Hz tone is not finite.")
    first = torch.nn.functional.pad(first, (0, max(0, len(given) - len(first))))[: len(given)]
    # What a step begins with still has the one before in it.
    settled = first.reshape(len(levels), length)[:, length // 2 :]
    power = settled.square().mean(-1).clamp(min=1e-20)
    return levels, 10 * (2 * power).log10(), given[-2 * period :], first[-2 * period :]

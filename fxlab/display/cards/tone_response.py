"""What a module that has no response does to a test tone: its input and its output, side by side."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from fxlab.analysis.isolated_run import batch_of, device_of, run, undisturbed, unharmed
from fxlab.errors import SignalError
from fxlab.module import Module

LEVELS_DB = (-20.0, -2.0, -20.0)
_TONE = 220.0
_LONGEST = 1.0
_BUDGET = 0.6  # seconds of computing that a card may cost

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Probe:
    """A tone in three levels, soft, loud, soft, and what came out for it."""

    rate: float
    tone: float
    """In Hz: a whole number of samples a period."""
    given: Array
    got: Array
    """The first channel of the first example."""
    loud: slice
    """The samples of the loud part."""
    examples: int
    channels: int


def probe(module: Module, rate: float) -> Probe:
    """Send the tone through `module`, as it is, on its own device; neither it nor torch's random state is changed.

    Raises:
        FxlabError: What came out is no sound.
    """
    subject, lead, device = unharmed(module), batch_of(module), device_of(module)
    period = max(4, round(rate / _TONE))
    with torch.no_grad(), undisturbed(device):
        third = _frames(subject, rate, period, lead, device)
        tone = torch.sin(2 * torch.pi * torch.arange(3 * third, dtype=torch.float64) / period)
        gain = torch.tensor([10 ** (level / 20) for level in LEVELS_DB], dtype=torch.float64).repeat_interleave(third)
        given = tone * gain
        got, channels = run(subject, given.float(), rate, lead, device)
    count = int(np.prod(lead)) if lead else 1
    first = got.reshape(-1, got.shape[-1])[0].double().cpu().numpy()
    if not np.isfinite(first).all():
        raise SignalError(f"its output for a {rate / period:.0f} Hz tone is not finite.")
    return Probe(rate, rate / period, given.numpy(), first, slice(third, 2 * third), count, channels)


def _frames(module: Module, rate: float, period: int, lead: tuple[int, ...], device: torch.device) -> int:
    """How many samples each level lasts: a third of a second, or less where the module is slow."""
    most = max(4, round(_LONGEST / 3 * rate / period))
    periods = 4
    run(module, torch.zeros(periods * period), rate, lead, device)  # the first run pays for what is built once
    while True:
        start = time.perf_counter()
        run(module, torch.zeros(periods * period), rate, lead, device)
        cost = time.perf_counter() - start
        if periods == most or cost * 3 * most / periods <= _BUDGET:
            return most * period
        if 4 * cost > _BUDGET / 2:
            return periods * period
        periods = min(most, 4 * periods)

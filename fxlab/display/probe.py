"""What a module that has no response does to a test tone: its input and its output, side by side."""

from __future__ import annotations

import copy
import time
from contextlib import AbstractContextManager
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fxlab.errors import FxlabError, SignalError
from fxlab.module import Module
from fxlab.module.continuous import Continuous

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
    subject, lead, device = _unharmed(module), _batch(module), device_of(module)
    period = max(4, round(rate / _TONE))
    with torch.no_grad(), undisturbed(device):
        third = _frames(subject, rate, period, lead, device)
        tone = torch.sin(2 * torch.pi * torch.arange(3 * third, dtype=torch.float64) / period)
        gain = torch.tensor([10 ** (level / 20) for level in LEVELS_DB], dtype=torch.float64).repeat_interleave(third)
        given = tone * gain
        got, channels = _run(subject, given.float(), rate, lead, device)
    count = int(np.prod(lead)) if lead else 1
    first = got.reshape(-1, got.shape[-1])[0].double().cpu().numpy()
    if not np.isfinite(first).all():
        raise SignalError(f"its output for a {rate / period:.0f} Hz tone is not finite.")
    return Probe(rate, rate / period, given.numpy(), first, slice(third, 2 * third), count, channels)


def undisturbed(device: torch.device) -> AbstractContextManager[None]:
    """Keep torch's random state, also that of `device`, as it is without the run."""
    return torch.random.fork_rng(devices=[device] if device.type == "cuda" else [])


def _frames(module: Module, rate: float, period: int, lead: tuple[int, ...], device: torch.device) -> int:
    """How many samples each level lasts: a third of a second, or less where the module is slow."""
    most = max(4, round(_LONGEST / 3 * rate / period))
    periods = 4
    _run(module, torch.zeros(periods * period), rate, lead, device)  # the first run pays for what is built once
    while True:
        start = time.perf_counter()
        _run(module, torch.zeros(periods * period), rate, lead, device)
        cost = time.perf_counter() - start
        if periods == most or cost * 3 * most / periods <= _BUDGET:
            return most * period
        if 4 * cost > _BUDGET / 2:
            return periods * period
        periods = min(most, 4 * periods)


def _run(
    module: Module, samples: Tensor, rate: float, lead: tuple[int, ...], device: torch.device
) -> tuple[Tensor, int]:
    """Process in mono, or where that fails in stereo."""
    x = samples.to(device).expand(*(lead[:1] or ()), 1, -1)
    many = lead[1] if len(lead) > 1 else 1
    try:
        y, channels = module(x.expand(*x.shape[:-2], many, -1).clone(), sample_rate=rate), many
    except Exception:
        if many > 1:
            raise
        y, channels = module(x.expand(*x.shape[:-2], 2, -1).clone(), sample_rate=rate), 2
    if not isinstance(y, Tensor) or not y.is_floating_point() or y.ndim == 0 or y.shape[-1] == 0:
        found = f"shape {tuple(y.shape)}, {y.dtype}" if isinstance(y, Tensor) else type(y).__name__
        raise FxlabError(f"what comes out of it is no sound, but {found}.")
    return y, channels


def _unharmed(module: Module) -> Module:
    """A copy where a run could leave traces, as in the statistics of a network's normalisation."""
    if all(isinstance(part, Module) for part in module.modules()):
        return module
    try:
        return copy.deepcopy(module).eval()
    except Exception:
        return module


def _batch(module: Module) -> tuple[int, ...]:
    shapes = [d.lead(d.stored(owner)) for _, owner, d in module.walk() if isinstance(d, Continuous)]
    lead = max(map(len, shapes), default=0)
    padded = [tuple(shape) + (1,) * (lead - len(shape)) for shape in shapes if len(shape)]
    return tuple(torch.broadcast_shapes(*padded)) if padded else ()  # type: ignore[no-untyped-call]


def device_of(module: Module) -> torch.device:
    """Where the module's tensors lie; parameters left on the CPU go with any device."""
    tensors = [*module.parameters(), *module.buffers()]
    return next((t.device for t in tensors if t.device.type != "cpu"), torch.device("cpu"))

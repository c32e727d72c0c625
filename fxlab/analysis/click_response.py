"""`click_response`: the echoes and the reverberation that a module adds to a click."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.analysis.isolated_run import preserve_random_state
from fxlab.effects.common.ringing import Ringing
from fxlab.errors import ParameterError
from fxlab.module import Chain, Module
from fxlab.module.parameters.freeze_controls import freeze_at_times
from fxlab.module.tail import tail_samples

MAX_SECONDS = 12.0
"""The maximum length of the response in seconds."""


def rings(module: Module) -> bool:
    """Return whether the module or an active part of it is `Ringing`, so that its output may outlast the input."""
    if isinstance(module, Ringing):
        return True
    parts = [stage for _, stage in module._active_stages()] if isinstance(module, Chain) else module.children()
    return any(rings(part) for part in parts if isinstance(part, Module))


def click_response(module: Module, channels: int, rate: float, device: str) -> tuple[Tensor, float]:
    """Return the output for a click of one sample at full scale in all channels, and the output's sample rate in Hz.

    The click is followed by zeros for the length of the module's tail, at most `MAX_SECONDS`. For a batch the output is
    that of the first example. Parameters that controls move have their values at the start.

    Args:
        module: The module.
        channels: The number of channels of the click.
        rate: The sample rate of the click in Hz.
        device: The device of the module.

    Shape:
        Returns `(channels, time)` in float64 on the CPU.
    """
    subject = freeze_at_times(module, torch.tensor(0.0))
    ringing = [part for part in subject.modules() if isinstance(part, Ringing)]
    limit = int(MAX_SECONDS * rate)
    for part in ringing:
        part.tail = "ring"
    try:
        length = min(limit, tail_samples(subject, rate))
    except ParameterError:  # the tail is longer than it may be
        length = limit
    for part in ringing:
        part.tail = "cut"
    x = torch.zeros(channels, 1 + length, device=device)
    x[:, 0] = 1.0
    with torch.no_grad(), preserve_random_state(torch.device(device)):
        y: Tensor = subject(x, sample_rate=rate)
    return y.double().cpu(), subject.output_rate(rate)

"""The low-frequency oscillator of modulation effects: its phase from block to block, and its waveforms."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.engine.torch_support.known_values import scalar_value
from fxlab.engine.torch_support.tracing import is_recorded, needs_derivative
from fxlab.module.parameters.clock import start_sample


def advance_phase(rate_hz: Tensor, x: Tensor, state: Tensor | None, sample_rate: float) -> tuple[Tensor, Tensor]:
    """Return the phase of an oscillator at every sample of the block `x`, and its phase after the block, in cycles.

    The phase is the integral of the rate, from 0 at the start of the sound. If the call starts later in the sound (see
    `start_at`), the rate before the call is taken to be that of the first sample. In a recorded graph the phase starts
    at 0.

    Shape:
        rate_hz: broadcasts against `x`. state: `(..., 1)` or a scalar, the phase after the previous block, or None at
        the first. Returns the phase `(..., time)` or `(time,)`, and the new state, in float64 and less than a cycle.
    """
    cycles = rate_hz.double() / sample_rate
    if cycles.ndim and cycles.shape[-1] != 1:
        total = torch.cumsum(cycles, -1)
        offsets, total = total - cycles, cycles.sum(-1, keepdim=True)
    else:
        offsets = cycles * torch.arange(x.shape[-1], dtype=torch.float64, device=x.device)
        total = cycles * x.shape[-1]
    if state is None:
        start = 0 if is_recorded() or cycles.numel() == 0 else start_sample(sample_rate)
        state = cycles[..., :1] * start if cycles.ndim else cycles * start
    # Whole cycles are removed, so that the phase stays accurate in a stream of several hours.
    return fraction(state + offsets), fraction(state + total)


def spread_phase(phase: Tensor, degrees: Tensor, x: Tensor) -> Tensor:
    """Return the phase of each channel of `x` in cycles: each is ahead of the channel before it by `degrees`.

    If `degrees` is one number that is known to be 0 and needs no derivative, or if there is no dimension of channels,
    the phase is returned unchanged, so that values computed from it are shared by all channels.
    """
    same = not degrees.ndim and not needs_derivative(degrees) and scalar_value(degrees) == 0.0
    if same or x.ndim < 2:
        return phase
    channel = torch.arange(x.shape[-2], dtype=torch.float64, device=x.device).unsqueeze(-1)
    return fraction(phase + channel * (degrees.double() / 360))


def fraction(cycles: Tensor) -> Tensor:
    """Return the fractional part of a phase as `cycles - floor(cycles)`, which is faster than `torch.remainder`."""
    return cycles - torch.floor(cycles)


def wave(shape: str, phase: Tensor) -> Tensor:
    """Return the value of a waveform, which is 0 at a phase of 0 cycles and 1 at 0.5 cycles.

    `shape` is `"sine"`, `"triangle"` or `"square"`. `phase` is in cycles, from 0 to below 1.

    >>> wave("triangle", torch.tensor([0.0, 0.25, 0.5, 0.75]))
    tensor([0.0000, 0.5000, 1.0000, 0.5000])
    """
    if shape == "sine":
        return 0.5 - 0.5 * torch.cos(2 * math.pi * phase)
    if shape == "triangle":
        return 1 - (2 * phase - 1).abs()
    return (phase >= 0.5).to(phase.dtype) + 0 * phase


def swing(shape: str, phase: Tensor) -> Tensor:
    """Return the value of a waveform, from -1 to 1.

    `shape` and `phase` are as in `wave`. A sine and a triangle start at 0 and rise. A square wave is 1 from 0.25 to
    0.75 cycles, and -1 elsewhere.

    >>> swing("triangle", torch.tensor([0.0, 0.25, 0.5, 0.75]))
    tensor([ 0.,  1.,  0., -1.])
    """
    if shape == "sine":
        return torch.sin(2 * math.pi * phase)
    return 2 * wave(shape, fraction(phase + 0.25)) - 1

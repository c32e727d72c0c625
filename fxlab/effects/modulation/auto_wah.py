"""`AutoWah`: a band-pass whose center follows the level of the input."""

from __future__ import annotations

import math
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import pad

from fxlab.control.smoothing_times import attack, release
from fxlab.effects.common.channels import linked_dim
from fxlab.effects.modulation.stepped_filter import (
    HOP,
    StepState,
    Values,
    first_state,
    head_length,
    run_held,
    values_of_steps,
)
from fxlab.engine import branching_smoother, smoothing_pole, ssfilt_varying
from fxlab.filters.common.parameters import hertz, quality
from fxlab.filters.virtual_analog.state_variable import state_variable_system
from fxlab.module import Param, StatefulModule, Switch
from fxlab.module.checks import expand_state


class WahState(NamedTuple):
    """The state of a stream: the peak so far in the current step of 16 samples, the smoother, and the filter.

    The peak and the state of the smoother are `(..., 1)`, or None before the first block.
    """

    peak: Tensor | None
    smoother: Tensor | None
    steps: StepState


class AutoWah(StatefulModule):
    """An automatic wah: a resonant band-pass whose center moves with the level of the input.

    The level is the peak of the preceding 16 samples, measured every 16 samples, amplified by `gain_db` and smoothed
    with `attack_ms` where it rises and with `release_ms` where it falls. At silence the center is `frequency`; at
    levels of full scale and above it is `range_octaves` away, measured on the frequency axis of the bilinear transform,
    so that it never reaches half the sample rate. The filter is that of `StateVariable`, which stays stable however
    fast its center moves.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `frequency` is not above 0 and below half the sample rate, `q` is not above 0, or a time is
            negative.
        FxlabError: PyTorch records a graph, as in `torch.compile` and `torch.export`.

    Source:
        U. Zölzer (ed.), DAFX: Digital Audio Effects, 2nd edition, "Wah-wah filter"; A. Simper, Linear Trapezoidal
        Integrated State Variable Filter (Cytomic, 2013).

    >>> AutoWah(frequency=300.0, range_octaves=3.0)(torch.zeros(2, 100), sample_rate=48_000).abs().max()
    tensor(0.)
    """

    fixed_parameters: ClassVar[dict[str, str]] = dict.fromkeys(
        ("attack_ms", "release_ms"), "the smoother has one time constant for the whole signal."
    )
    frequency = hertz("Center of the band at silence.", 350.0, 100.0, 2000.0)
    range_octaves = Param(
        2.5, low=-3.0, high=4.0, unit="octaves", doc="Movement of the center at full scale; a negative one goes down."
    )
    q = quality("Quality factor: the center divided by the width of the band.", 4.0)
    gain_db = Param(12.0, low=-12.0, high=36.0, unit="dB", doc="Gain before the level is measured: the sensitivity.")
    attack_ms = attack("Time constant of a rising level (63 %).", 5.0)
    release_ms = release("Time constant of a falling level (63 %).")
    link = Switch(True, doc="Whether the loudest channel sets the center of all channels.")

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, WahState]:
        """Return the next block filtered, and the state after it, a `WahState`.

        Raises:
            FxlabError: PyTorch records a graph, as in `torch.compile` and `torch.export`.
        """
        before = WahState(None, None, first_state(sample_rate, self._name())) if state is None else state
        head = head_length(x, before.steps)
        levels, peak = self._peaks(x, head, before.peak)
        times = [
            smoothing_pole(_per_row(time).double(), sample_rate / HOP) for time in (self.attack_ms, self.release_ms)
        ]
        envelope, smoother = branching_smoother(levels, times[0], times[1], before.smoother)
        parameters = values_of_steps(tuple(v.double() for v in (self.frequency, self.range_octaves, self.q)), head)
        sensitivity = values_of_steps((10 ** (self.gain_db.double() / 20),), head)[0]

        def run(samples: Tensor, values: Values, state: Tensor | None) -> tuple[Tensor, Tensor]:
            position, frequency, octaves, q = values
            g = torch.tan(math.pi / sample_rate * frequency) * 2 ** (octaves * position)
            system = state_variable_system("bandpass", g, 1 / q)
            system = system.unsqueeze(-3) if system.ndim == 2 else system
            return ssfilt_varying(samples, system, state, hop_length=HOP)

        position = (envelope * sensitivity).clamp(0.0, 1.0)
        first = (torch.zeros_like(peak), *(value[..., :1] if value.ndim else value for value in parameters))
        y, steps = run_held(x, first, (position, *parameters), before.steps, run)
        return y, WahState(peak, smoother, steps)

    def _peaks(self, x: Tensor, head: int, before: Tensor | None) -> tuple[Tensor, Tensor]:
        """Return the peak level of the previous step for each step that begins in the block, `(..., steps)`.

        The second result is the peak of the last step up to the end of the block, `(..., 1)`. Both are float64. The
        first `head` samples belong to the step that began before the block, and `before` is the peak of the samples of
        that step in earlier blocks, or None at the first block.
        """
        level = x.abs()
        link_dim = linked_dim(x, self.link)
        if link_dim is not None:
            level = level.amax(link_dim, keepdim=True)
        zero = level.new_zeros(*level.shape[:-1], 1).double()
        peak = zero if before is None else expand_state(self._name(), before, tuple(zero.shape))
        if head:
            peak = torch.maximum(peak, level[..., :head].amax(-1, keepdim=True).double())
        rest = level[..., head:]
        count = -(-rest.shape[-1] // HOP)
        if not count:
            return zero[..., :0], peak
        whole = pad(rest, (0, count * HOP - rest.shape[-1])) if rest.shape[-1] % HOP else rest
        steps = whole.reshape(*whole.shape[:-1], count, HOP).amax(-1).double()
        return torch.cat([peak, steps[..., :-1]], -1), steps[..., -1:]


def _per_row(value: Tensor) -> Tensor:
    """Return a parameter without its time dimension of size 1, to broadcast against the input's other dimensions."""
    return value.squeeze(-1) if value.ndim else value

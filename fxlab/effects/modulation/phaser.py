"""`Phaser`: notches that move, from all-pass filters mixed with the input."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from fxlab.effects.modulation.oscillating import Modulated, Oscillating
from fxlab.effects.modulation.oscillator import advance_phase, spread_phase, swing
from fxlab.effects.modulation.parameters import feedback, mix, rate, share, stereo_phase, waveform
from fxlab.effects.modulation.stepped_filter import HOP, Values, first_state, run_steps
from fxlab.engine import sosfilt_varying, ssfilt_varying
from fxlab.engine.torch_support.known_values import scalar_value
from fxlab.engine.torch_support.tracing import needs_derivative
from fxlab.filters.common.parameters import hertz
from fxlab.module import Count
from fxlab.module.checks import stale_state

OCTAVES = 2.0
"""The octaves by which the corner moves up and down at a depth of 1."""


class Phaser(Oscillating):
    """A phaser: the input is mixed with a copy filtered by a chain of all-passes, whose corner moves up and down.

    Where the chain turns the phase by an odd multiple of 180°, input and copy cancel at a `mix` of 0.5 without
    feedback: `stages` first-order all-passes make `stages / 2` notches. For the corner f₀ and the sample rate r, notch
    k = 0, 1, … is at the frequency f with `tan(π f / r) = tan(π f₀ / r) tan(π (2 k + 1) / (2 stages))`. The corner
    moves around `frequency` by `depth` times two octaves, measured on the frequency axis of the bilinear transform, so
    that it never reaches half the sample rate. The output of the chain, multiplied by `feedback`, is added to the input
    of the chain without a delay; a positive `feedback` makes the peaks between the notches sharper.

    The chain is redesigned every 16 samples.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `rate_hz` or `frequency` is not above 0 and below half the sample rate, `depth` or `mix` is not
            from 0 to 1, `feedback` is not between −1 and 1, so that the loop would not decay, or `stages` is not an
            even number from 2 to 12.
        FxlabError: PyTorch records a graph, as in `torch.compile` and `torch.export`.

    Source:
        J. O. Smith, "An allpass approach to digital phasing and flanging", ICMC 1984; U. Zölzer (ed.), DAFX: Digital
        Audio Effects, 2nd edition, "Phaser".

    >>> tone = torch.sin(2 * torch.pi * 1000 * torch.arange(48_000) / 48_000)[None]
    >>> notch = Phaser(depth=0.0, frequency=1000.0, stages=2)(tone, sample_rate=48_000)
    >>> bool(notch[:, 4800:].abs().max() < 1e-3)
    True
    """

    modulated = Modulated("Corner", "Hz")

    rate_hz = rate(0.5, high=10.0)
    depth = share(0.6, "Range of the movement: 1 is two octaves up and down.")
    mix = mix()
    frequency = hertz("Center of the movement of the corner.", 800.0, 100.0, 5000.0)
    feedback = feedback()
    stages = Count(4, low=2, high=12, multiple=2, at_least=2, at_most=12, doc="All-pass filters in the chain.")
    shape = waveform()
    stereo_phase = stereo_phase()

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Return the output for the next block, and the state: the phase in cycles, and a `StepState`.

        Raises:
            SignalError: `stages` has changed since the last block.
            FxlabError: PyTorch records a graph, as in `torch.compile` and `torch.export`.
        """
        phase_before, steps = (None, first_state(sample_rate, self._name())) if state is None else state
        phase, phase_after = advance_phase(self.rate_hz, x, phase_before, sample_rate)

        def run(samples: Tensor, values: Values, chain: Tensor | None) -> tuple[Tensor, Tensor]:
            phase, depth, frequency, gain, degrees = values
            position = swing(self.shape, spread_phase(phase, degrees, x))
            corner = _warped_corner(frequency, depth, position, sample_rate)
            return self._run_chain(samples, (corner - 1) / (corner + 1), gain, chain)

        moving = (self.depth, self.frequency, self.feedback, self.stereo_phase)
        values = (phase, *(value.double() for value in moving))
        wet, steps = run_steps(x, values, steps, run)
        return (1 - self.mix) * x + self.mix * wet, (phase_after, steps)

    def modulation(self, phase: Tensor, sample_rate: float) -> Tensor:
        """Return the corner of the all-passes in Hz at `phase` in cycles."""
        position = swing(self.shape, phase)
        corner = _warped_corner(self.frequency.double(), self.depth.double(), position, sample_rate)
        return torch.atan(corner) * (sample_rate / math.pi)

    def _run_chain(self, x: Tensor, pole: Tensor, gain: Tensor, state: Tensor | None) -> tuple[Tensor, Tensor]:
        """Return `x` filtered by the chain, and the state of the chain, `(..., stages)`.

        `pole` is the coefficient of the all-passes in each step of 16 samples, `(..., steps)`, and `gain` the feedback.
        A `state` of None means zeros.
        """
        if state is not None and state.shape[-1] != self.stages:
            raise stale_state(self._name(), f"its stages changed from {state.shape[-1]} to {self.stages}")
        frames = -(-x.shape[-1] // HOP)
        pole = pole.expand(*pole.shape[:-1], frames)
        pairs = self.stages // 2
        if not gain.ndim and not needs_derivative(gain) and scalar_value(gain) == 0.0:
            sections = _all_pass_pair(pole).unsqueeze(-2).expand(*pole.shape, pairs, 6)
            before = None if state is None else state.reshape(*state.shape[:-1], pairs, 2)
            y, after = sosfilt_varying(x, sections, HOP, before)
            return y, after.flatten(-2)
        return ssfilt_varying(x, _loop(pole, gain, pairs), state, hop_length=HOP)


def _warped_corner(frequency: Tensor, depth: Tensor, position: Tensor, sample_rate: float) -> Tensor:
    """Return tan(π f / sample_rate) for the corner f: `frequency`, moved by `depth * position` times two octaves."""
    corner: Tensor = torch.tan(math.pi / sample_rate * frequency) * 2 ** (OCTAVES * depth * position)
    return corner


def _all_pass_pair(pole: Tensor) -> Tensor:
    """Return two first-order all-passes `(pole + z⁻¹) / (1 + pole z⁻¹)` as one section, `(..., 6)`."""
    square, double, one = pole * pole, 2 * pole, torch.ones_like(pole)
    return torch.stack([square, double, one, one, double, square], -1)


def _loop(pole: Tensor, gain: Tensor, pairs: int) -> Tensor:
    """Return the matrices of `ssfilt_varying` for pairs of all-passes in series, fed back with `gain`, `(..., n, n)`.

    `pole` is the coefficient of the all-passes, and n is `2 pairs + 1`. A pair is a section in transposed direct form
    II with the input u, the output y and the states s₁ and s₂, as in `sosfilt_varying`:
    `y = b₀ u + s₁`, `s₁' = b₁ u − a₁ y + s₂`, `s₂' = b₂ u − a₂ y`.
    """
    pole, gain = torch.broadcast_tensors(pole, gain)  # type: ignore[no-untyped-call]
    square, double = (pole * pole).unsqueeze(-1), (2 * pole).unsqueeze(-1)
    # Each signal of the loop is represented by its coefficients of the states and of the input.
    unit = torch.eye(2 * pairs + 1, dtype=pole.dtype, device=pole.device).expand(*pole.shape, -1, -1)
    states, source = unit[..., :-1, :], unit[..., -1, :]
    end = torch.zeros_like(source)
    for pair in range(pairs):  # the output of the chain for an input of 0, to solve the loop without delay
        end = square * end + states[..., 2 * pair, :]
    through = square**pairs
    loop_gain = gain.unsqueeze(-1)
    signal = (source + loop_gain * end) / (1 - loop_gain * through)
    rows = []
    for pair in range(pairs):
        first, second = states[..., 2 * pair, :], states[..., 2 * pair + 1, :]
        output = square * signal + first
        rows += [double * (signal - output) + second, signal - square * output]
        signal = output
    return torch.stack([*rows, signal], -2)

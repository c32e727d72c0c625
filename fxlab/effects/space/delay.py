"""`Delay`: an echo with feedback."""

from __future__ import annotations

import math
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import pad

from fxlab.control.note_values import NOTE_VALUES
from fxlab.effects.common.loop_parameters import (
    computation_dtype,
    damping,
    damping_pole,
    feedback,
    is_zero,
    mix,
)
from fxlab.effects.common.ringing import Ringing, decay_count, tail_choice
from fxlab.engine import one_pole
from fxlab.engine.delay.block_filter import BlockFilter
from fxlab.engine.delay.echo_line import echo_line, shortest_block
from fxlab.engine.delay.fractional_delay import lagrange_taps, read_delay
from fxlab.engine.delay.moving_comb import moving_comb
from fxlab.engine.torch_support.known_values import all_true, any_true
from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.engine.torch_support.single_thread import single_threaded
from fxlab.engine.torch_support.tracing import needs_derivative
from fxlab.errors import ParameterError
from fxlab.module import ArrayParam, Choice, Count, Param, Switch
from fxlab.module.parameters.moving_values import exact_value, stored_values

MAX_SECONDS = 30.0
"""The longest delay, in seconds."""
LONGEST_SHORT_BLOCK = 2048
"""The longest block, in samples, for which the low-pass in the loop is computed by matrix products, not `one_pole`."""
HISTORY_SECONDS = 2.0
"""The shortest past, in seconds, that a stream keeps, so that the delay may become longer between two blocks."""


class DelayState(NamedTuple):
    """The state of a stream: the samples in the line, newest last, and the last output of the low-pass in the loop.

    `low_pass` is None until that filter has run.
    """

    line: Tensor
    low_pass: Tensor | None


class Delay(Ringing):
    """An echo after `delay_ms`, or after a note value at a tempo, fed back and damped.

    `w[n] = x[n] + feedback · lowpass(w[n − d])`, where d is the delay in samples, and the output is `(1 − mix) x[n] +
    mix · w[n − d]`. The first echo has full level; each further one is `feedback` times the one before, and has passed
    the one-pole low-pass once more.

    The delay need not be a whole number of samples, and may be a control, such as an `LFO` (as in a chorus, or for the
    wow and flutter of a tape). Between samples the line is interpolated by a polynomial: `order` 0 uses the nearest
    sample, 1 is linear, and higher orders are accurate up to higher frequencies. For a tone at an eighth of the sample
    rate, halfway between two samples, the error is −22, −41, −60 and −77 dB for the orders 1, 3, 5 and 7. Whole numbers
    of samples are exact.

    With several `taps` there are as many echoes per delay, evenly spaced, each with its own level; the last tap is at
    the delay itself. With `ping_pong` the mean of all channels enters the first channel, and each echo moves on to the
    next channel.

    Shape:
        Input and output: `(..., channels, time)`; with `tail="ring"` the output is longer.

    Raises:
        ParameterError: `feedback` is not between −1 and 1, the delay is less than a sample or longer than 30 s, `mix`
            is not from 0 to 1, `damping` is not from 0 to below 1, `order` is not from 0 to 15, or `tempo_bpm` is not
            above 0.
        FxlabError: PyTorch records a graph, as in `torch.compile` and `torch.export`.

    Source:
        U. Zölzer (ed.), DAFX: Digital Audio Effects, 2nd edition, "Delay-line based effects". The low-pass in the loop:
        J. A. Moorer, "About this reverberation business", Computer Music Journal 3(2), 1979. Interpolation: see
        `lagrange_taps`.

    >>> Delay(delay_ms=0.25, feedback=0.5, mix=1.0)(torch.tensor([[1.0, 0, 0, 0, 0, 0, 0]]), sample_rate=8000)
    tensor([[0.0000, 0.0000, 1.0000, 0.0000, 0.5000, 0.0000, 0.2500]])
    """

    fixed_parameters: ClassVar[dict[str, str]] = {
        "damping": "the low-pass in the loop has one coefficient for the whole signal.",
        "tempo_bpm": "the delay follows from it. Move delay_ms.",
    }

    delay_ms = Param(
        350.0,
        low=1.0,
        high=2000.0,
        unit="ms",
        scale="log",
        at_most=1000 * MAX_SECONDS,
        only=("clock", ("milliseconds",)),
        doc="Time from one echo to the next.",
    )
    feedback = feedback(0.4, "Gain from one echo to the next; a negative one inverts every second echo.")
    mix = mix(0.5)
    damping = damping()
    ping_pong = Switch(False, doc="Whether each echo moves on to the next channel.")
    taps = ArrayParam(
        [1.0],
        shape=("taps",),
        low=-1.0,
        high=1.0,
        doc="Levels of the echoes within one delay, evenly spaced; the last one is at the delay itself.",
    )
    order = Count(3, low=0, high=7, at_least=0, at_most=15, doc="Order of the interpolation between samples.")
    clock = Choice(
        "milliseconds",
        ("milliseconds", "tempo"),
        doc="Whether the delay is given in ms, or by a tempo and a note value.",
    )
    tempo_bpm = Param(
        120.0, low=40.0, high=240.0, above=0.0, unit="bpm", only=("clock", ("tempo",)), doc="Quarter notes per minute."
    )
    note = Choice("1/8", tuple(NOTE_VALUES), only=("clock", ("tempo",)), doc="Note value that lasts one delay.")
    tail = tail_choice()

    @single_threaded
    def process_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, DelayState]:
        """Return the output for the next block, and the state after it, a `DelayState`."""
        dtype = computation_dtype(x)
        delay = self._delay_samples(x, sample_rate)
        level = self.taps.to(dtype)[..., None]
        gain, pole = self.feedback, damping_pole(self.damping, sample_rate).to(x.device)
        per_row = (delay, gain, self.mix, level[..., 0, :], pole)
        lead = broadcast_shapes(x.shape[:-1], *(tuple(value.shape[:-1]) for value in per_row if value.ndim))
        signal = x.to(dtype).expand(*lead, x.shape[-1])
        history = self._history(sample_rate)
        line, low_pass = (None, None) if state is None else state
        line = signal.new_zeros(*lead, history) if line is None else _at_least(line.to(signal), history)
        entering = _enter_first_channel(signal) if self.ping_pong and x.ndim > 1 else signal
        taps = lagrange_taps(delay, self.order, dtype)
        past, moves_on = line[..., line.shape[-1] - history :], self.ping_pong and x.ndim > 1
        loop = _Loop(gain.to(dtype), pole, low_pass, moves_on, shortest_block(taps))
        if is_zero(gain):
            echo, written = echo_line(entering, past, taps, None)
        elif loop.pole is None and not moves_on and (delay.numel() > 1 or shortest_block(taps) <= LONGEST_SHORT_BLOCK):
            echo, written = moving_comb(entering, past, taps, gain.to(dtype))
        else:
            echo, written = echo_line(entering, past, taps, loop.feed_back)
        line = torch.cat([line, written], -1)
        count = level.shape[-2]
        wet = echo if count == 1 and _is_one(level) else level[..., count - 1, :] * echo
        for number in range(count - 1):
            part = lagrange_taps((delay * ((number + 1) / count)).clamp(min=1.0), self.order, dtype)
            wet = wet + level[..., number, :] * read_delay(line, line.shape[-1] - x.shape[-1], x.shape[-1], part)
        share = self.mix.to(dtype)
        if needs_derivative(gain, pole):
            share = share + 0 * (gain + pole).to(dtype)  # in the graph also of a sound that is shorter than the delay
        y = ((1 - share) * signal + share * wet).to(x.dtype)
        return y, DelayState(line[..., -kept_samples(history, sample_rate) :], loop.low_pass)

    def decay_samples(self, sample_rate: float) -> int:
        """Return the number of samples until the sound has decayed by 60 dB; see `Ringing`."""
        return math.ceil(self._longest(sample_rate) * (1 + decay_count(self._largest("feedback"))))

    def _delay_samples(self, x: Tensor, rate: float) -> Tensor:
        """Return the delay in samples, in float64, broadcastable against `x`."""
        if self.clock == "tempo":
            return NOTE_VALUES[self.note] * 60 * rate / exact_value(self, "tempo_bpm", x)
        return exact_value(self, "delay_ms", x) * (rate / 1000)

    def _longest(self, rate: float) -> float:
        """Return the longest delay in samples, in any example and at any time."""
        if self.clock == "tempo":
            return NOTE_VALUES[self.note] * 60 * rate / self._slowest_tempo()
        return self._largest("delay_ms") * rate / 1000

    def _slowest_tempo(self) -> float:
        """Return the lowest tempo in any example, in quarter notes per minute."""
        return float(stored_values(self)["tempo_bpm"].detach().min())

    def _history(self, rate: float) -> int:
        """Return the number of past samples that the interpolation of the longest delay needs."""
        return math.ceil(self._longest(rate)) + int(self.order) + 1

    def _check(self, sample_rate: float) -> None:
        """Raise a `ParameterError` if a value is invalid, or the delay is less than a sample or too long."""
        super()._check(sample_rate)
        if self.clock == "tempo":
            seconds = NOTE_VALUES[self.note] * 60 / self.values()["tempo_bpm"].detach().double()
            if any_true(seconds > MAX_SECONDS):
                raise ParameterError(
                    f"{self._name()}: at a tempo of {float(self.values()['tempo_bpm'].min()):g} bpm the note "
                    f"{self.note} lasts {float(seconds.max()):g} s; a delay must be at most {MAX_SECONDS:g} s. Raise "
                    "tempo_bpm, or choose a shorter note."
                )
            if any_true(seconds * sample_rate < 1):
                raise ParameterError(
                    f"{self._name()}: at a tempo of {float(self.values()['tempo_bpm'].max()):g} bpm the note "
                    f"{self.note} lasts {float(seconds.min()):g} s; at {sample_rate:g} Hz a delay must be at least "
                    f"{1 / sample_rate:.4g} s (1 sample). Lower tempo_bpm."
                )
            return
        control = self.controls().get("delay_ms")
        values = (self.values()["delay_ms"],) if control is None else control.limits()
        for value in values:
            below = value.detach().double() * sample_rate < 1000
            if any_true(below):
                raise ParameterError(
                    f"{self._name()}: delay_ms is {float(value.detach()[below].flatten()[0]):g} ms; at {sample_rate:g} "
                    f"Hz it must be at least {1000 / sample_rate:.4g} ms (1 sample). Raise delay_ms."
                )


class _Loop:
    """The feedback of one call: a gain, a low-pass, and a move to the next channel if `moves_on`.

    `block` is the length in samples of the blocks that are fed back, and `low_pass` the state of the filter, or None.
    """

    def __init__(self, gain: Tensor, pole: Tensor, low_pass: Tensor | None, moves_on: bool, block: int) -> None:
        self.gain, self.low_pass, self.moves_on = gain, low_pass, moves_on
        self.pole = None if is_zero(pole) else pole.squeeze(-1) if pole.ndim else pole
        self.filter: BlockFilter | None = None
        if self.pole is not None and block <= LONGEST_SHORT_BLOCK:
            one, zero = torch.ones_like(self.pole), torch.zeros_like(self.pole)
            sections = torch.stack([1 - self.pole, zero, zero, one, -self.pole, zero], -1)
            self.filter = BlockFilter(sections, block, gain.dtype)

    def feed_back(self, block: Tensor, start: int) -> Tensor:
        """Return the samples that `block` feeds back; the block begins at the sample `start` of the call."""
        gain = self.gain
        if gain.ndim and gain.shape[-1] > 1:
            gain = gain[..., start : start + block.shape[-1]]
        block = gain * block
        if self.pole is not None:
            block = self._low_passed(block, self.pole)
        return torch.roll(block, 1, -2) if self.moves_on else block

    def _low_passed(self, block: Tensor, pole: Tensor) -> Tensor:
        """Return the block filtered by the low-pass, and keep the last output as the state of the filter."""
        if self.filter is None or not block.shape[-1]:
            block, self.low_pass = one_pole(block, pole, self.low_pass)
            return block
        last = block.new_zeros(*block.shape[:-1], 1) if self.low_pass is None else self.low_pass.to(block)
        carried = pole.to(block)[..., None] * last
        block, _ = self.filter(block, torch.cat([carried, torch.zeros_like(carried)], -1))
        self.low_pass = block[..., -1:]
        return block


def kept_samples(history: int, sample_rate: float) -> int:
    """Return the number of past samples that a stream keeps, at least the `history` that its delay needs now."""
    return max(history, round(HISTORY_SECONDS * sample_rate))


def _enter_first_channel(x: Tensor) -> Tensor:
    """Return the mean of all channels in the first one, and silence in the others."""
    mean = x.mean(-2, keepdim=True)
    return torch.cat([mean, torch.zeros_like(x[..., 1:, :])], -2)


def _at_least(line: Tensor, length: int) -> Tensor:
    """Return `line`, padded at the start with silence to at least `length` samples."""
    return pad(line, (max(0, length - line.shape[-1]), 0))


def _is_one(level: Tensor) -> bool:
    return not level.requires_grad and level.numel() == 1 and all_true(level == 1.0)

"""`LFO`: a low-frequency oscillator as the value of a parameter."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.control.note_values import NOTE_VALUES, cycles_per_beat
from fxlab.control.random_sequence import MAX_SEQUENCE, uniform_at
from fxlab.engine.torch_support.known_values import any_true
from fxlab.errors import ParameterError
from fxlab.module.parameters.control import Control, hop_count, interpolate, ordered_limits
from fxlab.module.parameters.discrete import Choice, Count
from fxlab.module.parameters.param import Param

SHAPES = ("sine", "triangle", "square", "sawtooth", "sample and hold", "smooth random")
RANDOM = ("sample and hold", "smooth random")
JUMPING = ("square", "sawtooth", "sample and hold")


class LFO(Control):
    """A low-frequency oscillator: a value that moves periodically, or at random, between `low` and `high`.

    In each cycle:

    - `sine` and `triangle` start halfway between `low` and `high`, and rise;
    - `square` is `high` in the first half and `low` in the second;
    - `sawtooth` rises from `low` to `high`;
    - `sample and hold` keeps a random value for the whole cycle; `smooth random` moves from one random value to the
      next along half a cosine. The values are uniform on the scale of the parameter, and depend only on `seed` and on
      the number of the cycle.

    `square`, `sawtooth` and `sample and hold` jump. A filter whose state depends on its coefficients, such as
    `LowPass`, clicks at jumps, and warns; `StateVariable` and `Ladder` do not click.

    `low` may be above `high`: the wave is then inverted, and a sawtooth falls.

    Raises:
        ParameterError: A value is invalid, `low` or `high` is not valid for the parameter that it moves, or the rate is
            not below `sample_rate / hop / 2`.

    >>> lfo = LFO(rate_hz=1.0, low=0.0, high=1.0)
    >>> lfo.evaluate(torch.arange(4), sample_rate=4).round(decimals=3)
    tensor([0.5000, 1.0000, 0.5000, 0.0000], dtype=torch.float64)
    >>> LFO(0.5, 200.0, 4000.0, "triangle")
    LFO(rate_hz=0.5, low=200.0, high=4000.0, shape='triangle')
    """

    value_parameters = ("low", "high")
    jumping_choices = ("shape", JUMPING)
    secondary_parameters = ("phase", "clock", "seed", "hop")

    rate_hz = Param(
        1.0, low=0.05, high=20.0, unit="Hz", scale="log", only=("clock", ("hertz",)), doc="Cycles per second."
    )
    low = Param(0.0, low=0.0, high=1.0, doc="Value at the trough of the wave, in the unit of the parameter.")
    high = Param(1.0, low=0.0, high=1.0, doc="Value at the crest of the wave, in the unit of the parameter.")
    shape = Choice("sine", SHAPES, doc="Waveform.")
    phase = Param(0.0, low=-180.0, high=180.0, unit="°", doc="Phase at the start; per channel for a stereo effect.")
    clock = Choice("hertz", ("hertz", "tempo"), doc="Whether the rate is given in Hz, or by a tempo and a note value.")
    tempo_bpm = Param(
        120.0, low=40.0, high=240.0, above=0.0, unit="bpm", only=("clock", ("tempo",)), doc="Quarter notes per minute."
    )
    note = Choice("1/4", tuple(NOTE_VALUES), only=("clock", ("tempo",)), doc="Note value that lasts one cycle.")
    seed = Count(
        0, low=0, high=100, at_least=0, at_most=MAX_SEQUENCE, only=("shape", RANDOM), doc="Seed of the random shapes."
    )
    hop = hop_count()

    @property
    def jumps(self) -> bool:
        """Whether the value jumps from one sample to the next: true for the shapes in `JUMPING`."""
        return self.shape in JUMPING

    def curve(self, samples: Tensor, sample_rate: float, scale: str) -> Tensor:
        """Return the values at the positions `samples`; see `Control.curve`."""
        rate = self.rate_hz if self.clock == "hertz" else self.tempo_bpm / 60 * cycles_per_beat(self.note)
        cycles = samples.to(rate.device) * (rate / sample_rate) + self.phase / 360
        return interpolate(self.low, self.high, self._waveform(cycles), scale)

    def cycles_per_second(self) -> Tensor:
        """Return the rate in Hz, `(batch…)`, from `rate_hz` or from the tempo."""
        values = self.values()
        return values["rate_hz"] if self.clock == "hertz" else values["tempo_bpm"] / 60 * cycles_per_beat(self.note)

    def limits(self) -> tuple[Tensor, Tensor]:
        """Return the minimum and the maximum of `low` and `high`, `(batch…)` each."""
        return ordered_limits(self, "low", "high")

    def _waveform(self, cycles: Tensor) -> Tensor:
        """Return the waveform at the phase `cycles`, in cycles: 0 stands for `low`, and 1 for `high`."""
        whole = torch.floor(cycles.detach())
        p = cycles - whole
        if self.shape == "sine":
            return 0.5 + 0.5 * torch.sin(2 * math.pi * p)
        if self.shape == "triangle":
            return (torch.remainder(p - 0.25, 1.0) - 0.5).abs() * 2
        if self.shape == "sawtooth":
            return p
        if self.shape == "square":
            return (p < 0.5).to(p.dtype)
        index = whole.long()
        now = uniform_at(index, self.seed)
        if self.shape == "sample and hold":
            return now
        return now + (uniform_at(index + 1, self.seed) - now) * (0.5 - 0.5 * torch.cos(math.pi * p))

    def _check(self, sample_rate: float) -> None:
        super()._check(sample_rate)
        rate = self.cycles_per_second()
        limit = sample_rate / self.hop / 2
        if any_true(rate.detach() >= limit):
            raise ParameterError(
                f"{self!r}: its rate is {rate.detach().max():g} Hz; at a sample rate of {sample_rate:g} Hz and a hop "
                f"of {self.hop} samples it must be below {limit:g} Hz. Lower the rate, or use a smaller hop."
            )

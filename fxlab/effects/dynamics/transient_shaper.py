"""`TransientShaper`: more or less attack and sustain, whatever the level."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

from torch import Tensor

from fxlab.effects.dynamics.dynamics import link, per_row
from fxlab.effects.dynamics.gain_reduction import GainReduction
from fxlab.effects.dynamics.level_detector import SILENCE_DB
from fxlab.engine import branching_smoother, smoothing_pole
from fxlab.module import Param

FAST_ATTACK_MS, FAST_RELEASE_MS = 1.0, 20.0
"""The time constants of the envelope that follows the sound closely."""


class ShaperState(NamedTuple):
    """The states of the three envelopes."""

    fast: Tensor | None = None
    slow_attack: Tensor | None = None
    slow_release: Tensor | None = None


class TransientShaper(GainReduction):
    """A transient shaper: a gain at the start of each sound, and another one while it fades.

    Three envelopes follow the magnitude of the input: a fast one (1 ms, 20 ms), one with a slow attack, and one with a
    slow release. The gain in dB is `attack_db` times the part by which the slow attack lags behind the fast one, plus
    `sustain_db` times the part by which the fast release is below the slow one. Both parts lie between 0 and 1 and do
    not depend on the level, so there is no threshold.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `attack_ms` is less than 1 ms, or `release_ms` is less than 20 ms.

    Source:
        M. Zaunschirm, J. D. Reiss, A. Klapuri, "A sub-band approach to modification of musical transients", Computer
        Music Journal 36(2), 2012, on the difference of two envelopes.

    >>> import torch
    >>> shaper = TransientShaper(attack_db=6.0, attack_ms=20.0)
    >>> step = torch.cat([torch.zeros(1, 4), torch.ones(1, 2000)], -1)
    >>> (-shaper.gain_reduction_db(step, sample_rate=8000))[0, [3, 4, 164, 2003]].round(decimals=2)
    tensor([0.0000, 5.6800, 2.1900, 0.0000])
    """

    fixed_parameters: ClassVar[dict[str, str]] = dict.fromkeys(
        ("attack_ms", "release_ms"), "the smoother has one time constant for the whole signal."
    )

    attack_db = Param(6.0, low=-24.0, high=24.0, unit="dB", role="gain", doc="Gain at the start of each sound.")
    sustain_db = Param(0.0, low=-24.0, high=24.0, unit="dB", role="gain", doc="Gain while a sound fades.")
    attack_ms = Param(
        20.0,
        low=2.0,
        high=200.0,
        unit="ms",
        scale="log",
        at_least=FAST_ATTACK_MS,
        doc="Time constant of the slow attack: how long the start of a sound is.",
    )
    release_ms = Param(
        300.0,
        low=30.0,
        high=2000.0,
        unit="ms",
        scale="log",
        at_least=FAST_RELEASE_MS,
        doc="Time constant of the slow release: how long a sound counts as fading.",
    )
    link = link()

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Process the next block; the state is a `ShaperState`."""
        gain, after = self._gain_db(x, ShaperState() if state is None else state, sample_rate)
        return x * (10 ** (gain / 20)).to(x.dtype), after

    def _whole_reduction(self, x: Tensor, rate: float) -> Tensor:
        return -self._gain_db(x, ShaperState(), rate)[0].to(x.dtype)

    def _gain_db(self, x: Tensor, state: ShaperState, rate: float) -> tuple[Tensor, ShaperState]:
        """Return the gain in dB, in float64, and the state after it."""
        magnitude = x.double().abs()
        if self.link and x.ndim > 1:
            magnitude = magnitude.amax(-2, keepdim=True)
        slow_attack, slow_release = (
            smoothing_pole(per_row(time).double(), rate) for time in (self.attack_ms, self.release_ms)
        )
        fast_attack, fast_release = (smoothing_pole(time, rate) for time in (FAST_ATTACK_MS, FAST_RELEASE_MS))
        fast, fast_state = branching_smoother(magnitude, fast_attack, fast_release, state.fast)
        onset, onset_state = branching_smoother(magnitude, slow_attack, fast_release, state.slow_attack)
        tail, tail_state = branching_smoother(magnitude, fast_attack, slow_release, state.slow_release)
        # Below the floor, where there is no sound, both ratios are 1.
        floor = 10 ** (SILENCE_DB / 20)
        lag = (1 - (onset + floor) / (fast + floor)).clamp(min=0)
        fade = (1 - (fast + floor) / (tail + floor)).clamp(min=0)
        gain: Tensor = self.attack_db * lag + self.sustain_db * fade
        return gain, ShaperState(fast_state, onset_state, tail_state)

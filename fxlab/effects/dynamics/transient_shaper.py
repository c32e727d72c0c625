"""`TransientShaper`: gains for the attack and the sustain of sounds, independent of their level."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor

from fxlab.effects.common.channels import linked_dim
from fxlab.effects.dynamics.dynamics import link, per_row
from fxlab.effects.dynamics.gain_reduction import GainReduction, apply_gain_db
from fxlab.effects.dynamics.level_detector import SILENCE_DB
from fxlab.engine import branching_smoother, smoothing_pole
from fxlab.engine.torch_support.known_values import all_true
from fxlab.engine.torch_support.time_tiles import in_time_tiles
from fxlab.engine.torch_support.worker_pool import without_openmp
from fxlab.module import Param

FAST_ATTACK_MS, FAST_RELEASE_MS = 1.0, 20.0
"""The time constants of the envelope that follows the sound closely."""


class TransientShaper(GainReduction):
    """A transient shaper: a gain at the start of each sound, and another one while it fades.

    Three envelopes follow the magnitude of the input: a fast one (attack 1 ms, release 20 ms), one with a slow attack,
    and one with a slow release. The gain in dB is `attack_db` times the fraction by which the envelope with the slow
    attack is below the fast one, plus `sustain_db` times the fraction by which the fast envelope is below the one with
    the slow release. Both fractions lie between 0 and 1. Except close to silence they do not depend on the level, so
    there is no threshold.

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

    @without_openmp
    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Return the output for the next block, and the state: the last values of the three envelopes."""
        gain, after = self._gain_db(x, state, sample_rate)
        return apply_gain_db(x, -gain), after

    def _whole_reduction(self, x: Tensor, rate: float) -> Tensor:
        return -self._gain_db(x, None, rate)[0].to(x.dtype)

    def _gain_db(self, x: Tensor, state: Any, rate: float) -> tuple[Tensor, list[Tensor | None]]:
        """Return the gain in dB, in float64, and the state after the block.

        `state` is the state after the previous block, or None at the first. The new state contains the last values of
        the fast envelope, of that with the slow attack and of that with the slow release; None for an envelope that no
        gain needs.
        """
        magnitude = x.double().abs()
        link_dim = linked_dim(x, self.link)
        if link_dim is not None:
            magnitude = magnitude.amax(link_dim, keepdim=True)
        slow_attack, slow_release = per_row(self.attack_ms).double(), per_row(self.release_ms).double()
        fast = torch.full_like(slow_attack, FAST_ATTACK_MS), torch.full_like(slow_release, FAST_RELEASE_MS)
        times = [fast, (slow_attack, fast[1]), (fast[0], slow_release)]
        needed = [True, not _is_zero(self.attack_db), not _is_zero(self.sustain_db)]
        envelopes, after = [magnitude] * 3, list(state or (None, None, None))
        for index, (attack, release) in enumerate(times):
            if needed[index]:
                poles = smoothing_pole(attack, rate), smoothing_pole(release, rate)
                envelopes[index], after[index] = branching_smoother(magnitude, *poles, after[index])
        close, onset, tail = envelopes
        onset, tail = (envelope if used else close for envelope, used in zip((onset, tail), needed[1:], strict=True))
        return in_time_tiles(_gain_of_envelopes, close, onset, tail, self.attack_db, self.sustain_db), after


def _gain_of_envelopes(close: Tensor, onset: Tensor, tail: Tensor, attack_db: Tensor, sustain_db: Tensor) -> Tensor:
    # The floor is added to all envelopes, so that the ratios are 1 in silence.
    floor = 10 ** (SILENCE_DB / 20)
    lag = (1 - (onset + floor) / (close + floor)).clamp(min=0)
    fade = (1 - (close + floor) / (tail + floor)).clamp(min=0)
    return attack_db * lag + sustain_db * fade


def _is_zero(gain: Tensor) -> bool:
    """Return whether a gain is known to be 0 and needs no gradient, so that its envelope need not be computed."""
    return not gain.requires_grad and all_true(gain == 0)

"""`DeEsser`: the reduction of the sibilants of a voice."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor

from fxlab.control.smoothing_times import attack, release
from fxlab.effects.common.channels import linked_dim
from fxlab.effects.dynamics.dynamics import knee, link, per_row, threshold
from fxlab.effects.dynamics.expander import largest_reduction
from fxlab.effects.dynamics.gain_reduction import GainReduction, apply_gain_db
from fxlab.effects.dynamics.level_curve import Curve, curve_reduction_db
from fxlab.engine import branching_smoother, smoothing_pole, sosfilt
from fxlab.engine.torch_support.worker_pool import without_openmp
from fxlab.filters.classical.bilinear import sections
from fxlab.filters.classical.prototype import butterworth
from fxlab.filters.common.parameters import hertz
from fxlab.module import Choice, Param


class DeEsserState(NamedTuple):
    """The states of the high-pass, the low-pass and the smoother, each None before its first block."""

    high: Tensor | None = None
    low: Tensor | None = None
    smoother: Tensor | None = None


class DeEsser(GainReduction):
    """A de-esser: a compressor whose gain follows the level of the sound above a frequency.

    The level above `frequency`, where the energy of s, sh and t lies, sets a gain reduction like that of a
    `Compressor`, limited to `range_db`. With `band="split"` only the band above the frequency is reduced. A
    Linkwitz-Riley crossover of order 4 separates it, so without a gain reduction only the phase changes. With
    `band="wide"` the whole sound is reduced.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `frequency` is not above 0 and below half the sample rate, `ratio` is less than 1, or a time,
            the knee or the range is negative.

    Source:
        U. Zölzer (ed.), DAFX: Digital Audio Effects, 2nd edition, chapter 4, "De-esser"; D. Giannoulis, M. Massberg,
        J. D. Reiss, "Digital dynamic range compressor design", JAES 60(6), 2012, for curve and smoothing.

    >>> from fxlab.signal import sine
    >>> de_esser = DeEsser(frequency=5000.0, threshold_db=-30.0, ratio=4.0)
    >>> [round(float(de_esser.gain_reduction_db(sine(f, duration=0.2)).max())) for f in (500.0, 10_000.0)]
    [0, 12]
    """

    fixed_parameters: ClassVar[dict[str, str]] = {
        **dict.fromkeys(("attack_ms", "release_ms"), "the smoother has one time constant for the whole signal."),
        "frequency": "the crossover has one corner for the whole signal.",
    }

    frequency = hertz("Corner of the band of the sibilants.", default=6000.0, low=2000.0, high=12_000.0)
    threshold_db = threshold(-30.0, "Level of the sibilants above which the gain is reduced.")
    ratio = Param(4.0, low=1.0, high=20.0, scale="log", at_least=1.0, doc="Input dB per output dB above the threshold.")
    attack_ms = attack("Time constant of a growing gain reduction (63 %).", default=1.0)
    release_ms = release("Time constant of a falling gain reduction (63 %).", default=50.0)
    knee_db = knee()
    range_db = largest_reduction(12.0, 24.0)
    band = Choice("split", ("split", "wide"), doc="Reduced part: the band above the corner, or the whole sound.")
    link = link()

    @without_openmp
    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Return the output for the next block, and the state after it, a `DeEsserState`."""
        before = DeEsserState() if state is None else state
        reduction, high, after = self._reduction(x, before, sample_rate)
        if self.band == "wide":
            return apply_gain_db(x, reduction), after
        low, low_state = sosfilt(x, self._sections("lowpass", sample_rate), before.low)
        return low + apply_gain_db(high, reduction), after._replace(low=low_state)

    def _whole_reduction(self, x: Tensor, rate: float) -> Tensor:
        return self._reduction(x, DeEsserState(), rate)[0]

    def _reduction(self, x: Tensor, state: DeEsserState, rate: float) -> tuple[Tensor, Tensor, DeEsserState]:
        """Return the gain reduction in dB, the band above the corner, and the new state except for the low-pass."""
        high, high_state = sosfilt(x, self._sections("highpass", rate), state.high)
        curve = Curve(self.threshold_db, 1 - 1 / self.ratio, self.knee_db, self.range_db)
        target = curve_reduction_db(high, curve, linked_dim(high, self.link))
        poles = [smoothing_pole(per_row(time), rate) for time in (self.attack_ms, self.release_ms)]
        reduction, smoother = branching_smoother(target, poles[0], poles[1], state.smoother)
        return reduction, high, DeEsserState(high_state, state.low, smoother)

    def _sections(self, kind: str, rate: float) -> Tensor:
        """Return the sections of the `"lowpass"` or `"highpass"` of the crossover, `(..., 2, 6)`.

        They are two equal Butterworth filters of order 2 in series.
        """
        corner = per_row(self.frequency.double())
        half = sections(butterworth(2), kind, corner, corner, rate)
        return torch.cat([half, half], -2)

"""`Limiter`: a gain that keeps the samples from exceeding a ceiling."""

from __future__ import annotations

import math
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor

from fxlab.control.smoothing_times import release
from fxlab.effects.common.channels import linked_dim
from fxlab.effects.dynamics.dynamics import link, per_row
from fxlab.effects.dynamics.gain_reduction import GainReduction
from fxlab.effects.dynamics.level_detector import level_of_magnitude
from fxlab.effects.dynamics.true_peak import SPREAD, true_peak
from fxlab.engine import branching_smoother, sliding_maximum, sliding_mean, smoothing_pole
from fxlab.engine.torch_support.known_values import scalar_value
from fxlab.engine.torch_support.time_tiles import in_time_tiles
from fxlab.engine.torch_support.worker_pool import without_openmp
from fxlab.filters.common.lengths import max_count
from fxlab.module import Choice, Param
from fxlab.module.checks import expand_state, stale_state


class LimiterState(NamedTuple):
    """The state of a stream: the samples whose output is still due, and the values that determine their gain.

    The lag is the longest look-ahead in the batch, in samples, plus 11 samples for true peaks.
    """

    x: Tensor  # (..., lag): the samples whose output is still due
    ceiling: Tensor  # dB, (..., lag): their ceiling
    peaks: Tensor  # (..., 11): the last input samples, for true peaks; (..., 0) without true peaks
    target: Tensor  # dB, (..., lag): the gain reduction that each of them needs
    held: Tensor  # dB, (..., longest look-ahead): the last values after the release
    smoother: Tensor | None  # None before the first block
    missing: int  # number of output samples still to be left out, since they precede the first input sample


class Limiter(GainReduction):
    """A limiter with look-ahead: no sample of its output exceeds `ceiling_db`.

    The gain falls before a peak, along a straight line in dB over `lookahead_ms`, so that a peak is attenuated and
    not clipped; after the peak it recovers with `release_ms`. The gain reduction that each sample needs is held for the
    look-ahead, released, and averaged over the look-ahead. Rounding errors of this gain are removed by clipping.

    The output of a call is aligned with its input. A stream returns each sample later by the longest look-ahead in the
    batch, plus 11 samples with `peak="true"`; the last samples are returned by `flush`.

    With `peak="true"` the limiter measures true peaks, those of the band-limited signal between the samples (up to 3 dB
    above the samples for a sine at a quarter of the sample rate, and more for other signals), which can overload a
    converter. They are measured with the interpolator of BS.1770. Because the gain changes, true peaks measured in this
    way may still exceed the ceiling, by less than 0.01 dB with the default times. The interpolator underestimates peaks
    of frequencies close to half the sample rate: those of white noise can exceed the ceiling by 0.9 dB.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: A time is negative, or the look-ahead is longer than a second.
        FxlabError: `torch.compile` or `torch.export` records a graph, in which the look-ahead in samples is not known.

    Source:
        U. Zölzer (ed.), DAFX: Digital Audio Effects, 2nd edition, chapter 4, "Limiter"; for the release: D. Giannoulis,
        M. Massberg, J. D. Reiss, "Digital dynamic range compressor design", JAES 60(6), 2012; for true peaks: ITU-R
        BS.1770-4, annex 2.

    >>> limiter = Limiter(ceiling_db=-6.0, lookahead_ms=1.0)
    >>> x = torch.tensor([[0.1, 0.1, 2.0, 0.1, 0.1]])
    >>> limiter(x, sample_rate=1000).round(decimals=3)
    tensor([[0.1000, 0.0500, 0.5010, 0.0250, 0.0260]])
    >>> limiter.gain_reduction_db(x, sample_rate=1000).round(decimals=1)
    tensor([[ 0.0000,  6.0000, 12.0000, 12.0000, 11.8000]])
    """

    fixed_parameters: ClassVar[dict[str, str]] = {
        "lookahead_ms": "it is the length of a window, rounded to whole samples.",
        "release_ms": "the smoother has one time constant for the whole signal.",
    }

    ceiling_db = Param(
        -1.0,
        low=-24.0,
        high=0.0,
        unit="dB",
        doc="Level that no sample exceeds, in dB relative to full scale; above 0 dB it is beyond full scale.",
    )
    lookahead_ms = Param(
        5.0,
        low=0.0,
        high=20.0,
        unit="ms",
        at_least=0.0,
        at_most=1000.0,
        doc="Time before a peak over which the gain falls, rounded to whole samples.",
    )
    release_ms = release("Time constant of a falling gain reduction (63 %).")
    peak = Choice(
        "sample", ("sample", "true"), doc="Peaks that are limited: of the samples, or true peaks between them."
    )
    link = link()

    @without_openmp
    def forward(self, x: Tensor, sample_rate: float) -> Tensor:
        """Return the limited sound for the complete input `x`, aligned with it in time."""
        return _apply_gain(x, self._aligned_reduction(x, sample_rate), self._ceiling(x))

    @without_openmp
    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Return the output of a stream for the next block, and the state after it, a `LimiterState`.

        Raises:
            SignalError: `peak` or the look-ahead in samples has changed since the last block.
        """
        return self._limit(x, self._ceiling(x), state, sample_rate)

    def flush_block(self, state: Any, sample_rate: float) -> Tensor | None:
        """Return the output for the last samples of the input, which the look-ahead delays; None if there are none.

        Raises:
            SignalError: `peak` or the look-ahead in samples has changed since the last block.
        """
        if state is None or not state.x.shape[-1]:
            return None
        silence = torch.zeros_like(state.x)
        return self._limit(silence, state.ceiling[..., -1:].expand_as(state.ceiling), state, sample_rate)[0]

    def _whole_reduction(self, x: Tensor, rate: float) -> Tensor:
        return self._aligned_reduction(x, rate).to(x.dtype)

    def _aligned_reduction(self, x: Tensor, rate: float) -> Tensor:
        """Return the gain reduction in dB for the complete input `x`, aligned with it in time."""
        ceiling, state = self._ceiling(x), self._first_state(x, self._ceiling(x), rate)
        lag = state.x.shape[-1]
        padded = torch.cat([x, x.new_zeros(*x.shape[:-1], lag)], -1)
        last = ceiling[..., -1:] if ceiling.shape[-1] else state.ceiling[..., :1]
        ceiling = torch.cat([ceiling, last.expand(*last.shape[:-1], lag)], -1)
        return self._reduction(padded, ceiling, state, rate)[0][..., lag:]

    def _limit(self, x: Tensor, ceiling: Tensor, state: Any, rate: float) -> tuple[Tensor, LimiterState]:
        state = self._first_state(x, ceiling, rate) if state is None else state
        reduction, after = self._reduction(x, ceiling, state, rate)
        skip, count = min(state.missing, x.shape[-1]), x.shape[-1]
        row, ceilings = torch.cat([state.x, x], -1), torch.cat([state.ceiling, ceiling], -1)
        y = _apply_gain(row[..., skip:count], reduction[..., skip:], ceilings[..., skip:count])
        return y, after._replace(x=row[..., count:], ceiling=ceilings[..., count:], missing=state.missing - skip)

    def _reduction(self, x: Tensor, ceiling: Tensor, state: LimiterState, rate: float) -> tuple[Tensor, LimiterState]:
        """Return the gain reduction in dB, delayed by the lag, and the new state except for its `x` and `ceiling`.

        Raises:
            SignalError: `peak` or the look-ahead in samples is not that of `state`.
        """
        lookahead, largest = self._lookahead(rate)
        spread, count = self._spread(), x.shape[-1]
        if state.peaks.shape[-1] != spread:
            before = "true" if state.peaks.shape[-1] else "sample"
            raise stale_state(self._name(), f"its peak changed from {before!r} to {self.peak!r}")
        if state.held.shape[-1] != largest:
            change = f"its look-ahead changed from {state.held.shape[-1]} to {largest} samples"
            raise stale_state(self._name(), change)
        wide = x.to(torch.promote_types(x.dtype, torch.float32))
        magnitude = true_peak(wide, state.peaks) if spread else wide.abs()
        # The look-ahead stays in the autograd graph, with a gradient of 0.
        link_dim = linked_dim(x, self.link)

        def excess(magnitude: Tensor, ceiling: Tensor, lookahead_ms: Tensor) -> Tensor:
            target = (level_of_magnitude(magnitude).double() - ceiling + 0 * lookahead_ms).clamp(min=0)
            return target if link_dim is None else target.amax(link_dim, keepdim=True)

        target = in_time_tiles(excess, magnitude, ceiling, self.lookahead_ms.to(x.device))
        target = torch.cat([self._expanded(state.target, target), target], -1)
        held = sliding_maximum(target, lookahead + spread + 1, largest + spread + 1)
        pole = smoothing_pole(per_row(self.release_ms).double(), rate)
        held, smoother = branching_smoother(held, 0.0, pole, state.smoother)
        held = torch.cat([self._expanded(state.held, held), held], -1)
        peaks = torch.cat([state.peaks, wide], -1)[..., count:]
        after = state._replace(peaks=peaks, target=target[..., count:], held=held[..., count:], smoother=smoother)
        return sliding_mean(held, lookahead + 1, largest + 1), after

    def _expanded(self, last: Tensor, values: Tensor) -> Tensor:
        """Return `last`, values before the block, expanded to the leading dimensions of `values`."""
        return expand_state(self._name(), last, (*values.shape[:-1], last.shape[-1]))

    def _first_state(self, x: Tensor, ceiling: Tensor, rate: float) -> LimiterState:
        largest, spread = self._lookahead(rate)[1], self._spread()
        lag, lead = largest + spread, x.shape[:-1]
        before = ceiling[..., :1] if ceiling.shape[-1] else ceiling.new_zeros(*ceiling.shape[:-1], 1)
        zeros = x.new_zeros(1, dtype=torch.float64)
        return LimiterState(
            x=x.new_zeros(*lead, lag),
            ceiling=before.expand(*before.shape[:-1], lag),
            peaks=x.new_zeros(*lead, spread, dtype=torch.promote_types(x.dtype, torch.float32)),
            target=zeros.expand(lag),
            held=zeros.expand(largest),
            smoother=None,
            missing=lag,
        )

    def _ceiling(self, x: Tensor) -> Tensor:
        """Return the ceiling in dB for every sample of `x`, in float64."""
        ceiling: Tensor = self.ceiling_db.double().to(x.device)
        return ceiling.expand(*ceiling.shape[:-1], x.shape[-1])

    def _lookahead(self, rate: float) -> tuple[Any, int]:
        """Return the look-ahead in samples, and its largest value.

        The first result is an int if the look-ahead is a single known value, otherwise a tensor.
        """
        samples = torch.round(self.lookahead_ms.detach().double() * (rate / 1000)).long()
        reason = "the length of its delay lines depends on the value of lookahead_ms"
        largest = max_count(samples, self._name(), "Apply it outside the graph.", reason)
        single = scalar_value(samples) if samples.numel() == 1 else None
        return (samples if single is None else int(single)), largest

    def _spread(self) -> int:
        return SPREAD if self.peak == "true" else 0


def _apply_gain(x: Tensor, reduction: Tensor, ceiling: Tensor) -> Tensor:
    """Return `x` with its level reduced by `reduction` dB; rounding errors beyond the ceiling are clipped."""

    def apply(x: Tensor, reduction: Tensor, ceiling: Tensor) -> Tensor:
        gain = torch.exp(reduction * (-math.log(10) / 20)).to(x.dtype)
        # The bound is rounded downwards, so that it is not above the ceiling in the dtype of the signal either.
        bound = (10 ** (ceiling / 20) * (1 - torch.finfo(x.dtype).eps)).to(x.dtype)
        return torch.minimum(torch.maximum(x * gain, -bound), bound)

    return in_time_tiles(apply, x, reduction, ceiling)

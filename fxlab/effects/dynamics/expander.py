"""`Expander` and `Gate`: the reduction of the level of quiet passages."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from fxlab.control.smoothing_times import attack, release
from fxlab.effects.dynamics.dynamics import CurveDynamics, Dynamics, detector, knee, link, rms_time, threshold
from fxlab.effects.dynamics.gate_decisions import NEVER, gate_rows
from fxlab.effects.dynamics.level_curve import Curve, level_of_key
from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.engine.torch_support.time_tiles import tile_length
from fxlab.engine.torch_support.tracing import is_plain_tensor, needs_derivative
from fxlab.engine.torch_support.worker_pool import max_workers, run_parts
from fxlab.module import Param
from fxlab.module.checks import stale_shape
from fxlab.module.parameters.moving_values import moving_values

OPENING = "Time constant of a rising gain (63 %)."
CLOSING = "Time constant of a falling gain."


def largest_reduction(default: float, high: float = 120.0) -> Param:
    """Declare the largest gain reduction."""
    return Param(default, low=0.0, high=high, unit="dB", at_least=0.0, doc="Largest gain reduction.")


class Expander(CurveDynamics):
    """A downward expander: below `threshold_db` the output level falls by `ratio` dB per dB of input level.

    The gain is reduced by at most `range_db`. The attack time is that of a rising gain, and the release time that of a
    falling one. See `Dynamics` for the arguments `side_chain` and `side_filter`.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `ratio` is less than 1, or a time, the knee or the range is negative.
        SignalError: The side chain is shorter than the input, has a different sample rate, or with `link=False` has
            several channels, but not as many as the input.

    Source:
        U. Zölzer (ed.), DAFX: Digital Audio Effects, 2nd edition, chapter 4; see `Dynamics` for the smoothing.

    >>> import torch
    >>> expander = Expander(threshold_db=-40.0, ratio=2.0, knee_db=0.0, release_ms=0.0)
    >>> expander.gain_reduction_db(torch.full((1, 3), 10 ** (-50 / 20)), sample_rate=48_000).round(decimals=3)
    tensor([[10., 10., 10.]])
    """

    threshold_db = threshold(-40.0, "Level below which the gain is reduced.")
    ratio = Param(2.0, low=1.0, high=20.0, scale="log", at_least=1.0, doc="Output dB per input dB below the threshold.")
    attack_ms = attack(OPENING, 5.0)
    release_ms = release(CLOSING)
    knee_db = knee()
    range_db = largest_reduction(60.0)
    detector = detector()
    rms_ms = rms_time()
    link = link()

    def curve(self) -> Curve:
        """Return the curve of the gain reduction in dB over the level in dB, limited to the range."""
        return Curve(self.threshold_db, self.ratio - 1, self.knee_db, self.range_db, is_below=True)

    def times(self) -> tuple[Any, Any]:
        """Return the time constants, in ms, of a growing and of a falling gain reduction."""
        return self.release_ms, self.attack_ms


class Gate(Dynamics):
    """A noise gate: it reduces the level by `range_db` while the input is quiet.

    It opens when the level exceeds `threshold_db`, and closes when the level has stayed more than `hysteresis_db` below
    the threshold for `hold_ms`. The hysteresis and the hold keep it from chattering. The gradient with respect to the
    threshold, the hysteresis and the hold time is 0, because the gate is either open or closed. See `Dynamics` for the
    arguments `side_chain` and `side_filter`.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: A time, the hysteresis or the range is negative.
        SignalError: The side chain is shorter than the input, has a different sample rate, or with `link=False` has
            several channels, but not as many as the input.

    Source:
        U. Zölzer (ed.), DAFX: Digital Audio Effects, 2nd edition, chapter 4.

    >>> import torch
    >>> gate = Gate(threshold_db=-40.0, range_db=60.0, attack_ms=0.0, release_ms=0.0, hold_ms=0.0)
    >>> gate.gain_reduction_db(torch.tensor([[0.001, 0.1, 0.009, 0.001]]), sample_rate=48_000)
    tensor([[60.,  0.,  0., 60.]])
    """

    threshold_db = threshold(-40.0, "Level above which the gate opens.")
    hysteresis_db = Param(
        6.0, low=0.0, high=20.0, unit="dB", at_least=0.0, doc="Distance below the threshold at which the gate closes."
    )
    attack_ms = attack(OPENING, 1.0)
    hold_ms = Param(
        50.0,
        low=0.0,
        high=500.0,
        unit="ms",
        at_least=0.0,
        doc="Time for which the level stays low before the gate closes.",
    )
    release_ms = release(CLOSING)
    range_db = largest_reduction(60.0)
    detector = detector()
    rms_ms = rms_time()
    link = link()

    def static_reduction_db(self, level: Tensor) -> Tensor:
        """Return the gain reduction in dB for a constant level in dB, without the hysteresis and the hold."""
        limit: Tensor = self.range_db
        return torch.where(level > self.threshold_db, torch.zeros_like(level), limit.to(level))

    def times(self) -> tuple[Any, Any]:
        """Return the time constants, in ms, of a growing and of a falling gain reduction."""
        return self.release_ms, self.attack_ms

    def _target(self, key: Tensor, is_power: bool, link_dim: int | None, state: Any, rate: float) -> tuple[Tensor, Any]:
        values = self.threshold_db, self.hysteresis_db, self.hold_ms, self.range_db
        if state is not None:
            self._check_positions(state, key, link_dim, values)
        is_plain = moving_values(self) is None and not needs_derivative(key, *values) and is_plain_tensor(key)
        if not is_plain or not key.shape[-1]:
            return self._decide(level_of_key(key, is_power, link_dim), state, rate)
        low, high = (self.threshold_db - self.hysteresis_db).to(key), self.threshold_db.to(key)
        length = tile_length(key)

        def compare(start: int) -> Tensor:
            level = level_of_key(key[..., start : start + length], is_power, link_dim)
            return torch.stack(torch.broadcast_tensors(level >= low, level > high))  # type: ignore[no-untyped-call]

        is_loud, is_above = torch.cat(run_parts(compare, range(0, key.shape[-1], length), max_workers()), -1)
        return gate_rows(is_loud, is_above, self._hold_samples(rate), self.range_db.to(key), state, key.dtype)

    def _check_positions(self, state: Any, key: Tensor, link_dim: int | None, values: tuple[Tensor, ...]) -> None:
        """Raise a `SignalError` if the state has more rows than the level of `key` and the `values` broadcast to."""
        rows = list(key.shape)
        if link_dim is not None:
            rows[link_dim] = 1
        before = tuple(state[0].shape)
        needed = (*broadcast_shapes(tuple(rows[:-1]), *(tuple(value.shape[:-1]) for value in values)), 1)
        if (*broadcast_shapes(before[:-1], needed[:-1]), 1) != needed:
            raise stale_shape(self._name(), before, needed)

    def _hold_samples(self, rate: float) -> Tensor:
        return torch.ceil(self.hold_ms.double() * (rate / 1000)).clamp(1, -NEVER).long()

    def _decide(self, level: Tensor, state: Any, rate: float) -> tuple[Tensor, Any]:
        """Return the gain reduction in dB before smoothing for a block, and the state after it.

        Both states are `Positions` of tensors `(..., 1)`; that before the first block is None.
        """
        sample = torch.arange(level.shape[-1], device=level.device)
        hold = self._hold_samples(rate).to(level.device)
        is_loud = level >= (self.threshold_db - self.hysteresis_db).to(level)
        if state is None:
            never = torch.full((*is_loud.shape[:-1], 1), NEVER, device=level.device)
            state = (never, never - 1, never)
        loud, opened, closed = state
        loud = _last(is_loud, sample, loud)
        opened = _last(level > self.threshold_db.to(level), sample, opened)
        closed = _last(sample - loud >= hold, sample, closed)
        # These stay in the autograd graph, with a gradient of 0.
        unused = 0 * (self.threshold_db + self.hysteresis_db + self.hold_ms)
        reduction = (self.range_db + unused).to(level) * (opened <= closed)
        if level.shape[-1]:
            state = tuple(last[..., -1:] - level.shape[-1] for last in (loud, opened, closed))
        return reduction, state


def _last(condition: Tensor, sample: Tensor, before: Tensor) -> Tensor:
    """Return for each sample the position of the last sample so far with a true `condition`, or else `before`."""
    earliest = 2 * NEVER
    positions = (condition * (sample - earliest)).add_(earliest)
    return torch.maximum(torch.cummax(positions, -1).values, before)

"""`Waveshaping`: the base class of effects that apply a curve to every sample, with optional reduction of aliases."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import pad

from fxlab.effects.distortion.shapes import Shape, mean_between
from fxlab.engine import downsample, oversampling_reach, upsample
from fxlab.engine.torch_support.buffer_pool import allocate
from fxlab.engine.torch_support.single_thread import SingleThread
from fxlab.engine.torch_support.tracing import is_plain_tensor, needs_derivative
from fxlab.engine.torch_support.worker_pool import max_workers, run_parts, without_openmp
from fxlab.module import Choice, Count, Param, StatefulModule
from fxlab.module.checks import stale_state

TILE = 1 << 19
"""The approximate number of samples of a tile at the raised rate, in all rows together."""

MIN_TILE = 1 << 12
"""The smallest number of input samples in a tile: many more than the neighboring samples that the filters need."""


class ShaperState(NamedTuple):
    """The state of a stream: the driven inputs that later outputs need, and the state of the filter after the curve."""

    inputs: Tensor
    after: Any
    dtype: torch.dtype  # of the blocks
    oversample: int
    antialias: str


def drive(default: float = 12.0) -> Param:
    """Declare the gain before the curve."""
    return Param(default, low=0.0, high=48.0, unit="dB", role="gain", doc="Gain before the curve.")


def oversample() -> Count:
    """Declare the ratio of the internal to the input sample rate."""
    return Count(1, low=1, high=8, at_most=8, doc="Factor by which the sample rate is raised for the curve.")


def antialias() -> Choice:
    """Declare whether the antiderivative of the curve is used to reduce aliases."""
    return Choice(
        "none",
        ("none", "antiderivative"),
        doc="Whether each sample is the curve at the input, or its mean between two inputs, which aliases less.",
    )


class Waveshaping(StatefulModule):
    """An effect that applies a curve to every sample of the driven input, which is the input amplified by `drive_db`.

    A curve creates harmonics, and those above half the sample rate appear as aliases at lower frequencies. There are
    two remedies, which can be combined. `oversample` raises the sample rate, applies the curve, and lowers the rate
    again. Its filters have linear phase: they delay the output of a stream, but not that of a call.
    `antialias="antiderivative"` replaces the value of the curve by its mean between two successive inputs (first
    order). This delays the output by half a sample at the raised rate and, like a mean of two samples, attenuates high
    frequencies.

    A subclass declares `drive_db`, `oversample` and `antialias`, and defines `waveshape`.
    """

    drive_db: Any
    oversample: Any
    antialias: Any

    @abstractmethod
    def waveshape(self) -> Shape:
        """Return the curve and its integral."""

    def drive_input(self, x: Tensor) -> Tensor:
        """Return the input of the curve: `x` amplified by `drive_db`."""
        driven: Tensor = x * (10 ** (self.drive_db / 20)).to(x.dtype)
        return driven

    def filter_output(self, y: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Filter `y`, the output of the curve; return it with the state of the filter. By default `y` is unchanged."""
        return y, state

    def latency(self, sample_rate: float | None = None) -> float:
        """Return the delay of the output in input samples: `0.5 / oversample` for the antiderivative, otherwise 0."""
        self._resolve_rate(sample_rate)
        return 0.5 / float(self.oversample) if self.antialias == "antiderivative" else 0.0

    @without_openmp
    def forward(self, x: Tensor, sample_rate: float) -> Tensor:
        """Return the output for the complete input `x`."""
        driven = self._driven(x)
        before, after = self._reach()
        y = self._apply_curve(pad(driven, (before, after)) if before else driven)
        return self.filter_output(y, None, sample_rate)[0].to(x.dtype)

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Return the output for the next block, and the state after it, a `ShaperState`.

        Raises:
            SignalError: `oversample` or `antialias` has changed since the last block.
        """
        driven = self._driven(x)
        before, after = self._reach()
        if state is None:
            zeros = driven.new_zeros(*driven.shape[:-1], before)
            state = ShaperState(zeros, None, x.dtype, self.oversample, self.antialias)
        self._check_unchanged(state)
        row = torch.cat([state.inputs, driven], -1)
        count = max(0, row.shape[-1] - before - after)
        y, filter_state = self.filter_output(self._apply_curve(row), state.after, sample_rate)
        return y.to(x.dtype), state._replace(inputs=row[..., count:], after=filter_state, dtype=x.dtype)

    def flush_block(self, state: Any, sample_rate: float) -> Tensor | None:
        """Return the output for the last samples of the input, which oversampling delays; None if there are none.

        Raises:
            SignalError: `oversample` or `antialias` has changed since the last block.
        """
        if state is None:
            return None
        self._check_unchanged(state)
        after = self._reach()[1]
        if not after:
            return None
        y = self._apply_curve(pad(state.inputs, (0, after)))
        return self.filter_output(y, state.after, sample_rate)[0].to(state.dtype)

    def _driven(self, x: Tensor) -> Tensor:
        return self.drive_input(x.to(torch.promote_types(x.dtype, torch.float32)))

    def _check_unchanged(self, state: ShaperState) -> None:
        """Raise a `SignalError` if a setting that determines which samples the state holds has changed."""
        for name in ("oversample", "antialias"):
            before, now = getattr(state, name), getattr(self, name)
            if before != now:
                raise stale_state(self._name(), f"its {name} changed from {before!r} to {now!r}")

    def _reach(self) -> tuple[int, int]:
        """Return the numbers of earlier and of later input samples on which an output sample depends."""
        reach = oversampling_reach(self.oversample)
        return reach + (self.antialias == "antiderivative"), reach

    def _apply_curve(self, row: Tensor) -> Tensor:
        """Return the output for the driven inputs `row`, except for the samples at the ends that only filters need."""
        before, after = self._reach()
        count = row.shape[-1] - before - after
        shape = self.waveshape()
        if not before:
            return shape.curve(row)
        if isinstance(count, int) and count <= 0:
            return row[..., :0]

        def compute(part: Tensor) -> Tensor:
            raised = upsample(part, self.oversample)
            raised = _means(shape, raised) if self.antialias == "antiderivative" else shape.curve(raised)
            return downsample(raised, self.oversample)[..., before : part.shape[-1] - after]

        return _in_overlapping_tiles(compute, row, count, before + after, self.oversample)


def _in_overlapping_tiles(
    compute: Callable[[Tensor], Tensor], row: Tensor, count: int, context: int, oversample: int
) -> Tensor:
    """Return `compute(row)`, `(..., count)`, computed in tiles of time by several threads where this is possible.

    Each output sample depends on `context + 1` neighboring samples of `row`, `(..., count + context)`. The tiles are
    short, so that the signals at the raised rate, `oversample` times that of `row`, stay in the cache.
    """
    if not is_plain_tensor(row) or needs_derivative(row):
        return compute(row)
    rows = row.numel() // max(1, row.shape[-1])
    length = max(MIN_TILE, TILE // (max(1, rows) * oversample))
    if count < 2 * length:
        return compute(row)
    with SingleThread():
        first = compute(row[..., : length + context])
    if first.requires_grad:  # the curve itself has parameters
        return compute(row)
    out = allocate((*first.shape[:-1], count), first.dtype, first.device)
    out[..., :length] = first

    def write(start: int) -> None:
        out[..., start : start + length] = compute(row[..., start : start + length + context])

    run_parts(write, range(length, count, length), max_workers())
    return out


def _means(shape: Shape, x: Tensor) -> Tensor:
    """Return the mean of the curve between each input sample and the previous one; the first value is 0, not a mean."""
    return torch.cat([torch.zeros_like(x[..., :1]), mean_between(shape, x[..., :-1], x[..., 1:])], -1)

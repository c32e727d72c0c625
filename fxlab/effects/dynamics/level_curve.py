"""The gain reduction that a static curve gives for the level of a signal, before the smoothing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import torch
from torch import Tensor

from fxlab.effects.dynamics import curve_script
from fxlab.effects.dynamics.level_detector import SILENCE_DB, level_of_magnitude, level_of_power
from fxlab.effects.dynamics.static_curve import reduction_above, reduction_below
from fxlab.engine.torch_support.buffer_pool import allocate_like
from fxlab.engine.torch_support.gradients_with_graph import gradients_with_graph
from fxlab.engine.torch_support.script import script_function
from fxlab.engine.torch_support.time_tiles import in_time_tiles, tile_length
from fxlab.engine.torch_support.tracing import is_plain_backward, is_plain_tensor, is_recorded
from fxlab.engine.torch_support.worker_pool import max_workers, run_parts


class Curve(NamedTuple):
    """A static curve with a soft knee; each tensor broadcasts against the level, and may depend on time."""

    threshold: Tensor  # dB
    slope: Tensor  # dB of reduction per dB of level above or below the threshold
    knee: Tensor  # dB
    limit: Tensor | None = None  # dB, the largest reduction; None if there is no limit
    is_below: bool = False  # whether the level is reduced below the threshold, as by an expander

    def reduction_db(self, level: Tensor) -> Tensor:
        """Return the gain reduction in dB for a constant level in dB."""
        reduction_of = reduction_below if self.is_below else reduction_above
        reduction = reduction_of(level, self.threshold, self.slope, self.knee)
        return reduction if self.limit is None else torch.minimum(reduction, self.limit.to(reduction))

    def is_constant(self) -> bool:
        """Return whether no value depends on time."""
        return all(value is None or not value.ndim or value.shape[-1] == 1 for value in self[:4])


def curve_reduction_db(key: Tensor, curve: Curve, link_dim: int | None = None, is_power: bool = False) -> Tensor:
    """Return the gain reduction in dB, before smoothing, for each sample of `key`; linked channels share one.

    Args:
        key: The signal whose level is measured, `(..., time)`, or its mean square.
        curve: The static curve.
        link_dim: The dimension of the linked channels of `key`, negative; the loudest channel sets the level of all.
            None if the channels are not linked.
        is_power: Whether `key` is a mean square.
    """
    if not curve.is_constant():
        return curve.reduction_db(level_of_key(key, is_power, link_dim))
    values = [value for value in curve[:4] if value is not None]
    settings = _Settings(curve.limit is not None, -1.0 if curve.is_below else 1.0, is_power, link_dim or 0)
    if is_recorded():
        return _recorded(key, curve, settings)
    if key.shape[-1] and all(is_plain_tensor(value) for value in (key, *values)):
        edge = (-curve.threshold if curve.is_below else curve.threshold) - curve.knee / 2
        limit = curve.slope.new_zeros(()) if curve.limit is None else curve.limit
        reduction: Tensor = _CurveReduction.apply(key, edge, curve.slope, curve.knee, limit, settings)
        return reduction
    return in_time_tiles(curve.reduction_db, level_of_key(key, is_power, link_dim), parameters=values)


def _recorded(key: Tensor, curve: Curve, settings: _Settings) -> Tensor:
    """Return the result of `_CurveReduction`, computed by operations that can be recorded in a graph."""
    _, sign, floor, db_per_octave, dim = settings.arguments()
    magnitude = key if settings.is_power else key.abs()
    if dim:
        magnitude = magnitude.amax([dim], True)
    # A width of 0 or less means that there is no knee. The gradient for the width is then 0, as in `reduction_above`.
    knee = torch.where(curve.knee > 0, curve.knee, torch.zeros_like(curve.knee))
    edge = sign * curve.threshold - knee / 2
    over = (magnitude.clamp(min=floor).log2() * (sign * db_per_octave) - edge).clamp(min=0.0)
    inside = torch.minimum(over, knee.to(over))
    reduction = torch.addcmul(over - inside, inside * _curvature(knee), inside) * curve.slope
    return reduction if curve.limit is None else torch.minimum(reduction, curve.limit.to(reduction))


def level_of_key(key: Tensor, is_power: bool, link_dim: int | None) -> Tensor:
    """Return the level of each sample of `key` in dB, at least −120 dB; see `curve_reduction_db` for the arguments."""

    def measure(key: Tensor) -> Tensor:
        magnitude = key if is_power else key.abs()
        if link_dim is not None:
            magnitude = magnitude.amax(link_dim, keepdim=True)
        return level_of_power(magnitude) if is_power else level_of_magnitude(magnitude)

    return in_time_tiles(measure, key)


class _Settings(NamedTuple):
    """The kind of the curve and of its input; `arguments` returns them as the settings of `curve_script`."""

    has_limit: bool
    sign: float  # 1, or -1 for a curve that reduces the level below its threshold
    is_power: bool  # whether the input is a mean square
    dim: int  # of the linked channels, negative; 0 if they are not linked

    def arguments(self) -> tuple[bool, float, float, float, int]:
        decibels = 10 if self.is_power else 20
        return self.has_limit, self.sign, 10 ** (SILENCE_DB / decibels), decibels * math.log10(2), self.dim


class _CurveReduction(torch.autograd.Function):
    """The static curve with a custom derivative, which needs fewer operations and saves no intermediate results."""

    @staticmethod
    def forward(  # noqa: PLR0917
        key: Tensor, edge: Tensor, slope: Tensor, knee: Tensor, limit: Tensor, settings: _Settings
    ) -> Tensor:
        """Return the gain reduction in dB."""
        values, arguments = (edge, slope, knee, _curvature(knee), limit), settings.arguments()
        return in_time_tiles(lambda key: _curve_reduction(key, values, arguments), key)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:  # noqa: ARG004
        """Save the inputs for the derivative."""
        *tensors, ctx.settings = inputs
        ctx.save_for_backward(*tensors)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
        """Return the gradients for key, edge, slope, knee and limit."""
        inputs = ctx.saved_tensors
        if is_plain_backward(g):
            return *_gradients(g, inputs, ctx.settings, ctx.needs_input_grad[0]), None
        function = partial(_with_graph, ctx.settings)
        return *gradients_with_graph(function, inputs, ctx.needs_input_grad[:5], g), None


def _with_graph(settings: _Settings, *inputs: Tensor) -> Tensor:
    """Return the result of `_CurveReduction` with a graph that can be differentiated again."""
    key, edge, slope, knee, limit = inputs
    threshold = settings.sign * (edge + knee / 2)
    curve = Curve(threshold, slope, knee, limit if settings.has_limit else None, settings.sign < 0)
    return curve.reduction_db(level_of_key(key, settings.is_power, settings.dim or None))


def _gradients(g: Tensor, inputs: Sequence[Tensor], settings: _Settings, needs_key: bool) -> list[Tensor | None]:
    """Return the gradients for key, edge, slope, knee and limit, computed tile by tile.

    `g` is the gradient of the result, and `inputs` are the tensors in this order. The gradient for key is None unless
    `needs_key`.
    """
    key, edge, slope, knee, limit = inputs
    values, arguments = (edge, slope, knee, _curvature(knee), limit), settings.arguments()
    for_key = allocate_like(key) if needs_key else key.new_empty(0)
    length = tile_length(key, g)

    def run(start: int) -> list[Tensor]:
        tile = slice(start, start + length)
        out = for_key[..., tile] if needs_key else for_key
        sums: list[Tensor] = _curve_gradient(key[..., tile], g[..., tile], values, arguments, out)
        return sums

    parts = run_parts(run, range(0, key.shape[-1], length), max_workers())
    sums = [torch.stack([part.double() for part in parts]).sum(0) for parts in zip(*parts, strict=True)]
    inputs = edge, slope, knee, limit
    return [
        for_key if needs_key else None,
        *(total.sum_to_size(value.shape).to(value.dtype) for total, value in zip(sums, inputs, strict=True)),
    ]


def _curvature(knee: Tensor) -> Tensor:
    """Return 1 / (2 knee) where the width `knee` is positive, and 0 elsewhere, with finite derivatives."""
    return torch.where(knee > 0, 0.5 / torch.where(knee > 0, knee, torch.ones_like(knee)), torch.zeros_like(knee))


_curve_reduction = script_function(curve_script, "curve_reduction")
_curve_gradient = script_function(curve_script, "curve_gradient")

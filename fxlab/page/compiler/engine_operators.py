"""Recursive filters and noise shaping as operators of a program; in JavaScript see `browser/src/engine/`."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import torch
from torch import Tensor

from fxlab.page.compiler.graph import View
from fxlab.page.compiler.interception import Replacement
from fxlab.page.compiler.recorder import Recorder

Original = Callable[..., Any]


def engine_operators(recorder: Recorder) -> dict[tuple[str, str], Replacement]:
    """Return the replacements that record calls of recursive filters and noise shaping; see `interception.replaced`."""
    own = _Operators(recorder)
    recursion = "fxlab.engine.recursion"
    return {
        (f"{recursion}.sosfilt", "sosfilt"): own.sosfilt,
        (f"{recursion}.varying.sosfilt_varying", "sosfilt_varying"): own.sosfilt_varying,
        (f"{recursion}.ssfilt", "ssfilt"): own.ssfilt,
        (f"{recursion}.varying.ssfilt_varying", "ssfilt_varying"): own.ssfilt_varying,
        (f"{recursion}.varying.ssfilt_saturating", "ssfilt_saturating"): own.ssfilt_saturating,
        (f"{recursion}.lfilter", "lfilter"): own.lfilter,
        ("fxlab.effects.distortion.dither", "round_shaped"): own.round_shaped,
    }


class _Operators:
    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder

    def _rows(self, value: Tensor, lead: tuple[int, ...], own: int) -> tuple[View, int]:
        """Return `value` as a contiguous array, and the distance from one row to the next, 0 if there is one row.

        The last `own` dimensions are a row. Several rows are broadcast to the leading dimensions `lead`.
        """
        shape = tuple(value.shape[value.ndim - own :])
        if prod(value.shape[: value.ndim - own]) == 1:
            return self.recorder.array(value.reshape(shape) if value.ndim > own else value), 0
        return self.recorder.array(value, (*lead, *shape)), prod(shape)

    def sosfilt(self, original: Original, x: Tensor, sos: Tensor, state: Tensor | None = None) -> Any:
        """Record a call of `sosfilt`, or call it if no argument is recorded."""
        if not self.recorder.is_tracked(x, sos, state):
            return original(x, sos, state)
        y, after = self.recorder.run(original, x, sos, state)
        lead, time, sections = tuple(y.shape[:-1]), y.shape[-1], sos.shape[-2]
        state = torch.zeros_like(after) if state is None else state
        table, stride = self._rows(sos, lead, 2)
        signal, before = self.recorder.array(x, tuple(y.shape)), self.recorder.array(state, tuple(after.shape))
        out, last = self.recorder.new(y), self.recorder.new(after)
        arguments: list[Any] = [out, last, signal, table, before, prod(lead), time, sections, stride]
        self.recorder.call("filterSections", [out, last], arguments)
        return y, after

    def sosfilt_varying(
        self,
        original: Original,
        x: Tensor,
        sos: Tensor,
        hop_length: int,
        state: Tensor | None = None,
        *,
        interpolate: bool = False,
    ) -> Any:
        """Record a call of `sosfilt_varying`, or call it if no argument is recorded.

        Raises:
            CompileError: `interpolate` is True.
        """
        if not self.recorder.is_tracked(x, sos, state):
            return original(x, sos, hop_length, state, interpolate=interpolate)
        if interpolate:
            self.recorder.refuse("sosfilt_varying with interpolate=True")
        y, after = self.recorder.run(original, x, sos, hop_length, state)
        lead, time, (frames, sections) = tuple(y.shape[:-1]), y.shape[-1], sos.shape[-3:-1]
        state = torch.zeros_like(after) if state is None else state
        table, stride = self._rows(sos, lead, 3)
        signal, before = self.recorder.array(x, tuple(y.shape)), self.recorder.array(state, tuple(after.shape))
        out, last = self.recorder.new(y), self.recorder.new(after)
        arguments: list[Any] = [
            out,
            last,
            signal,
            table,
            before,
            prod(lead),
            time,
            sections,
            stride,
            frames,
            hop_length,
        ]
        self.recorder.call("filterVaryingSections", [out, last], arguments)
        return y, after

    def ssfilt(self, original: Original, x: Tensor, system: Tensor, state: Tensor | None = None) -> Any:
        """Record a call of `ssfilt`, or call it if no argument is recorded."""
        if not self.recorder.is_tracked(x, system, state):
            return original(x, system, state)
        y, after = self.recorder.run(original, x, system, state)
        self._system(y, after, x, system.unsqueeze(-3), state, y.shape[-1])
        return y, after

    def ssfilt_varying(
        self, original: Original, x: Tensor, system: Tensor, state: Tensor | None = None, *, hop_length: int = 1
    ) -> Any:
        """Record a call of `ssfilt_varying`, or call it if no argument is recorded."""
        if not self.recorder.is_tracked(x, system, state):
            return original(x, system, state, hop_length=hop_length)
        y, after = self.recorder.run(original, x, system, state, hop_length=hop_length)
        self._system(y, after, x, system, state, hop_length)
        return y, after

    def _system(self, y: Tensor, after: Tensor, x: Tensor, system: Tensor, state: Tensor | None, hop: int) -> None:
        lead, time, (frames, size) = tuple(y.shape[:-1]), y.shape[-1], system.shape[-3:-1]
        state = torch.zeros_like(after) if state is None else state
        table, stride = self._rows(system, lead, 3)
        signal, before = self.recorder.array(x, tuple(y.shape)), self.recorder.array(state, tuple(after.shape))
        out, last = self.recorder.new(y), self.recorder.new(after)
        arguments: list[Any] = [out, last, signal, table, before, prod(lead), time, size - 1, stride, frames, hop]
        self.recorder.call("filterSystem", [out, last], arguments)

    def ssfilt_saturating(
        self,
        original: Original,
        x: Tensor,
        system: Tensor,
        feedback: Tensor,
        drive: Tensor,
        state: Tensor | None = None,
        *,
        hop_length: int = 1,
    ) -> Any:
        """Record a call of `ssfilt_saturating`, or call it if no argument is recorded."""
        if not self.recorder.is_tracked(x, system, feedback, drive, state):
            return original(x, system, feedback, drive, state, hop_length=hop_length)
        y, after = self.recorder.run(original, x, system, feedback, drive, state, hop_length=hop_length)
        lead, time, (frames, size) = tuple(y.shape[:-1]), y.shape[-1], system.shape[-3:-1]
        state = torch.zeros_like(after) if state is None else state
        table, stride = self._rows(system, lead, 3)
        parts: list[Any] = []
        for value in (feedback, drive):
            wide = value.expand(*value.shape[:-1], frames)
            array, step = self._rows(wide, lead, 1)
            parts += [array, step]
        signal, before = self.recorder.array(x, tuple(y.shape)), self.recorder.array(state, tuple(after.shape))
        out, last = self.recorder.new(y), self.recorder.new(after)
        arguments = [out, last, signal, table, before, prod(lead), time, size - 1, stride, frames, hop_length, *parts]
        self.recorder.call("filterSaturatingSystem", [out, last], arguments)
        return y, after

    def lfilter(self, original: Original, x: Tensor, b: Tensor, a: Tensor, state: Tensor | None = None) -> Any:
        """Record a call of `lfilter`, or call it if no argument is recorded."""
        if not self.recorder.is_tracked(x, b, a, state):
            return original(x, b, a, state)
        y, after = self.recorder.run(original, x, b, a, state)
        lead, time, order = tuple(y.shape[:-1]), y.shape[-1], after.shape[-1]
        state = torch.zeros_like(after) if state is None else state
        rows: list[Any] = []
        for value in (b, a):
            padded = torch.nn.functional.pad(value, (0, order + 1 - value.shape[-1]))
            rows += self._rows(padded, lead, 1)
        signal, before = self.recorder.array(x, tuple(y.shape)), self.recorder.array(state, tuple(after.shape))
        out, last = self.recorder.new(y), self.recorder.new(after)
        arguments = [out, last, signal, rows[0], rows[2], before, prod(lead), time, order, rows[1], rows[3]]
        self.recorder.call("filterPolynomials", [out, last], arguments)
        return y, after

    def round_shaped(self, original: Original, steps: Tensor, noise: Tensor, state: Tensor | None = None) -> Any:
        """Return the result of `round_shaped`, and record the call if an argument is recorded.

        The state is the last two errors of each row.
        """
        y, _ = self.recorder.run(original, steps, noise, None)
        after = y.new_zeros(*y.shape[:-1], 2)
        if self.recorder.is_tracked(steps, noise, state):
            before = torch.zeros_like(after) if state is None else state
            arrays = [self.recorder.array(value) for value in (steps, noise.expand(y.shape[-1]), before)]
            out, last = self.recorder.new(y), self.recorder.new(after)
            arguments: list[Any] = [out, last, *arrays, prod(y.shape[:-1]), y.shape[-1]]
            self.recorder.call("roundShaped", [out, last], arguments)
        return y, after

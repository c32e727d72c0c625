"""Delay lines, envelope followers, convolutions, rate conversion and random numbers as operators of a program."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import torch
from torch import Tensor

from fxlab.engine.delay.all_pass_chain import run_stages
from fxlab.engine.envelope.detector import Detector
from fxlab.engine.resampling.conversion import Stage, _convert
from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.module.lti.convolve_block import ConvolutionState
from fxlab.module.lti.crossfade_taps import step_length
from fxlab.page.compiler.graph import View
from fxlab.page.compiler.interception import Replacement
from fxlab.page.compiler.recorder import Recorder

Original = Callable[..., Any]

MIN_PARTITIONED_TAPS = 256
"""The smallest number of taps for which a stream in blocks of 2^n samples is convolved by partitioned FFTs."""


def delay_operators(recorder: Recorder) -> dict[tuple[str, str], Replacement]:
    """Return the replacements that record calls of the engine; see `interception.replaced`."""
    own = _Operators(recorder)
    delay = "fxlab.engine.delay"
    return {
        (f"{delay}.delay_recurrence", "delay_recurrence"): own.delay_recurrence,
        (f"{delay}.damped_recurrence", "damped_recurrence"): own.damped_recurrence,
        (f"{delay}.moving_comb", "moving_comb"): own.moving_comb,
        (f"{delay}.echo_line", "echo_line"): own.echo_line,
        (f"{delay}.echo_line", "shortest_block"): lambda _original, _taps: 1 << 30,
        (f"{delay}.comb_bank", "comb_bank"): own.comb_bank,
        (f"{delay}.delay_network", "delay_network"): own.delay_network,
        (f"{delay}.all_pass_chain", "all_pass_chain"): own.all_pass_chain,
        (f"{delay}.comb_bank", "low_pass_reach"): lambda _original, _pole: 1,
        ("fxlab.engine.envelope.envelope_autograd", "envelope_follower"): own.envelope_follower,
        ("fxlab.engine.convolution.convolve", "convolve"): own.convolve,
        ("fxlab.module.lti.convolve_block", "convolve_block"): own.convolve_block,
        ("fxlab.engine.resampling.conversion", "convert_stage"): own.convert_stage,
        ("fxlab.effects.space.delay", "kept_samples"): lambda _original, history, _rate: history,
        ("fxlab.module.lti.crossfade_taps", "crossfade_taps"): own.crossfade_taps,
        ("fxlab.control.random_sequence", "uniform_at"): own.uniform_at,
    }


class _Operators:
    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder

    def delay_recurrence(self, original: Original, u: Tensor, a: Tensor, state: Tensor, delay: int) -> Any:
        """Record a call of `delay_recurrence`, or call it if no argument is recorded."""
        if not self.recorder.is_tracked(u, a, state):
            return original(u, a, state, delay)
        y, after = (value.contiguous() for value in self.recorder.run(original, u, a, state, delay))
        rows, time = prod(u.shape[:-1]), u.shape[-1]
        arrays = [self.recorder.array(value) for value in (u, a, state)]
        out, last = self.recorder.new(y), self.recorder.new(after)
        arguments: list[Any] = [out, last, *arrays, rows, time, delay, a.shape[-1]]
        self.recorder.call("delayRecurrence", [out, last], arguments)
        return y, after

    def damped_recurrence(
        self, original: Original, u: Tensor, pole: Tensor, gain: Tensor, state: Tensor, delay: int
    ) -> Any:
        """Record a call of `damped_recurrence`, or call it if no argument is recorded."""
        if not self.recorder.is_tracked(u, pole, gain, state):
            return original(u, pole, gain, state, delay)
        y, after = (value.contiguous() for value in self.recorder.run(original, u, pole, gain, state, delay))
        rows, time = prod(u.shape[:-1]), u.shape[-1]
        arrays = [self.recorder.array(value) for value in (u, pole, gain, state)]
        out, last = self.recorder.new(y), self.recorder.new(after)
        self.recorder.call("dampedRecurrence", [out, last], [out, last, *arrays, rows, time, delay])
        return y, after

    def _line(self, x: Tensor, line: Tensor, taps: Any, gain: Tensor) -> tuple[tuple[int, ...], list[Any]]:
        """Return the shape of the output, and arguments of `movingComb`: past samples, whole delays and weights."""
        lead = broadcast_shapes(
            x.shape[:-1], line.shape[:-1], *(v.shape[:-1] for v in (taps.whole, gain, *taps.weights) if v.ndim)
        )
        shape = (*lead, x.shape[-1])
        weights = torch.stack([weight.expand(shape) for weight in taps.weights])
        past = self.recorder.array(line, (*lead, line.shape[-1]))
        return shape, [past, self.recorder.array(taps.whole, shape), self.recorder.array(weights)]

    def moving_comb(self, original: Original, x: Tensor, line: Tensor, taps: Any, gain: Tensor) -> Any:
        """Record a call of `moving_comb`, or call it if no argument is recorded."""
        if not self.recorder.is_tracked(x, line, gain, taps.whole):
            return original(x, line, taps, gain)
        shape, arrays = self._line(x, line, taps, gain)
        signal, factor = self.recorder.array(x, shape), self.recorder.array(gain, shape)
        read, written = x.new_zeros(shape), x.new_zeros(shape)
        outs = [self.recorder.new(read), self.recorder.new(written)]
        sizes = [prod(shape[:-1]), shape[-1], line.shape[-1], len(taps.weights)]
        self.recorder.call("movingComb", outs, [*outs, signal, *arrays, factor, *sizes])
        return read, written

    def echo_line(self, original: Original, x: Tensor, line: Tensor, taps: Any, feed_back: Any) -> Any:
        """Record a call of `echo_line` with the feedback loop of a `Delay`, or call it with any other `feed_back`.

        The attribute `low_pass` of the loop, the state of its low-pass filter, is set to the state after the block.
        """
        loop: Any = getattr(feed_back, "__self__", None)
        if feed_back is None or not hasattr(loop, "moves_on"):
            return original(x, line, taps, feed_back)
        pole = torch.zeros((), dtype=torch.float64) if loop.pole is None else loop.pole
        gain = loop.gain
        shape, arrays = self._line(x, line, taps, gain)
        rows = prod(shape[:-1])
        signal, factor = self.recorder.array(x, shape), self.recorder.array(gain, shape)
        wide_pole = pole.unsqueeze(-1) if pole.ndim else pole
        before = x.new_zeros(*shape[:-1], 1) if loop.low_pass is None else loop.low_pass
        read, written, after = x.new_zeros(shape), x.new_zeros(shape), x.new_zeros(*shape[:-1], 1)
        outs = [self.recorder.new(value) for value in (read, written, after)]
        one = (*shape[:-1], 1)
        arguments: list[Any] = [*outs, signal, *arrays, factor, self.recorder.array(wide_pole, one)]
        arguments += [self.recorder.array(before, one), rows, shape[-1], line.shape[-1], len(taps.weights)]
        channels = shape[-2] if loop.moves_on else 1
        self.recorder.call("dampedEcho", outs, [*arguments, channels])
        loop.low_pass = after
        return read, written

    def comb_bank(
        self, original: Original, x: Tensor, lines: Tensor, delays: Tensor, gain: Tensor, pole: Tensor, weights: Tensor
    ) -> Any:
        if not self.recorder.is_tracked(x, lines, gain, pole):
            return original(x, lines, delays, gain, pole, weights)
        history, time = lines.shape[-1], x.shape[-1]
        lead = broadcast_shapes(
            lines.shape[:-1], delays.shape, *(v.shape[:-1] for v in (gain, pole, weights)), (*x.shape[:-1], 1)
        )
        flat = [self.recorder.array(v.squeeze(-1), tuple(lead)) for v in (gain, pole, weights)]
        y, after = x.new_zeros(*lead[:-1], time), lines.new_zeros(*lead, history)
        signal, past = self.recorder.array(x, tuple(y.shape)), self.recorder.array(lines, tuple(after.shape))
        outs = [self.recorder.new(y), self.recorder.new(after)]
        arguments: list[Any] = [*outs, signal, past, self.recorder.array(delays, tuple(lead)), *flat]
        self.recorder.call("combBank", outs, [*arguments, prod(lead[:-1]), lead[-1], time, history])
        return y, after

    def all_pass_chain(self, original: Original, x: Tensor, delays: Any, gain: float, lines: Any = None) -> Any:
        """Record the all-passes one after the other, or call `original` if no argument is recorded."""
        if not self.recorder.is_tracked(x, *(lines or ())):
            return original(x, delays, gain, lines)
        return run_stages(x, delays, gain, lines)

    def delay_network(
        self,
        original: Original,
        entering: Tensor,
        lines: Tensor,
        state: Tensor,
        delays: Tensor,
        sections: Tensor,
        lossless: Tensor,
        outputs: Tensor,
    ) -> Any:
        if not self.recorder.is_tracked(entering, lines, state, sections, outputs):
            return original(entering, lines, state, delays, sections, lossless, outputs)
        lead, (count, time), history = entering.shape[:-2], entering.shape[-2:], lines.shape[-1]
        channels = outputs.shape[-2]
        wet, after, last = entering.new_zeros(*lead, channels, time), torch.zeros_like(lines), torch.zeros_like(state)
        arrays = [
            self.recorder.array(entering),
            self.recorder.array(lines),
            self.recorder.array(state),
            self.recorder.array(delays),
            self.recorder.array(sections, (*lead, count, 6)),
            self.recorder.array(lossless),
            self.recorder.array(outputs, (*lead, channels, count)),
        ]
        outs = [self.recorder.new(value) for value in (wet, after, last)]
        sizes = [prod(lead), count, time, history, channels]
        self.recorder.call("delayNetwork", outs, [*outs, *arrays, *sizes])
        return wet, after, last

    def envelope_follower(
        self, original: Original, x: Tensor, attack: Tensor, release: Tensor, state: Tensor, detector: Detector
    ) -> Any:
        """Record a call of the envelope follower, or call it if no argument is recorded."""
        if not self.recorder.is_tracked(x, attack, release, state):
            return original(x, attack, release, state, detector)
        y, last = self.recorder.run(original, x, attack, release, state, detector)
        arrays = [self.recorder.array(value) for value in (x, attack, release, state)]
        outs = [self.recorder.new(y), self.recorder.new(last)]
        name = "followBranching" if detector is Detector.BRANCHING else "followPeaks"
        self.recorder.call(name, outs, [*outs, *arrays, prod(x.shape[:-1]), x.shape[-1]])
        return y, last

    def convolve(self, original: Original, x: Tensor, taps: Tensor) -> Any:
        """Record a call of `convolve`, or call it if no argument is recorded."""
        if not self.recorder.is_tracked(x, taps):
            return original(x, taps)
        past = torch.nn.functional.pad(x, (taps.shape[-1] - 1, 0))
        return self._convolved(past, taps, x.shape[-1])

    def _convolved(self, inputs: Tensor, taps: Tensor, time: int) -> Tensor:
        lead = broadcast_shapes(inputs.shape[:-1], taps.shape[:-1])
        y = inputs.new_zeros(*lead, time)
        table, stride = self._taps(taps, tuple(lead))
        signal = self.recorder.array(inputs, (*lead, inputs.shape[-1]))
        out = self.recorder.new(y)
        self.recorder.call("convolve", [out], [out, signal, table, prod(lead), time, taps.shape[-1], stride])
        return y

    def _taps(self, taps: Tensor, lead: tuple[int, ...]) -> tuple[View, int]:
        count = taps.shape[-1]
        if prod(taps.shape[:-1]) == 1:
            return self.recorder.array(taps.reshape(count)), 0
        return self.recorder.array(taps, (*lead, count)), count

    def convolve_block(self, original: Original, x: Tensor, taps: Tensor, state: Any, owner: str) -> Any:
        """Record a call of `convolve_block`, or call it if neither `x` nor `taps` is recorded."""
        count, time = taps.shape[-1], x.shape[-1]
        if not self.recorder.is_tracked(x, taps):
            return original(x, taps, state, owner)
        before = x.new_zeros(*x.shape[:-1], count - 1) if state is None else state.last_inputs
        if count < MIN_PARTITIONED_TAPS or time & (time - 1):
            inputs = torch.cat([before, x], -1)
            after = inputs[..., inputs.shape[-1] - (count - 1) :]
            return self._convolved(inputs, taps, time), ConvolutionState(after)
        # The convolver keeps the past itself, as spectra.
        lead = broadcast_shapes(x.shape[:-1], taps.shape[:-1])
        y = x.new_zeros(*lead, time)
        table, stride = self._taps(taps, tuple(lead))
        signal = self.recorder.array(x, (*lead, time))
        out = self.recorder.new(y)
        memory = ("createConvolver", (prod(lead), time, count, stride))
        self.recorder.call("convolver", [out], [out, signal, table], memory=memory)
        return y, ConvolutionState(before)

    def crossfade_taps(self, original: Original, x: Tensor, past: Any, moving: Any, design: Any) -> Any:
        """Record the operations of `crossfade_taps`, or call it if `x` is not recorded.

        Raises:
            CompileError: The taps follow the input.
        """
        if not self.recorder.is_tracked(x):
            return original(x, past, moving, design)
        if moving.follows_input:
            self.recorder.refuse("for taps that follow the input")
        time = x.shape[-1]
        count = design(moving.values_at(torch.zeros(1, dtype=torch.long))).shape[-1]
        step = step_length(count, moving.hop)
        before = x.new_zeros(*x.shape[:-1], count - 1) if past is None else past
        inputs = torch.cat([before, x], -1)
        offset = moving.start % step
        steps = -(-(step - 1 + time) // step) if isinstance(offset, Tensor) else -(-(offset + time) // step)
        taps = design(moving.values_at(torch.arange(steps + 1) * step - offset))
        outputs = torch.stack([self._convolved(inputs, taps[..., n, :], time) for n in range(steps + 1)])
        place = torch.arange(time) + offset
        index = torch.div(place, step, rounding_mode="floor").expand(1, *x.shape)
        weight = (place % step).double() / step
        first, second = outputs.gather(0, index)[0], outputs.gather(0, index + 1)[0]
        return torch.lerp(first, second, weight), inputs[..., inputs.shape[-1] - (count - 1) :]

    def uniform_at(self, original: Original, index: Tensor, seed: int) -> Tensor:
        """Record a call of `uniform_at`, or call it if `index` is not recorded."""
        if not self.recorder.is_tracked(index):
            return original(index, seed)  # type: ignore[no-any-return]
        y: Tensor = self.recorder.run(original, index, seed)
        places = self.recorder.array(index)
        out = self.recorder.new(y)
        self.recorder.call("uniformAt", [out], [out, places, index.numel(), seed])
        return y

    def convert_stage(self, original: Original, x: Tensor, stage: Stage, raises: bool) -> Any:
        """Record the matrix product of `convert_stage`, or call it if `x` is not recorded."""
        if not self.recorder.is_tracked(x):
            return original(x, stage, raises)
        return _convert(x, stage.factors, stage.multiple, raises)

"""`FixedPoint`: a filter computed in fixed-point arithmetic, as on a processor without floating point."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from fxlab.engine.fixed_point.fixed_point import fixed_point, zero_input_cycle
from fxlab.engine.fixed_point.flow_graph import FlowGraph, peak_gains
from fxlab.engine.fixed_point.word_format import OVERFLOWS, PRODUCTS, ROUNDINGS, WordFormat
from fxlab.engine.torch_support.known_values import to_numpy
from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.engine.torch_support.tracing import is_recorded
from fxlab.errors import ParameterError
from fxlab.filters.fixed_point.quantized import QuantizedFilter
from fxlab.filters.fixed_point.structures import STRUCTURES, build_graph
from fxlab.module import Choice, Count, LinearAnalysis, Module, StatefulModule, has_response
from fxlab.module.checks import check_audio, check_batch_shapes, not_recordable, stale_state
from fxlab.module.lti.cascades import align_design
from fxlab.module.lti.frequencies import Frequencies
from fxlab.signal import Signal
from fxlab.signal.samples import is_number, peak


class LimitCycle(NamedTuple):
    """The oscillation that continues in a filter after its input has ended."""

    amplitude: float
    """The highest magnitude of the output, relative to full scale; 0 if the output decays to 0.

    If `period` is None, the amplitude is the highest magnitude in the second half of the `duration`.
    """
    period: int | None
    """The period in samples; 0 if the output decays to 0, None if the state has not repeated within the `duration`."""


class FixedPoint(StatefulModule):
    """A filter in fixed-point arithmetic: its coefficients and its states are integers of limited word length.

    Samples are two's-complement numbers from -1 up to, but not including, 1: `bits` bits including the sign, of which
    `bits - 1` are fractional. The input is rounded to the nearest value and saturates, as in a converter. The values
    inside the filter have `headroom` more integer bits; the output is converted back to `bits`. `rounding` and
    `overflow` apply wherever a value is stored: once for each output and state, after a sum in a wide accumulator, and
    with `products="rounded"` also once for each product.

    Coefficients are rounded to the nearest value. The numerator of the filter, or of each section in a cascade, has one
    binary point for all its coefficients, as far to the left as the largest of them allows; the same holds for the
    denominator without its leading 1 and for the ladder taps of a lattice. Reflection coefficients have only fractional
    bits. In a cascade the sections are scaled such that the gain from the input to the output of each section but the
    last has a peak of 1, unless this peak is 0 or infinite.

    The structures: `direct1`, `direct2` and `transposed2` are the direct forms of the complete filter; `cascade` and
    `cascade_transposed` join second-order sections in direct form I and transposed form II; `lattice` has two
    multipliers per stage and `normalized_lattice` four, and both have a ladder of taps. The states of direct form II
    and of `lattice` are the input filtered by the poles, before the zeros of the filter attenuate it: they are large at
    a low corner and need headroom.

    The output has no gradient with respect to the input or the filter's parameters, because it is piecewise constant.
    The filter is not linear, so `has_response` is False; `response`, `zeros` and `poles` describe the linear filter
    with the rounded coefficients, which `quantized` returns.

    Shape:
        Input and output: `(time,)` or `(..., channels, time)`. Output of more than 25 bits is exact only in float64.

    Raises:
        ParameterError: The module is not linear and time-invariant, or the structure is a lattice and the filter is
            not stable.
        FxlabError: The module has no second-order sections: a `ZeroPhase`, or an FIR filter of more than 257 taps.

    Source:
        A. V. Oppenheim and R. W. Schafer, "Discrete-Time Signal Processing", chapter 6.

    >>> from fxlab.filters import LowPass
    >>> coarse = FixedPoint(LowPass(cutoff=5000.0), bits=4)
    >>> coarse(torch.tensor([[0.9, 0.9, 0.0, 0.0, 0.0, 0.0, 0.0]]), sample_rate=48_000) * 8
    tensor([[1., 3., 4., 4., 3., 2., 1.]])
    """

    differentiable = False
    refuses_moving_parts = "its coefficients are rounded once."

    bits = Count(16, low=4, high=24, at_least=2, at_most=48, doc="Bits of a sample, with the sign.")
    coefficient_bits = Count(16, low=4, high=24, at_least=2, at_most=48, doc="Bits of a coefficient, with the sign.")
    structure = Choice("cascade", STRUCTURES, doc="Arrangement of the filter's delays, products and sums.")
    overflow = Choice("saturate", OVERFLOWS, doc="Treatment of values outside the range.")
    rounding = Choice("nearest", ROUNDINGS, doc="Rounding of a sum to the bits of a word.")
    products = Choice("exact", PRODUCTS, doc="Whether products are added exactly, or each is rounded first.")
    headroom = Count(0, low=0, high=8, at_least=0, at_most=12, doc="Bits above full scale inside the filter.")

    def __init__(self, module: Any, *args: Any, sample_rate: float | None = None, **kwargs: Any) -> None:
        super().__init__(*args, sample_rate=sample_rate, **kwargs)
        if not (isinstance(module, Module) and has_response(module)):
            raise ParameterError(
                f"FixedPoint needs a linear time-invariant filter; {module!r} is not one. Give it a filter such as "
                "LowPass(), or a chain or a sum of filters."
            )
        self.module: LinearAnalysis = module

    # -- processing ---------------------------------------------------------------------------------------------

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Return the output for the next block, and the state after it.

        The state consists of a tuple that identifies the structure, and of the delayed values as integers,
        `(..., delays)`.

        Raises:
            FxlabError: PyTorch records a graph, as in `torch.compile` and `torch.export`.
            SignalError: The structure, the word length or the filter's order has changed since `state` was returned.
        """
        if is_recorded():
            raise not_recordable(
                self._name(),
                "it computes with integers outside of PyTorch",
                "Record fx.SOS(module.quantized.sos(sample_rate)), the filter with the rounded coefficients, instead.",
            )
        graphs, batch_shape = self._graphs(x, sample_rate)
        layout = (self.structure, self.bits, self.headroom, len(graphs[0].delays))
        if state is not None and state[0] != layout:
            raise stale_state(self._name(), "its structure, its word length or the filter's order changed")
        integers = self._to_integers(x).expand(*batch_shape, x.shape[-1])
        delays = None if state is None else state[1]
        if len(graphs) == 1:
            y, delays = fixed_point(integers, graphs[0], self._word(), delays)
        else:
            rows = integers.reshape(len(graphs), integers.shape[-1])
            row_delays = [None] * len(graphs) if delays is None else delays.reshape(len(graphs), -1)
            runs = [
                fixed_point(row, graph, self._word(), row_delay)
                for row, graph, row_delay in zip(rows, graphs, row_delays, strict=True)
            ]
            y = torch.stack([y for y, _ in runs]).reshape(integers.shape)
            delays = torch.stack([row_delay for _, row_delay in runs]).reshape(*batch_shape, -1)
        return self._to_samples(y).to(x), (layout, delays)

    def latency(self, sample_rate: float | None = None) -> float:
        """Return the latency of the filter, in samples; see `Module.latency`."""
        return self.module.latency(self._resolve_rate(sample_rate))

    # -- analysis -----------------------------------------------------------------------------------------------

    @property
    def quantized(self) -> QuantizedFilter:
        """The linear filter with the rounded coefficients, a `QuantizedFilter`."""
        return QuantizedFilter(self)

    def response(self, frequencies: Frequencies, sample_rate: float | None = None) -> Tensor:
        """Return the complex response of the linear filter with the rounded coefficients, `(..., frequencies)`."""
        return self.quantized.response(frequencies, self._resolve_rate(sample_rate))

    def poles(self, sample_rate: float | None = None) -> Tensor:
        """Return the poles of the filter with the rounded coefficients, complex128, `(..., poles)`."""
        return self.quantized.poles(self._resolve_rate(sample_rate))

    def zeros(self, sample_rate: float | None = None) -> Tensor:
        """Return the zeros of the filter with the rounded coefficients, complex128, `(..., zeros)`."""
        return self.quantized.zeros(self._resolve_rate(sample_rate))

    def is_stable(self, sample_rate: float | None = None) -> bool:
        """Return whether all poles of the filter with the rounded coefficients lie inside the unit circle."""
        return self.quantized.is_stable(self._resolve_rate(sample_rate))

    def headroom_needed(self, sample_rate: float | None = None) -> int:
        """Return the headroom in bits with which, apart from rounding, no input above -1 overflows inside the filter.

        Most signals need less: the worst-case input is the sign of the time-reversed impulse response.

        Raises:
            ParameterError: The filter with rounded coefficients is unstable or rings for more than 32767 samples.

        >>> from fxlab.filters import LowPass
        >>> [FixedPoint(LowPass(), structure=name).headroom_needed(48_000) for name in ("direct1", "direct2")]
        [1, 7]
        """
        rate = self._resolve_rate(sample_rate)
        self.check(rate)
        sos = self.exact_sections(rate)
        graphs = [build_graph(self.structure, row, self.coefficient_bits) for row in sos.reshape(-1, *sos.shape[-2:])]
        gain = max(max(peak_gains(graph).values()) for graph in graphs)
        if not math.isfinite(gain):
            raise ParameterError(
                f"{self._name()}: with coefficient_bits={self.coefficient_bits} and structure={self.structure!r} the "
                "filter is not stable or rings for more than 32767 samples, so no headroom suffices. Raise "
                "coefficient_bits, or choose another structure."
            )
        return max(0, math.ceil(math.log2(gain))) if gain else 0

    def error(self, signal: Signal) -> Signal:
        """Return the fixed-point output for `signal` minus the exact output of the filter, in float64."""
        exact = signal.to(torch.float64)
        error = (self(exact).samples - self.module(exact).samples).detach()
        return Signal._of_channels(error, signal.sample_rate)

    def limit_cycle(
        self, sample_rate: float | None = None, *, excitation: Tensor | None = None, duration: float = 1.0
    ) -> LimitCycle:
        """Return the oscillation that remains after the input has ended: its amplitude, and its period in samples.

        Args:
            sample_rate: The sample rate in Hz.
            excitation: The samples `(time,)` before the silence. By default an impulse, a step, a tone at half the
                sample rate and a burst of noise are tried, and the loudest cycle is returned.
            duration: The longest time to wait until the state repeats, in seconds.

        Raises:
            ParameterError: The filter's parameters are batched, `excitation` is not `(time,)`, or `duration` is not
                above 0.
            SignalError: The excitation is not a valid signal.

        >>> from fxlab.filters import OnePole
        >>> FixedPoint(OnePole(cutoff=100.0), bits=8).limit_cycle(48_000)
        LimitCycle(amplitude=0.296875, period=1)
        """
        rate = self._resolve_rate(sample_rate)
        self.check(rate)
        if not is_number(duration) or not 0 < duration < math.inf:
            raise ParameterError(f"{self._name()}: duration is {duration!r}; it must be a number of seconds above 0.")
        frames = max(1, round(duration * rate))
        bursts = _excitations()
        if excitation is not None:
            bursts = [torch.as_tensor(excitation, dtype=torch.float64)]
            check_audio(bursts[0], f"{self._name()}: limit_cycle")
        if self.exact_sections(rate).ndim > 2 or any(burst.ndim != 1 for burst in bursts):
            raise ParameterError(
                f"{self._name()}: limit_cycle analyzes one filter and one channel; the filter's parameters must have "
                "one value each, and excitation must have the shape (time,)."
            )
        cycles = []
        for burst in bursts:
            graphs, _ = self._graphs(burst, rate)
            _, state = fixed_point(self._to_integers(burst), graphs[0], self._word())
            cycle = zero_input_cycle(graphs[0], self._word(), state, frames)
            if cycle is None:
                silence = torch.zeros(frames, dtype=torch.int64)
                output = fixed_point(silence, graphs[0], self._word(), state)[0][len(silence) // 2 :]
                cycles.append(LimitCycle(peak(self._to_samples(output)), None))
            else:
                amplitude = peak(self._to_samples(cycle))
                cycles.append(LimitCycle(amplitude, len(cycle) if amplitude else 0))
        return max(cycles, key=lambda cycle: cycle.amplitude)

    # -- internals ----------------------------------------------------------------------------------------------

    def exact_sections(self, sample_rate: float) -> Tensor:
        """Return the sections before rounding, `(..., sections, 6)`, with `a0 = 1`, on the CPU without gradient."""
        with torch.no_grad():
            sos = self.module.sos(sample_rate).detach().cpu().double()
        return sos / sos[..., 3:4]

    def _graphs(self, x: Tensor, rate: float) -> tuple[list[FlowGraph], torch.Size]:
        """Return one graph for all rows of `x`, or one for each if the filter is batched, and the output's batch shape.

        Raises:
            ParameterError: The shape of a value does not align with the leading dimensions of `x`.
        """
        for part in self.module.modules():
            if isinstance(part, Module):
                check_batch_shapes(part.values(), x, type(part).__name__, part.ranks)
        sos = align_design(self, self.exact_sections(rate), x.detach().cpu())
        if sos.ndim == 2:
            return [build_graph(self.structure, sos, self.coefficient_bits)], x.shape[:-1]
        batch_shape = broadcast_shapes(x.shape[:-1], sos.shape[:-2])
        rows = sos.expand(*batch_shape, *sos.shape[-2:]).reshape(-1, *sos.shape[-2:])
        return [build_graph(self.structure, row, self.coefficient_bits) for row in rows], batch_shape

    def _word(self) -> WordFormat:
        return WordFormat(self.bits + self.headroom, self.overflow, self.rounding, self.products)

    def _to_integers(self, x: Tensor) -> Tensor:
        """Return the samples as int64, rounded to the nearest (halves away from zero) and saturated to `bits` bits."""
        # NumPy is used because PyTorch would start its thread pool for each of these operations on a second of audio.
        steps = np.ldexp(to_numpy(x.detach().cpu().double()), self.bits - 1)
        nearest = np.copysign(np.floor(np.abs(steps) + 0.5), steps)
        word = WordFormat(self.bits)
        return torch.from_numpy(np.clip(nearest, word.min_value, word.max_value).astype(np.int64))

    def _to_samples(self, y: Tensor) -> Tensor:
        """Return integers of the filter's internal word, converted to `bits` bits, as float64 samples."""
        word, integers = WordFormat(self.bits), y.numpy()
        if self.overflow == "saturate":
            integers = np.clip(integers, word.min_value, word.max_value)
        else:
            integers = ((integers - word.min_value) & (word.max_value - word.min_value)) + word.min_value
        return torch.from_numpy(np.ldexp(integers.astype(np.float64), 1 - self.bits))

    def _arguments(self) -> list[str]:
        return [repr(self.module), *super()._arguments()]


def _excitations() -> list[Tensor]:
    """Return the default excitations of `limit_cycle`, `(256,)` each: impulse, step, alternating signs, noise."""
    step = torch.ones(256, dtype=torch.float64)
    impulse = torch.nn.functional.pad(step[:1], (0, 255))
    alternating = torch.where(torch.arange(256) % 2 == 0, step, -step)
    noise = torch.rand(256, dtype=torch.float64, generator=torch.Generator().manual_seed(1)) * 2 - 1
    return [impulse, step, alternating, noise]

"""`FixedPoint`: a filter as a processor without floating point runs it."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from fxlab.engine.fixed_point.fixed_point import fixed_point, zero_input_cycle
from fxlab.engine.fixed_point.flow_graph import FlowGraph, peak_gains
from fxlab.engine.fixed_point.word_format import OVERFLOWS, PRODUCTS, ROUNDINGS, WordFormat
from fxlab.engine.torch_support.shapes import broadcast_shapes
from fxlab.errors import ParameterError
from fxlab.filters.fixed_point.quantized import QuantizedFilter
from fxlab.filters.fixed_point.structures import STRUCTURES, build
from fxlab.module import Choice, Count, LinearAnalysis, Module, StatefulModule, has_response
from fxlab.module.checks import check_audio, check_batch_shapes, stale_state
from fxlab.module.lti.cascades import align_design
from fxlab.module.lti.frequencies import Frequencies
from fxlab.signal import Signal
from fxlab.signal.samples import is_number, peak


class LimitCycle(NamedTuple):
    """What goes on in a filter whose input has ended."""

    amplitude: float
    """The highest magnitude, full scale being 1; 0 when the filter comes to rest."""
    period: int | None
    """In samples; 0 when the filter comes to rest, None when nothing has come again within the time given."""


class FixedPoint(StatefulModule):
    """Run a filter in whole numbers: coefficients, products and states of a few bits, in the structure chosen.

    Samples are numbers from -1 up to, not including, 1 in two's complement: `bits` with the sign, `bits - 1` behind
    the point. The input is rounded to the nearest and saturates, as in a converter. The filter's own values have
    `headroom` more bits before the point; the output goes back to `bits`. `rounding` and `overflow` say what happens
    wherever a value is stored: once for each output and state, after a sum in a wide accumulator, or with
    `products="rounded"` also once for each product.

    Coefficients are rounded to the nearest. Numerator and denominator, of each section in a cascade, have one binary
    point each, as far to the left as the largest coefficient allows; reflection coefficients have all bits behind it.
    In a cascade the filter's own sections are scaled so that up to each but the last the highest gain is 1.

    The structures: `direct1`, `direct2` and `transposed2` are the direct forms of the whole filter; `cascade` and
    `cascade_transposed` join second-order sections in direct form I and transposed II; `lattice` has two
    multipliers a stage and a ladder of taps, `normalised_lattice` four. Direct form II and the lattice hold
    the input divided by the denominator: a low corner makes that large, and they need headroom.

    The output carries no gradient, neither to the input nor to the filter's parameters: it is a staircase.
    It is not linear either, so `has_response` is False; `response`, `zeros` and `poles` are those of
    the linear filter with the rounded coefficients, and `quantised` is that filter.

    Shape:
        `(time,)` or `(..., channels, time)`. Output of more than 24 bits needs float64 to be exact.

    Raises:
        ParameterError: The module is not linear and time-invariant, or a lattice is asked for and it is not stable.

    Source:
        A. V. Oppenheim and R. W. Schafer, "Discrete-Time Signal Processing", chapter 6.

    >>> from fxlab.filters import LowPass
    >>> coarse = FixedPoint(LowPass(cutoff=5000.0), bits=4)
    >>> coarse(torch.tensor([[0.9, 0.9, 0.0, 0.0, 0.0, 0.0, 0.0]]), sample_rate=48_000) * 8
    tensor([[1., 3., 4., 4., 3., 2., 1.]])
    """

    differentiable = False

    bits = Count(16, low=4, high=24, at_least=2, at_most=48, doc="Of a sample, with its sign.")
    coefficient_bits = Count(16, low=4, high=24, at_least=2, at_most=48, doc="Of a coefficient, with sign.")
    structure = Choice("cascade", STRUCTURES, doc="How the filter is built of delays, products and sums.")
    overflow = Choice("saturate", OVERFLOWS, doc="What a value beyond the range becomes.")
    rounding = Choice("nearest", ROUNDINGS, doc="How a sum is brought to the digits of a word.")
    products = Choice("exact", PRODUCTS, doc="Whether products are added in full or each is rounded before.")
    headroom = Count(0, low=0, high=8, at_least=0, at_most=12, doc="Bits above full scale within the filter.")

    def __init__(self, module: Any, *args: Any, sample_rate: float | None = None, **kwargs: Any) -> None:
        super().__init__(*args, sample_rate=sample_rate, **kwargs)
        if not (isinstance(module, Module) and has_response(module)):
            raise ParameterError(
                f"FixedPoint builds a linear time-invariant filter in whole numbers; {module!r} is none. Give it a "
                "filter such as LowPass(), or a chain or a sum of filters."
            )
        self.module: LinearAnalysis = module

    # -- sound --------------------------------------------------------------------------------------------------

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Filter the next block; the state is whole numbers."""
        graphs, lead = self._graphs(x, sample_rate)
        layout = (self.structure, self.bits, self.headroom, len(graphs[0].delays))
        if state is not None and state[0] != layout:
            raise stale_state(self._name(), "its structure, its word length or the filter's order changed")
        whole = self._whole(x).expand(*lead, x.shape[-1])
        kept = None if state is None else state[1]
        if len(graphs) == 1:
            y, kept = fixed_point(whole, graphs[0], self._word(), kept)
        else:
            rows = whole.reshape(len(graphs), whole.shape[-1])
            states = [None] * len(graphs) if kept is None else kept.reshape(len(graphs), -1)
            runs = [
                fixed_point(row, graph, self._word(), own) for row, graph, own in zip(rows, graphs, states, strict=True)
            ]
            y = torch.stack([y for y, _ in runs]).reshape(whole.shape)
            kept = torch.stack([own for _, own in runs]).reshape(*lead, -1)
        return self._sound(y).to(x), (layout, kept)

    # -- questions ----------------------------------------------------------------------------------------------

    @property
    def quantised(self) -> QuantizedFilter:
        """The linear filter that the rounded coefficients make, with all that one may ask of a filter."""
        return QuantizedFilter(self)

    def response(self, frequencies: Frequencies, sample_rate: float | None = None) -> Tensor:
        """The complex response of the linear filter with the rounded coefficients, `(..., frequencies)`."""
        return self.quantised.response(frequencies, self._resolve_rate(sample_rate))

    def poles(self, sample_rate: float | None = None) -> Tensor:
        """The poles as rounding the coefficients has moved them, complex128, `(..., n)`."""
        return self.quantised.poles(self._resolve_rate(sample_rate))

    def zeros(self, sample_rate: float | None = None) -> Tensor:
        """The zeros as rounding the coefficients has moved them, complex128, `(..., n)`."""
        return self.quantised.zeros(self._resolve_rate(sample_rate))

    def is_stable(self, sample_rate: float | None = None) -> bool:
        """Whether the moved poles lie inside the unit circle."""
        return self.quantised.is_stable(self._resolve_rate(sample_rate))

    def headroom_needed(self, sample_rate: float | None = None) -> int:
        """The headroom in bits with which, rounding aside, no input whatever overflows within the filter.

        Ordinary sounds come by with less: the worst input follows the impulse response backwards, sign by sign.

        Raises:
            ParameterError: The filter with rounded coefficients is not stable, so that none suffices.

        >>> from fxlab.filters import LowPass
        >>> [FixedPoint(LowPass(), structure=name).headroom_needed(48_000) for name in ("direct1", "direct2")]
        [1, 7]
        """
        rate = self._resolve_rate(sample_rate)
        self.check(rate)
        sos = self.exact_sections(rate)
        graphs = [build(self.structure, row, self.coefficient_bits) for row in sos.reshape(-1, *sos.shape[-2:])]
        gain = max(max(peak_gains(graph).values()) for graph in graphs)
        if not math.isfinite(gain):
            raise ParameterError(
                f"{self._name()}: with coefficient_bits={self.coefficient_bits} and structure={self.structure!r} the "
                "filter is not stable or rings on for over 65535 samples, and no headroom suffices. Raise "
                "coefficient_bits, or take another structure."
            )
        return max(0, math.ceil(math.log2(gain))) if gain else 0

    def error(self, signal: Signal) -> Signal:
        """What the whole numbers add to the filter's output: theirs minus that of the filter itself, in float64."""
        exact = signal.to(torch.float64)
        return Signal((self(exact).samples - self.module(exact).samples).detach(), signal.sample_rate)

    def limit_cycle(
        self, sample_rate: float | None = None, *, excitation: Tensor | None = None, duration: float = 1.0
    ) -> LimitCycle:
        """Find what goes on when the input has ended: its amplitude, and its period in samples.

        Args:
            sample_rate: In Hz.
            excitation: The samples `(time,)` before the silence; left out, the loudest cycle that an impulse, a step,
                the highest frequency or a burst of noise leaves behind.
            duration: How long to wait for a cycle to close, in seconds.

        Raises:
            ParameterError: The filter's parameters differ by example, or duration is not above 0.
            SignalError: The excitation is no sound.

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
                f"{self._name()}: limit_cycle looks at one filter and one channel; the filter's parameters must have "
                "one value each, and excitation the shape (time,)."
            )
        found = []
        for burst in bursts:
            graphs, _ = self._graphs(burst, rate)
            _, state = fixed_point(self._whole(burst), graphs[0], self._word())
            cycle = zero_input_cycle(graphs[0], self._word(), state, frames)
            if cycle is None:
                silence = torch.zeros(frames, dtype=torch.int64)
                heard = fixed_point(silence, graphs[0], self._word(), state)[0][len(silence) // 2 :]
                found.append(LimitCycle(peak(self._sound(heard)), None))
            else:
                amplitude = peak(self._sound(cycle))
                found.append(LimitCycle(amplitude, len(cycle) if amplitude else 0))
        return max(found, key=lambda cycle: cycle.amplitude)

    # -- within -------------------------------------------------------------------------------------------------

    def exact_sections(self, sample_rate: float) -> Tensor:
        """The filter's second-order sections before rounding, `(..., sections, 6)` on the CPU, without gradient."""
        with torch.no_grad():
            sos = self.module.sos(sample_rate).detach().cpu().double()
        return sos / sos[..., 3:4]

    def _graphs(self, x: Tensor, rate: float) -> tuple[list[FlowGraph], torch.Size]:
        """One graph for all rows, or one for each where the filter differs, and the output's leading dimensions."""
        for part in self.module.modules():
            if isinstance(part, Module):
                check_batch_shapes(part.values(), x, type(part).__name__, part.ranks)
        sos = align_design(self.exact_sections(rate), x.detach().cpu())
        if sos.ndim == 2:
            return [build(self.structure, sos, self.coefficient_bits)], x.shape[:-1]
        lead = broadcast_shapes(x.shape[:-1], sos.shape[:-2])
        rows = sos.expand(*lead, *sos.shape[-2:]).reshape(-1, *sos.shape[-2:])
        return [build(self.structure, row, self.coefficient_bits) for row in rows], lead

    def _word(self) -> WordFormat:
        return WordFormat(self.bits + self.headroom, self.overflow, self.rounding, self.products)

    def _whole(self, x: Tensor) -> Tensor:
        """Samples as whole numbers, to the nearest, halves away from zero."""
        # In NumPy: for a second of sound torch would wake its threads at each of these steps.
        steps = np.ldexp(x.detach().cpu().double().numpy(), self.bits - 1)
        nearest = np.copysign(np.floor(np.abs(steps) + 0.5), steps)
        word = WordFormat(self.bits)
        return torch.from_numpy(np.clip(nearest, word.min_value, word.max_value).astype(np.int64))

    def _sound(self, y: Tensor) -> Tensor:
        """Whole numbers of the filter's word as samples, brought to `bits` first."""
        word, whole = WordFormat(self.bits), y.numpy()
        if self.overflow == "saturate":
            whole = np.clip(whole, word.min_value, word.max_value)
        else:
            whole = ((whole - word.min_value) & (word.max_value - word.min_value)) + word.min_value
        return torch.from_numpy(np.ldexp(whole.astype(np.float64), 1 - self.bits))

    def _arguments(self) -> list[str]:
        return [repr(self.module), *super()._arguments()]


def _excitations() -> list[Tensor]:
    step = torch.ones(256, dtype=torch.float64)
    impulse = torch.nn.functional.pad(step[:1], (0, 255))
    alternating = torch.where(torch.arange(256) % 2 == 0, step, -step)
    noise = torch.rand(256, dtype=torch.float64, generator=torch.Generator().manual_seed(1)) * 2 - 1
    return [impulse, step, alternating, noise]

"""The effects of fixed-point arithmetic on a filter: moved poles, changed response, rounding error, limit cycles."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from fxlab.display.canvas import colors
from fxlab.display.canvas.axis import frequency_axis, linear_axis, step_ticks
from fxlab.display.canvas.canvas import Box, Canvas
from fxlab.display.canvas.frame import Frame
from fxlab.display.number_format import format_count, format_level
from fxlab.display.plots.response_curves import ResponseCurves, compute_curves
from fxlab.display.plots.spectrum import band_levels
from fxlab.filters import FixedPoint, LimitCycle
from fxlab.module.parameters.design_cache import cache_designs
from fxlab.signal import Signal

_TEST_DURATION = 0.25  # seconds of noise, and the longest time simulated until a limit cycle repeats
_TEST_PEAK = 0.25
_MAX_DEPTH_DB = 160.0

Array = NDArray[np.float64]


@dataclass(frozen=True)
class RoundingComparison:
    """A fixed-point filter compared with the exact one."""

    both: ResponseCurves
    """The curves of the filter with rounded coefficients and of the exact filter, as two examples.

    The phase and the delay are only those of the exact filter."""
    output: Array
    """The output for test noise or a given signal, `(channels, time)`."""
    error: Array
    """The rounding error of `output`, with the same shape."""
    cycle: LimitCycle
    """The loudest oscillation that was found after the end of an input."""
    step: float
    """The quantization step: the smallest difference between two sample values."""
    input_name: str
    """The name of the input in the title of the plot, such as `"the sound"`."""

    def facts(self) -> list[str]:
        """Return the RMS error and the limit cycle as lines of text.

        If the output is zero, a line before them states this.
        """
        error = format_level(math.sqrt(float(np.mean(self.error**2))))
        steps = self.cycle.amplitude / self.step
        period = "" if self.cycle.period is None else f", period {self.cycle.period}"
        cycle = f"limit cycle: {format_count(round(steps), 'step')}{period}" if steps else "no limit cycle found"
        silent = [] if self.output.any() else ["no output: all below one step"]
        return [*silent, f"error {error} RMS", cycle]

    @property
    def unstable(self) -> str:
        """The reason why the filter with rounded coefficients is not stable, as text; empty if it is stable."""
        assert self.both.margin is not None
        return replace(self.both, margin=self.both.margin[:1], examples=1).unstable


def compare_rounding(module: FixedPoint, rate: float, signal: Signal | None = None) -> RoundingComparison:
    """Return the comparison of `module` with its exact filter at the sample rate `rate` in Hz.

    The input is `signal`, or white noise with a peak of a quarter of full scale if `signal` is None.
    """
    with torch.no_grad(), cache_designs():
        ideal = compute_curves(module.module, rate)
        grid = torch.from_numpy(ideal.frequency)
        rounded = module.quantized.response(grid, rate).abs().numpy()
        rows = [np.stack([20 * np.log10(np.maximum(rounded, 1e-10)), ideal.db[0]])]
        for rounded_roots, ideal_roots in ((module.zeros(rate), ideal.zeros), (module.poles(rate), ideal.poles)):
            first = rounded_roots.numpy()
            second = ideal_roots[0] if ideal_roots is not None and len(ideal_roots) else first[:0]
            pair = np.full((2, max(len(first), len(second))), np.nan, complex)
            pair[0, : len(first)], pair[1, : len(second)] = first, second
            rows.append(pair)
        input_name = "the sound"
        if signal is None:
            input_name = "noise at a quarter of full scale"
            generator = torch.Generator().manual_seed(1)
            noise = torch.rand(1, round(_TEST_DURATION * rate), generator=generator, dtype=torch.float64)
            signal = Signal(_TEST_PEAK * (2 * noise - 1), rate)
        error = module.error(signal).numpy()
        output = module(signal.to(torch.float64)).numpy()
        cycle = module.limit_cycle(rate, duration=_TEST_DURATION)
        margin = np.stack([part.margin(rate).numpy() for part in (module.quantized, module.module)])
    both = replace(ideal, db=rows[0], zeros=rows[1], poles=rows[2], stages=(), examples=2, margin=margin)
    return RoundingComparison(both, output, error, cycle, 2.0 ** (1 - module.bits), input_name)


def draw_rounding_error(canvas: Canvas, box: Box, low: float, comparison: RoundingComparison) -> None:
    """Draw the long-term spectra of the output and of its rounding error, from the frequency `low` in Hz."""
    rate = comparison.both.rate
    x = frequency_axis(low, rate / 2, "log", box[2])
    grid = np.geomspace(low, rate / 2, 320)
    output, error = (band_levels(samples, rate, grid) for samples in (comparison.output, comparison.error))
    top = math.ceil(max(float(output.max()), float(error.max())) / 20 + 0.2) * 20.0
    bottom = max(top - _MAX_DEPTH_DB, math.floor(float(error.min()) / 20 - 0.2) * 20.0)
    bottom = min(bottom, top - 40.0)
    frame = Frame(canvas, box, x, linear_axis(bottom, top, step_ticks(bottom, top, 6, (20, 40, 80))))
    frame.draw_grid(x_unit="Hz")
    for levels, color in ((error, colors.ALARM), (output, colors.MAIN)):
        frame.fill_below(grid, levels, color, alpha=0.12)
        frame.draw_curve(grid, levels, color, width=1.4)
    frame.draw_legend((("out", colors.MAIN), ("error", colors.ALARM)))
    frame.draw_title(f"Spectrum of {comparison.input_name}, dB in 1/6 octave")

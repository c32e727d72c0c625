"""What whole numbers make of a filter, beside the filter itself: moved poles, response, error, limit cycle."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from fxlab.display.canvas import colors
from fxlab.display.canvas.canvas import Box, Canvas
from fxlab.display.canvas.frame import TICK_SIZE, Frame
from fxlab.display.cards.number_format import count, level
from fxlab.display.plots.axis import frequencies, linear, stepped
from fxlab.display.plots.response_curves import Response, measure
from fxlab.display.plots.spectrum import band_levels
from fxlab.filters import FixedPoint, LimitCycle
from fxlab.module.parameters.scope import designed_once
from fxlab.signal import Signal

_TESTED = 0.25  # seconds of noise, and of waiting for a limit cycle to close
_PEAK = 0.25
_DEEPEST = 160.0

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Rounding:
    """A filter in whole numbers, compared."""

    both: Response
    """Two examples: with rounded coefficients, and as it is."""
    output: Array
    error: Array
    """Of a test noise or of a given sound, `(channels, time)`."""
    cycle: LimitCycle
    step: float
    """The smallest difference of two samples."""
    of: str
    """What was put in, in words."""

    def facts(self) -> list[str]:
        """In words, what is lost."""
        lost = level(math.sqrt(float(np.mean(self.error**2))))
        steps = self.cycle.amplitude / self.step
        period = "" if self.cycle.period is None else f", period {self.cycle.period}"
        hum = f"limit cycle: {count(round(steps), 'step')}{period}" if steps else "no limit cycle found"
        silent = [] if self.output.any() else ["nothing comes out: all below a step"]
        return [*silent, f"error {lost} RMS", hum]

    @property
    def unstable(self) -> str:
        """In words, why the filter with rounded coefficients is not stable; empty when it is."""
        assert self.both.margin is not None
        return replace(self.both, margin=self.both.margin[:1], examples=1).unstable


def compare(module: FixedPoint, rate: float, signal: Signal | None = None) -> Rounding:
    """Run `module` on `signal`, or on a short noise at a quarter of full scale, and ask for its poles."""
    with torch.no_grad(), designed_once():
        ideal = measure(module.module, rate)
        grid = torch.from_numpy(ideal.frequency)
        moved = module.quantised.response(grid, rate).abs().numpy()
        rows = [np.stack([20 * np.log10(np.maximum(moved, 1e-10)), ideal.db[0]])]
        for ours, theirs in ((module.zeros(rate), ideal.zeros), (module.poles(rate), ideal.poles)):
            own = ours.numpy()
            other = theirs[0] if theirs is not None and len(theirs) else own[:0]
            pair = np.full((2, max(len(own), len(other))), np.nan, complex)
            pair[0, : len(own)], pair[1, : len(other)] = own, other
            rows.append(pair)
        of = "the sound"
        if signal is None:
            of = "a noise at a quarter of full scale"
            draw = torch.Generator().manual_seed(1)
            noise = torch.rand(1, round(_TESTED * rate), generator=draw, dtype=torch.float64)
            signal = Signal(_PEAK * (2 * noise - 1), rate)
        error = module.error(signal).numpy()
        output = module(signal.to(torch.float64)).numpy()
        cycle = module.limit_cycle(rate, duration=_TESTED)
        margin = np.stack([one.margin(rate).numpy() for one in (module.quantised, module.module)])
    both = replace(ideal, db=rows[0], zeros=rows[1], poles=rows[2], stages=(), examples=2, margin=margin)
    return Rounding(both, output, error, cycle, 2.0 ** (1 - module.bits), of)


def draw_error(sheet: Canvas, box: Box, low: float, found: Rounding) -> None:
    """Draw the long-term spectra of the output and of the error in it."""
    rate = found.both.rate
    x = frequencies(low, rate / 2, "log", box[2])
    grid = np.geomspace(low, rate / 2, 320)
    levels = [band_levels(samples, rate, grid) for samples in (found.output, found.error)]
    top = math.ceil(max(float(values.max()) for values in levels) / 20 + 0.2) * 20.0
    bottom = max(top - _DEEPEST, math.floor(float(levels[1].min()) / 20 - 0.2) * 20.0)
    bottom = min(bottom, top - 40.0)
    frame = Frame(sheet, box, x, linear(bottom, top, stepped(bottom, top, 6, (20, 40, 80))))
    frame.grid(x_unit="Hz")
    place = frame.right
    for words, values, hue in (("error", levels[1], colors.ALARM), ("out", levels[0], colors.MAIN)):
        frame.under(grid, values, hue, alpha=0.12)
        frame.curve(grid, values, hue, width=1.4)
        sheet.text(place, frame.top - 9, words, hue, size=TICK_SIZE, align="right")
        place -= sheet.width_of(words, size=TICK_SIZE) + 10
    frame.title(f"Spectrum of {found.of}, dB in 1/6 octave")

"""`convolution_lab`: a panel that shows convolution step by step: flip, shift, multiply, add."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.engine import convolve
from fxlab.errors import SignalError
from fxlab.labs.explore_function import explore, set_panel_code
from fxlab.labs.plot import Plot
from fxlab.module import Count
from fxlab.panel import Panel
from fxlab.signal import Signal, examples

MAX_KERNEL = 256
"""Longest kernel, in samples, that the plot can show."""


def convolution_lab(signal: Signal | None = None, kernel: Signal | None = None) -> Panel:
    """Return a panel that shows convolution step by step: input, flipped and shifted kernel, their product and its sum.

    The slider shifts the kernel along an excerpt of the input, from the first overlap until the kernel has left it, and
    the panel plays the complete convolution. The excerpt is of the first channel, contains its loudest sample, and is
    twice as long as the kernel, but at least 48 samples.

    Args:
        signal: The input. Default: `examples.guitar()`.
        kernel: The impulse response, of up to 256 samples; only its first channel is used. Default: four decaying
            impulses at intervals of 8 samples.

    Raises:
        SignalError: An argument is not a Signal, the sample rates differ, or the kernel is too long for the plot.

    >>> import fxlab as fx
    >>> fx.convolution_lab().module
    convolution()
    """
    for name, given in (("signal", signal), ("kernel", kernel)):
        if given is not None and not isinstance(given, Signal):
            raise SignalError(f"convolution_lab: {name} must be a Signal, not {type(given).__name__}.")
    playing = signal or examples.guitar()
    rate = playing.sample_rate
    taps = kernel or Signal(torch.where(torch.arange(32) % 8 == 0, 0.8 ** torch.arange(32.0), 0.0), rate)
    if taps.sample_rate != rate:
        raise SignalError(
            f"convolution_lab: the signal is sampled at {rate:g} Hz, the kernel at {taps.sample_rate:g} Hz; "
            "resample one of them."
        )
    if taps.frames > MAX_KERNEL:
        raise SignalError(
            f"convolution_lab: the kernel has {taps.frames} samples; at most {MAX_KERNEL} can be shown: use "
            f"kernel.between(0, {MAX_KERNEL / rate:.3g})."
        )
    h = taps.samples[0].detach().cpu().double()
    size = len(h)
    span = max(48, 2 * size)
    row = playing.samples[0].detach().cpu().double()
    start = max(0, int(row.abs().argmax()) - size // 2)
    x = torch.nn.functional.pad(row[start : start + span], (0, max(0, span - len(row[start : start + span]))))
    full = torch.zeros(span + size, dtype=torch.float64)
    for index in range(size):
        full[index : index + span] += h[index] * x
    products = torch.outer(torch.stack(x.aminmax()), torch.stack(h.aminmax()))  # among them the extremes of x[k] · h[j]
    sample_indices = torch.arange(-size, span + size, dtype=torch.float64)

    def convolution(
        sound: Signal,
        shift: int = Count(size, low=0, high=span + size - 1, at_least=0, unit="samples", doc="Index n of y[n]."),  # type: ignore[assignment]
    ) -> tuple[Signal, dict[str, Plot]]:
        flipped, product = torch.zeros(len(sample_indices)), torch.zeros(len(sample_indices))
        inside = slice(shift + 1, shift + 1 + size)  # k from shift - size + 1 to shift
        flipped[inside] = h.flip(0).float()
        padded = torch.nn.functional.pad(x, (size, size)).float()
        product[inside] = flipped[inside] * padded[inside]
        so_far = torch.where(torch.arange(len(full)) <= shift, full, torch.nan)
        note = f"y[{shift}] = Σ x[k] · h[{shift} − k] = {float(full[shift]):.3f}"
        axis = (-float(size), float(span + size))
        slide = Plot(
            {
                "x[k]": (sample_indices, padded),
                "h[n − k]": (sample_indices, flipped),
                "product": (sample_indices, product),
            },
            x="samples",
            x_range=axis,
            y_range=fixed_range(x, h, products),
            stems=("h[n − k]", "product"),
            note=note,
        )
        ticks = torch.arange(len(full), dtype=torch.float64)
        drawn = {"y[n]": (ticks, so_far)}
        total = Plot(drawn, x="samples", x_range=axis, y_range=fixed_range(full), stems=("y[n]",))
        output = convolve(sound.samples, h.to(sound.samples))
        return Signal(output, sound.sample_rate), {"Flip and slide": slide, "Sum so far": total}

    panel = explore(convolution, playing, views=("Flip and slide", "Sum so far"))
    required_names = {}
    if signal is not None:
        required_names["signal"] = "the signal that the panel plays, panel.signal"
    if kernel is not None:
        required_names["kernel"] = "the impulse response"
    arguments = ", ".join(f"{name}={name}" for name in required_names)
    set_panel_code(panel.module, f"fx.convolution_lab({arguments})", required_names)
    return panel


def fixed_range(*curves: Tensor) -> tuple[float, float]:
    """Return limits of the vertical axis that include 0 and all values of `curves`, with margins of 8 %."""
    low = min(0.0, *(float(curve.min()) for curve in curves))
    high = max(0.0, *(float(curve.max()) for curve in curves))
    high = high if high > low else 1.0  # silence
    margin = 0.08 * (high - low)
    return low - margin, high + margin

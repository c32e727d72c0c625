"""`convolution_lab`: flip, slide, multiply, add."""

from __future__ import annotations

import torch
from torch import Tensor

from fxlab.engine import convolve
from fxlab.errors import SignalError
from fxlab.labs.exploring import describe, explore
from fxlab.labs.plot import Plot
from fxlab.module import Count
from fxlab.panel import Panel
from fxlab.signal import Signal, examples

LONGEST = 256
"""Taps that the picture can show."""


def convolution_lab(signal: Signal | None = None, kernel: Signal | None = None) -> Panel:
    """A panel on one sum of a convolution: the input, the kernel flipped and slid over it, their product, the sum.

    The slider moves the kernel along the input, from where they meet to where they part, and the panel plays the whole
    convolution. The picture shows the input from its loudest place on, in its first channel.

    Args:
        signal: What goes in; left out, a guitar.
        kernel: The impulse response, of up to 256 samples; left out, a decaying echo of 32.

    Raises:
        SignalError: It is no Signal, of another sample rate, or a kernel too long to be seen.

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
            f"convolution_lab: the signal runs at {rate:g} Hz, the kernel at {taps.sample_rate:g} Hz; resample one."
        )
    if taps.frames > LONGEST:
        raise SignalError(
            f"convolution_lab: the kernel has {taps.frames} samples; up to {LONGEST} can be seen: take "
            f"kernel.between(0, {LONGEST / rate:.3g})."
        )
    h = taps.samples[0].detach().cpu().double()
    size = len(h)
    span = max(48, 2 * size)
    row = playing.samples[0].detach().cpu().double()
    start = max(0, int(row.abs().argmax()) - size // 2)
    x = torch.nn.functional.pad(row[start : start + span], (0, max(0, span - len(row[start : start + span]))))
    whole = torch.zeros(span + size, dtype=torch.float64)
    for place in range(size):
        whole[place : place + span] += h[place] * x
    places = torch.arange(-size, span + size, dtype=torch.float64)

    def convolution(
        sound: Signal,
        shift: int = Count(size, low=0, high=span + size - 1, at_least=0, unit="samples", doc="Which sample of y."),  # type: ignore[assignment]
    ) -> tuple[Signal, dict[str, Plot]]:
        flipped, product = torch.zeros(len(places)), torch.zeros(len(places))
        inside = slice(shift + 1, shift + 1 + size)  # k from shift - size + 1 to shift
        flipped[inside] = h.flip(0).float()
        laid = torch.nn.functional.pad(x, (size, size)).float()
        product[inside] = flipped[inside] * laid[inside]
        so_far = torch.where(torch.arange(len(whole)) <= shift, whole, torch.nan)
        note = f"y[{shift}] = Σ x[k] · h[{shift} − k] = {float(whole[shift]):.3f}"
        axis = (-float(size), float(span + size))
        slide = Plot(
            {"x[k]": (places, laid), "h[n − k]": (places, flipped), "product": (places, product)},
            x="samples",
            x_range=axis,
            y_range=ends(x, h),
            stems=("h[n − k]", "product"),
            note=note,
        )
        ticks = torch.arange(len(whole), dtype=torch.float64)
        drawn = {"y[n]": (ticks, so_far)}
        total = Plot(drawn, x="samples", x_range=axis, y_range=ends(whole), stems=("y[n]",))
        heard = convolve(sound.samples, h.to(sound.samples))
        return Signal(heard, sound.sample_rate), {"Flip and slide": slide, "Sum so far": total}

    panel = explore(convolution, playing, views=("Flip and slide", "Sum so far"))
    needs = {"signal": "the sound that the panel plays, panel.signal", "kernel": "the impulse response"}
    needs = {name: what for name, what in needs.items() if (signal if name == "signal" else kernel) is not None}
    describe(panel.module, f"fx.convolution_lab({', '.join(f'{name}={name}' for name in needs)})", needs)
    return panel


def ends(*curves: Tensor) -> tuple[float, float]:
    """What shows them whatever the slider says: nothing may jump while it moves."""
    low = min(0.0, *(float(curve.min()) for curve in curves))
    high = max(0.0, *(float(curve.max()) for curve in curves))
    high = high if high > low else 1.0  # silence
    room = 0.08 * (high - low)
    return low - room, high + room

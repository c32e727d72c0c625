"""`spectrogram_lab`: what a window, its length, its hop and zeros behind it make of a spectrogram."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from fxlab.labs.exploring import describe, explore
from fxlab.labs.plot import COLUMNS, ROWS, Picture, Plot
from fxlab.module import Choice, Switch
from fxlab.panel import Panel
from fxlab.signal import Signal

WINDOWS = {
    "hann": (0.5, 0.5),
    "hamming": (0.54, 0.46),
    "blackman": (0.42, 0.5, 0.08),
    "rectangular": (1.0,),
    "blackman-harris": (0.35875, 0.48829, 0.14128, 0.01168),
}
"""The terms of each as a sum of cosines, the signs in turns."""
MOST_FRAMES = 2400
FINE = 32
"""Points a bin of the window's own spectrum."""


def spectrogram_lab(signal: Signal) -> Panel:
    """A panel on the spectrogram of a sound: window, length, hop and zero-padding, beside the window's own spectrum.

    The note says how wide the main lobe is, and so how near two tones may lie; how high the side lobes reach, and so
    what a loud tone hides; how long a frame is, and so how far a click is smeared.

    Raises:
        SignalError: It is no Signal.

    >>> import fxlab as fx
    >>> fx.spectrogram_lab(fx.chirp(100.0, 4000.0, duration=1.0, sample_rate=16_000)).module
    spectrogram()
    """

    def spectrogram(
        sound: Signal,
        *,
        window: str = Choice("hann", tuple(WINDOWS), doc="Which window each frame is multiplied by."),  # type: ignore[assignment]
        length: str = Choice("1024", [str(2**n) for n in range(6, 14)], doc="Samples in a frame."),  # type: ignore[assignment]
        hop: str = Choice("1/4", ["1", "1/2", "1/4", "1/8", "1/16"], doc="From frame to frame, of the length."),  # type: ignore[assignment]
        zeros: str = Choice("1", ["1", "2", "4", "8"], doc="How long the frame is with zeros behind it, in lengths."),  # type: ignore[assignment]
        log: bool = Switch(True, doc="Levels in dB."),  # type: ignore[assignment]
    ) -> dict[str, Plot | Picture]:
        rate, size = sound.sample_rate, int(length)
        part, _, whole = hop.partition("/")
        step = int(part) * size // int(whole or 1)
        taps = taper(window, size)
        power = levels(sound.samples, taps, step, int(zeros) * size)
        lobe, side = facts(taps)
        note = (
            f"Main lobe {lobe:.3g} bins = {few(lobe * rate / size)} Hz wide, side lobes −{-side:.0f} dB, "
            f"frames of {few(1000 * size / rate)} ms every {few(1000 * step / rate)} ms"
        )
        most = min(power.shape[0], ROWS), min(power.shape[1], COLUMNS)
        if most != tuple(power.shape):  # the greatest of each few, or a tone between many zeros would fade
            power = torch.nn.functional.adaptive_max_pool2d(power[None], most)[0]
        shown = 10 * power.clamp(min=1e-24).log10() if log else power.sqrt()
        # Of silence too the colours are those of silence.
        top = max(-120.0, float(shown.max())) if log else float(shown.max()) or 1.0
        axes = ("s", 0.0, sound.frames / rate), ("Hz", 0.0, rate / 2)
        picture = Picture(shown, *axes, "dB" if log else "", 120.0 if log else top, note, top)
        return {"Spectrogram": picture, "Window": spectrum(taps)}

    panel = explore(spectrogram, signal, views=("Spectrogram", "Window"))
    describe(panel.module, "fx.spectrogram_lab(signal)", {"signal": "the sound that the panel plays, panel.signal"})
    return panel


def few(value: float) -> str:
    """In three digits, without an exponent."""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def taper(name: str, size: int) -> Tensor:
    """The periodic window, `(size,)`, float64."""
    turn = 2 * math.pi * torch.arange(size, dtype=torch.float64) / size
    terms = (term * torch.cos(n * turn) * (-1) ** n for n, term in enumerate(WINDOWS[name]))
    return torch.stack(list(terms)).sum(0)


def levels(samples: Tensor, taps: Tensor, step: int, size: int) -> Tensor:
    """The mean power of all channels, `(size / 2 + 1, frames)`; a sine of peak 1 has 1. Of very many frames some."""
    x = torch.nn.functional.pad(samples.detach().cpu().float(), (len(taps) // 2, len(taps)))
    count = 1 + (samples.shape[-1] - 1) // step
    chosen = torch.linspace(0, count - 1, min(count, MOST_FRAMES)).round().long() * step
    window = (taps * (2 / taps.sum())).float()
    parts = []
    for starts in torch.split(chosen, max(1, (1 << 21) // size)):
        frames = x[:, starts[:, None] + torch.arange(len(taps))] * window
        parts.append(torch.fft.rfft(frames, size).abs().square().mean(0))
    return torch.cat(parts).T


def response(taps: Tensor) -> Tensor:
    """The level of a window's spectrum in dB, `FINE` points a bin, up to 16 bins from its middle."""
    spectrum = torch.fft.rfft(taps, FINE * len(taps)).abs()[: 16 * FINE + 1]
    level: Tensor = 20 * (spectrum / spectrum[0]).clamp(min=1e-9).log10()
    return level


def facts(taps: Tensor) -> tuple[float, float]:
    """How many bins the main lobe is wide, from minimum to minimum, and the level of the highest side lobe in dB."""
    level = response(taps)
    rising = (level[1:] > level[:-1] + 1e-9).nonzero().flatten()
    edge = int(rising[0]) if len(rising) else len(level) - 1
    return 2 * edge / FINE, float(level[edge:].max())


def spectrum(taps: Tensor) -> Plot:
    """The window's spectrum about its middle."""
    level = response(taps)
    bins = torch.arange(-(len(level) - 1), len(level), dtype=torch.float64) / FINE
    both = torch.cat([level.flip(0)[:-1], level])
    return Plot({"Spectrum of the window": (bins, both)}, x="bins", y="dB", y_range=(-130.0, 6.0))

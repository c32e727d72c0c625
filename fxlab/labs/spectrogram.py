"""`spectrogram_lab`: a panel that shows the effect of window, frame length, hop and zero-padding."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor

from fxlab.features import Spectrogram
from fxlab.features.common.constants import spectral_window
from fxlab.labs.exploration import Exploration
from fxlab.labs.explore_function import explore, set_panel_code
from fxlab.labs.plot import COLUMNS, ROWS, Picture, Plot
from fxlab.module import Choice, Switch
from fxlab.panel import Panel
from fxlab.signal import Signal

WINDOWS = {
    "hann": "hann",
    "hamming": "hamming",
    "blackman": "blackman",
    "rectangular": "boxcar",
    "blackman-harris": "blackmanharris",
}
"""SciPy's names of the windows, by the names that are usual in lectures."""
MAX_FRAMES = 2400
"""The largest number of hops that are shown; of longer spectrograms only every second, third, … frame is computed."""
POINTS_PER_BIN = 32
"""Points per bin in the spectrum of the window."""


def spectrogram_lab(signal: Signal) -> Panel:
    """Return a panel with the spectrogram of a signal and the spectrum of its window.

    The controls are the window, frame length, hop and zero-padding. The note above the spectrogram shows the width of
    the main lobe, which limits how close two resolved tones can be; the level of the side lobes, which limits how quiet
    a visible tone beside a loud one can be; and the frame length, over which a click is smeared.

    Raises:
        ParameterError: `signal` is not a Signal.

    >>> import fxlab as fx
    >>> fx.spectrogram_lab(fx.chirp(100.0, 4000.0, duration=1.0, sample_rate=16_000)).module
    spectrogram()
    """

    def spectrogram(
        sound: Signal,
        *,
        window: str = Choice("hann", tuple(WINDOWS), doc="Window applied to each frame."),  # type: ignore[assignment]
        length: str = Choice("1024", [str(2**n) for n in range(6, 14)], doc="Frame length in samples."),  # type: ignore[assignment]
        hop: str = Choice("1/4", ["1", "1/2", "1/4", "1/8", "1/16"], doc="Hop, as a fraction of the frame length."),  # type: ignore[assignment]
        zeros: str = Choice("1", ["1", "2", "4", "8"], doc="Length of the zero-padded frame, in frame lengths."),  # type: ignore[assignment]
        log: bool = Switch(True, doc="Show levels in dB."),  # type: ignore[assignment]
    ) -> dict[str, Plot | Picture]:
        rate, size = sound.sample_rate, int(length)
        numerator, _, denominator = hop.partition("/")
        step = int(numerator) * size // int(denominator or 1)
        taps = window_taps(window, size)
        every = -(-sound.frames // (step * MAX_FRAMES))
        transform = Spectrogram(
            n_fft=int(zeros) * size,
            win_length=size,
            hop_length=step * every,
            window=WINDOWS[window],
            pad_mode="constant",
        )
        feature = transform(sound.to("cpu"))
        power = feature.data.detach().mean(0) / feature.reference
        lobe, side = lobes(taps)
        note = (
            f"Main lobe {lobe:.3g} bins = {three_digits(lobe * rate / size)} Hz wide, side lobes −{-side:.0f} dB, "
            f"frames of {three_digits(1000 * size / rate)} ms every {three_digits(1000 * step / rate)} ms"
        )
        cells = min(power.shape[0], ROWS), min(power.shape[1], COLUMNS)
        if cells != tuple(power.shape):  # each cell is the maximum of its bins: a mean would attenuate tones
            power = torch.nn.functional.adaptive_max_pool2d(power[None], cells)[0]
        shown = 10 * power.clamp(min=1e-24).log10() if log else power.sqrt()
        # The lower limit keeps the colors of silence dark.
        top = max(-120.0, float(shown.max())) if log else float(shown.max()) or 1.0
        axes = ("s", 0.0, sound.frames / rate), ("Hz", 0.0, rate / 2)
        picture = Picture(shown, *axes, "dB" if log else "", 120.0 if log else top, note, top)
        return {"Spectrogram": picture, "Window": spectrum(taps)}

    panel = explore(spectrogram, signal, views=("Spectrogram", "Window"))
    cast(type[Exploration], type(panel.module)).page_program = "spectrogramLab"
    set_panel_code(
        panel.module, "fx.spectrogram_lab(signal)", {"signal": "the signal that the panel plays, panel.signal"}
    )
    return panel


def three_digits(value: float) -> str:
    """Return `value` as text: an integer from 100 on, otherwise up to three significant digits.

    From 0.0001 on, the text has no exponent.
    """
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def window_taps(name: str, size: int) -> Tensor:
    """Return the periodic window `name`, a key of `WINDOWS`, as a float64 tensor `(size,)`."""
    return spectral_window(WINDOWS[name], size, size, torch.float64, torch.device("cpu"))


def window_response(taps: Tensor) -> Tensor:
    """Return the level of a window's spectrum from bin 0 to bin 16, in dB relative to that at bin 0.

    The level is at least -180 dB. There are `POINTS_PER_BIN` points per bin.
    """
    spectrum = torch.fft.rfft(taps, POINTS_PER_BIN * len(taps)).abs()[: 16 * POINTS_PER_BIN + 1]
    level: Tensor = 20 * (spectrum / spectrum[0]).clamp(min=1e-9).log10()
    return level


def lobes(taps: Tensor) -> tuple[float, float]:
    """Return the width of a window's main lobe in bins, and the level of its highest side lobe up to bin 16.

    The width is measured between the minima on both sides. The level is in dB relative to the main lobe.
    """
    level = window_response(taps)
    rising = (level[1:] > level[:-1] + 1e-9).nonzero().flatten()
    edge = int(rising[0]) if len(rising) else len(level) - 1
    return 2 * edge / POINTS_PER_BIN, float(level[edge:].max())


def spectrum(taps: Tensor) -> Plot:
    """Return the plot of the spectrum of the window `taps` from -16 to 16 bins."""
    level = window_response(taps)
    bins = torch.arange(-(len(level) - 1), len(level), dtype=torch.float64) / POINTS_PER_BIN
    both = torch.cat([level.flip(0)[:-1], level])
    return Plot({"Spectrum of the window": (bins, both)}, x="bins", y="dB", y_range=(-130.0, 6.0))

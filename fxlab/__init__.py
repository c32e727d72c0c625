"""fxlab: a DSP laboratory for notebooks, on PyTorch.

    import fxlab as fx

    voice = fx.examples.voice()          # a Signal: shows its waveform and spectrogram, and plays
    lowpass = fx.LowPass(cutoff=800.0)   # a Module: shows its response, poles and zeros
    voice | lowpass                      # a Signal again
    lowpass.panel(voice)                 # sliders; what you hear follows them

The map of the house, data flowing down:

- `signal`    Signal, generators, examples, files
- `engine`    tensors in, tensors out: recurrences and convolutions
- `module`    what a processor is: Param, Module, Chain, Sum, Mix, streaming, dictionaries
- `filters`   one family a file
- `display`   cards: figures and the player
- `panel`     the live panel: specification, render worker, widget
- `browser`   the panel's own JavaScript

Everything public stands here at the top, save the engine: `from fxlab import engine`.
"""

from typing import TYPE_CHECKING, Any

from fxlab import hooks
from fxlab.errors import EngineError, FileError, FxlabError, ParameterError, SignalError
from fxlab.filters import (
    FIR,
    RIAA,
    SOS,
    ZPK,
    AllPass,
    BandPass,
    Bessel,
    Biquad,
    Butterworth,
    Chebyshev1,
    Chebyshev2,
    Classical,
    Comb,
    Convolve,
    DCBlock,
    DeEmphasis,
    Differentiator,
    Elliptic,
    Equiripple,
    HighPass,
    HighShelf,
    Hilbert,
    Kaiser,
    LeastSquares,
    LinkwitzRiley,
    LowPass,
    LowShelf,
    MovingAverage,
    Notch,
    OnePole,
    Peak,
    PreEmphasis,
    TransferFunction,
    Weighting,
    WindowedSinc,
)
from fxlab.module import (
    LTI,
    Chain,
    Choice,
    Count,
    Finite,
    Mix,
    Module,
    Numbers,
    Param,
    Rational,
    Recursive,
    Stream,
    Sum,
    Switch,
    wrap,
)
from fxlab.signal import Signal, chirp, examples, impulse, load, noise, sawtooth, silence, sine, square

if TYPE_CHECKING:
    from fxlab.panel import Panel

__version__ = "0.1.0"

hooks.register("module_bundle", "fxlab.display:module_bundle")
hooks.register("signal_bundle", "fxlab.display:signal_bundle")
hooks.register("panel", "fxlab.panel:Panel")

__all__ = [
    "FIR",
    "LTI",
    "RIAA",
    "SOS",
    "ZPK",
    "AllPass",
    "BandPass",
    "Bessel",
    "Biquad",
    "Butterworth",
    "Chain",
    "Chebyshev1",
    "Chebyshev2",
    "Choice",
    "Classical",
    "Comb",
    "Convolve",
    "Count",
    "DCBlock",
    "DeEmphasis",
    "Differentiator",
    "Elliptic",
    "EngineError",
    "Equiripple",
    "FileError",
    "Finite",
    "FxlabError",
    "HighPass",
    "HighShelf",
    "Hilbert",
    "Kaiser",
    "LeastSquares",
    "LinkwitzRiley",
    "LowPass",
    "LowShelf",
    "Mix",
    "Module",
    "MovingAverage",
    "Notch",
    "Numbers",
    "OnePole",
    "Panel",
    "Param",
    "ParameterError",
    "Peak",
    "PreEmphasis",
    "Rational",
    "Recursive",
    "Signal",
    "SignalError",
    "Stream",
    "Sum",
    "Switch",
    "TransferFunction",
    "Weighting",
    "WindowedSinc",
    "chirp",
    "examples",
    "impulse",
    "load",
    "noise",
    "sawtooth",
    "silence",
    "sine",
    "square",
    "wrap",
]


def __getattr__(name: str) -> Any:
    # The widget stack takes a second to import: only a panel needs it.
    if name == "Panel":
        from fxlab.panel import Panel

        return Panel
    raise AttributeError(f"module 'fxlab' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

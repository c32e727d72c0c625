"""fxlab: a DSP laboratory for notebooks, on PyTorch.

    import fxlab as fx

    voice = fx.examples.voice()          # a Signal: shows its waveform and spectrogram, and plays
    lowpass = fx.LowPass(cutoff=800.0)   # a Module: shows its response, poles and zeros
    voice | lowpass                      # the filtered Signal
    lowpass.panel(voice)                 # sliders; the sound follows them

The packages are listed such that each imports only from those above it:

- `signal`    Signal, generators, examples, sound files
- `engine`    functions on tensors: recursive filters, convolution, delay lines, envelopes
- `module`    Param, Module, StatefulModule, Chain, Sum, Mix, streaming, serialization
- `control`   sources of parameter values that change with time: LFO, ramp, automation, follower
- `filters`   every filter family; `design` finds a filter from a specification
- `effects`   distortion, dynamics, level, modulation, pitch, echoes, reverberation and the position of a sound
- `features`  spectrograms, cepstra and descriptors of a sound, each a `Feature` with axes and units
- `analysis`  responses, distortion and loudness measured; filters compared
- `augment`   random processors for training, made of filters and effects
- `learn`     parameters found by gradients: `fit` and losses
- `batch`     folders of sound files: a data set, and a module applied to every file, on a cluster too
- `display`   cards: figures and the player
- `panel`     the live panel: specification, render worker, widget
- `labs`      further panels: of your own function, a spectrogram, a convolution, poles and zeros
- `page`      the live page: a panel as an HTML file that runs without Python
- `course`    the checks of the course's exercises: `from fxlab.course import check`
- `cli`       the command `fxlab`
- `browser`   the JavaScript of panels and pages; it is not a Python package

The names in `__all__` are available here. Packages have further names of their own, such as the functions of the engine
and the random processors of `augment`: `from fxlab import augment, engine`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

# ruff: noqa: F401, F403, F405
# The engine is imported at once, because it registers the operators of graphs that PyTorch has exported.
from fxlab import engine, hooks
from fxlab.public_names import NOTEBOOK_NAMES, PACKAGES, PUBLIC_NAMES

# A name is imported when it is first used (see `__getattr__`); these lines are for type checkers.
if TYPE_CHECKING:
    from fxlab import augment
    from fxlab.analysis import *
    from fxlab.analysis.loudness import loudness
    from fxlab.batch import *
    from fxlab.control import *
    from fxlab.display import show_batch
    from fxlab.effects import *
    from fxlab.errors import *
    from fxlab.features import *
    from fxlab.filters import *
    from fxlab.filters.design.design import design
    from fxlab.labs import *
    from fxlab.learn import *
    from fxlab.module import *
    from fxlab.module.wrap import wrap
    from fxlab.panel import *
    from fxlab.signal import *

__version__ = "0.1.0"

hooks.register("module_bundle", "fxlab.display:module_bundle")
hooks.register("signal_bundle", "fxlab.display:signal_bundle")
hooks.register("comparison_bundle", "fxlab.display:comparison_bundle")
hooks.register("feature_bundle", "fxlab.display:feature_bundle")
hooks.register("level_bundle", "fxlab.display:level_bundle")
hooks.register("measurement_bundle", "fxlab.display:measurement_bundle")
hooks.register("control_bundle", "fxlab.display:control_bundle")
hooks.register("fit_bundle", "fxlab.display:fit_bundle")
hooks.register("wrap_class", "fxlab.features.wrapped_transform:wrap_class")
hooks.register("panel", "fxlab.panel:Panel")
hooks.register("page", "fxlab.page.page:Page")
hooks.register("live_output", "fxlab.page.notebook_output:live_output")
hooks.register("export_program", "fxlab.page.compiler.export:export_program")
hooks.register("audition", "fxlab.augment.audition:Audition")

__all__ = [
    "FIR",
    "LFCC",
    "LFO",
    "LTI",
    "MFCC",
    "PCEN",
    "RIAA",
    "RMS",
    "SOS",
    "ZPK",
    "AllPass",
    "AmplitudeToDB",
    "ArrayParam",
    "AudioFolder",
    "AutoPan",
    "AutoWah",
    "Automation",
    "BadCoefficientsWarning",
    "BandPass",
    "Bank",
    "Bessel",
    "BinauralPan",
    "Biquad",
    "BitCrush",
    "Butterworth",
    "Chain",
    "Chebyshev1",
    "Chebyshev2",
    "Choice",
    "Chorus",
    "Chroma",
    "Classical",
    "Comb",
    "Comparison",
    "CompileError",
    "Compressor",
    "ConstantQ",
    "ConvolutionReverb",
    "Convolve",
    "Count",
    "Crossover",
    "DCBlock",
    "DCOffset",
    "DeEmphasis",
    "DeEsser",
    "Decimate",
    "Delay",
    "Deltas",
    "Differentiator",
    "Distortion",
    "DistortionMeasurement",
    "Elliptic",
    "EngineError",
    "Equiripple",
    "Expander",
    "Fade",
    "Feature",
    "FeatureModule",
    "FeatureTransform",
    "FeedbackDelayNetwork",
    "FileError",
    "FilterSummary",
    "Finite",
    "FirstOrderAllPass",
    "FirstOrderHighShelf",
    "FirstOrderLowShelf",
    "Fit",
    "FixedPoint",
    "Flanger",
    "Follower",
    "FrequencySampling",
    "FxlabError",
    "Gain",
    "GammatoneBank",
    "Gate",
    "GraphicEQ",
    "GriffinLim",
    "HighPass",
    "HighShelf",
    "Hilbert",
    "InverseSpectrogram",
    "Invert",
    "Kaiser",
    "Ladder",
    "LeastSquares",
    "LevelMeasurement",
    "Limiter",
    "LinkwitzRiley",
    "LogFilterBank",
    "LowPass",
    "LowShelf",
    "Margins",
    "Mask",
    "Measurement",
    "MelBank",
    "MelSpectrogram",
    "MidSide",
    "MinimumPhase",
    "Mix",
    "Module",
    "MovingAverage",
    "MuLaw",
    "MultibandCompressor",
    "MultibandEquiripple",
    "MultibandLeastSquares",
    "MultibandSinc",
    "Normalize",
    "Notch",
    "OctaveBank",
    "OnePole",
    "OnsetStrength",
    "Overdrive",
    "Pan",
    "Panel",
    "Param",
    "ParameterError",
    "ParametricEQ",
    "Peak",
    "Phaser",
    "Picture",
    "PitchShift",
    "PitchTrack",
    "Plot",
    "PreEmphasis",
    "Quantize",
    "Ramp",
    "Rational",
    "Recursive",
    "Resample",
    "Reverb",
    "Reverse",
    "RingModulator",
    "Room",
    "Send",
    "Signal",
    "SignalError",
    "SpectralBandwidth",
    "SpectralCentroid",
    "SpectralContrast",
    "SpectralFlatness",
    "SpectralRolloff",
    "Spectrogram",
    "Speed",
    "StateVariable",
    "StatefulModule",
    "StereoWidth",
    "Stream",
    "Sum",
    "Switch",
    "TimeStretch",
    "ToneMeasurement",
    "TransferFunction",
    "TransientShaper",
    "Tremolo",
    "Vibrato",
    "WaveShaper",
    "Weighting",
    "WindowedSinc",
    "ZeroCrossingRate",
    "ZeroPhase",
    "adaptive",
    "apply_to_files",
    "chirp",
    "compare",
    "convolution_lab",
    "crest_factor",
    "design",
    "examples",
    "explore",
    "fit",
    "impulse",
    "impulse_response",
    "load",
    "losses",
    "loudness",
    "loudness_range",
    "lpc",
    "match_response",
    "measure",
    "measure_levels",
    "measure_tone",
    "noise",
    "pole_zero_lab",
    "prony",
    "sawtooth",
    "show_batch",
    "silence",
    "sine",
    "spectrogram_lab",
    "square",
    "steiglitz_mcbride",
    "thd",
    "true_peak",
    "wrap",
    "yule_walker",
]

PUBLIC_NAMES.declare(name for name in __all__ if name not in NOTEBOOK_NAMES)

if not TYPE_CHECKING:  # type checkers then report a name that does not exist

    def __getattr__(name: str) -> Any:
        # The filters, the analysis and the widget stack are imported when a name of theirs is first used.
        if name in PUBLIC_NAMES:
            found = PUBLIC_NAMES[name]
        elif name in NOTEBOOK_NAMES:
            found = getattr(import_module(NOTEBOOK_NAMES[name]), name)
        elif name in PACKAGES:
            found = import_module(f"fxlab.{name}")
        else:
            raise AttributeError(f"module 'fxlab' has no attribute {name!r}")
        return globals().setdefault(name, found)


def __dir__() -> list[str]:
    return sorted({*globals(), *PACKAGES, *__all__})

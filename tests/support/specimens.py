"""Modules to test: every public class of `fxlab`, found by its name in `fxlab.__all__`, and combinations of them."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

import fxlab as fx
from fxlab.module import LinearAnalysis, ParameterDeclaration

RATE = 48_000.0

# How to make the classes whose constructor needs other modules: `make(**parameters)`.
FACTORIES: dict[str, Callable[..., fx.Module]] = {
    "Chain": lambda **p: fx.Chain(fx.HighPass(cutoff=90.0), fx.Peak(700.0, 9.0, 2.0), fx.LowPass(4000.0), **p),
    "Sum": lambda **p: fx.Sum(fx.LowPass(300.0, 0.9), fx.HighPass(2500.0), **p),
    "Mix": lambda **p: fx.Mix(fx.LowPass(800.0), **p),
    "ConvolutionReverb": lambda **p: fx.ConvolutionReverb(**({"impulse_response": [0.5, 0.2, -0.1]} | p)),
    "Send": lambda **p: fx.Send(fx.LowPass(800.0), fx.HighPass(2000.0), **p),
    "FixedPoint": lambda **p: fx.FixedPoint(fx.HighPass(90.0) | fx.LowPass(4000.0), **p),
    "MinimumPhase": lambda **p: fx.MinimumPhase(fx.FIR([0.1, 0.2, 0.4, 0.2, 0.1]), **p),
    "ZeroPhase": lambda **p: fx.ZeroPhase(fx.LowPass(800.0), **p),
}
# These parameters are rounded to a whole number of samples or taps, so their gradient is 0.
ZERO_GRADIENT = {("Kaiser", "width"), ("Comb", "delay_ms"), ("Limiter", "lookahead_ms")} | {
    ("Gate", name)
    for name in ("threshold_db", "hysteresis_db", "hold_ms")  # it is open or closed
}
# Nor have these a gradient for the mono sounds of the tests.
ZERO_GRADIENT |= {("AutoPan", "rate_hz"), ("AutoPan", "depth")}
ZERO_GRADIENT |= {
    (name, "stereo_phase") for name in ("Chorus", "Flanger", "Phaser", "RingModulator", "Tremolo", "Vibrato")
}
# Effects on pairs of left and right, which do not process each channel by itself.
ACROSS_CHANNELS = {"AutoPan"}
# These take one or two channels, and their output has two.
STEREO_OUTPUT = {"BinauralPan", "Pan"}
ACROSS_CHANNELS |= STEREO_OUTPUT | {"FeedbackDelayNetwork", "MidSide", "Reverb", "Room", "StereoWidth"}
ZERO_GRADIENT |= {("MidSide", "side_gain_db"), ("Reverb", "width"), ("StereoWidth", "width")}
# The number of blocks in which they run depends on the length of the sound, so PyTorch cannot record them.
DELAY_LINES = {"BinauralPan", "Delay", "FeedbackDelayNetwork", "Reverb", "Room"}
# Their output depends on all parameters after seconds only, so their own tests check the gradients, of short delays.
LONG_DELAYS = {"Chorus", "Delay", "FeedbackDelayNetwork", "Flanger", "Reverb", "Room"}
# These need the complete sound.
NOT_STREAMING = {"Normalize", "PitchShift", "Reverse", "TimeStretch"}
# The length of the output depends on these parameters, so that all examples have the same value.
ONE_VALUE = {"Speed", "TimeStretch"}
ACROSS_CHANNELS |= ONE_VALUE
# These round samples, so that a numerical derivative is wrong; their gradients are tested by themselves.
STAIRCASE = {"BitCrush", "MuLaw", "Quantize"}
# These round their ratio, to the same effect, and have nothing to learn.
ROUNDED_RATIO = {"PitchShift", "Speed", "TimeStretch"}
STAIRCASE |= ROUNDED_RATIO
# The level of a test signal for modules that act differently on quiet sounds. Which of their parameters then have an
# effect depends on the level, so that not all of them have a gradient.
QUIET_INPUT = {"DeEsser": 1.0, "WaveShaper": 0.01, "AutoWah": 1e-2, "Expander": 1e-3, "Gate": 1e-3}
# The length from which the output depends on all parameters, if it is long.
MIN_SAMPLES = {"AutoWah": 200, "Comb": 2400}
NESTED: dict[str, Callable[..., fx.Module]] = {
    "Mix of a Chain": lambda **p: fx.Mix(fx.HighPass(200.0) | fx.Peak(900.0, -6.0), **({"mix": 0.3} | p)),
    "Chain of a Sum": lambda **p: fx.Chain(fx.LowPass(3000.0) + fx.Mix(fx.HighPass(500.0), 0.4), fx.Peak(), **p),
    "FIR of taps": lambda **p: fx.FIR([0.1, 0.3, 0.0, 0.4, -0.2], **p),
    "FIR in a Chain": lambda **p: fx.Chain(fx.LowPass(), fx.FIR([0.5, 0.25, 0.25]), fx.Peak(gain_db=4.0), **p),
    "SOS of an elliptic": lambda **p: fx.SOS(fx.Elliptic(2000.0, 5).sos(RATE), **p),
    "TransferFunction of a band": lambda **p: fx.TransferFunction([0.1, 0.0, -0.1], [1.0, -1.7, 0.8], **p),
    "ZPK of two pairs": lambda **p: fx.ZPK([1.0, -1.0], [0.9 + 0.2j, 0.9 - 0.2j, 0.3, 0.5], 0.05, **p),
    "Crossover of four": lambda **p: fx.Crossover(
        **({"cutoffs": [150.0, 900.0, 4000.0], "gains_db": [0.0, 3.0, -6.0, 1.0]} | p)
    ),
    "GraphicEQ that is set": lambda **p: fx.GraphicEQ([6, -9, 3, 0, 12, -12, 1, 2, -3, 5], **p),
    "Sum of Chains": lambda **p: fx.Sum(fx.LowPass() | fx.LowPass(900.0), fx.HighPass() | fx.Peak(gain_db=3.0), **p),
}


def public_classes() -> dict[str, type[fx.Module]]:
    """Return all public Module classes that process sounds and are not abstract, by name.

    Features have contracts of their own, in `tests/features/`.
    """
    found = {name: getattr(fx, name) for name in fx.__all__}
    kinds = {name: kind for name, kind in found.items() if isinstance(kind, type) and issubclass(kind, fx.Module)}
    return {
        name: kind for name, kind in kinds.items() if kind.gives_sound and kind.takes_sound and not kind.is_abstract()
    }


SLOW_MODULES = {
    "AutoWah",
    "Chorus",
    "Compressor",
    "DeEsser",
    "Delay",
    "Expander",
    "FeedbackDelayNetwork",
    "Flanger",
    "GammatoneBank",
    "Gate",
    "Limiter",
    "LogFilterBank",
    "MelBank",
    "MinimumPhase",
    "MultibandCompressor",
    "Phaser",
    "PitchShift",
    "Resample",
    "Reverb",
    "Room",
    "Speed",
    "TimeStretch",
    "TransientShaper",
}
"""Modules whose contracts take seconds; `make check` leaves them to `make test`, and to tests of their own."""


def mark_slow(cases):
    """Mark the cases of slow modules; a case is the name of a module, or a tuple that begins with it."""
    return [
        pytest.param(*([case] if isinstance(case, str) else case), marks=pytest.mark.slow)
        if (case if isinstance(case, str) else case[0]) in SLOW_MODULES
        else case
        for case in cases
    ]


def specimens() -> dict[str, Callable[..., fx.Module]]:
    """Return functions that make a module, by name: `make(cutoff=500.0, sample_rate=…)`."""
    return {name: FACTORIES.get(name, kind) for name, kind in public_classes().items()} | NESTED


def can_stream(module: fx.Module) -> bool:
    """Return whether the module runs in blocks: all its parts are causal."""
    parts = list(module.modules())
    is_causal = all(part.is_causal for part in parts if isinstance(part, LinearAnalysis))
    return is_causal and not any(type(part).__name__ in NOT_STREAMING for part in parts)


def output_shape(name: str, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape of the output of a public class for an input of this shape."""
    if name == "Resample":
        return (*shape[:-1], -(-shape[-1] * fx.Resample().rate // int(RATE)))
    if name not in STEREO_OUTPUT:
        return shape
    return (2, *shape) if len(shape) == 1 else (*shape[:-2], 2, shape[-1])


def unlinked(module: fx.Module) -> fx.Module:
    """Return the module with its stereo link and stereo phase off, so that each channel is processed by itself."""
    if "link" in module.declarations:
        module.link = False
    if "stereo_phase" in module.declarations:
        module.stereo_phase = 0.0
    return module


def params_of(kind: fx.Module | type[fx.Module]) -> dict[str, fx.Param]:
    """Return the continuous parameters of a class that have an effect with its default values."""
    defaults = {name: d.default for name, d in kind.declarations.items()}
    return {
        name: d
        for name, d in kind.declarations.items()
        if isinstance(d, fx.Param) and (d.only is None or defaults[d.only[0]] in d.only[1])
    }


def classes_with_params() -> dict[str, type[fx.Module]]:
    """Return the public classes that declare a continuous parameter."""
    return {name: kind for name, kind in public_classes().items() if params_of(kind)}


def all_params() -> list[tuple[str, str]]:
    """Return all continuous parameters of the public classes, as `(class, parameter)`."""
    return [(name, param) for name, kind in public_classes().items() for param in params_of(kind)]


def value_at(declaration: fx.Param, place: Tensor | float, rate: float = RATE) -> Any:
    """Return the value at the slider position `place` in 0..1: for a tensor a tensor, with gradients."""
    if not isinstance(place, Tensor):
        return declaration.from_slider(place, rate)
    low, high = declaration.span(rate)
    return low * (high / low) ** place if declaration.scale == "log" else low + (high - low) * place


def random_values(kind: fx.Module | type[fx.Module], seed: int) -> dict[str, Any]:
    """Return random values for all parameters, from the ranges of the sliders and the allowed discrete values."""
    draw = random.Random(seed)
    values: dict[str, Any] = {}
    for name, declaration in kind.declarations.items():
        if isinstance(declaration, fx.Param):
            values[name] = declaration.from_slider(draw.random(), RATE)
        elif isinstance(declaration, fx.Choice):
            values[name] = draw.choice(declaration.choices)
        elif isinstance(declaration, fx.Switch):
            values[name] = draw.random() < 0.5
        elif isinstance(declaration, fx.Count):
            values[name] = draw.randrange(declaration.low, declaration.high + 1, declaration.multiple)
    if "taps" in values and values.get("kind") in ("highpass", "bandstop"):
        values["taps"] |= 1  # symmetric filters of even length cannot be high-pass or band-stop
    if values.get("width") == "exact":  # the band, frequency / q, is narrower than half the sample rate
        corner = values.get("frequency", values.get("cutoff"))
        values["q"] = max(values["q"], 2.1 * corner / RATE)
    values.update(_valid_for_fir({**values}))
    if isinstance(
        kind.declarations.get("rate"), fx.Count
    ):  # of a resampler: odd rates need long filters, and have tests of their own
        values["rate"] = draw.choice((8000, 32_000, 44_100, 96_000))
    if "pad_length" in values:  # shorter than the signals of the tests
        values["pad_length"] %= 32
    if "upper" in values:  # the edges of a band
        values["cutoff"], values["upper"] = sorted((values["cutoff"], values["upper"]))
    low = kind.declarations.get("low")
    if isinstance(low, fx.Choice):  # the lowest and the highest band
        others = [name for name in kind.declarations["high"].choices if name not in low.choices]  # "highest"
        order = [*low.choices, *others]
        values["low"], values["high"] = sorted((values["low"], values["high"]), key=order.index)
    return values


def _valid_for_fir(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values of FIR filters that are to be others, so that they fit each other and the default arrays."""
    changed: dict[str, Any] = {}
    if "pass_zero" in values:
        changed["taps"] = values["taps"] | 1  # half the sample rate passes, which an even number of taps cannot do
    if "grid_points" in values:
        changed |= {"antisymmetric": False, "grid_points": values["grid_points"] + values["taps"] + 1}
    if "response_type" in values:
        changed["response_type"] = "magnitude"
    if "method" in values and "cutoff" in values and "per" not in values:  # of a Hilbert transformer
        changed["cutoff"] = values["cutoff"] / 2
    if "halve" in values:
        changed |= {"halve": values["method"] == "hilbert", "n_fft": values["n_fft"] + 100}
    return changed


def same_modules(a: fx.Module, b: fx.Module) -> bool:
    """Return whether two modules and all their parts have the same types and exactly the same values."""
    if type(a).__name__ != type(b).__name__ or a.sample_rate != b.sample_rate:
        return False
    for name in a.declarations:
        x, y = getattr(a, name), getattr(b, name)
        if isinstance(x, Tensor) != isinstance(y, Tensor):
            return False
        if isinstance(x, Tensor):
            if x.dtype != y.dtype or x.shape != y.shape or not torch.equal(x, y):
                return False
        elif x != y or type(x) is not type(y):
            return False
    ours, theirs = dict(a.named_children()), dict(b.named_children())
    return list(ours) == list(theirs) and all(same_modules(ours[name], theirs[name]) for name in ours)


def eval_repr(text: str) -> fx.Module:
    """Evaluate the text of a `repr`; return the module."""
    names: dict[str, Any] = {name: getattr(fx, name) for name in fx.__all__}
    module: fx.Module = eval(text, {"torch": torch, **names})
    return module


def declaration_of(name: str, param: str) -> ParameterDeclaration:
    """Return the declaration of a parameter of a public class."""
    return public_classes()[name].declarations[param]

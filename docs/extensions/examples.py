"""An example of each filter and effect, which the API reference draws and the gallery plays."""

from __future__ import annotations

from functools import cache
from typing import Any

import torch

import fxlab as fx

# The source of those whose default values change nothing, or that need an argument.
SOURCES = {
    "Convolve": "fx.Convolve(fx.impulse(duration=0.6, sample_rate=44_100) | fx.Room())",
    "ConvolutionReverb": "fx.ConvolutionReverb(fx.impulse(duration=0.6, sample_rate=44_100) | fx.Room())",
    "Crossover": "fx.Crossover((200, 2000), gains_db=(0, -24, 0))",
    "DCOffset": "fx.DCOffset(0.1)",
    "FIR": "fx.FIR([0.25, 0.5, 0.25])",
    "FixedPoint": "fx.FixedPoint(fx.Elliptic(800, order=4))",
    "Gain": "fx.Gain(-12)",
    "GammatoneBank": "fx.GammatoneBank(bands=8)",
    "GraphicEQ": "fx.GraphicEQ((6, 3, 0, -3, -6, -3, 0, 3, 6, 6))",
    "Invert": "fx.Invert()",
    "MidSide": "fx.MidSide(side=fx.Delay(delay_ms=12))",
    "MinimumPhase": "fx.MinimumPhase(fx.WindowedSinc(1000, 101))",
    "Pan": "fx.Pan(-0.7)",
    "ParametricEQ": "fx.ParametricEQ(fx.LowShelf(200, 6), fx.Peak(1000, -9), fx.HighShelf(5000, 6))",
    "PitchShift": "fx.PitchShift(4)",
    "Resample": "fx.Resample(8000)",
    "SOS": "fx.SOS(fx.Elliptic(800, order=4).sos(44_100))",
    "Speed": "fx.Speed(1.25)",
    "StereoWidth": "fx.StereoWidth(2)",
    "TimeStretch": "fx.TimeStretch(0.8)",
    "TransferFunction": "fx.TransferFunction(b=(0.1,), a=(1, -0.9))",
    "WaveShaper": "fx.WaveShaper(torch.tanh, drive_db=18)",
    "ZeroPhase": "fx.ZeroPhase(fx.LowPass(800))",
    "ZPK": "fx.ZPK(zeros=(-1, -1), poles=(0.9 + 0.1j, 0.9 - 0.1j), gain=0.005)",
}
SECONDS = 3.0
"""The length of the sounds; all examples are longer."""
PACKAGES = {"dynamics": "drums", "pitch": "voice", "space": "guitar"}
"""The sound of a package of effects; all others have the guitar."""


def source(thing: type[fx.Module]) -> str:
    """Return the Python source of the example of a class; an equaliser gets 6 dB, since its default changes nothing."""
    name = thing.__name__
    if name in SOURCES:
        return SOURCES[name]
    gains = [n for n, d in thing.declarations.items() if d.role == "gain" and d.default == 0.0]
    return f"fx.{name}({', '.join(f'{n}=6.0' for n in gains)})"


def example(thing: type[fx.Module]) -> fx.Module:
    """Return the example of a class."""
    module: fx.Module = eval(source(thing), {"fx": fx, "torch": torch})
    return module


def sound(thing: Any) -> str:
    """Return the name of the example sound that suits a class."""
    names = (PACKAGES.get(folder) for folder in thing.__module__.split("."))
    return next((name for name in names if name), "guitar")


@cache
def excerpt(name: str) -> fx.Signal:
    """Return the beginning of an example sound; see `excerpt_source`."""
    signal: fx.Signal = eval(excerpt_source(name), {"fx": fx})
    return signal


def excerpt_source(name: str) -> str:
    """Return the Python source of the beginning of an example sound."""
    return f"fx.examples.{name}().between(0.0, {SECONDS})"

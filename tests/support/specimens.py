"""Every public processor as something to test; found by walking `fxlab`, so that being public is being tested."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

import fxlab as fx
from fxlab.module import LinearAnalysis, ParameterDeclaration

RATE = 48_000.0

# Those that cannot be made from nothing, and joins of others: `make(**parameters)`.
FACTORIES: dict[str, Callable[..., fx.Module]] = {
    "Chain": lambda **p: fx.Chain(fx.HighPass(cutoff=90.0), fx.Peak(700.0, 9.0, 2.0), fx.LowPass(4000.0), **p),
    "Sum": lambda **p: fx.Sum(fx.LowPass(300.0, 0.9), fx.HighPass(2500.0), **p),
    "Mix": lambda **p: fx.Mix(fx.LowPass(800.0), **p),
    "FixedPoint": lambda **p: fx.FixedPoint(fx.HighPass(90.0) | fx.LowPass(4000.0), **p),
    "ZeroPhase": lambda **p: fx.ZeroPhase(fx.LowPass(800.0), **p),
}
# What they choose is a whole number of samples, which has no slope: their gradient is 0.
ZERO_GRADIENT = {("Kaiser", "width"), ("Comb", "delay_ms")}
# After how many samples all its parameters are heard, where that is late.
MIN_SAMPLES = {"Comb": 2400}
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
    """Every Module class at the top of fxlab that can be used as it is."""
    found = {name: getattr(fx, name) for name in fx.__all__}
    kinds = {name: kind for name, kind in found.items() if isinstance(kind, type) and issubclass(kind, fx.Module)}
    return {name: kind for name, kind in kinds.items() if not kind.is_abstract()}


def specimens() -> dict[str, Callable[..., fx.Module]]:
    """A way to make each of them, by name: `make(cutoff=500.0, sample_rate=…)`."""
    return {name: FACTORIES.get(name, kind) for name, kind in public_classes().items()} | NESTED


def can_stream(made: fx.Module) -> bool:
    """Whether it runs in blocks; what looks ahead says that it cannot."""
    return all(part.is_causal for part in made.modules() if isinstance(part, LinearAnalysis))


def params_of(kind: fx.Module | type[fx.Module]) -> dict[str, fx.Param]:
    """The continuous parameters that it declares itself, and that mean something by default."""
    held = {name: d.default for name, d in kind.declarations.items()}
    return {
        name: d
        for name, d in kind.declarations.items()
        if isinstance(d, fx.Param) and (d.only is None or held[d.only[0]] in d.only[1])
    }


def classes_with_params() -> dict[str, type[fx.Module]]:
    """The public classes that declare a continuous parameter."""
    return {name: kind for name, kind in public_classes().items() if params_of(kind)}


def all_params() -> list[tuple[str, str]]:
    """`(class, parameter)` of everything public."""
    return [(name, param) for name, kind in public_classes().items() for param in params_of(kind)]


def value_at(declaration: fx.Param, place: Tensor | float, rate: float = RATE) -> Any:
    """What stands at `place` in 0..1 of the slider, differentiable in it."""
    if not isinstance(place, Tensor):
        return declaration.from_slider(place, rate)
    low, high = declaration.span(rate)
    return low * (high / low) ** place if declaration.scale == "log" else low + (high - low) * place


def random_values(kind: fx.Module | type[fx.Module], seed: int) -> dict[str, Any]:
    """Values for all parameters, drawn from the sliders' ranges and from what the discrete ones allow."""
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
        values["taps"] |= 1  # an even number of symmetric taps cannot make them
    if "upper" in values:  # the edges of a band
        values["cutoff"], values["upper"] = sorted((values["cutoff"], values["upper"]))
    low = kind.declarations.get("low")
    if isinstance(low, fx.Choice):  # the lowest and the highest of some bands
        others = [name for name in kind.declarations["high"].choices if name not in low.choices]  # "highest"
        order = [*low.choices, *others]
        values["low"], values["high"] = sorted((values["low"], values["high"]), key=order.index)
    return values


def same_modules(a: fx.Module, b: fx.Module) -> bool:
    """Whether two modules are alike to the last digit, in themselves and in their parts."""
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
    """The module that a `repr` writes down."""
    names: dict[str, Any] = {name: getattr(fx, name) for name in fx.__all__}
    module: fx.Module = eval(text, {"torch": torch, **names})
    return module


def declaration_of(name: str, param: str) -> ParameterDeclaration:
    """The declaration of a public class."""
    return public_classes()[name].declarations[param]

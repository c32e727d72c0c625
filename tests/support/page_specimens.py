"""Public modules as programs of a live page, run in one process and compared with torch."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import torch

import fxlab as fx
from fxlab.errors import CompileError
from fxlab.page.compiler import CompiledModule, compile_module
from tests.support.page_programs import RATE, error_db, values_of
from tests.support.specimens import can_stream, public_classes, random_values, specimens

SOUND = 0.3 * torch.randn(2, 128 * 10 + 40, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
NOT_COMPILED: dict[str, str] = {}
"""Modules that raise a `CompileError`, and the operation that the compiler does not have."""


IN_CHROMIUM = (
    *("Chorus", "Compressor", "ConvolutionReverb", "Delay", "Distortion"),
    *("GraphicEQ that is set", "Kaiser", "Ladder", "Reverb", "ZeroPhase"),
)
"""Modules that are compared in Chromium too: they use all kinds of operators."""


class Specimen(NamedTuple):
    """A module at its first values and at others, its program, and what the program gave for `SOUND`."""

    modules: list[fx.Module]
    program: CompiledModule
    outputs: list[torch.Tensor]
    failure: str


Runner = Callable[[list[dict[str, Any]]], list[dict[str, Any]]]


def run_specimens(run: Runner, names: Iterable[str]) -> tuple[dict[str, Specimen], dict[str, CompileError]]:
    """Compile public modules, run them, and return the results and the errors by name."""
    made: dict[str, tuple[list[fx.Module], CompiledModule]] = {}
    failures = {}
    for name in names:
        make = specimens()[name]
        module = make()
        live = None if can_stream(module) else False
        try:
            program = compile_module(module, RATE, 2, frames=SOUND.shape[-1], live=live, variants=False)
        except CompileError as error:
            failures[name] = error
            continue
        made[name] = ([module, _at_other_values(name, make, program)], program)
    jobs = [
        {"program": program.javascript, "runs": [{"values": values_of(m), "input": SOUND} for m in modules]}
        for modules, program in made.values()
    ]
    found = {}
    for (name, (modules, program)), result in zip(made.items(), run(jobs), strict=True):
        outputs = [run["output"] for run in result.get("runs", ())]
        found[name] = Specimen(modules, program, outputs, result.get("error", ""))
    return found, failures


def _at_other_values(name: str, make: Callable[..., fx.Module], program: CompiledModule) -> fx.Module:
    """Return the module at random values of the continuous parameters that the program follows."""
    module, kind = make(), public_classes().get(name)
    if kind is None:
        return module
    for parameter, value in random_values(module, 3).items():
        if isinstance(module.declarations[parameter], fx.Param) and parameter not in program.fixed:
            setattr(module, parameter, value)
    try:
        module.check(RATE)
    except fx.ParameterError:
        return make()
    return module


def errors_db(specimen: Specimen) -> tuple[float, float]:
    """Return the largest difference in dB from torch in float64 and in float32."""
    pairs = list(zip(specimen.modules, specimen.outputs, strict=True))
    double = max(error_db(output, module(SOUND, RATE)) for module, output in pairs)
    single = max(error_db(output, module(SOUND.float(), RATE).double()) for module, output in pairs)
    return double, single

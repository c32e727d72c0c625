"""Every public module as a program of a live page, run under Node in one process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import torch

import fxlab as fx
from fxlab.errors import CompileError
from fxlab.page.compiler import CompiledModule, compile_module
from tests.support.page_programs import RATE, run_programs, values_of
from tests.support.specimens import can_stream, public_classes, random_values, specimens

SOUND = 0.3 * torch.randn(2, 128 * 10 + 40, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
NOT_COMPILED = {
    "FixedPoint": "its integers are computed by NumPy",
    "LeastSquares": "Cholesky's factorization",
    "MultibandLeastSquares": "Cholesky's factorization",
}
"""Modules that raise a `CompileError`, and the operation that the compiler does not have."""


class Specimen(NamedTuple):
    """A module at its first values and at others, its program, and what the program gave for `SOUND`."""

    modules: list[fx.Module]
    program: CompiledModule
    outputs: list[torch.Tensor]
    failure: str


def run_specimens(folder: Path) -> tuple[dict[str, Specimen], dict[str, CompileError]]:
    """Compile and run all public modules, and return the results and the errors by name."""
    made: dict[str, tuple[list[fx.Module], CompiledModule]] = {}
    failures = {}
    for name, make in specimens().items():
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
    for (name, (modules, program)), result in zip(made.items(), run_programs(jobs, folder), strict=True):
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

"""Every public module that compiles sounds as in torch, at its first values and at others, in one process of Node."""

from __future__ import annotations

import pytest
import torch

import fxlab as fx
from fxlab.errors import CompileError
from fxlab.page.compiler import compile_module
from tests.support.page_programs import RATE, error_db, run_programs, values_of
from tests.support.specimens import can_stream, public_classes, random_values, specimens

pytestmark = pytest.mark.slow

SOUND = 0.3 * torch.randn(2, 128 * 10 + 40, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
NOT_COMPILED = {
    "FixedPoint": "its integers are computed by NumPy",
    "LeastSquares": "Cholesky's factorization",
    "MultibandLeastSquares": "Cholesky's factorization",
}
"""Modules that raise a `CompileError`, and the operation that the compiler does not have."""


def at_other_values(name, make, program):
    """Return the module at random values of the continuous parameters that the program does not keep."""
    module, kind = make(), public_classes().get(name)
    if kind is None:
        return module
    values = random_values(module, 3)
    for parameter, value in values.items():
        if isinstance(module.declarations[parameter], fx.Param) and parameter not in program.fixed:
            setattr(module, parameter, value)
    try:
        module.check(RATE)
    except fx.ParameterError:
        return make()
    return module


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    modules, jobs, failures = {}, [], {}
    for name, make in specimens().items():
        module = make()
        options = {} if can_stream(module) else {"live": False}
        try:
            program = compile_module(module, RATE, 2, frames=SOUND.shape[-1], variants=False, **options)
        except CompileError as error:
            failures[name] = error
            continue
        modules[name] = [module, at_other_values(name, make, program)]
        values = [{"values": values_of(one), "input": SOUND} for one in modules[name]]
        jobs.append({"program": program.javascript, "runs": values})
    results = run_programs(jobs, tmp_path_factory.mktemp("programs"))
    return dict(zip(modules, zip(modules.values(), results, strict=True), strict=True)), failures


def test_only_the_named_modules_are_not_compiled(runs):
    assert set(runs[1]) == set(NOT_COMPILED)


@pytest.mark.parametrize("name", [name for name in specimens() if name not in NOT_COMPILED])
def test_a_compiled_module_sounds_as_in_torch(runs, name):
    modules, result = runs[0][name]
    assert "error" not in result, result["error"]
    for module, run in zip(modules, result["runs"], strict=True):
        expected = module(SOUND, RATE)
        assert run["output"].shape == expected.shape
        assert error_db(run["output"], expected) < -140

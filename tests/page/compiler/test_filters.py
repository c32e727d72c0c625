"""Compiled filters of sections and chains of them: coefficients and sound equal those of torch."""

from __future__ import annotations

import pytest
import torch

import fxlab as fx
from fxlab.page.compiler import compile_module
from tests.support.page_programs import RATE, error_db, run_programs, values_of

CASES = {
    "low-pass": (fx.LowPass, lambda: fx.LowPass(300.0, 4.0)),
    "peak": (fx.Peak, lambda: fx.Peak(2500.0, -9.0, 3.0)),
    "Butterworth": (lambda: fx.Butterworth(order=8), lambda: fx.Butterworth(4000.0, order=8)),
    "elliptic": (lambda: fx.Elliptic(2000.0, 12), lambda: fx.Elliptic(700.0, 12)),
    "graphic equaliser": (fx.GraphicEQ, lambda: fx.GraphicEQ([6, -9, 3, 0, 12, -12, 1, 2, -3, 5])),
    "chain": (
        lambda: fx.HighPass() | fx.Peak() | fx.LowPass(),
        lambda: fx.HighPass(90.0) | fx.Peak(700.0, 9.0, 2.0) | fx.LowPass(4000.0),
    ),
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    x = torch.randn(2, 128 * 5 + 40, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    jobs = [
        {
            "program": compile_module(first(), RATE, 2, variants=False).javascript,
            "runs": [{"values": values_of(make()), "input": x} for make in (first, other)],
        }
        for first, other in CASES.values()
    ]
    return x, dict(zip(CASES, run_programs(jobs, tmp_path_factory.mktemp("programs")), strict=True))


@pytest.mark.parametrize("name", CASES)
def test_a_compiled_filter_sounds_as_in_torch(runs, name):
    x, results = runs
    assert "error" not in results[name], results[name]["error"]
    for make, run in zip(CASES[name], results[name]["runs"], strict=True):
        assert error_db(run["output"], make()(x, RATE)) < -140


@pytest.mark.parametrize("name", CASES)
def test_the_coefficients_of_each_stage_equal_those_of_torch(runs, name):
    _, results = runs
    for make, run in zip(CASES[name], results[name]["runs"], strict=True):
        module = make()
        stages = {str(n): stage for n, stage in enumerate(module)} if isinstance(module, fx.Chain) else {"": module}
        assert set(run["responses"]) == set(stages)
        for path, stage in stages.items():
            sos = stage.sos(RATE)
            torch.testing.assert_close(run["responses"][path].reshape(sos.shape), sos, rtol=1e-12, atol=1e-12)


NOT_POSSIBLE = {
    "band": (fx.Butterworth((2000.0, 4000.0), kind="bandpass"), {"cutoff": 5000.0}, "cutoff, upper"),
    "edges": (fx.MultibandLeastSquares(), {"edges": [0.0, 8000.0, 7000.0]}, "edges"),
    "corners": (fx.Crossover([200.0, 2000.0]), {"cutoffs": [3000.0, 2000.0]}, "cutoffs"),
}


def test_a_program_refuses_values_that_the_module_refuses(tmp_path):
    jobs = [
        {
            "program": compile_module(module, RATE, 1, variants=False).javascript,
            "runs": [{"values": values_of(module) | wrong, "input": torch.zeros(1, 128)}],
        }
        for module, wrong, _ in NOT_POSSIBLE.values()
    ]
    for (module, wrong, names), result in zip(NOT_POSSIBLE.values(), run_programs(jobs, tmp_path), strict=True):
        assert f"{type(module).__name__}: th" in result["error"]
        assert f"possible{' together: ' if ',' in names else '.'}" in result["error"]
        assert names in result["error"]
        for name, value in wrong.items():
            setattr(module, name, value)
        with pytest.raises(fx.ParameterError):
            module.check(RATE)

"""Choices, switches and counts in a compiled module: each combination that fits is a variant of the program."""

from __future__ import annotations

from typing import Literal

import torch

import fxlab as fx
from fxlab.page.compiler import compile_module
from tests.support.page_programs import RATE, error_db, run_programs, values_of


def test_choices_switch_the_variant(tmp_path):
    program = compile_module(fx.BandPass(1000.0, 3.0), RATE, 1)
    assert {"gain", "width"} <= set(program.parameters)
    x = torch.randn(1, 300, dtype=torch.float64)
    modules = [
        fx.BandPass(1000.0, 3.0),
        fx.BandPass(500.0, 2.0, gain="skirt", width="exact"),
    ]
    runs = [{"values": values_of(module), "input": x} for module in modules]
    (result,) = run_programs([{"program": program.javascript, "runs": runs}], tmp_path)
    assert "error" not in result, result["error"]
    for module, run in zip(modules, result["runs"], strict=True):
        assert error_db(run["output"], module(x, RATE)) < -140


def test_stages_are_left_out(tmp_path):
    """Also one that is left out from the start, and one that looks ahead."""
    x = torch.randn(2, 300, dtype=torch.float64)

    def chain(*bypassed):
        return fx.Chain(fx.HighPass(200.0), fx.Limiter(-20.0, lookahead_ms=4.0), fx.LowPass(3000.0), bypassed=bypassed)

    program = compile_module(chain(1), RATE, 2, variants=False, bypass=True)
    assert program.lag == 192
    assert {"0.bypassed", "1.bypassed", "2.bypassed"} <= set(program.parameters)
    cases = [(1,), (), (0, 2), (0, 1, 2)]
    runs = [{"values": {f"{n}.bypassed": n in case for n in range(3)}, "input": x} for case in cases]
    (result,) = run_programs([{"program": program.javascript, "runs": runs}], tmp_path)
    assert "error" not in result, result["error"]
    for case, run in zip(cases, result["runs"], strict=True):
        assert error_db(run["output"], chain(*case)(x, RATE)) < -140, case


def test_a_count_with_too_many_values_is_fixed_and_said():
    program = compile_module(fx.Elliptic(2000.0, 12), RATE, 1)
    assert "order" not in program.parameters
    assert "too many variants" in program.fixed["order"]


def test_a_choice_of_the_number_of_channels_is_fixed_and_said():
    def tone(kind: Literal["mono", "stereo"] = "mono", level_db: float = -6.0):
        row = 10 ** (level_db / 20) * torch.sin(torch.arange(400) * 0.3)
        return fx.Signal(row if kind == "mono" else torch.stack([row, -row]), 8000)

    panel = fx.explore(tone)
    page = panel.module.page(panel.signal)
    panel.close()
    assert "fixed in this page: Kind" in " ".join(page.notes)

"""The values and responses that a page shows of parameters that move: those of the panel with a kernel."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import fxlab as fx
from fxlab.page.compiler import compile_module
from fxlab.panel.plots.movement import moments
from fxlab.panel.rendering.renderer import Renderer
from tests.support.page_programs import moments_query, run_programs

RATE = 8000
NOISE = torch.randn(1, 3 * RATE, generator=torch.Generator().manual_seed(3)) * torch.linspace(0.0, 0.3, 3 * RATE)
START, SECONDS = 1.5, 0.5

MODULES = {
    "LFO": lambda: fx.LowPass(cutoff=fx.LFO(1.0, 100.0, 1000.0, shape="triangle"), q=2.0),
    "random LFO": lambda: fx.StateVariable(cutoff=fx.LFO(3.0, 200.0, 2000.0, shape="smooth random", seed=4)),
    "automation of taps": lambda: fx.WindowedSinc(
        cutoff=fx.Automation([0.0, 1.6, 2.0], [300.0, 3000.0, 500.0]), taps=31
    ),
    "stages": lambda: (
        fx.Peak(gain_db=3.0) | fx.LowPass(cutoff=fx.Ramp(300.0, 3000.0, 2.0)) | fx.HighPass(q=fx.LFO(1.0, 0.5, 2.0))
    ),
    "follower": lambda: fx.Gain(gain_db=6.0) | fx.LowPass(cutoff=fx.Follower(50.0, 400.0, 200.0, 3000.0)),
    "without response": lambda: fx.Tremolo(depth=fx.LFO(1.0, 0.2, 0.8)),
    "not live": lambda: fx.Gain(gain_db=fx.LFO(1.0, -6.0, 0.0)) | fx.Reverse(),
}


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    jobs = []
    for make in MODULES.values():
        module = make()
        program = compile_module(module, RATE, 1, frames=NOISE.shape[-1], variants=False, movement=True)
        query = moments_query(module, NOISE, RATE, START, SECONDS)
        jobs.append({"program": program.javascript, "runs": [], "moments": query})
    return dict(zip(MODULES, run_programs(jobs, tmp_path_factory.mktemp("moments")), strict=True))


@pytest.mark.parametrize("name", MODULES)
def test_the_page_shows_what_the_panel_shows(answers, name):
    assert "error" not in answers[name], answers[name]["error"]
    found = answers[name]["moments"]
    module = MODULES[name]()
    expected, (values, levels) = moments(Renderer(module, fx.Signal(NOISE, RATE), "cpu"), START, SECONDS)
    assert found["paths"] == expected["paths"]
    for key in ("start", "step", "count", "limits", "curve_step", "curve_count"):
        np.testing.assert_allclose(found[key], expected[key], err_msg=key)
    # The page computes a follower once for each block of 128 samples, the panel once for each design of the filter.
    tolerance = 0.05 if name == "follower" else 1e-5
    np.testing.assert_allclose(found["values"], np.frombuffer(values, "<f4"), rtol=tolerance)
    assert found["has_response"] == (name not in ("without response", "not live"))
    if expected["has_response"] and found["has_response"]:
        assert found["stage_paths"] == expected["stage_paths"]
        drawn = np.frombuffer(levels, "<i2")
        audible = drawn > -9000
        assert np.abs(found["levels"].numpy() - drawn)[audible].max() <= (150 if name == "follower" else 2)

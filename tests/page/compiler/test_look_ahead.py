"""A limiter in a chain: its output is late, and stages after it begin later, so that the sound is that of torch."""

from __future__ import annotations

import pytest
import torch

import fxlab as fx
from fxlab.page.compiler import compile_module
from tests.support.c_programs import run_c
from tests.support.page_programs import RATE, error_db, run_programs, values_of

SOUND = torch.randn(2, 900, dtype=torch.float64, generator=torch.Generator().manual_seed(3))


def limiter(lookahead_ms=2.0):
    return fx.Limiter(-9.0, lookahead_ms=lookahead_ms)


CHAINS = {
    "filter": (lambda: limiter() | fx.LowPass(), 96),
    "gate": (lambda: limiter() | fx.Gate(), 128),
    "oscillator": (lambda: limiter() | fx.Tremolo(rate_hz=30.0), 128),
    "position before": (lambda: fx.Fade(in_s=0.004) | limiter(), 96),
    "position after": (lambda: limiter() | fx.Fade(in_s=0.004, out_s=0.004), 128),
    "movement": (lambda: limiter() | fx.LowPass(cutoff=fx.LFO(40.0, 300.0, 3000.0)), 128),
    "twice": (lambda: limiter() | fx.Tremolo() | limiter(3.0) | fx.Chain(fx.Gate(), fx.HighPass()), 384),
}


@pytest.fixture(scope="module")
def programs():
    return {
        name: compile_module(make(), RATE, 2, frames=SOUND.shape[-1], variants=False, bypass=True)
        for name, (make, _) in CHAINS.items()
    }


def test_stages_after_a_limiter_begin_later(programs, tmp_path):
    modules = {name: make() for name, (make, _) in CHAINS.items()}
    runs = {name: [{"values": values_of(module), "input": SOUND}] for name, module in modules.items()}
    jobs = [{"program": programs[name].javascript, "runs": run} for name, run in runs.items()]
    for (name, module), result in zip(modules.items(), run_programs(jobs, tmp_path), strict=True):
        assert (programs[name].live, programs[name].lag) == (True, CHAINS[name][1]), name
        assert "error" not in result, (name, result["error"])
        assert error_db(result["runs"][0]["output"], module(SOUND, RATE)) < -140, name


def test_the_page_gives_the_position_of_the_input_to_all_stages(programs):
    assert "position - 128" in programs["position after"].javascript
    assert "position - " not in programs["position before"].javascript


def test_also_in_c(tmp_path):
    chain = CHAINS["oscillator"][0]()
    (output,) = run_c(chain, [chain], SOUND, tmp_path)
    assert error_db(output, chain(SOUND, RATE)) < -140

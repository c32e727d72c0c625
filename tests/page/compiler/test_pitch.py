"""Effects that change the speed, the pitch or the sample rate, as programs whose parameters move."""

from __future__ import annotations

import torch

import fxlab as fx
from fxlab.engine.resampling.polyphase import convert_rate
from fxlab.page.compiler import compile_module
from tests.support.page_programs import error_db, run_programs, values_of

RATE = 8000.0
X = torch.randn(2, 700, dtype=torch.float64, generator=torch.Generator().manual_seed(5)).cumsum(-1) * 0.05
FIXED = {"0.rate", "1.rate", "2.rate"}
"""The parameters that are fixed: a later stage of their chain needs the length of the sound."""
CASES = {
    "PitchShift": (lambda: fx.PitchShift(4.0), [{}, {"semitones": -7.3}, {"semitones": 0.0}]),
    "TimeStretch": (lambda: fx.TimeStretch(0.8), [{}, {"rate": 1.7}, {"rate": 0.25}, {"rate": 1.0}]),
    "Speed": (lambda: fx.Speed(1.25), [{}, {"rate": 0.31}, {"rate": 4.0}, {"rate": 1.0}]),
    "a fixed rate": (lambda: fx.TimeStretch(1.25) | fx.Gain(-3.0) | fx.Speed(0.9), [{}, {"1.gain_db": 2.0}]),
    "Resample": (lambda: fx.Resample(4410), [{}, {"rate": 9377}, {"rate": 8000}]),
    "another rate": (lambda: fx.LowPass(900.0) | fx.Resample(16_000), [{}, {"0.cutoff": 2000.0}]),
}


def changed(make, values):
    """Return the module with other values, by path."""
    module = make()
    for path, value in values.items():
        owner, _, parameter = path.rpartition(".")
        setattr(module[int(owner)] if owner else module, parameter, value)
    return module


def test_speed_and_pitch_are_those_of_torch(tmp_path):
    jobs, expected = [], []
    for name, (make, settings) in CASES.items():
        program = compile_module(make(), RATE, 2, frames=X.shape[-1], heard=True)
        assert set(values_of(make())) - FIXED <= set(program.parameters), name
        modules = [changed(make, values) for values in settings]
        jobs.append({"program": program.javascript, "runs": [{"values": values_of(m), "input": X} for m in modules]})
        played = [convert_rate(module(X, RATE), module.output_rate(RATE), RATE) for module in modules]
        expected.append([y[..., : X.shape[-1]] for y in played] if name == "Resample" else played)
    too_slow = compile_module(fx.Speed(1.0), RATE, 2, frames=X.shape[-1]).javascript
    jobs.append({"program": too_slow, "runs": [{"values": {"rate": 0.1}, "input": X}]})
    *results, refused = run_programs(jobs, tmp_path)
    for name, result, outputs in zip(CASES, results, expected, strict=True):
        for run, wanted in zip(result["runs"], outputs, strict=True):
            assert run["output"].shape == wanted.shape, name
            assert error_db(run["output"], wanted) < -140, name
    assert "Choose a higher rate" in refused["error"]


def test_a_page_at_another_rate_says_that_it_is_converted():
    page = fx.Resample(4000).page(fx.Signal(X[:1], RATE))
    assert "converted to the 8000 Hz of the sound" in " ".join(page.notes)

"""A room as a program: all of its dimensions move, and an explored function may have one."""

from __future__ import annotations

import torch

import fxlab as fx
from fxlab.page.compiler import compile_module
from tests.support.c_programs import run_c
from tests.support.course_pages import drawing_error
from tests.support.page_programs import error_db, run_programs, values_of

RATE = 48_000.0
X = torch.randn(2, 128 * 5, dtype=torch.float64, generator=torch.Generator().manual_seed(5))
CLAP = fx.impulse(duration=0.1, sample_rate=48_000)


def rooms():
    """Return rooms of several sizes with 2 reflections, whose responses have other lengths."""
    sizes = [{}, {"length_m": 29.0, "absorption": 0.6}, {"height_m": 1.6, "spacing_m": 0.9, "mix": 0.4}]
    return [fx.Room(order=2, **size) for size in sizes]


def test_the_dimensions_move_in_a_page_and_in_c(tmp_path):
    program = compile_module(fx.Room(order=2), RATE, 2, frames=X.shape[-1], variants=False)
    assert program.live
    assert {"length_m", "source_x", "listener_z", "spacing_m", "absorption"} <= set(program.parameters)
    assert len(program.javascript) < 10_000
    runs = [{"values": values_of(room), "input": X} for room in rooms()]
    beyond_the_slider = [{"values": {"length_m": 31.0}, "input": X}]
    jobs = [{"program": program.javascript, "runs": part} for part in (runs, beyond_the_slider)]
    result, refused = run_programs(jobs, tmp_path)
    assert "length_m" in refused["error"]
    in_c = run_c(fx.Room(order=2), rooms(), X, tmp_path)
    for room, run, output in zip(rooms(), result["runs"], in_c, strict=True):
        assert error_db(run["output"], room(X, RATE)) < -140
        assert error_db(output, room(X, RATE)) < -140


def test_a_function_with_a_room_is_compiled(tmp_path):
    def decay(absorption: float = 0.3, level_db: float = -6.0):
        heard = CLAP | fx.Room(5.0, 4.0, 3.0, absorption, order=12)
        noise = fx.noise("white", 0.1, sample_rate=48_000, level_db=-20.0) | fx.FIR(heard.samples[0])
        left = heard.samples[0].double().square().flip(0).cumsum(0).flip(0)
        return noise | fx.Gain(level_db), fx.Plot({"left": 10 * (left / left[0]).log10()}, y="dB", y_range=(-60, 0))

    panel = fx.explore(decay)
    module, signal = panel.module, panel.signal
    program = compile_module(module, RATE, 1, frames=signal.frames).javascript
    assert len(program) < 60_000
    module.absorption, module.level_db = 0.6, 3.0
    x = signal.samples.double()
    (result,) = run_programs([{"program": program, "runs": [{"values": values_of(module), "input": x}]}], tmp_path)
    (run,) = result["runs"]
    assert error_db(run["output"], module(x, RATE)) < -120
    assert drawing_error(module, signal, run["drawings"]) < -100
    panel.close()

"""Tests of LFOs and automations in a panel: commands, undo, settings, presets and code."""

from __future__ import annotations

import pytest
import torch

import fxlab as fx
from fxlab.errors import ParameterError
from tests.support.panel_driver import PanelDriver


def movement_of(panel, path):
    params = [param for stage in panel.spec["stages"] for param in stage["params"]]
    return next(param["movement"] for param in params if param["path"] == path)


def test_an_lfo_moves_around_the_present_value_and_is_tuned_like_any_control(panel, chain):
    page = PanelDriver(panel)
    page.command("set_movement", path="0.cutoff", kind="LFO")
    lfo = chain[0].cutoff
    assert isinstance(lfo, fx.LFO)
    assert lfo.low < 500.0 < lfo.high
    assert movement_of(panel, "0.cutoff")["kind"] == "LFO"
    page.wait_until(lambda: page.revision > 0, "the values")
    page.values = {path: value for path, value in page.values.items() if path != "0.cutoff"}
    page.set_values(**{"0__cutoff__rate_hz": 3.0, "0__cutoff__low": 300.0, "0__cutoff__shape": "triangle"})
    assert chain[0].cutoff is lfo
    assert (lfo.rate_hz, lfo.low, lfo.shape) == (3.0, 300.0, "triangle")
    assert "fx.LowPass(cutoff=fx.LFO(rate_hz=3.0, low=300.0," in panel.code()
    panel.undo()
    assert lfo.rate_hz == 1.0
    panel.undo()
    assert chain[0].cutoff == 500.0
    panel.redo()
    assert chain[0].cutoff is lfo
    assert page.errors == []


def test_the_value_returns_that_it_had_and_so_does_the_lfo(panel, chain):
    page = PanelDriver(panel)
    page.command("set_movement", path="0.cutoff", kind="LFO")
    chain[0].cutoff.rate_hz = 2.5
    page.command("set_movement", path="0.cutoff", kind="Automation")
    assert chain[0].cutoff.points.tolist() == [500.0, 500.0]
    assert chain[0].cutoff.times.tolist() == [0.0, 2.0]
    page.command("set_movement", path="0.cutoff", kind="LFO")
    assert chain[0].cutoff.rate_hz == 2.5
    page.command("set_movement", path="0.cutoff", kind=None)
    assert chain[0].cutoff == 500.0


def test_python_sees_and_sets_controls(panel, chain):
    page = PanelDriver(panel)
    chain[1].gain_db = fx.Ramp(0.0, 6.0, duration=1.5)
    page.wait_until(lambda: movement_of(panel, "1.gain_db"), "the ramp in the page")
    assert [param["name"] for param in movement_of(panel, "1.gain_db")["params"]][:3] == ["start", "end", "duration"]
    start = movement_of(panel, "1.gain_db")["params"][0]
    assert (start["low"], start["high"], start["unit"]) == (-24.0, 24.0, "dB")
    before = panel._worker.renders
    chain[1].gain_db.end = 3.0
    page.wait_until(lambda: page.values.get("1.gain_db.end") == 3.0, "the new end")
    page.wait_until(lambda: panel._worker.renders > before, "a render of it")


def test_points_are_one_value_and_one_step_of_the_history(panel, chain):
    page = PanelDriver(panel)
    page.command("set_movement", path="0.cutoff", kind="Automation")
    page.values = {path: value for path, value in page.values.items() if path != "0.cutoff"}
    page.set_values(**{"0__cutoff__points": [[0.0, 500.0], [0.5, 2000.0], [2.0, 500.0]]})
    assert chain[0].cutoff.times.tolist() == [0.0, 0.5, 2.0]
    assert chain[0].cutoff.points.tolist() == [500.0, 2000.0, 500.0]
    page.set_values(**{"0__cutoff__points": [[0.0, 500.0], [0.5, 1000.0], [2.0, 500.0]]})
    page.set_values(**{"0__cutoff__points": [[0.0, 500.0], [2.0, 500.0]]})
    panel.undo()
    assert chain[0].cutoff.points.tolist() == [500.0, 1000.0, 500.0], "removing a point is a step of its own"
    panel.undo()
    panel.undo()
    assert chain[0].cutoff.points.tolist() == [500.0, 500.0]
    page.wait_until(lambda: page.values["0.cutoff.points"] == [[0.0, 500.0], [2.0, 500.0]], "the points in the page")
    seq = page.send_values(**{"0__cutoff__points": [[1.0, 500.0], [0.5, 2000.0]]})
    page.wait_for_error(seq)
    assert chain[0].cutoff.times.tolist() == [0.0, 2.0]


def test_presets_and_settings_keep_what_moves(panel, chain):
    page = PanelDriver(panel)
    page.command("set_movement", path="0.cutoff", kind="LFO")
    lfo, part = chain[0].cutoff, chain[0]
    panel.presets["sweep"] = panel.module
    panel.settings.select("B")
    page.command("set_movement", path="0.cutoff", kind=None)
    panel.settings.select("A")
    assert chain[0].cutoff is lfo
    assert panel.settings["A"][0].cutoff is not lfo, "a separate module"
    panel.settings.select("B")
    assert chain[0].cutoff == 500.0
    panel.presets.recall("sweep")
    assert repr(chain[0].cutoff) == repr(lfo)
    assert chain[0] is part, "the stage stays the same object"
    lfo.rate_hz = 9.0
    assert chain[0].cutoff.rate_hz in (1.0, 9.0)


def test_what_differs_between_channels_is_shown_as_text_and_can_be_switched_off(noise):
    module = fx.LowPass(cutoff=fx.LFO(1.0, 200.0, 900.0, phase=torch.tensor([0.0, 90.0])))
    panel = module.panel(noise)
    page = PanelDriver(panel)
    assert panel.spec["stages"][0]["params"][0]["movable"]
    kinds = {param["name"]: param["kind"] for param in movement_of(panel, "cutoff")["more"]}
    assert kinds["phase"] == "fixed"
    page.command("set_movement", path="cutoff", kind=None)
    assert isinstance(panel.module.cutoff, float)
    panel.close()


def test_a_filter_that_clicks_at_jumps_says_so(panel, chain, noise):
    page = PanelDriver(panel)
    page.command("set_movement", path="0.cutoff", kind="LFO")
    jumps = {"path": "0.cutoff.shape", "values": ["square", "sawtooth", "sample and hold"]}
    assert movement_of(panel, "0.cutoff")["clicks"] == jumps
    other = fx.StateVariable(cutoff=fx.LFO(1.0, 200.0, 900.0)).panel(noise)
    assert movement_of(other, "cutoff")["clicks"] is None
    other.close()


def test_what_cannot_move_says_why(noise):
    module = fx.MovingAverage(length=17)
    panel = module.panel(noise)
    page = PanelDriver(panel)
    assert not panel.spec["stages"][0]["params"][0]["movable"]
    for path, reason in (("length", "cannot move"), ("nothing", "no parameter")):
        page.command("set_movement", path=path, kind="LFO")
        page.wait_until(lambda reason=reason: any(reason in error for error in page.errors), "the reason")
    panel.close()


def test_the_arguments_of_an_explored_function_do_not_move():
    panel = fx.explore(lambda frequency=440.0: fx.sine(frequency, 0.1))
    assert not panel.spec["stages"][0]["params"][0]["movable"]
    with pytest.raises(ParameterError, match="called with numbers"):
        panel.module.frequency = fx.LFO(1.0, 100.0, 200.0)
    panel.close()


@pytest.mark.parametrize("kind", ["Follower", "Wobble"])
def test_other_controls_are_set_in_python(panel, kind):
    page = PanelDriver(panel)
    page.command("set_movement", path="0.cutoff", kind=kind)
    page.wait_until(lambda: any(f"no control {kind!r}" in error for error in page.errors), "the error")

"""Tests of arrays in a panel: one slider for each number, which sets that number alone."""

from __future__ import annotations

import json

import pytest
import torch

import fxlab as fx
from fxlab.panel.controls import spec
from fxlab.panel.controls.control_binding import control_bindings, control_values
from fxlab.panel.rendering.render_error import RenderError
from fxlab.panel.rendering.renderer import Renderer
from tests.panel.conftest import RATE


def test_graphic_equalizer_has_a_slider_for_each_band(noise: fx.Signal) -> None:
    described = spec.describe(fx.GraphicEQ([3.0, *[0.0] * 9]), noise, "cpu")
    assert json.loads(json.dumps(described)) == described
    (stage,) = described["stages"]
    assert [p["path"] for p in stage["params"]] == [f"gains_db.{number}" for number in range(10)]
    assert [p["label"] for p in stage["params"]][::5] == ["31.5 Hz", "1 kHz"]
    first = stage["params"][0]
    assert (first["kind"], first["value"], first["default"], first["unit"]) == ("number", 3.0, 0.0, "dB")
    assert (first["low"], first["high"], first["scale"], first["role"]) == (-12.0, 12.0, "linear", "gain")
    assert (first["index"], first["has_center_frequency"]) == (0, True)


def test_paths_in_a_chain_start_with_the_stage(noise: fx.Signal) -> None:
    chain = fx.Peak() | fx.Crossover([200.0, 1500.0], gains_db=[1.0, 2.0, 3.0])
    crossover = spec.describe(chain, noise, "cpu")["stages"][1]
    assert (crossover["path"], crossover["name"]) == ("1", "Crossover")
    controls = {p["path"]: p for p in crossover["params"]}
    assert list(controls) == ["1.cutoffs.0", "1.cutoffs.1", "1.order", *(f"1.gains_db.{n}" for n in range(3))]
    assert controls["1.cutoffs.1"]["label"] == "Cutoff 2"
    assert controls["1.cutoffs.1"]["high"] < RATE / 2
    assert controls["1.gains_db.1"]["label"] == "200 Hz to 1.5 kHz"
    values = control_values(chain)
    assert values["1.cutoffs.0"] == 200.0
    assert values["1.gains_db.2"] == 3.0
    assert set(values) == set(dict(control_bindings(chain)))


def test_array_without_sliders_is_text(noise: fx.Signal) -> None:
    """Taps have no sliders, and neither have gains that differ by example."""
    for module, path in ((fx.FIR([1.0, 0.5]), "taps"), (fx.GraphicEQ(torch.zeros(2, 10)), "gains_db")):
        (control,) = spec.describe(module, noise, "cpu")["stages"][0]["params"]
        assert (control["path"], control["kind"]) == (path, "fixed")
        assert control_values(module) == {}


def test_slider_sets_its_number_alone_and_in_a_new_tensor(noise: fx.Signal) -> None:
    eq = fx.GraphicEQ()
    before = eq.gains_db
    renderer = Renderer(eq, noise, "cpu")
    renderer.apply_values({"gains_db.5": 6.0, "gains_db.2": -3.0})
    assert eq.gains_db.tolist() == [0.0, 0.0, -3.0, 0.0, 0.0, 6.0, 0.0, 0.0, 0.0, 0.0]
    assert before.tolist() == [0.0] * 10, "another thread may be reading it"
    expected = fx.GraphicEQ(eq.gains_db)(noise).samples
    torch.testing.assert_close(renderer.render_full(), expected)
    renderer.apply_values({"gains_db.5": 6.0, "gains_db.2": -3.0, "gains_db.77": 1.0})
    eq.gains_db = [1.0] * 10
    assert renderer.values_changed_elsewhere()["gains_db.5"] == 1.0


def test_learned_array_stays_the_same_object(noise: fx.Signal) -> None:
    learned = torch.nn.Parameter(torch.zeros(10))
    eq = fx.GraphicEQ(learned)
    Renderer(eq, noise, "cpu").apply_values({"gains_db.1": 2.0})
    assert eq.gains_db is learned
    assert learned.tolist()[:3] == [0.0, 2.0, 0.0]


def test_invalid_value_changes_nothing(noise: fx.Signal) -> None:
    crossover = fx.Crossover([200.0, 1500.0])
    renderer = Renderer(crossover, noise, "cpu")
    with pytest.raises(RenderError, match="below half the sample rate") as caught:
        renderer.apply_values({"cutoffs.0": 300.0, "cutoffs.1": 5000.0})
    assert caught.value.path == "cutoffs.1"
    assert crossover.cutoffs.tolist() == [200.0, 1500.0]
    renderer.apply_values({"cutoffs.0": 1800.0})
    with pytest.raises(RenderError, match="each must be above the one before"):
        renderer.render_full()
    assert crossover.cutoffs.tolist() == [200.0, 1500.0]
    renderer.apply_values({"cutoffs.0": 100.0})
    assert renderer.render_full().shape == noise.samples.shape


def test_points_that_are_invalid_leave_the_previous_ones() -> None:
    made = fx.LowPass(cutoff=fx.Automation(times=[0.0, 1.0], values=[200.0, 2000.0]))
    binding = dict(control_bindings(made))["cutoff.points"]
    before = [[0.0, 200.0], [1.0, 2000.0]]
    for wrong in ([[0.0, 300.0], [2.0, float("nan")]], [[1.0, 300.0], [0.0, 400.0]], [[-1.0, 300.0]]):
        with pytest.raises(fx.ParameterError):
            binding.set(wrong)
        assert binding.value == before
    binding.set([[0.5, 300.0], [2.0, 400.0], [3.0, 500.0]])
    assert binding.value == [[0.5, 300.0], [2.0, 400.0], [3.0, 500.0]]

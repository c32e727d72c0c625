"""Tests of the specification: it follows from the module's declarations and can be sent as JSON."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

import fxlab as fx
from fxlab.panel.controls import spec
from fxlab.panel.controls.control_binding import control_values
from fxlab.panel.plots.frequency_grid import frequency_grid
from tests.panel.conftest import RATE


class Crunch(fx.Module):
    """A module with one parameter of each kind."""

    drive = fx.Param(2.0, low=0.5, high=20.0, scale="log", unit="x", doc="How hard.")
    kind = fx.Choice("soft", ["soft", "hard"], doc="Which way.")
    invert = fx.Switch(False, doc="Upside down.")
    times = fx.Count(2, low=1, high=8, doc="How often.")

    def forward(self, x: torch.Tensor, sample_rate: float) -> torch.Tensor:
        return self.drive * x


def test_chain_is_described_stage_by_stage(noise: fx.Signal) -> None:
    """Paths, values, ranges and units are given in the order of the chain."""
    module = fx.HighPass(cutoff=90.0) | fx.Peak(gain_db=6.0)
    described = spec.describe(module, noise, "cpu")
    assert json.loads(json.dumps(described)) == described
    assert (described["title"], described["rate"], described["channels"], described["frames"]) == (
        "HighPass | Peak",
        RATE,
        2,
        2 * RATE,
    )
    assert described["lti"] is True
    assert described["device"] == "cpu"
    assert "cpu" in described["devices"]
    assert [(stage["path"], stage["name"]) for stage in described["stages"]] == [("0", "HighPass"), ("1", "Peak")]
    gain = next(p for p in described["stages"][1]["params"] if p["name"] == "gain_db")
    assert gain == {
        **gain,
        "path": "1.gain_db",
        "label": "Gain",
        "kind": "number",
        "value": 6.0,
        "default": 0.0,
        "low": -24.0,
        "high": 24.0,
        "scale": "linear",
        "unit": "dB",
        "role": "gain",
    }


def test_slider_of_a_cutoff_ends_below_half_the_sample_rate(noise: fx.Signal) -> None:
    """At 8 kHz it ends below 4 kHz, so that its end is a valid value."""
    cutoff = spec.describe(fx.LowPass(), noise, "cpu")["stages"][0]["params"][0]
    assert cutoff["path"] == "cutoff"
    assert cutoff["low"] == 20.0
    assert 3000 < cutoff["high"] < RATE / 2
    fx.LowPass(cutoff=cutoff["high"])(noise)


def test_each_kind_of_parameter_has_the_keys_of_its_control(noise: fx.Signal) -> None:
    """Choice, switch and count; a value that differs by channel is text."""
    described = spec.describe(Crunch(kind="hard"), noise, "cpu")
    assert described["lti"] is False
    assert described["preview"] is None
    drive, kind, invert, times = described["stages"][0]["params"]
    assert (kind["kind"], kind["value"], kind["choices"]) == ("choice", "hard", ["soft", "hard"])
    assert (invert["kind"], invert["value"]) == ("switch", False)
    assert (times["kind"], times["low"], times["high"], times["step"]) == ("count", 1, 8, 1)
    assert (drive["kind"], drive["scale"], drive["doc"]) == ("number", "log", "How hard.")
    assert control_values(Crunch()) == {"drive": 2.0, "kind": "soft", "invert": False, "times": 2}

    ends = spec.describe(fx.augment.LowPass(order=(2, 4)), noise, "cpu")["stages"][0]["params"]
    assert {end["kind"] for end in ends if end["name"] == "order"} == {"count"}, "an order is a whole number"
    assert {end["kind"] for end in ends if end["name"] == "cutoff"} == {"number"}

    many = fx.Peak(gain_db=torch.tensor([0.0, 3.0]))
    gain = spec.describe(many, noise, "cpu")["stages"][0]["params"][1]
    assert gain["kind"] == "fixed"
    assert "2" in gain["value"]
    assert set(control_values(many)) == {"frequency", "q", "width"}, "a value without a slider is not sent"
    learned = fx.Peak(gain_db=torch.nn.Parameter(torch.tensor(4.0)))
    assert control_values(learned)["gain_db"] == 4.0


def test_preview_is_the_response(noise: fx.Signal) -> None:
    """The coarse curve that is drawn without a kernel equals the closed form."""
    described = spec.describe(fx.LowPass(cutoff=500.0), noise, "cpu")
    low, high = described["frequency_range"]
    assert high == pytest.approx(RATE / 2)
    assert len(described["preview"]) == 64
    f = np.geomspace(low, high, 64)
    inner = f < 0.95 * RATE / 2
    warped = np.tan(np.pi * f[inner] / RATE) / np.tan(np.pi * 500 / RATE)
    np.testing.assert_allclose(np.array(described["preview"])[inner], -10 * np.log10(1 + warped**4), atol=0.01)
    assert spec.describe(fx.LowPass(cutoff=5000.0), noise, "cpu")["preview"] is None, "not valid at 8 kHz"


@pytest.mark.parametrize("rate", [400.0, 8000.0, 44_100.0, 192_000.0])
def test_frequency_grid_ends_at_half_the_sample_rate(rate: float) -> None:
    """It is evenly spaced on a log axis and never exceeds half the rate, where a response would be an error."""
    grid = frequency_grid(rate)
    assert grid.max() == rate / 2
    assert grid.min() > 0
    steps = grid.log().diff()
    torch.testing.assert_close(steps, steps[:1].expand_as(steps), rtol=1e-6, atol=1e-9)


def test_long_chain_has_a_short_title() -> None:
    """Up to six names fit into the header."""
    assert spec.title(fx.Chain(*[fx.Peak() for _ in range(10)])) == "Chain of 10"


def test_parameter_names_the_choices_for_which_it_is_shown():
    """The page hides the upper edge of a low-pass, and shows it for a band-pass."""
    stages = spec.stages(fx.LowPass() | fx.Butterworth(), 44_100)
    conditions = {param["path"]: param["shown_when"] for stage in stages for param in stage["params"]}
    assert conditions["1.upper"] == {"path": "1.kind", "values": ["bandpass", "bandstop"]}
    assert conditions["1.cutoff"] is None

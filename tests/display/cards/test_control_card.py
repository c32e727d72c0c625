"""The cards of controls, and what the cards of modules say about parameters that move."""

import copy

import numpy as np
import pytest
import torch

import fxlab as fx
from fxlab.display.canvas import colors
from fxlab.display.canvas.canvas import DENSITY
from fxlab.display.plots.control_curve import compute_control_curve
from fxlab.display.plots.response_range import magnitude_range
from tests.support.card_html import KINDS, read
from tests.support.pictures import bundle_pixels, color_mask

SIDE = fx.noise(duration=0.2, sample_rate=8000, seed=1)
CONTROLS = {
    "lfo": lambda: fx.LFO(0.5, 200.0, 4000.0),
    "square": lambda: fx.LFO(4.0, 200.0, 4000.0, "square"),
    "random": lambda: fx.LFO(4.0, 200.0, 4000.0, "smooth random", seed=3),
    "tempo": lambda: fx.LFO(low=200.0, high=4000.0, clock="tempo", note="1/8."),
    "batch": lambda: fx.LFO(torch.tensor([0.5, 2.0]), 200.0, torch.tensor([4000.0, 900.0])),
    "still": lambda: fx.LFO(1.0, 500.0, 500.0),
    "ramp": lambda: fx.Ramp(200.0, 4000.0, 2.0),
    "ramps": lambda: fx.Ramp(200.0, torch.tensor([[4000.0, 300.0]]), 2.0),
    "automation": lambda: fx.Automation([0.0, 1.0, 1.0], [200.0, 4000.0, 300.0]),
    "one point": lambda: fx.Automation([0.0], [500.0]),
    "follower": lambda: fx.Follower(5.0, low=200.0, high=4000.0, gain_db=12.0),
    "followers": lambda: fx.Follower(torch.tensor([5.0, 50.0]), low=200.0, high=4000.0),
    "side chain": lambda: fx.Follower(5.0, low=200.0, high=4000.0, of=SIDE),
    "learned": lambda: fx.LFO(torch.nn.Parameter(torch.tensor(2.0)), 200.0, 4000.0),
}
pytestmark = pytest.mark.filterwarnings("ignore:.*jumps")


@pytest.mark.slow
@pytest.mark.parametrize("alone", [True, False], ids=["alone", "of a cutoff"])
@pytest.mark.parametrize("name", CONTROLS)
def test_every_control_has_a_card(name, alone):
    control = CONTROLS[name]() if alone else fx.LowPass(cutoff=CONTROLS[name]()).cutoff
    data, metadata = control._repr_mimebundle_()
    assert set(data) == KINDS
    assert data["text/plain"] == repr(control)
    picture = bundle_pixels(data)
    assert metadata == {"image/png": {"width": picture.shape[1] // DENSITY, "height": picture.shape[0] // DENSITY}}
    assert color_mask(picture, colors.MAIN).any()
    words, found = read((data, metadata))
    (alt,) = (attributes["alt"] for tag, attributes in found if tag == "img")
    assert alt.startswith(type(control).__name__)
    assert ("Hz to" in alt, "A curve of cutoff" in alt) == (not alone, not alone)
    assert ("the unit and on the scale of the parameter" in words) is alone


def test_the_curve_of_a_follower_rises_and_falls_with_its_time_constants():
    curve = compute_control_curve(fx.Follower(20.0, 80.0, low=0.0, high=1.0), "linear")
    start, end = curve.burst
    values = curve.values[0]
    assert values.max() == pytest.approx(1.0, abs=1e-3)
    after_attack = np.interp(start + 0.020, curve.seconds, values)
    after_release = np.interp(end + 0.080, curve.seconds, values)
    assert after_attack == pytest.approx(1 - np.exp(-1), abs=0.01)
    assert after_release == pytest.approx(np.exp(-1), abs=0.01)


def test_the_card_of_a_module_says_what_moves_and_which_moment_it_shows():
    chain = fx.HighPass(60.0) | fx.LowPass(cutoff=fx.LFO(0.5, 200.0, 4000.0)) | fx.Gain(fx.Ramp(-12.0, 0.0, 3.0))
    words, _ = read(chain._repr_mimebundle_())
    assert "1.cutoff moves: 200 Hz to 4 kHz, sine at 0.5 Hz." in words
    assert "2.gain_db moves: −12 to 0 dB in 3 s." in words
    assert "The curves show the moment 0 s" in words
    assert "moment" not in read(fx.LowPass()._repr_mimebundle_())[0]


@pytest.mark.parametrize("kind", ["response", "tone"])
def test_every_module_with_a_control_has_a_card(kind):
    module = (
        fx.Tremolo(fx.LFO(0.5, 2.0, 9.0)) if kind == "tone" else fx.StateVariable(fx.Follower(low=99.0, high=900.0))
    )
    assert "moves" in read(module._repr_mimebundle_())[0]
    assert set(module._repr_mimebundle_()[0]) == KINDS


def test_the_shaded_range_is_that_of_all_responses_over_time():
    module, hz = fx.Peak(frequency=fx.LFO(0.5, 500.0, 2000.0), gain_db=12.0, q=1.0), np.geomspace(50.0, 9000.0, 60)
    low, high = magnitude_range(module, 44_100, hz)
    corners = torch.from_numpy(np.geomspace(500.0, 2000.0, 400))
    levels = 20 * fx.Peak(corners, gain_db=12.0, q=1.0).response(torch.from_numpy(hz), 44_100).abs().log10().numpy()
    np.testing.assert_allclose(high, levels.max(0), atol=0.02)
    np.testing.assert_allclose(low, levels.min(0), atol=0.02)
    assert magnitude_range(fx.Peak(), 44_100, hz) is None


def test_a_copy_from_a_file_shows_the_unit_too():
    control = copy.deepcopy(fx.LowPass(cutoff=fx.LFO(0.5, 200.0, 4000.0))).cutoff
    assert "200 Hz to 4 kHz" in control._repr_mimebundle_()[0]["text/html"]

"""Tests of the responses of stages, branches and bands, and of the center frequencies of array elements."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import fxlab as fx
from fxlab.panel.plots.stage_responses import center_frequencies, color_index
from fxlab.panel.rendering.renderer import Renderer
from tests.panel.conftest import RATE


def curves(module: fx.Module, noise: fx.Signal) -> tuple[Renderer, dict, dict]:
    renderer = Renderer(module, noise, "cpu")
    return renderer, *renderer.curves()


def test_stages_of_a_chain_have_colors_and_responses(noise: fx.Signal) -> None:
    chain = fx.HighPass(cutoff=90.0) | fx.Peak(gain_db=6.0)
    renderer, named, stages = curves(chain, noise)
    assert list(stages) == ["0", "1"]
    assert renderer.curve_notes["stage_info"] == [{"color": 0, "label": "HighPass"}, {"color": 1, "label": "Peak"}]
    np.testing.assert_allclose(sum(stages.values()), named["response"], atol=1e-3)
    assert [color_index(chain, path) for path in ("0", "1", "1.gain_db")] == [0, 1, 1]
    assert color_index(chain[0], "") is None


def test_bands_of_a_graphic_equalizer_are_its_sections(noise: fx.Signal) -> None:
    gains = torch.linspace(-6, 6, 10)
    module = fx.GraphicEQ(gains.tolist())
    loud = fx.noise(duration=1.0, sample_rate=44_100)
    renderer, named, stages = curves(module, loud)
    assert len(stages) == 10
    np.testing.assert_allclose(sum(stages.values()), named["response"], atol=1e-3)
    assert [part["label"] for part in renderer.curve_notes["stage_info"]][:2] == ["31.5 Hz", "63 Hz"]
    frequencies = renderer.curve_notes["center_frequencies"]
    assert list(frequencies) == [f"gains_db.{n}" for n in range(10)]
    np.testing.assert_allclose(list(frequencies.values()), module.frequencies)


def test_bands_of_a_crossover_follow_its_cutoffs(noise: fx.Signal) -> None:
    module = fx.Crossover([200.0, 1500.0], gains_db=[0.0, -6.0, 3.0])
    renderer, _, stages = curves(module, noise)
    found = module.band_responses(renderer.frequencies, RATE)
    for band, curve in zip(found, stages.values(), strict=True):
        tiny = band.abs().numpy() < 1e-6
        np.testing.assert_allclose(curve[~tiny], 20 * np.log10(band.abs().numpy()[~tiny]), atol=1e-3)
    assert renderer.curve_notes["center_frequencies"]["gains_db.1"] == pytest.approx((200 * 1500) ** 0.5)
    module.cutoffs = [300.0, 1500.0]
    assert center_frequencies(module, RATE)["gains_db.1"] == pytest.approx((300 * 1500) ** 0.5)
    assert center_frequencies(fx.Crossover([200.0, 1500.0]), RATE) == {}, (
        "one gain for all bands has no center frequency"
    )


def test_linear_stages_of_a_nonlinear_chain_have_responses(noise: fx.Signal) -> None:
    chain = fx.Peak(gain_db=6.0) | torch.tanh | fx.LowPass(cutoff=2000.0)
    renderer, named, stages = curves(chain, noise)
    assert "response" not in named
    assert list(stages) == ["0", "2"]
    assert renderer.curve_notes["lti"] is False


def test_zoom_keeps_the_spectra(noise: fx.Signal) -> None:
    """The spectra are interpolated between the points of the default grid, which is fine enough for that."""
    renderer, named, _ = curves(fx.LowPass(), noise)
    before = np.interp(500.0, renderer.frequencies, named["input"])
    renderer.set_axes({"Hz": {"low": 400.0, "high": 600.0}})
    named, _ = renderer.curves()
    assert len(named["input"]) == len(named["frequency"]) == len(named["response"])
    assert np.interp(500.0, renderer.frequencies, named["input"]) == pytest.approx(before, abs=0.05)


def test_bypassed_stage_keeps_its_curve_and_is_marked_inactive(noise: fx.Signal) -> None:
    """Its handle lies on that curve; the total is without it, and an invalid value of it is no error."""
    chain = fx.HighPass(cutoff=90.0) | fx.Peak(gain_db=6.0) | fx.LowPass(cutoff=2000.0)
    _, _, active = curves(chain, noise)
    chain.bypassed = {1}
    renderer, named, stages = curves(chain, noise)
    assert [
        (path, part.get("inactive", False))
        for path, part in zip(stages, renderer.curve_notes["stage_info"], strict=True)
    ] == [
        ("0", False),
        ("2", False),
        ("1", True),
    ]
    assert renderer.curve_notes["stage_info"][2] == {"color": 1, "label": "Peak", "inactive": True}
    np.testing.assert_allclose(stages["1"], active["1"], atol=1e-6)
    np.testing.assert_allclose(stages["0"] + stages["2"], named["response"], atol=1e-3)
    chain.soloed, chain[2].cutoff = {0}, 30_000.0
    renderer, named, stages = curves(chain, noise)
    assert list(stages) == ["0", "1"]
    np.testing.assert_allclose(stages["0"], named["response"], atol=1e-6)
    single = fx.Chain(fx.Peak(gain_db=6.0), bypassed={0})
    assert list(curves(single, noise)[2]) == ["0"]

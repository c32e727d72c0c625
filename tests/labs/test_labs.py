"""The labs: their numbers, against SciPy, NumPy and torch."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import fxlab as fx
from fxlab.errors import FxlabError, ParameterError, SignalError
from fxlab.labs.spectrogram import lobes, window_taps
from fxlab.panel.commands import COMMANDS


@pytest.mark.parametrize(
    ("name", "lobe", "side"), [("rectangular", 2, -13.3), ("hann", 4, -31.5), ("blackman", 6, -58.1)]
)
def test_main_lobe_and_side_lobes_match_textbook(name, lobe, side):
    found = lobes(window_taps(name, 1024))
    assert found == (pytest.approx(lobe, abs=0.1), pytest.approx(side, abs=0.3))


def test_spectrogram_lab_note_describes_the_window(noise):
    panel = fx.spectrogram_lab(noise)
    renderer = panel._renderer
    torch.testing.assert_close(renderer.render_full(), noise.samples)
    fields, _ = renderer.draw_view("Spectrogram")
    assert "Main lobe 4 bins = 31.2 Hz wide, side lobes −31 dB" in fields["note"]
    renderer.apply_values({"length": "128", "window": "rectangular", "hop": "1", "zeros": "4"})
    fields, _ = renderer.draw_view("Spectrogram")
    assert "2 bins = 125 Hz wide, side lobes −13 dB, frames of 16 ms every 16 ms" in fields["note"]
    assert fields["rows"] == 4 * 128 // 2 + 1
    renderer.apply_values({"length": "64"})
    assert "2 bins = 250 Hz wide" in renderer.draw_view("Spectrogram")[0]["note"]


def test_reduced_spectrogram_keeps_levels_and_silence_is_dark(noise):
    """A tone of peak 0.5 keeps its level when 32769 frequencies of zero-padded frames are reduced to fewer rows."""
    renderer = fx.spectrogram_lab(fx.sine(1000.0, 4.0, level_db=-6.0206, sample_rate=8000))._renderer
    renderer.apply_values({"length": "8192", "zeros": "8", "hop": "1/16"})
    level = renderer.draw_view("Spectrogram")[0]["level"]
    assert level["high"] == pytest.approx(-6.02, abs=0.1)
    renderer.apply_values({"log": False})
    fields, drawn = renderer.draw_view("Spectrogram")
    assert (fields["level"]["low"], fields["level"]["high"]) == (0.0, pytest.approx(0.5, rel=0.01))
    assert drawn["levels"].median() == 0
    for log in (True, False):
        renderer = fx.spectrogram_lab(noise * 0.0)._renderer
        renderer.apply_values({"log": log})
        assert renderer.draw_view("Spectrogram")[1]["levels"].max() == 0
    fields, _ = fx.convolution_lab(noise * 0.0)._renderer.draw_view("Sum so far")
    assert fields["forms"][0]["y"]["high"] > 1.0


def test_convolution_lab_matches_numpy(noise):
    kernel = fx.Signal([1.0, -0.5, 0.25], 8000)
    panel = fx.convolution_lab(noise, kernel)
    renderer = panel._renderer
    expected = np.convolve(noise.samples[0].numpy(), [1.0, -0.5, 0.25])[: noise.frames]
    np.testing.assert_allclose(renderer.render_full()[0].numpy(), expected, atol=1e-5)
    for shift in (0, 1, 7, 50):
        renderer.apply_values({"shift": shift})
        fields, slide = renderer.draw_view("Flip and slide")
        _, total = renderer.draw_view("Sum so far")
        so_far = float(total["y0"][shift])
        assert float(slide["y2"].sum()) == pytest.approx(so_far, abs=1e-5)
        assert fields["note"].endswith(f"= {so_far:.3f}")
        assert torch.isnan(total["y0"][shift + 1 :]).all()
    with pytest.raises(SignalError, match="at most 256 can be shown"):
        fx.convolution_lab(noise, noise)
    with pytest.raises(SignalError, match="resample one"):
        fx.convolution_lab(noise, fx.Signal([1.0], 44_100))


def test_the_axis_of_the_convolution_lab_contains_the_products():
    x, h = fx.Signal([3.0, -2.0, 0.5], 8000), fx.Signal([-4.0, 1.0], 8000)
    renderer = fx.convolution_lab(x, h)._renderer
    extremes = []
    for shift in range(4):
        renderer.apply_values({"shift": shift})
        fields, drawn = renderer.draw_view("Flip and slide")
        extremes += [float(drawn["y2"].min()), float(drawn["y2"].max())]
    axis = fields["forms"][0]["y"]
    assert (min(extremes), max(extremes)) == (-12.0, 8.0)
    assert axis["low"] < -12.0
    assert axis["high"] > 8.0


def test_pole_zero_lab_refuses_what_has_no_roots_to_move():
    for wrong in (fx.Gain(3.0), fx.LowPass(), fx.ZPK() | fx.Gain(), "notch"):
        with pytest.raises(ParameterError, match=r"^pole_zero_lab: zpk is .*; it must be an fx\.ZPK"):
            fx.pole_zero_lab(zpk=wrong)
    zpk = fx.ZPK(zeros=[1j, -1j], poles=[0.9j, -0.9j], gain=0.9)
    assert fx.pole_zero_lab(zpk=zpk).module is zpk


def test_pole_zero_lab_adds_and_removes_pairs():
    panel = fx.pole_zero_lab()
    assert panel.spec["open_views"] == ["plane", "magnitude"]
    COMMANDS["add_root"](panel, {"path": "p"})
    COMMANDS["add_root"](panel, {"path": "p"})
    assert len(panel.module.p) == 6
    assert len(set(np.round(panel.module.p.numpy(), 3))) == 6, "a new pair is placed beside the last one"
    COMMANDS["remove_root"](panel, {"path": "p.0"})
    assert len(panel.module.p) == 4
    with pytest.raises(ParameterError, match=r"no root 'p\.9'"):
        COMMANDS["remove_root"](panel, {"path": "p.9"})
    with pytest.raises(ParameterError, match="'gain' is not an array of poles or zeros"):
        COMMANDS["add_root"](panel, {"path": "gain"})
    COMMANDS["remove_root"](panel, {"path": "p.0"})
    with pytest.raises(FxlabError, match="4 zeros and 2 poles"):
        COMMANDS["add_root"](panel, {"path": "z"})
    assert len(panel.module.z) == 2, "a rejected change leaves the filter unchanged"


@pytest.mark.parametrize(
    ("levels", "words"),
    [
        ("abc", "levels is a str that is not a matrix of numbers"),
        ([[1.0], [1.0, 2.0]], "levels is a list that is not a matrix of numbers .* rows of equal lengths"),
        (torch.ones(2, 2) * 1j, r"levels holds complex numbers; draw their \.abs"),
        ([1.0, 2.0], r"levels has shape \(2,\)"),
    ],
)
def test_levels_of_a_picture_that_are_no_matrix_of_real_numbers_are_refused(levels, words):
    with pytest.raises(ParameterError, match=f"Picture: {words}"):
        fx.Picture(levels).drawing()

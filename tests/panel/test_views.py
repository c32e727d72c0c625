"""The views beside the magnitude: which a module has, and what they draw."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import signal as scipy_signal

import fxlab as fx
from fxlab.errors import ParameterError
from fxlab.panel.render import Renderer
from fxlab.panel.views import offered, opened
from tests.panel.test_spec import Crunch

RATE = 44_100


def drawing(module: fx.Module, view: str) -> tuple[dict, dict]:
    return Renderer(module, fx.noise(duration=0.5, sample_rate=RATE, seed=1), "cpu").drawing(view)


def test_the_magnitude_is_always_there_and_the_phase_where_there_is_a_response():
    assert [tab["name"] for tab in offered(fx.LowPass())][:2] == ["magnitude", "phase"]
    assert "phase" not in [tab["name"] for tab in offered(Crunch())]


def test_the_views_that_open_first_are_checked():
    assert opened(None, fx.LowPass()) == ("magnitude",)
    assert opened("phase", fx.LowPass()) == ("phase",)
    with pytest.raises(ParameterError, match=r"'phase'; a panel of Crunch has magnitude"):
        opened(("magnitude", "phase"), Crunch())
    with pytest.raises(ParameterError, match="views is empty"):
        opened((), fx.LowPass())


def test_the_phase_is_scipys_in_degrees():
    module = fx.Butterworth(cutoff=1000.0, order=4)
    _, drawn = drawing(module, "phase")
    sos = module.sos(RATE).numpy()
    frequency = drawn["frequency"].double().numpy()
    _, response = scipy_signal.sosfreqz(sos, worN=frequency, fs=RATE)
    turned = np.exp(1j * np.deg2rad(drawn["phase"].double().numpy()))
    assert np.abs(turned - response / np.abs(response))[:-1].max() < 1e-4
    assert np.abs(np.diff(drawn["phase"].numpy())).max() < 90, "unwrapped"


def test_a_view_that_cannot_be_drawn_says_why():
    module = fx.LowPass(cutoff=30_000.0)
    fields, vectors = drawing(module, "phase")
    assert "cutoff" in fields["fault"]
    assert vectors == {}
    assert torch.is_grad_enabled()


def test_levels_are_those_of_the_whole(noise: fx.Signal) -> None:
    """Integrated loudness and highest peak of input and output; of silence there are none."""
    renderer = Renderer(fx.LowPass(), noise, "cpu")
    fields, vectors = renderer.drawing("levels", 0.5 * noise.samples)
    assert vectors == {}
    assert fields["input"] == pytest.approx(fx.loudness(noise))
    assert fields["output"] == pytest.approx(fx.loudness(noise) - 6.02, abs=0.01)
    assert fields["input_peak"] - fields["output_peak"] == pytest.approx(6.02, abs=0.01)
    fields, _ = renderer.drawing("levels", torch.zeros_like(noise.samples))
    assert (fields["output"], fields["output_peak"]) == (None, None)

"""The waveform of a panel: columns that hold every sample, and samples themselves of a short part."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import fxlab as fx
from fxlab.panel.rendering.renderer import Renderer
from fxlab.panel.views import VIEWS
from tests.panel.controls.test_spec import Crunch

RATE = 44_100


@pytest.mark.parametrize("module", [fx.LowPass(900.0), Crunch()], ids=["by windows", "from the whole"])
def test_columns_reach_as_far_as_the_samples_they_stand_for(module: fx.Module) -> None:
    signal = fx.noise(duration=4.0, sample_rate=RATE, seed=1)
    renderer = Renderer(module, signal, "cpu")
    whole = renderer.render_full()
    given = whole if VIEWS["waveform"].drawn_from(module) == "output" else None
    fields, drawn = renderer.draw_view("waveform", given, {"start": 1.0, "stop": 2.0})
    assert fields["samples"] is False
    each = round(fields["step"] * RATE)
    first = round(fields["start"] * RATE)
    assert first == RATE
    for name, x in (("wet", whole), ("dry", signal.samples)):
        low, high = drawn[f"{name}_low"], drawn[f"{name}_high"]
        assert len(low) <= 1200
        assert len(low) * each >= RATE
        part = x[:, first + 7 * each : first + 8 * each]
        assert (low[7], high[7]) == pytest.approx((float(part.min()), float(part.max())), abs=1e-4)


def test_a_short_part_is_the_samples() -> None:
    signal = fx.noise(duration=2.0, sample_rate=RATE, seed=1)
    renderer = Renderer(fx.LowPass(900.0), signal, "cpu")
    fields, drawn = renderer.draw_view("waveform", None, {"start": 0.5, "stop": 0.51})
    assert fields["samples"] is True
    at = round(fields["start"] * RATE)
    np.testing.assert_allclose(drawn["wet"], renderer.render_full()[0, at : at + len(drawn["wet"])], atol=1e-4)
    torch.testing.assert_close(drawn["dry"], signal.samples[0, at : at + len(drawn["dry"])])


def test_where_the_pages_overview_is_as_fine_nothing_is_sent() -> None:
    renderer = Renderer(fx.LowPass(), fx.noise(duration=1.0, sample_rate=RATE, seed=1), "cpu")
    for options in ({}, {"start": None, "stop": None}, {"start": 0.0, "stop": 0.9}, {"start": 5.0, "stop": 4.0}):
        assert renderer.draw_view("waveform", None, options) == ({}, {}), options

"""Tests of the waveform view: minima and maxima of columns, or the samples of a short part."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import fxlab as fx
from fxlab.panel.rendering.renderer import Renderer
from fxlab.panel.views import VIEWS
from tests.panel.controls.test_spec import Crunch

RATE = 44_100


@pytest.mark.parametrize("module", [fx.LowPass(900.0), Crunch()], ids=["from windows", "from the complete output"])
def test_columns_are_minima_and_maxima(module: fx.Module) -> None:
    signal = fx.noise(duration=4.0, sample_rate=RATE, seed=1)
    renderer = Renderer(module, signal, "cpu")
    full = renderer.render_full()
    y = full if VIEWS["waveform"].drawn_from(module) == "output" else None
    fields, drawn = renderer.draw_view("waveform", y, {"start": 1.0, "stop": 2.0})
    assert fields["samples"] is False
    block = round(fields["step"] * RATE)
    first = round(fields["start"] * RATE)
    assert first == RATE
    for name, x in (("wet", full), ("dry", signal.samples)):
        low, high = drawn[f"{name}_low"], drawn[f"{name}_high"]
        assert len(low) <= 1200
        assert len(low) * block >= RATE
        part = x[:, first + 7 * block : first + 8 * block]
        assert (low[7], high[7]) == pytest.approx((float(part.min()), float(part.max())), abs=1e-4)


def test_short_part_is_sent_as_samples() -> None:
    signal = fx.noise(duration=2.0, sample_rate=RATE, seed=1)
    renderer = Renderer(fx.LowPass(900.0), signal, "cpu")
    fields, drawn = renderer.draw_view("waveform", None, {"start": 0.5, "stop": 0.51})
    assert fields["samples"] is True
    start = round(fields["start"] * RATE)
    np.testing.assert_allclose(drawn["wet"], renderer.render_full()[0, start : start + len(drawn["wet"])], atol=1e-4)
    torch.testing.assert_close(drawn["dry"], signal.samples[0, start : start + len(drawn["dry"])])


def test_nothing_is_sent_where_the_pages_overview_is_fine_enough() -> None:
    renderer = Renderer(fx.LowPass(), fx.noise(duration=1.0, sample_rate=RATE, seed=1), "cpu")
    for options in ({}, {"start": None, "stop": None}, {"start": 0.0, "stop": 0.9}, {"start": 5.0, "stop": 4.0}):
        assert renderer.draw_view("waveform", None, options) == ({}, {}), options

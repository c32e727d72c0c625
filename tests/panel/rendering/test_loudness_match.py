"""Tests of the loudness match: the gain predicted from a filter's response agrees with that of its measured output."""

from __future__ import annotations

import math
from functools import cache

import pytest
import torch

import fxlab as fx
from fxlab.analysis.loudness import integrated
from fxlab.panel.rendering.loudness_match import LoudnessMatch
from fxlab.panel.rendering.renderer import Renderer
from tests.support.fake_page import Page


@cache
def example(name: str) -> fx.Signal:
    """Return a signal of `fx.examples`, which is synthesized once."""
    return getattr(fx.examples, name)()


@pytest.mark.parametrize(
    "module",
    [
        fx.LowPass(cutoff=500.0),
        fx.HighPass(cutoff=3000.0),
        fx.Peak(frequency=1000.0, gain_db=18.0, q=8.0),
        fx.Peak(frequency=60.0, gain_db=12.0) | fx.HighShelf(cutoff=4000.0, gain_db=-12.0),
        fx.Notch(frequency=440.0),
        fx.WindowedSinc(cutoff=2000.0),
    ],
    ids=repr,
)
@pytest.mark.parametrize("name", ["voice", "guitar", "drums"])
def test_gain_from_response_agrees_with_gain_from_output(module: fx.LTI, name: str) -> None:
    """The response and the input alone predict the gain to within 0.7 dB."""
    signal = example(name)
    renderer = Renderer(module, signal, "cpu")
    named, _ = renderer.curves()
    predicted = renderer.loudness_match.gain_from_response(renderer.frequencies, named["response"])
    renderer.set_axes({"Hz": {"low": 200.0, "high": 2000.0}})
    zoomed = renderer.loudness_match.gain_from_response(renderer.frequencies, renderer.curves()[0]["response"])
    assert zoomed == pytest.approx(predicted, abs=0.2), "independent of the part of the axis that the page shows"
    measured = renderer.loudness_match.gain_from_output(renderer.render_full())
    assert predicted == pytest.approx(measured, abs=0.7)
    matched = renderer.render_full() * 10 ** (measured / 20)
    assert integrated(matched, signal.sample_rate) == pytest.approx(fx.loudness(signal), abs=0.02)


def test_gain_is_none_where_loudness_is_undefined() -> None:
    """This holds for silence, a very soft output and a rate too low for the weighting, but not for short sounds."""
    f = torch.logspace(1.4, 4, 64)
    assert LoudnessMatch(torch.zeros(1, 44_100), 44_100).gain_from_response(f, torch.zeros(64)) is None
    noise = torch.randn(2, 44_100, generator=torch.Generator().manual_seed(1))
    match = LoudnessMatch(noise, 44_100)
    assert match.gain_from_response(f, torch.full((64,), -100.0)) is None
    assert match.gain_from_output(torch.zeros(2, 44_100)) is None
    assert match.gain_from_response(f, torch.full((64,), -6.0)) == pytest.approx(6.0)
    assert match.gain_from_output(0.5 * noise) == pytest.approx(6.02, abs=0.01)
    assert match.gain_from_response(f, torch.zeros(64)) == 0.0
    assert math.copysign(1, match.gain_from_response(f, torch.zeros(64))) == 1
    low_rate = LoudnessMatch(noise, 1000)
    assert low_rate.gain_from_response(f, torch.zeros(64)) is None
    assert low_rate.gain_from_output(noise) is None
    assert LoudnessMatch(noise[:, :500], 44_100).gain_from_output(2 * noise[:, :500]) == pytest.approx(-6.02, abs=0.01)


def test_gain_is_sent_with_each_chunk_of_a_filter_and_after_the_audio_of_other_modules(noise: fx.Signal) -> None:
    """The messages carry the number of the render."""
    page = Page(fx.Peak(frequency=500.0), noise)
    seq = page.send_values(dry=True)
    page.settle()
    seq = page.send_values(gain_db=12.0)
    page.settle()
    chunks = [chunk for chunk in page.received("audio", seq) if not chunk["dry"]]
    assert chunks[0]["match_gain_db"] < -1
    assert {chunk["match_gain_db"] for chunk in chunks} == {chunks[0]["match_gain_db"]}
    page.close()

    page = Page(fx.wrap(lambda x: 0.5 * x), noise)
    seq = page.send_values(dry=True)
    page.settle()
    assert not any("match_gain_db" in chunk for chunk in page.received("audio", seq))
    page.wait(lambda: bool(page.received("match", seq)), "the match")
    assert page.received("match", seq)[-1]["match_gain_db"] == pytest.approx(6.02, abs=0.01)
    page.close()

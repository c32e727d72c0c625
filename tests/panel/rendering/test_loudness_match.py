"""Loudness match: what is foretold of a filter is what is measured of its output."""

from __future__ import annotations

import math

import pytest
import torch

import fxlab as fx
from fxlab.analysis.loudness import integrated
from fxlab.panel.rendering.loudness_match import LoudnessMatch
from fxlab.panel.rendering.renderer import Renderer
from tests.support.fake_page import Page


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
def test_a_filters_gain_is_known_beforehand(module: fx.LTI, name: str) -> None:
    """From the response and the input alone, to a few tenths of a dB."""
    signal = getattr(fx.examples, name)()
    renderer = Renderer(module, signal, "cpu")
    named, _ = renderer.curves()
    foretold = renderer.loudness_match.gain_from_response(renderer.frequencies, named["response"])
    renderer.set_axes({"Hz": {"low": 200.0, "high": 2000.0}})
    zoomed = renderer.loudness_match.gain_from_response(renderer.frequencies, renderer.curves()[0]["response"])
    assert zoomed == pytest.approx(foretold, abs=0.2), "whatever part of the axis the page shows"
    measured = renderer.loudness_match.gain_from_output(renderer.render_full())
    assert foretold == pytest.approx(measured, abs=0.7)
    matched = renderer.render_full() * 10 ** (measured / 20)
    assert integrated(matched, signal.sample_rate) == pytest.approx(fx.loudness(signal), abs=0.02)


def test_what_cannot_be_matched_has_no_gain() -> None:
    """Silence, next to nothing, a rate too low to weigh; a sound of less than a block has one."""
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
    slow = LoudnessMatch(noise, 1000)
    assert slow.gain_from_response(f, torch.zeros(64)) is None
    assert slow.gain_from_output(noise) is None
    assert LoudnessMatch(noise[:, :500], 44_100).gain_from_output(2 * noise[:, :500]) == pytest.approx(-6.02, abs=0.01)


def test_it_goes_with_the_first_piece_of_a_filter_and_after_the_sound_of_anything_else(noise: fx.Signal) -> None:
    """The page is told under the number of the render."""
    page = Page(fx.Peak(frequency=500.0), noise)
    seq = page.move(dry=True)
    page.settle()
    seq = page.move(gain_db=12.0)
    page.settle()
    pieces = [piece for piece in page.of("audio", seq) if not piece["dry"]]
    assert pieces[0]["match_gain_db"] < -1
    assert {piece["match_gain_db"] for piece in pieces} == {pieces[0]["match_gain_db"]}
    page.close()

    page = Page(fx.wrap(lambda x: 0.5 * x), noise)
    seq = page.move(dry=True)
    page.settle()
    assert not any("match_gain_db" in piece for piece in page.of("audio", seq))
    page.wait(lambda: bool(page.of("match", seq)), "the match")
    assert page.of("match", seq)[-1]["match_gain_db"] == pytest.approx(6.02, abs=0.01)
    page.close()

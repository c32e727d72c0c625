"""The table in docs/effects.md is correct and names every effect."""

from __future__ import annotations

import pytest

import fxlab as fx
from fxlab import effects
from tests.support.effect_references_nonlinear import REFERENCES
from tests.support.effects_page import gradient, make, may_move, parameters, streams, written
from tests.support.filters_page import number

ROWS = written()
NEEDS_PEDALBOARD = {"Compressor", "Distortion"}


def test_every_effect_is_in_the_table():
    assert {*effects.__all__, "Send"} == set(REFERENCES) == set(ROWS), "run: python -m tests.support.effects_page"


@pytest.mark.slow
@pytest.mark.parametrize("name", REFERENCES)
def test_the_row_says_what_the_effect_does(name):
    module = make(name)
    _, *cells, _, _, _ = ROWS[name]
    assert cells == [parameters(module), streams(module), gradient(module), may_move(module)]
    assert not cells[2].startswith("NO")


@pytest.mark.parametrize("name", REFERENCES)
def test_the_effect_agrees_with_its_reference(name):
    if name in NEEDS_PEDALBOARD:
        pytest.importorskip("pedalboard")
    reference, (text, error) = REFERENCES[name], ROWS[name][-3:-1]
    assert text == reference.text
    # The digits depend slightly on the processor.
    assert reference.error() <= number(error) * (1.05 if reference.unit else 10) + 1e-15
    limits = {"": 1e-5, "dB": 0.05, "%": 5.0, "cents": 5.0, "µs": 0.1}
    assert number(error) <= limits[reference.unit]


def test_a_parameter_that_may_move_accepts_an_lfo():
    assert may_move(fx.Overdrive()) == "all but `tone`"
    fx.Overdrive(drive_db=fx.LFO(1.0, 0.0, 12.0))
    with pytest.raises(fx.FxlabError, match="tone cannot be"):
        fx.Overdrive(tone=fx.LFO(1.0, 1000.0, 2000.0))

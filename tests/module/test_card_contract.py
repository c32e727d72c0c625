"""The card of every public processor and of user-defined ones: text, picture, and HTML with the parameters."""

from __future__ import annotations

import base64
import html
from collections.abc import Callable

import pytest
import torch

import fxlab as fx
from fxlab.display.canvas import canvas
from tests.support.specimens import specimens
from tests.support.teacher_modules import Shaper, Smooth, Tremolo

SHOWN: dict[str, Callable[[], fx.Module]] = {
    **specimens(),
    "Tremolo": lambda: Tremolo(7.0),
    "Smooth": Smooth,
    "Shaper": Shaper,
    "wrapped": lambda: fx.wrap(torch.tanh),
    "examples": lambda: fx.LowPass([200.0, 900.0]),
    "no response": lambda: fx.LowPass() | Tremolo(),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", SHOWN)
def test_the_card_names_every_parameter_with_its_unit(name, monkeypatch):
    monkeypatch.setattr(canvas, "has_webp", lambda: False)  # the page then shows the PNG, which saves half the time
    made = SHOWN[name]()
    state = {key: value.clone() for key, value in made.state_dict().items()}
    card, _ = made._repr_mimebundle_()
    assert card["text/plain"] == repr(made)
    assert base64.b64decode(card["image/png"], validate=True)[:8] == b"\x89PNG\r\n\x1a\n"
    page = html.unescape(card["text/html"]).lower().replace("\u00a0", " ")  # non-breaking spaces
    assert "could not be drawn" not in page
    for _, owner, declaration in made.walk():
        if not declaration.applies(owner):
            continue
        assert declaration.label.lower() in page
        assert declaration.unit.lower() in page
    assert all(torch.equal(value, state[key]) for key, value in made.state_dict().items())


def test_a_card_is_deterministic():
    made = fx.HighPass(80.0) | fx.Peak(gain_db=3.0)
    assert made._repr_mimebundle_() == made._repr_mimebundle_()


def test_include_and_exclude_select_the_mime_types():
    assert set(fx.LowPass()._repr_mimebundle_(include={"text/plain"})[0]) == {"text/plain"}
    assert "image/png" not in fx.LowPass()._repr_mimebundle_(exclude={"image/png"})[0]

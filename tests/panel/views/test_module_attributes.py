"""What a module declares about its own panel: views of its own, whether it is played, whether it takes an input."""

from __future__ import annotations

import torch

import fxlab as fx
from fxlab.panel.controls.spec import describe
from fxlab.panel.editing.codegen import generate_code
from fxlab.panel.views import View, view_tabs, views_of
from fxlab.panel.views.view import has_or_measures_response

SOUND = fx.Signal(torch.zeros(1, 64), 8000)


class Generator(fx.Module):
    """Generate noise, whatever goes in."""

    takes_input = False

    def forward(self, x, sample_rate):
        return torch.rand_like(x)


class Drawing(fx.Module):
    """Draw, and play nothing."""

    has_output = False
    is_standalone = True

    def forward(self, x, sample_rate):
        return x

    def panel_views(self):
        return {"Map": View("Map", "Map", "trace", lambda _: True, lambda _: ({}, {}))}

    def panel_code(self):
        return "module = drawing()"


def test_a_module_is_played_and_takes_an_input_unless_it_says_otherwise():
    for module in (fx.LowPass(), fx.LowPass() | torch.tanh):
        assert (module.has_output, module.takes_input, module.is_standalone) == (True, True, False)
        assert module.panel_views() == {}
        assert module.panel_code() is None
        spec = describe(module, SOUND, "cpu")
        assert (spec["has_output"], spec["takes_input"], spec["standalone"]) == (True, True, False)
        assert spec["views"][0]["name"] == "magnitude"


def test_what_generates_its_sound_is_not_measured():
    assert not describe(Generator(), SOUND, "cpu")["takes_input"]
    assert not has_or_measures_response(Generator())
    assert not has_or_measures_response(fx.LowPass() | Generator())
    assert has_or_measures_response(fx.LowPass() | torch.tanh)


def test_what_only_draws_has_its_own_views_alone_and_its_own_code():
    assert list(views_of(Drawing())) == ["Map"]
    assert view_tabs(Drawing()) == [{"name": "Map", "label": "Map", "kind": "trace"}]
    spec = describe(Drawing(), SOUND, "cpu", ("Map",))
    assert (spec["has_output"], spec["standalone"]) == (False, True)
    assert generate_code(Drawing()) == "module = drawing()"

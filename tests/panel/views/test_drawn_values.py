"""The panel of an augmentation: its sliders, the die, and what it drew."""

from __future__ import annotations

import torch

import fxlab as fx
from fxlab import augment
from fxlab.augment.audition import Audition
from fxlab.panel.controls.spec import stages, title
from fxlab.panel.rendering.renderer import Renderer
from fxlab.panel.views import view_tabs

RATE = 16_000
NOISE = fx.noise(duration=0.5, sample_rate=RATE, seed=1)


def audition(draw=1, **more):
    parts = [augment.random(fx.LowPass, cutoff=(200, 4000), p=0.0), augment.AddGaussianNoise(p=1.0, seed=9)]
    return Audition(augment.Compose(parts, seed=3), draw=draw, **more)


def test_a_draw_is_repeated_and_another_number_draws_again():
    first, second = audition(1), audition(2)
    y = first(NOISE)
    assert torch.equal(first(NOISE).samples, y.samples)
    assert torch.equal(audition(1)(NOISE).samples, y.samples)
    assert not torch.equal(second(NOISE).samples, y.samples)
    assert first.module.last_draw is None
    assert [part.p for part in first.module] == [0.0, 1.0]


def test_its_panel_draws_the_values_and_names_what_was_not_applied():
    drawn = [audition(always=always) for always in (True, False)]
    texts = []
    for module in drawn:
        fields, vectors = Renderer(module, NOISE, "cpu").draw_view("drawn")
        lines = fields["forms"][0]["lines"]
        assert all(line["x"] in vectors and line["y"] in vectors for line in lines)
        texts.append([line["label"] for line in lines])
    assert texts[0][0].startswith("random(LowPass) · Cutoff: ")
    assert texts[0][0].endswith(" Hz")
    assert texts[1][0] == "random(LowPass): not applied"
    assert [tab["name"] for tab in view_tabs(drawn[0])][:2] == ["drawn", "magnitude"]
    assert "drawn" not in [tab["name"] for tab in view_tabs(fx.LowPass())]


def test_the_ranges_have_sliders_and_the_draw_a_button():
    groups = stages(audition(), RATE)
    found = {param["path"]: param for group in groups for param in group["params"]}
    assert found["draw"]["kind"] == "draw"
    assert (found["module.0.cutoff.0"]["value"], found["module.0.cutoff.1"]["value"]) == (200.0, 4000.0)
    assert found["module.0.cutoff.0"]["label"] == "Cutoff from"
    assert "module.0.module.q" in found
    assert "module.0.module.cutoff" not in found, "it is drawn"
    assert [group["name"] for group in groups][1:3] == ["Compose", "random(LowPass)"]
    assert title(audition()) == "Compose"


def test_parameters_that_no_drawn_choice_has_are_left_out():
    for kinds, expected in ((["lowpass", "highpass"], False), (["lowpass", "bandpass"], True)):
        made = augment.random(fx.Butterworth, cutoff=(200, 4000), order=(2, 6), kind=kinds)
        params = {param["path"]: param for group in stages(Audition(made), RATE) for param in group["params"]}
        assert ("module.module.upper" in params) is expected
        assert params["module.kind"]["value"] == ", ".join(kinds)
    assert params["module.module.upper"]["shown_when"] is None, "the choice that it depends on has no control"


def test_a_panel_renders_it():
    panel = augment.Gain(gain_db=(-20.0, -3.0)).panel(NOISE)
    try:
        assert isinstance(panel.module, Audition)
        assert panel.module(NOISE).samples.abs().max() < NOISE.samples.abs().max()
    finally:
        panel.close()

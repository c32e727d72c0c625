"""Tests of changes that Python makes while a panel is open."""

from __future__ import annotations

import torch

import fxlab as fx
from tests.support.panel_driver import PanelDriver


def test_values_set_in_python_are_shown_in_every_panel(panel, chain, noise):
    other = chain.panel(noise)
    one, two = PanelDriver(panel), PanelDriver(other)
    chain[0].cutoff = 321.0
    for page in (one, two):
        page.wait_until(lambda page=page: page.values["0.cutoff"] == 321.0, "the slider to follow")
    one.set_values(**{"0__cutoff": 654.0})
    two.wait_until(lambda: two.values["0.cutoff"] == 654.0, "the other panel to follow")
    one.command("add_stage", kind="Notch")
    two.wait_until(lambda: len(other.spec["stages"]) == 3, "the other panel's stages")
    one.command("undo")
    two.wait_until(lambda: len(other.spec["stages"]) == 2, "the other panel's stages")
    other.close()


def test_python_can_set_a_value_again_after_the_user_has_changed_it(panel, chain):
    """A cell may run twice: the second time the page shows another value than the cell sets."""
    page = PanelDriver(panel)
    page.set_values(**{"0__cutoff": 900.0})
    for _ in range(2):
        chain[0].cutoff = 500.0
        page.wait_until(lambda: page.values["0.cutoff"] == 500.0, "the value set in Python")
        page.wait_for_render(page.seq)
        page.set_values(**{"0__cutoff": 800.0})
        assert chain[0].cutoff == 800.0


def test_loop_that_sets_values_is_not_slowed_down_and_its_last_value_is_shown(panel, chain):
    page = PanelDriver(panel)
    before = panel._worker.renders
    for number in range(3000):
        chain[0].cutoff = 100.0 + number / 10
    page.wait_until(lambda: page.values["0.cutoff"] == chain[0].cutoff, "the last value")
    assert panel._worker.renders - before < 300


def test_sample_rate_set_in_python_is_a_step_of_the_history(panel, chain):
    page = PanelDriver(panel)
    assert not page.editor["can_undo"]
    chain[0].sample_rate = 48_000.0
    page.wait_until(lambda: page.editor["can_undo"], "the step")
    assert "sample_rate=48000.0" in panel.code()
    panel.undo()
    assert chain[0].sample_rate is None
    panel.redo()
    assert chain[0].sample_rate == 48_000.0


def test_what_changes_within_a_tensor_shows_when_it_is_asked_for(panel, chain):
    chain[0].cutoff = torch.nn.Parameter(torch.tensor(500.0))
    page = PanelDriver(panel)
    with torch.no_grad():
        chain[0].cutoff.mul_(2)
    panel.refresh()
    page.wait_until(lambda: page.values["0.cutoff"] == 1000.0, "the slider to follow")
    panel.module = fx.HighPass(cutoff=40.0)
    page.wait_until(lambda: panel.spec["title"] == "HighPass", "the other module")
    panel.undo()
    assert panel.module is chain

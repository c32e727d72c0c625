"""What Python sets under an open panel."""

from __future__ import annotations

import torch

import fxlab as fx
from tests.support.panel_driver import Hand


def test_what_python_sets_shows_at_once_and_in_every_panel(panel, chain, noise):
    other = chain.panel(noise)
    one, two = Hand(panel), Hand(other)
    chain[0].cutoff = 321.0
    for hand in (one, two):
        hand.until(lambda hand=hand: hand.values["0.cutoff"] == 321.0, "the slider to follow")
    one.moved(**{"0__cutoff": 654.0})
    two.until(lambda: two.values["0.cutoff"] == 654.0, "the other panel to follow")
    one.command("add_stage", kind="Notch")
    two.until(lambda: len(other.spec["stages"]) == 3, "the other panel's stages")
    one.command("undo")
    two.until(lambda: len(other.spec["stages"]) == 2, "the other panel's stages")
    other.close()


def test_python_may_set_again_what_a_hand_has_moved_since(panel, chain):
    """The same cell run twice: what it sets is not what the page shows any more."""
    page = Hand(panel)
    page.moved(**{"0__cutoff": 900.0})
    for _ in range(2):
        chain[0].cutoff = 500.0
        page.until(lambda: page.values["0.cutoff"] == 500.0, "what Python has set")
        page.settle(page.seq)
        page.moved(**{"0__cutoff": 800.0})
        assert chain[0].cutoff == 800.0


def test_a_loop_that_sets_values_is_not_held_up_and_its_last_is_shown(panel, chain):
    hand = Hand(panel)
    before = panel._worker.renders
    for number in range(3000):
        chain[0].cutoff = 100.0 + number / 10
    hand.until(lambda: hand.values["0.cutoff"] == chain[0].cutoff, "the last value")
    assert panel._worker.renders - before < 300


def test_a_sample_rate_that_python_sets_is_a_step_of_the_history(panel, chain):
    hand = Hand(panel)
    assert not hand.desk["can_undo"]
    chain[0].sample_rate = 48_000.0
    hand.until(lambda: hand.desk["can_undo"], "the step")
    assert "sample_rate=48000.0" in panel.code()
    panel.undo()
    assert chain[0].sample_rate is None
    panel.redo()
    assert chain[0].sample_rate == 48_000.0


def test_what_changes_within_a_tensor_shows_when_it_is_asked_for(panel, chain):
    chain[0].cutoff = torch.nn.Parameter(torch.tensor(500.0))
    hand = Hand(panel)
    with torch.no_grad():
        chain[0].cutoff.mul_(2)
    panel.refresh()
    hand.until(lambda: hand.values["0.cutoff"] == 1000.0, "the slider to follow")
    panel.module = fx.HighPass(cutoff=40.0)
    hand.until(lambda: panel.spec["title"] == "HighPass", "the other module")
    panel.undo()
    assert panel.module is chain

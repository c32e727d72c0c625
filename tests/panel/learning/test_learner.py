"""A panel that learns: its module gets the values while the fit runs, and can be taken over by hand."""

from __future__ import annotations

import threading

import pytest

import fxlab as fx
from tests.support.panel_driver import PanelDriver

NOISE = fx.noise(duration=0.2, sample_rate=8000, seed=1)
TARGET = NOISE | fx.LowPass(cutoff=900.0, q=2.0)


@pytest.fixture
def panel():
    made = fx.LowPass(cutoff=200.0).panel(NOISE)
    yield made
    made.close()


def test_the_sliders_follow_and_undo_goes_back(panel):
    page = PanelDriver(panel)
    before = panel.module.cutoff
    found = panel.learn(TARGET, steps=120).wait(60)
    assert panel.module.cutoff == pytest.approx(900.0, rel=0.01)
    assert panel.module.q == pytest.approx(2.0, rel=0.01)
    assert found.module is not panel.module
    panel.refresh()
    assert page.values["cutoff"] == pytest.approx(900.0, rel=0.01)
    panel.undo()
    assert panel.module.cutoff == before


def test_it_can_be_stopped_and_keeps_the_best_values(panel):
    reached = threading.Event()
    learner = panel.learn(lambda y: reached.set() or (y - TARGET.samples).square().mean(), "cutoff", steps=100_000)
    assert reached.wait(60)
    with pytest.raises(fx.ParameterError, match="a fit is running"):
        panel.learn(TARGET)
    learner.stop()
    found = learner.wait(60)
    assert found.stopped == "interrupted"
    assert panel.module.q == fx.LowPass().q
    assert panel.module.cutoff == pytest.approx(found.module.cutoff.item())


def test_a_slider_that_is_moved_takes_over(panel):
    moved = threading.Event()

    def loss(y):
        if not moved.is_set():
            panel.module.cutoff = 333.0
            moved.set()
        return (y - TARGET.samples).square().mean()

    learner = panel.learn(loss, steps=100_000)
    learner.wait(60)
    assert learner.taken_over == "cutoff"
    assert panel.module.cutoff == 333.0


def test_errors_are_raised_at_once_or_by_wait(panel):
    with pytest.raises(fx.ParameterError, match="did you mean 'cutoff'"):
        panel.learn(TARGET, "cutof")
    with pytest.raises(fx.SignalError, match="sample rate"):
        panel.learn(fx.noise(duration=0.2, sample_rate=44_100))
    assert panel.learner is None


def test_a_callback_of_the_caller_is_called_too(panel):
    steps = []
    panel.learn(TARGET, steps=3, on_step=lambda step: steps.append(step.number)).wait(60)
    assert steps == [0, 1, 2, 3]
    assert panel.module.cutoff != 200.0

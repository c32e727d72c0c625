"""A panel that learns: its module gets the values while the fit runs, and can be taken over by hand."""

from __future__ import annotations

import io
import threading

import numpy as np
import pytest
import torch

import fxlab as fx
from fxlab.panel.learning import read_target
from tests.support.panel_driver import PanelDriver
from tests.support.signals import encode

NOISE = fx.noise(duration=0.2, sample_rate=8000, seed=1)
TARGET = NOISE | fx.LowPass(cutoff=900.0, q=2.0)


@pytest.fixture
def panel():
    made = fx.LowPass(cutoff=200.0).panel(NOISE)
    yield made
    made.close()


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


def upload(page, name, data):
    """Send a target as a page does, and return the last answer."""
    fields = {"file": name, "upload": 1, "first": True, "last": True, "request": "upload", "client": "page"}
    page.panel._handle_custom_msg({"type": "query", "name": "upload_target", **fields}, [memoryview(data)])
    page.wait_until(lambda: page.last("answer"), "the answer")
    return page.last("answer")


class LearningPage(PanelDriver):
    """A page that shows the learning strip."""

    def last(self, kind):
        found = [c for c, _ in list(self.received) if c["type"] == kind]
        return found[-1] if found else {}

    def target_curve(self):
        for content, buffers in reversed(list(self.received)):
            if content["type"] == "curves" and content["names"] and content["names"][-1].startswith("target"):
                return content["names"][-1], np.frombuffer(buffers[len(content["names"]) - 1], dtype="<f4")
        return None, None


def test_a_page_learns_from_a_sound_and_undo_goes_back_in_one_step(panel):
    page = LearningPage(panel)
    assert page.last("learning") == {
        **{"type": "learning", "running": False, "target": "", "about": "", "message": "", "failed": False}
    }
    assert "error" not in upload(page, "target.wav", encode(TARGET))
    assert (page.last("learning")["target"], page.last("learning")["about"]) == ("target.wav", "0.2 s, 8 kHz")
    name, curve = page.target_curve()
    assert name == "target"
    hz = panel._renderer.frequencies
    expected = 20 * fx.LowPass(cutoff=900.0, q=2.0).response(hz, 8000).abs().log10()
    assert abs(curve - expected.numpy())[(hz > 100) & (hz < 3000)].max() < 3, "the target is not drawn where it is"
    page.command("start_learning")
    page.wait_until(lambda: not page.last("learning")["running"], "the end")
    assert (
        page.last("learning")["message"].startswith("Done after") or "no progress" in page.last("learning")["message"]
    )
    page.wait_until(lambda: page.values["cutoff"] == pytest.approx(900.0, rel=0.02), "the slider")
    shown = [c["values"]["cutoff"] for c, _ in list(page.received) if c["type"] == "values"]
    assert len({round(value) for value in shown}) > 3, "the slider has not moved gradually"
    page.command("undo")
    assert panel.module.cutoff == 200.0
    page.command("redo")
    assert panel.module.cutoff == pytest.approx(900.0, rel=0.01)
    assert panel.module.q == pytest.approx(2.0, rel=0.01)


def test_a_page_learns_from_a_curve_and_is_stopped_by_a_new_stage():
    panel = (fx.Peak(1000.0) | fx.Gain(0.0)).panel(NOISE)
    page = LearningPage(panel)
    page.command("start_learning")
    assert "no target to learn from" in page.errors[-1]
    upload(page, "curve.csv", b"Frequency;Level\n# measured\n100;-3,0\n1000;-3,0\n3500;-3,0\n")
    assert page.last("learning")["about"] == "3 points, 100 Hz to 3.5 kHz"
    name, curve = page.target_curve()
    known = ~np.isnan(curve)
    assert name == "target"
    assert 0 < known.sum() < len(known)
    assert (curve[known] == -3).all()
    panel.learn(([100.0, 3000.0], [-3.0, -3.0]), steps=10**6, patience=10**6)
    page.wait_until(lambda: page.last("learning")["message"].startswith("Step"), "the progress")
    assert page.last("learning")["target"] == "set in Python"
    assert page.last("learning")["running"]
    page.command("add_stage", kind="LowPass")
    page.wait_until(lambda: not page.last("learning")["running"], "the end")
    assert page.last("learning")["message"].endswith("because the stages changed")
    page.query("forget_target", request="forget")
    page.wait_until(lambda: page.last("learning")["target"] == "", "the target to be removed")
    panel.close()


def test_faults_are_shown_in_the_page(panel):
    page = LearningPage(panel)
    answer = upload(page, "curve.csv", b"Hz,dB\n100,0\n200\n")
    assert "line 3 is '200'" in answer["error"]
    upload(page, "target.wav", encode(fx.noise(duration=0.2, sample_rate=16_000)))
    page.command("start_learning")
    assert "16000 Hz" in page.errors[-1]
    upload(page, "target.wav", encode(fx.noise(duration=0.1, sample_rate=8000)))
    page.command("start_learning")
    assert "1600" in page.errors[-1], page.errors[-1]
    with pytest.warns(UserWarning, match="not finite"):
        panel.learn(lambda y: (y * float("nan")).mean()).wait(60)
    assert page.last("learning")["failed"]
    assert "not finite at step 0" in page.last("learning")["message"]
    with pytest.raises(fx.ParameterError, match="single number"):
        panel.learn(lambda y: y).wait(60)
    assert "single number" in page.last("learning")["message"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("20,1\n20000,-1", ([20.0, 20000.0], [1.0, -1.0])),
        ("* REW\n\nHz\tdB\tdegrees\n20\t1,5\t0\n40 2.5 9\n", ([20.0, 40.0], [1.5, 2.5])),
        ("20;1,5\n40;-2", ([20.0, 40.0], [1.5, -2.0])),
        ("20,0 -1,5\n40,5 2", ([20.0, 40.5], [-1.5, 2.0])),
        ('"Hz","dB"\n"20","1.5"\n"40,5","-2,0"', ([20.0, 40.5], [1.5, -2.0])),
        ("20, \u22121.5, 90\n40, 2, 80", ([20.0, 40.0], [-1.5, 2.0])),
    ],
)
def test_curves_are_read_as_programs_write_them(text, expected):
    assert read_target("a.FRD", io.BytesIO(text.encode())) == expected


def test_a_curve_in_utf_16_is_read():
    assert read_target("a.txt", io.BytesIO("20,1\n40,2".encode("utf-16"))) == ([20.0, 40.0], [1.0, 2.0])


def test_an_image_and_a_silent_sound_are_refused_by_name():
    with pytest.raises(fx.FileError, match=r"'a\.png' is not a target: Format not recognised.*\.csv"):
        read_target("a.png", io.BytesIO(b"\x89PNG\r\n\x1a\n" + bytes(100)))
    silence = io.BytesIO()
    fx.Signal(torch.zeros(1, 100), 8000).save(silence, format="wav")
    with pytest.raises(fx.FileError, match=r"'a\.wav' is silent"):
        read_target("a.wav", silence)


def test_a_fit_ends_before_the_interpreter_does(monkeypatch):
    """PyTorch on another thread would abort the process at its end."""
    at_exit = []
    monkeypatch.setattr("atexit.register", at_exit.append)
    panel = fx.LowPass(cutoff=200.0).panel(NOISE)
    learner = panel.learn(TARGET, steps=10**6)
    at_exit[0]()
    assert not learner.is_running
    panel.close()


@pytest.mark.parametrize("text", ["", "Hz,dB", "100,1", "100,nan\n", "100,1\n200,x", "100,1\n-200,1"])
def test_a_file_without_a_curve_is_refused(text):
    with pytest.raises(fx.FileError, match=r"a\.csv.*(1000,-3|0 Hz or above)"):
        read_target("a.csv", io.BytesIO(text.encode()))

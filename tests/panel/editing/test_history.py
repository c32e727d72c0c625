"""Tests of undo and redo of values, stages and loaded sounds."""

from __future__ import annotations

import gc
import io
import weakref

import numpy as np
import torch

import fxlab as fx
from fxlab.panel.editing import history
from fxlab.panel.editing.history import MAX_STATES, History, State
from fxlab.panel.editing.snapshot import Snapshot
from tests.support.panel_driver import PanelDriver


def test_every_change_can_be_undone_and_redone(panel, chain):
    learned = chain[1].q = torch.nn.Parameter(torch.tensor(0.1 + 0.2, dtype=torch.float64))
    page = PanelDriver(panel)
    page.set_values(**{"0__cutoff": 900.0})
    page.set_values(**{"1__q": 5.0})
    panel.module[0].cutoff = 1 / 3  # a change from Python
    page.wait_until(lambda: page.values["0.cutoff"] == 1 / 3, "the slider to follow")
    panel.undo()
    assert (chain[0].cutoff, learned.item()) == (900.0, 5.0)
    panel.undo()
    assert learned.item() == 0.1 + 0.2
    assert chain[1].q is learned
    panel.undo()
    assert chain[0].cutoff == 500.0
    for _ in range(3):
        panel.redo()
    assert (chain[0].cutoff, learned.item()) == (1 / 3, 5.0)
    panel.undo()
    chain[0].cutoff = 77.0
    page.wait_until(lambda: page.values["0.cutoff"] == 77.0, "the slider to follow")
    page.wait_until(lambda: not page.editor["can_redo"], "nothing to redo")
    panel.redo()
    assert chain[0].cutoff == 77.0


def test_a_drag_is_one_step():
    module = fx.LowPass(cutoff=100.0) | fx.LowPass(cutoff=100.0)
    sound = fx.sine(440.0, duration=0.1)
    state = lambda: State(Snapshot.of(module), "A", sound)  # noqa: E731
    history, now = History(state()), 0.0
    for stage in module:
        for move in range(20):
            stage.cutoff, now = 200.0 + move, now + 0.1
            assert history.record(state(), now)
        assert not history.record(state(), now)
    now += 0.6
    module[1].cutoff = 300.0
    history.record(state(), now)
    restored = []
    while (step := history.undo()) is not None:
        step.snapshot.restore()
        restored.append((module[0].cutoff, module[1].cutoff))
    assert restored == [(219.0, 219.0), (219.0, 100.0), (100.0, 100.0)]
    for number in range(3 * MAX_STATES):
        module[0].cutoff = 1000.0 + number
        history.record(state(), 10.0 + number)
    count = 0
    while history.undo() is not None:
        count += 1
    assert count == MAX_STATES


def load(page: PanelDriver, signal: fx.Signal) -> dict:
    """Load a sound as a page does, and return the answer."""
    file = io.BytesIO()
    signal.save(file, format="wav")
    content = {"type": "query", "name": "upload_sound", "client": "page", "request": f"file {page.seq}"}
    content |= {"file": "dropped.wav", "upload": page.seq, "first": True, "last": True}
    page.panel._handle_custom_msg(content, [file.getvalue()])
    answers = lambda: [c for c, _ in page.received if c["type"] == "answer" and c["request"] == content["request"]]  # noqa: E731
    page.wait_until(answers, "the answer")
    page.command("play_upload", upload=content["upload"])
    page.wait_for_render(page.seq)
    return answers()[0]


def assert_plays(page: PanelDriver, signal: fx.Signal) -> None:
    """Check that the panel's signal, its spec and the input that was sent last to its page are this sound."""
    torch.testing.assert_close(page.panel.signal.samples, signal.samples)
    assert page.panel.signal.sample_rate == page.panel.spec["rate"] == signal.sample_rate
    assert page.panel.spec["frames"] == signal.frames

    def is_received() -> bool:
        chunks = [(c, b) for c, b in page.received if c["type"] == "audio" and c["dry"]]
        chunks = [(c, b) for c, b in chunks if c["clip"] == chunks[-1][0]["clip"]]
        received = np.full((chunks[0][0]["channels"], chunks[0][0]["frames"]), np.nan)
        for c, (data,) in chunks:
            samples = np.frombuffer(data, "<i2").reshape(c["channels"], c["count"]) * c["scale"]
            received[:, c["start"] : c["start"] + c["count"]] = samples
        return received.shape == signal.samples.shape and np.allclose(received, signal.numpy(), atol=1e-4)

    page.wait_until(is_received, "the page to have the sound")


def test_loaded_sound_can_be_undone_and_redone(panel, chain, noise):
    """This holds between value changes and edits of the chain, from page and Python, at any length and rate."""
    low, _ = chain
    page = PanelDriver(panel)
    tone, other = fx.sine(300.0, duration=0.7, sample_rate=22_050), 0.1 * noise
    page.set_values(**{"0__cutoff": 900.0})
    assert load(page, tone)["note"] == ""
    assert_plays(page, tone)
    page.wait_until(lambda: page.editor["can_undo"], "the step in the editor's state")
    page.command("add_stage", kind="Notch")
    page.set_values(**{"0__cutoff": 2000.0})
    load(page, other)  # with the length and rate of the first
    for _ in range(2):
        page.command("undo")
    assert (low.cutoff, len(chain)) == (900.0, 3)
    assert_plays(page, tone)
    panel.undo()
    assert len(chain) == 2
    panel.undo()
    assert low.cutoff == 900.0
    assert panel.signal is noise
    assert_plays(page, noise)
    panel.undo()
    assert low.cutoff == 500.0
    page.command("redo")
    page.command("redo")
    assert_plays(page, tone)
    for _ in range(3):
        panel.redo()
    assert (low.cutoff, len(chain)) == (2000.0, 3)
    assert_plays(page, other)
    page.wait_until(lambda: not page.editor["can_redo"], "nothing to redo")
    page.command("undo")
    panel.settings.select("B")
    page.wait_until(lambda: not page.editor["can_redo"], "the undone steps to be removed")
    assert_plays(page, tone)
    assert page.errors == []


def test_value_change_just_before_an_edit_is_a_step_of_its_own(panel, chain, noise):
    """The kernel has not rendered the value when the sound arrives."""
    low, _ = chain
    page = PanelDriver(panel)
    page.send_values(**{"0__cutoff": 900.0})
    load(page, 0.1 * noise)
    page.command("undo")
    assert (low.cutoff, panel.signal is noise) == (900.0, True)
    page.send_values(**{"0__cutoff": 1234.0})
    page.command("remove_stage", index=1)
    page.command("undo")
    assert (low.cutoff, len(chain)) == (1234.0, 2)


def test_memory_of_earlier_sounds_is_limited_and_a_note_says_so(panel, noise, monkeypatch):
    """The last sound is always kept, earlier ones within the limit; nothing else refers to them."""
    monkeypatch.setattr(history, "MAX_SOUND_BYTES", 2 * noise.samples.nbytes + 100)
    page = PanelDriver(panel)
    sounds = [level * noise for level in (0.5, 0.4, 0.3, 0.2)]
    notes = [load(page, sound)["note"] for sound in sounds[:2]]
    assert notes == ["", ""]
    second = weakref.ref(panel.signal)
    assert "Undo keeps at most 300 MB" in load(page, sounds[2])["note"]
    for sound in (sounds[1], sounds[0]):
        page.command("undo")
        assert_plays(page, sound)
    page.wait_until(lambda: not page.editor["can_undo"], "the first sound to be removed")
    panel.undo()
    assert_plays(page, sounds[0])
    page.command("redo")
    page.command("redo")
    monkeypatch.setattr(history, "MAX_SOUND_BYTES", 10)
    assert load(page, sounds[3])["note"]
    page.command("undo")
    assert_plays(page, sounds[2])
    page.wait_until(lambda: not page.editor["can_undo"], "nothing to undo")
    page.set_values(**{"0__cutoff": 900.0})
    gc.collect()
    assert second() is None


def test_changes_while_it_is_held_are_one_step_however_slow_they_are():
    module = fx.LowPass(cutoff=100.0, q=1.0)
    sound = fx.sine(440.0, duration=0.1)
    state = lambda: State(Snapshot.of(module), "A", sound)  # noqa: E731
    history = History(state())
    history.hold()
    for move in range(3):
        module.cutoff = 200.0 + move
        assert history.record(state(), 10.0 * move)
        module.q = 2.0 + move
        assert history.record(state(), 10.0 * move + 5.0)
    history.release()
    module.cutoff = 500.0
    assert history.record(state(), 100.0)
    history.undo().snapshot.restore()
    assert (module.cutoff, module.q) == (202.0, 4.0)
    history.undo().snapshot.restore()
    assert (module.cutoff, module.q) == (100.0, 1.0)
    assert not history.can_undo

"""What is done to a panel as a whole: stages, the settings A to D, presets, undo and redo, from the page and Python."""

from __future__ import annotations

import gc
import io
import json
import weakref
from collections.abc import Iterator

import numpy as np
import pytest
import torch

import fxlab as fx
from fxlab.panel import history
from fxlab.panel.code import code
from fxlab.panel.history import LONGEST, History, State
from fxlab.panel.snapshot import Snapshot
from tests.browser.server import wait_until
from tests.panel.test_panel import Line

RATE = 8000


class Hand(Line):
    """A page that moves, commands, and answers the kernel's asking as docs/panel-protocol.md has it."""

    def __init__(self, panel: fx.Panel) -> None:
        super().__init__(panel)
        self.seq, self.edition, self.values, self.desk = 0, 0, {}, {}
        self.errors: list[str] = []
        self.say(type="ready", client="page", position=0.0)
        self.settle(0)

    def carry(self, content, buffers):
        for message in content["messages"] if content["type"] == "batch" else [content]:
            if message["type"] == "desk":
                self.desk = message
            elif message["type"] == "status" and message["state"] == "error":
                self.errors.append(message["message"])
            elif message["type"] == "values" and message["seq"] >= self.seq:
                self.values |= message["values"]
                self.edition = message["edition"]
                if message["ask"]:
                    self.move()
        super().carry(content, buffers)

    def move(self, edition: int | None = None, **values) -> int:
        self.values |= {path.replace("__", "."): value for path, value in values.items()}
        self.seq += 1
        self.panel.params = {
            **{"seq": self.seq, "values": dict(self.values), "position": 0.0, "device": "cpu", "client": "page"},
            "edition": self.edition if edition is None else edition,
        }
        return self.seq

    def settle(self, seq: int) -> None:
        """That render is done, or one after it, which the kernel may have asked for."""
        self.until(
            lambda: any(c["type"] == "status" and c["seq"] >= seq and c["state"] == "idle" for c, _ in self.sent),
            f"render {seq}",
        )

    def moved(self, **values) -> None:
        self.settle(self.move(**values))

    def command(self, name: str, **fields) -> None:
        self.seq += 1
        self.say(type="command", name=name, client="page", seq=self.seq, position=0.0, **fields)
        self.until(lambda: any(c["type"] == "status" and c["seq"] >= self.seq for c, _ in self.sent), name)

    def ask(self, name: str, **fields) -> None:
        """A command that changes nothing that is heard, and so has no number."""
        self.say(type="command", name=name, client="page", **fields)

    def until(self, ready, what: str) -> None:
        wait_until(ready, 10, what)


@pytest.fixture
def chain() -> fx.Chain:
    return fx.LowPass(cutoff=500.0) | fx.Peak(gain_db=6.0)


@pytest.fixture
def panel(chain: fx.Chain, noise: fx.Signal) -> Iterator[fx.Panel]:
    shown = chain.panel(noise)
    yield shown
    shown.close()


# -- stages ---------------------------------------------------------------------------------------------------------


def test_stages_are_edited_on_the_chain_itself(panel, chain):
    low, peak = chain
    hand = Hand(panel)
    hand.command("add", kind="Notch")
    assert panel.module is chain
    assert [type(stage).__name__ for stage in chain] == ["LowPass", "Peak", "Notch"]
    assert [stage["name"] for stage in panel.spec["stages"]] == ["LowPass", "Peak", "Notch"]
    hand.command("move", index=2, to=0)
    hand.command("remove", index=1)
    assert list(chain)[1] is peak
    assert set(hand.values) >= {"0.frequency", "1.gain_db"}
    hand.moved(**{"1__gain_db": -9.0})
    assert peak.gain_db == -9.0
    hand.command("leave out", index=1, how="bypassed", on=True)
    assert chain.bypassed == {1} == set(hand.desk["bypassed"])
    torch.testing.assert_close(panel.output.samples, chain[0](panel.signal).samples)
    hand.command("leave out", index=1, how="bypassed", on=False)
    hand.command("leave out", index=1, how="soloed", on=True)
    torch.testing.assert_close(panel.output.samples, peak(panel.signal).samples)
    hand.command("remove", index=0)
    hand.command("remove", index=0)
    assert len(chain) == 0
    torch.testing.assert_close(panel.output.samples, panel.signal.samples)
    for _ in range(9):
        hand.command("undo")
    assert list(chain) == [low, peak]
    assert peak.gain_db == 6.0
    assert (chain.bypassed, chain.soloed) == (frozenset(), frozenset())
    assert hand.errors == []


def test_a_stage_beside_what_is_no_chain_makes_one_of_it(noise):
    low = fx.LowPass(cutoff=700.0)
    panel = low.panel(noise)
    hand = Hand(panel)
    hand.command("add", kind="HighPass")
    assert isinstance(panel.module, fx.Chain)
    assert panel.module[0] is low
    hand.moved(**{"0__cutoff": 300.0})
    assert low.cutoff == 300.0
    hand.command("undo")
    hand.command("undo")
    assert panel.module is low
    assert low.cutoff == 700.0
    panel.close()


def test_a_move_for_stages_that_are_others_now_is_no_move(panel, chain):
    """The page had not heard yet that its paths mean other stages."""
    hand = Hand(panel)
    old = hand.edition
    chain.insert(0, fx.HighPass(cutoff=50.0))
    hand.until(lambda: len(panel.spec["stages"]) == 3, "the new stages")
    hand.until(lambda: hand.edition > old, "the new values")
    hand.settle(hand.move(edition=old, **{"0__cutoff": 4000.0}))
    assert chain[0].cutoff == 50.0


def test_what_cannot_be_done_is_said(panel, chain):
    hand = Hand(panel)
    hand.command("remove", index=5)
    hand.command("add", kind="Chain")
    hand.command("recall", preset="none")
    assert "there is no stage 5" in hand.errors[0]
    assert "no module 'Chain'" in hand.errors[1]
    assert "there is no 'none'; there are none yet" in hand.errors[2]
    assert len(chain) == 2


def test_each_question_is_answered_be_it_that_it_cannot_be_done(panel, chain):
    """Else the page that asked would wait for ever; the sound is not at fault."""
    hand = Hand(panel)
    questions = {
        "copy": {"letter": "B"},
        "keep": {"preset": "warm"},
        "forget": {"preset": "warm"},
        "catalogue": {},
        "code": {},
    }
    wrong = {"copy": {"letter": "E"}, "keep": {"preset": " "}, "forget": {"preset": "none"}, "download": {}}
    for number, (name, fields) in enumerate([*questions.items(), *wrong.items()]):
        hand.ask(name, ask=str(number), **fields)
    answers = lambda: {c["ask"]: c.get("fault") for c, _ in hand.sent if c["type"] == "answer"}  # noqa: E731
    hand.until(lambda: len(answers()) == 9, "nine answers")
    assert [answers()[str(number)] for number in range(5)] == [None] * 5
    assert "there is no 'E'" in answers()["5"]
    assert "there is no 'none'" in answers()["7"]
    assert answers()["8"].startswith("KeyError")
    assert hand.errors == []


# -- undo -----------------------------------------------------------------------------------------------------------


def test_every_change_can_be_undone_and_made_again(panel, chain):
    learned = chain[1].q = torch.nn.Parameter(torch.tensor(0.1 + 0.2, dtype=torch.float64))
    hand = Hand(panel)
    hand.moved(**{"0__cutoff": 900.0})
    hand.moved(**{"1__q": 5.0})
    panel.module[0].cutoff = 1 / 3  # Python's too
    hand.until(lambda: hand.values["0.cutoff"] == 1 / 3, "the slider to follow")
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
    hand.until(lambda: hand.values["0.cutoff"] == 77.0, "the slider to follow")
    assert not hand.desk["redo"]
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
            assert history.note(state(), now)
        assert not history.note(state(), now)
    now += 0.6
    module[1].cutoff = 300.0
    history.note(state(), now)
    seen = []
    while (step := history.undo()) is not None:
        step.heard.restore()
        seen.append((module[0].cutoff, module[1].cutoff))
    assert seen == [(219.0, 219.0), (219.0, 100.0), (100.0, 100.0)]
    for number in range(3 * LONGEST):
        module[0].cutoff = 1000.0 + number
        history.note(state(), 10.0 + number)
    count = 0
    while history.undo() is not None:
        count += 1
    assert count == LONGEST


def load(hand: Hand, signal: fx.Signal) -> dict:
    """Drop a sound on the panel; what the page is answered."""
    file = io.BytesIO()
    signal.save(file, format="wav")
    hand.seq += 1
    content = {"type": "command", "name": "load", "client": "page", "ask": f"file {hand.seq}", "position": 0.0}
    content |= {"file": "dropped.wav", "first": True, "last": True, "seq": hand.seq}
    hand.panel._handle_custom_msg(content, [file.getvalue()])
    hand.settle(hand.seq)
    return next(c for c, _ in hand.sent if c["type"] == "answer" and c["ask"] == content["ask"])


def plays(hand: Hand, signal: fx.Signal) -> None:
    """The panel's signal, its spec and the input that its page was sent last are of this sound."""
    torch.testing.assert_close(hand.panel.signal.samples, signal.samples)
    assert hand.panel.signal.sample_rate == hand.panel.spec["rate"] == signal.sample_rate
    assert hand.panel.spec["frames"] == signal.frames

    def heard() -> bool:
        pieces = [(c, b) for c, b in hand.sent if c["type"] == "audio" and c["dry"]]
        pieces = [(c, b) for c, b in pieces if c["take"] == pieces[-1][0]["take"]]
        whole = np.full((pieces[0][0]["channels"], pieces[0][0]["frames"]), np.nan)
        for c, (data,) in pieces:
            part = np.frombuffer(data, "<i2").reshape(c["channels"], c["count"]) * c["scale"]
            whole[:, c["start"] : c["start"] + c["count"]] = part
        return whole.shape == signal.samples.shape and np.allclose(whole, signal.numpy(), atol=1e-4)

    hand.until(heard, "the page to have the sound")


def test_a_loaded_sound_is_undone_and_made_again_like_any_change(panel, chain, noise):
    """Between moves and edits of the chain, from the page and from Python, whatever its length and rate."""
    low, _ = chain
    hand = Hand(panel)
    tone, other = fx.sine(300.0, duration=0.7, sample_rate=22_050), 0.1 * noise
    hand.moved(**{"0__cutoff": 900.0})
    assert load(hand, tone)["note"] == ""
    plays(hand, tone)
    assert hand.desk["undo"]
    hand.command("add", kind="Notch")
    hand.moved(**{"0__cutoff": 2000.0})
    load(hand, other)  # as long as the first, and of its rate
    for _ in range(2):
        hand.command("undo")
    assert (low.cutoff, len(chain)) == (900.0, 3)
    plays(hand, tone)
    panel.undo()
    assert len(chain) == 2
    panel.undo()
    assert low.cutoff == 900.0
    assert panel.signal is noise
    plays(hand, noise)
    panel.undo()
    assert low.cutoff == 500.0
    hand.command("redo")
    hand.command("redo")
    plays(hand, tone)
    for _ in range(3):
        panel.redo()
    assert (low.cutoff, len(chain)) == (2000.0, 3)
    plays(hand, other)
    assert not hand.desk["redo"]
    hand.command("undo")
    panel.settings.select("B")
    hand.until(lambda: not hand.desk["redo"], "the other future to be gone")
    plays(hand, tone)
    assert hand.errors == []


def test_a_move_just_before_another_change_is_a_step_of_its_own(panel, chain, noise):
    """The kernel has not rendered it yet when it hears of the sound."""
    low, _ = chain
    hand = Hand(panel)
    hand.move(**{"0__cutoff": 900.0})
    load(hand, 0.1 * noise)
    hand.command("undo")
    assert (low.cutoff, panel.signal is noise) == (900.0, True)
    hand.move(**{"0__cutoff": 1234.0})
    hand.command("remove", index=1)
    hand.command("undo")
    assert (low.cutoff, len(chain)) == (1234.0, 2)


def test_sounds_before_are_kept_within_bounds_and_what_is_forgotten_is_said(panel, noise, monkeypatch):
    """The last is kept whatever its size, those before it as far as there is room; nothing else holds them."""
    monkeypatch.setattr(history, "MOST_BYTES", 2 * noise.samples.nbytes + 100)
    hand = Hand(panel)
    sounds = [level * noise for level in (0.5, 0.4, 0.3, 0.2)]
    said = [load(hand, sound)["note"] for sound in sounds[:2]]
    assert said == ["", ""]
    second = weakref.ref(panel.signal)
    assert "Undo keeps 300 MB" in load(hand, sounds[2])["note"]
    for sound in (sounds[1], sounds[0]):
        hand.command("undo")
        plays(hand, sound)
    assert not hand.desk["undo"], "the first is forgotten"
    panel.undo()
    plays(hand, sounds[0])
    hand.command("redo")
    hand.command("redo")
    monkeypatch.setattr(history, "MOST_BYTES", 10)
    assert load(hand, sounds[3])["note"]
    hand.command("undo")
    plays(hand, sounds[2])
    assert not hand.desk["undo"]
    hand.moved(**{"0__cutoff": 900.0})
    gc.collect()
    assert second() is None


# -- A B C D, presets, code -----------------------------------------------------------------------------------------


def test_each_letter_keeps_what_is_changed_while_it_is_heard(panel, chain):
    low, peak = chain
    hand = Hand(panel)
    hand.moved(**{"0__cutoff": 900.0})
    hand.command("select", letter="B")
    assert low.cutoff == 900.0, "a letter never used takes what is heard"
    hand.moved(**{"0__cutoff": 2000.0})
    hand.command("add", kind="Notch")
    panel.settings.select("A")
    assert (low.cutoff, len(chain)) == (900.0, 2)
    b = panel.settings["B"]
    assert b is not chain
    assert (b[0].cutoff, len(b)) == (2000.0, 3)
    b[0].cutoff = 1.0
    panel.settings.copy("B", "D")
    panel.settings.select("D")
    assert (low.cutoff, len(chain)) == (2000.0, 3)
    assert list(panel.settings) == ["A", "B", "D"]
    assert chain[0] is low
    panel.undo()
    assert (panel.settings.selected, low.cutoff, len(chain)) == ("A", 900.0, 2)
    panel.undo()
    assert list(panel.settings) == ["A", "B"]
    assert "> A: LowPass(cutoff=900.0)" in repr(panel.settings)
    with pytest.raises(fx.ParameterError, match="C was never used"):
        panel.settings["C"]
    with pytest.raises(fx.ParameterError, match="there is no 'E'; there are A, B, C, D"):
        panel.settings.select("E")
    assert peak is chain[1]


def test_presets_live_by_name_and_in_a_file(panel, chain, tmp_path):
    low, _ = chain
    panel.presets["warm"] = panel.module
    hand = Hand(panel)
    hand.moved(**{"0__cutoff": 3000.0})
    hand.ask("keep", preset=" bright ")
    hand.until(lambda: "bright" in hand.desk["presets"], "the name in the menu")
    hand.command("remove", index=1)
    panel.presets.recall("warm")
    assert chain[0] is low
    assert repr(chain) == "LowPass(cutoff=500.0) | Peak(gain_db=6.0)"
    panel.presets.save(tmp_path / "mine.json")
    assert set(json.loads((tmp_path / "mine.json").read_text())) == {"warm", "bright"}
    del panel.presets["warm"]
    panel.presets.load(tmp_path / "mine.json")
    assert list(panel.presets) == ["bright", "warm"]
    panel.undo()
    assert repr(chain) == "Chain(LowPass(cutoff=3000.0))"
    hand.command("recall", preset="bright")
    assert repr(chain) == "LowPass(cutoff=3000.0) | Peak(gain_db=6.0)"
    (tmp_path / "bad.json").write_text('{"x": {"type": "Nothing"}}')
    with pytest.raises(fx.FileError, match=r"bad.json' cannot be loaded: from_dict: there is no module type"):
        panel.presets.load(tmp_path / "bad.json")
    with pytest.raises(fx.ParameterError, match="a name is ''"):
        panel.presets[""] = chain
    assert len(panel.presets) == 2


class Crackle(fx.Module):
    amount = fx.Param(0.5, low=0.0, high=1.0)

    def forward(self, x, sample_rate):
        return x * (1 + self.amount)


@pytest.mark.parametrize(
    "module",
    [
        fx.LowPass(cutoff=1 / 3) | fx.Peak(gain_db=6.0),
        fx.Chain(fx.LowPass(), fx.Mix(fx.Butterworth((300.0, 900.0), kind="bandpass"), mix=0.25), bypassed=[0]),
        fx.LowPass(q=torch.tensor([0.5, 2.0])) + fx.FIR(torch.arange(100.0).tolist()),
        fx.ParametricEQ(fx.Peak(300.0, -3.0), fx.HighShelf()) | Crackle(amount=0.2),
        fx.Chain(),
    ],
    ids=repr,
)
def test_the_code_makes_what_is_heard(module, noise):
    scope: dict = {}
    text = code(module)
    exec(text, scope)
    assert repr(scope["module"]) == repr(module)
    torch.testing.assert_close(scope["module"](noise).samples, module(noise).samples)


def test_the_code_says_what_has_to_be_in_scope():
    made = code(fx.LowPass() | torch.tanh)
    assert "# tanh has to be in scope" in made
    assert made.endswith("module = fx.LowPass() | tanh()")

    class Local(fx.Module):
        def forward(self, x, sample_rate):
            return x

    assert "# Local has to be in scope: a class of your own." in code(Local())
    with pytest.raises(fx.ParameterError, match=r"FIR has 5000 numbers in taps; .* torch.save"):
        code(fx.FIR([0.1] * 5000))


# -- what Python sets -----------------------------------------------------------------------------------------------


def test_what_python_sets_shows_at_once_and_in_every_panel(panel, chain, noise):
    other = chain.panel(noise)
    one, two = Hand(panel), Hand(other)
    chain[0].cutoff = 321.0
    for hand in (one, two):
        hand.until(lambda hand=hand: hand.values["0.cutoff"] == 321.0, "the slider to follow")
    one.moved(**{"0__cutoff": 654.0})
    two.until(lambda: two.values["0.cutoff"] == 654.0, "the other panel to follow")
    one.command("add", kind="Notch")
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

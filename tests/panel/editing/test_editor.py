"""Tests of editing the module: stages, the settings A to D, and presets, from the page and from Python."""

from __future__ import annotations

import json

import pytest
import torch

import fxlab as fx
from tests.support.panel_driver import PanelDriver


class FaultyInTheMiddle(fx.Module):
    """A gain that raises an error around the middle of its slider."""

    level = fx.Param(0.2, low=0.0, high=1.0)

    def forward(self, x, sample_rate):
        if 0.4 < self.level < 0.6:
            raise ValueError("a failure")
        return x * self.level


def test_commands_edit_the_chain_in_place(panel, chain):
    low, peak = chain
    page = PanelDriver(panel)
    page.command("add_stage", kind="Notch")
    assert panel.module is chain
    assert [type(stage).__name__ for stage in chain] == ["LowPass", "Peak", "Notch"]
    assert [stage["name"] for stage in panel.spec["stages"]] == ["LowPass", "Peak", "Notch"]
    page.command("move_stage", index=2, to=0)
    page.command("remove_stage", index=1)
    assert list(chain)[1] is peak
    assert set(page.values) >= {"0.frequency", "1.gain_db"}
    page.set_values(**{"1__gain_db": -9.0})
    assert peak.gain_db == -9.0
    page.command("set_stage_state", index=1, state="bypassed", on=True)
    assert chain.bypassed == {1}
    page.wait_until(lambda: set(page.editor["bypassed"]) == {1}, "the editor's state")
    torch.testing.assert_close(panel.output.samples, chain[0](panel.signal).samples)
    page.command("set_stage_state", index=1, state="bypassed", on=False)
    page.command("set_stage_state", index=1, state="soloed", on=True)
    torch.testing.assert_close(panel.output.samples, peak(panel.signal).samples)
    page.command("remove_stage", index=0)
    page.command("remove_stage", index=0)
    assert len(chain) == 0
    torch.testing.assert_close(panel.output.samples, panel.signal.samples)
    for _ in range(9):
        page.command("undo")
    assert list(chain) == [low, peak]
    assert peak.gain_db == 6.0
    assert (chain.bypassed, chain.soloed) == (frozenset(), frozenset())
    assert page.errors == []


def test_stage_is_found_by_its_key_after_it_moved(panel, chain):
    """A button that is pressed again before the page is updated refers to the same stage."""
    low, peak = chain
    page = PanelDriver(panel)
    page.command("add_stage", kind="Notch")
    notch = chain[2]
    keys = [stage["id"] for stage in panel.spec["stages"]]
    assert len(set(keys)) == 3
    for _ in range(3):
        page.command("move_stage", index=2, to=1, id=keys[2])
    assert list(chain) == [notch, low, peak]
    page.command("set_stage_state", index=0, id=keys[0], state="bypassed", on=True)
    assert chain.bypassed == {1}
    page.command("remove_stage", index=1, id=keys[1])
    page.command("remove_stage", index=1, id=keys[1])
    page.command("set_stage_state", index=1, id=keys[1], state="soloed", on=True)
    assert list(chain) == [notch, low]
    assert chain.soloed == frozenset()
    assert page.errors == []


def test_values_that_failed_are_in_no_setting_and_no_step(noise):
    """The last good values go on, and settings, undo and presets start from them."""
    panel = FaultyInTheMiddle(level=0.2).panel(noise)
    page = PanelDriver(panel)
    page.set_values(level=0.3)
    page.wait_for_error(page.send_values(level=0.5))
    assert panel.module.level == 0.3
    page.command("select_settings", letter="B")
    assert [panel.settings[letter].level for letter in "AB"] == [0.3, 0.3]
    assert page.values["level"] == 0.3
    page.set_values(level=0.7)
    page.wait_for_error(page.send_values(level=0.5))
    page.command("undo")
    assert panel.module.level == page.values["level"] == 0.3
    assert set(page.errors) == {"FaultyInTheMiddle raised ValueError: a failure"}
    panel.close()


def test_stage_added_to_a_single_module_makes_a_chain(noise):
    low = fx.LowPass(cutoff=700.0)
    panel = low.panel(noise)
    page = PanelDriver(panel)
    page.command("add_stage", kind="HighPass")
    assert isinstance(panel.module, fx.Chain)
    assert panel.module[0] is low
    page.set_values(**{"0__cutoff": 300.0})
    assert low.cutoff == 300.0
    page.command("undo")
    page.command("undo")
    assert panel.module is low
    assert low.cutoff == 700.0
    panel.close()


def test_values_for_earlier_stages_are_ignored(panel, chain):
    """The page does not yet know that its paths refer to other stages."""
    page = PanelDriver(panel)
    old = page.revision
    chain.insert(0, fx.HighPass(cutoff=50.0))
    page.wait_until(lambda: len(panel.spec["stages"]) == 3, "the new stages")
    page.wait_until(lambda: page.revision > old, "the new values")
    page.wait_for_render(page.send_values(revision=old, **{"0__cutoff": 4000.0}))
    assert chain[0].cutoff == 50.0


def test_failed_commands_are_reported(panel, chain):
    page = PanelDriver(panel)
    page.command("remove_stage", index=5)
    page.command("add_stage", kind="Chain")
    page.command("recall_preset", preset="none")
    assert "there is no stage 5" in page.errors[0]
    assert "no module 'Chain'" in page.errors[1]
    assert "there is no preset 'none'; there are no presets yet" in page.errors[2]
    assert len(chain) == 2


def test_every_query_is_answered_even_if_it_fails(panel, chain):
    """Otherwise the page would wait for ever; the failure is no error of the render."""
    page = PanelDriver(panel)
    valid = {
        "copy_settings": {"letter": "B"},
        "save_preset": {"preset": "warm"},
        "delete_preset": {"preset": "warm"},
        "module_catalog": {},
        "code": {},
    }
    invalid = {
        "copy_settings": {"letter": "E"},
        "save_preset": {"preset": " "},
        "delete_preset": {"preset": "none"},
        "download": {},
    }
    for number, (name, fields) in enumerate([*valid.items(), *invalid.items()]):
        page.query(name, request=str(number), **fields)
    answers = lambda: {c["request"]: c.get("error") for c, _ in page.received if c["type"] == "answer"}  # noqa: E731
    page.wait_until(lambda: len(answers()) == 9, "nine answers")
    assert [answers()[str(number)] for number in range(5)] == [None] * 5
    assert "there is no 'E'" in answers()["5"]
    assert "there is no preset 'none'" in answers()["7"]
    assert answers()["8"].startswith("KeyError")
    assert page.errors == []


def test_each_setting_keeps_its_changes(panel, chain):
    low, peak = chain
    page = PanelDriver(panel)
    page.set_values(**{"0__cutoff": 900.0})
    page.command("select_settings", letter="B")
    assert low.cutoff == 900.0, "a letter that was never used takes over what plays"
    page.set_values(**{"0__cutoff": 2000.0})
    page.command("add_stage", kind="Notch")
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


def test_blanks_around_the_name_of_a_preset_are_ignored(panel):
    panel.presets[" warm "] = panel.module
    assert list(panel.presets) == ["warm"]
    assert " warm" in panel.presets
    assert panel.presets["warm "] == panel.presets["warm"]
    del panel.presets[" warm"]
    assert len(panel.presets) == 0


def test_presets_are_saved_by_name_and_in_a_file(panel, chain, tmp_path):
    low, _ = chain
    panel.presets["warm"] = panel.module
    page = PanelDriver(panel)
    page.set_values(**{"0__cutoff": 3000.0})
    page.query("save_preset", preset=" bright ")
    page.wait_until(lambda: "bright" in page.editor["presets"], "the name in the menu")
    page.command("remove_stage", index=1)
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
    page.command("recall_preset", preset="bright")
    assert repr(chain) == "LowPass(cutoff=3000.0) | Peak(gain_db=6.0)"
    (tmp_path / "bad.json").write_text('{"x": {"type": "Nothing"}}')
    with pytest.raises(fx.FileError, match=r"cannot load .*bad.json': from_dict: there is no module type"):
        panel.presets.load(tmp_path / "bad.json")
    for use in (panel.presets.save, panel.presets.load):
        with pytest.raises(fx.FileError, match=r"cannot (save|load) 123, a int; give the path of a JSON file"):
            use(123)
    with pytest.raises(fx.ParameterError, match="'' is not a name"):
        panel.presets[""] = chain
    assert len(panel.presets) == 2

"""The presets of a panel as a mapping: defaults where a name is missing, and copies that change nothing."""

from __future__ import annotations

import pytest

import fxlab as fx
from fxlab.panel.editing.presets import Presets


class Strict(fx.Gain):
    """A class of one's own whose constructor fails."""

    def __init__(self) -> None:
        raise KeyError("nothing")


@pytest.fixture
def presets():
    recalled, changes = [], []
    made = Presets(recalled.append, lambda: changes.append(True))
    made.recalled, made.changes = recalled, changes
    made["warm"] = fx.LowPass(cutoff=800.0) | fx.Peak(gain_db=3.0)
    return made


def test_a_missing_name_gives_the_default(presets):
    assert presets.get("cold") is None
    assert presets.get("cold", 7) == 7
    assert presets.get(3) is None
    assert presets.pop("cold", None) is None
    assert len(presets.changes) == 1, "only what was set has changed anything"


@pytest.mark.parametrize("read", [lambda p: p["cold"], lambda p: p.pop("cold"), lambda p: p.recall("cold")])
def test_a_missing_name_without_a_default_is_an_error_that_says_which_there_are(presets, read):
    for kind in (KeyError, fx.ParameterError):
        with pytest.raises(kind) as caught:
            read(presets)
        assert str(caught.value) == "panel.presets: there is no preset 'cold'; the presets are 'warm'."
    with pytest.raises(KeyError):
        del presets["cold"]
    assert list(presets) == ["warm"]


def test_a_description_that_was_read_is_a_copy(presets):
    described = (fx.LowPass(cutoff=800.0) | fx.Peak(gain_db=3.0)).to_dict()
    for read in (presets["warm"], presets.get(" warm "), next(iter(presets.values())), dict(presets)["warm"]):
        assert read == described
        read["stages"].clear()
        read["type"] = "nothing"
    assert presets["warm"] == described
    given = fx.LowPass().to_dict()
    presets["given"] = given
    given["type"] = "nothing"
    assert presets["given"]["type"] == "LowPass"
    presets.recall("warm")
    assert presets.recalled == [described]


def test_it_is_a_mapping_in_every_other_way(presets):
    warm = presets["warm"]
    assert presets.pop("warm") == warm
    assert "warm" not in presets
    assert presets.setdefault("soft", fx.LowPass()) is not None
    presets.update({"hard": fx.HighPass(), "soft": fx.LowPass(cutoff=300.0)})
    assert list(presets) == ["soft", "hard"]
    assert fx.Module.from_dict(presets["soft"]).cutoff == 300.0
    presets.clear()
    assert dict(presets) == {}
    with pytest.raises(KeyError):
        presets.popitem()


def test_names_of_an_edited_file_are_stripped_like_others(presets, tmp_path):
    path = tmp_path / "presets.json"
    path.write_text('{" soft ": {"type": "LowPass"}, "warm\\n": {"type": "HighPass"}}')
    presets.load(path)
    assert list(presets) == ["warm", "soft"]
    presets.recall("soft")
    assert presets.recalled[-1]["type"] == "LowPass"
    assert presets[" warm"]["type"] == "HighPass", "it replaces the preset of the same name"
    path.write_text('{" ": {"type": "LowPass"}}')
    with pytest.raises(fx.FileError, match="a preset with the empty name ' '"):
        presets.load(path)


@pytest.mark.parametrize(
    "description",
    [
        '{"type": "Chain", "stages": 3}',
        '{"type": "Chain", "stages": [[1], null]}',
        '{"type": "Biquad"}',  # an abstract class
        '{"type": "tests.panel.editing.test_presets.Strict"}',
        "[" * 100_000,
    ],
)
def test_a_file_without_valid_presets_is_a_file_error_and_adds_none(presets, tmp_path, description):
    path = tmp_path / "presets.json"
    path.write_text('{"soft": {"type": "LowPass"}, "wrong": ' + description + "}")
    with pytest.raises(fx.FileError, match=r"panel\.presets: cannot load .*presets\.json"):
        presets.load(path)
    assert list(presets) == ["warm"]

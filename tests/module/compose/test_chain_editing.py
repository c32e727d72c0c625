"""`Chain` as a list: it is edited in place, keeps the objects, and runs without bypassed stages."""

from __future__ import annotations

import copy
import io
import json
import pickle

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import fxlab as fx
from tests.support.specimens import eval_repr

RATE = 48_000.0
NAMES = "abcdef"


def chain_of_three() -> tuple[fx.Chain, list[fx.Module]]:
    parts = [fx.HighPass(90.0), fx.Peak(900.0, 9.0), fx.LowPass(4000.0)]
    return fx.Chain(*parts), parts


def check_equal(chain: fx.Chain, parts: list[fx.Module]) -> None:
    """Check that `chain` runs and responds as a new chain of `parts`."""
    x = torch.randn(2, 300, dtype=torch.float64)
    fresh = fx.Chain(*parts)
    torch.testing.assert_close(chain(x, sample_rate=RATE), fresh(x, sample_rate=RATE))
    torch.testing.assert_close(chain.response([100.0, 2000.0], RATE), fresh.response([100.0, 2000.0], RATE))
    assert chain.sos(RATE).shape == fresh.sos(RATE).shape


@settings(max_examples=40)
@given(data=st.data())
def test_edits_equal_those_of_a_list(data):
    """Any sequence of edits gives the same as on a Python list, with the flags of the stages."""
    chain = fx.Chain()
    names: list[tuple[float, bool]] = []  # (cutoff, bypassed)
    for step in range(data.draw(st.integers(1, 8))):
        size = len(names)
        kinds = ["append", "insert", "bypass"] + (["pop", "del", "move", "set"] if size else [])
        kind = data.draw(st.sampled_from(kinds))
        at = data.draw(st.integers(-size, size - 1)) if size else 0
        stage = fx.LowPass(100.0 + step)
        if kind == "append":
            chain.append(stage)
            names.append((stage.cutoff, False))
        elif kind == "insert":
            chain.insert(at, stage)
            names.insert(at, (stage.cutoff, False))
        elif kind == "set":
            chain[at] = stage
            names[at] = (stage.cutoff, False)
        elif kind == "pop":
            assert chain.pop(at).cutoff == names.pop(at)[0]
        elif kind == "del":
            del chain[at:]
            del names[at:]
        elif kind == "move":
            to = data.draw(st.integers(0, size - 1))
            chain.move(at, to)
            names.insert(to, names.pop(at))
        else:
            chosen = data.draw(st.sets(st.integers(0, size - 1))) if size else set()
            chain.bypassed = chosen
            names = [(name, number in chosen) for number, (name, _) in enumerate(names)]
        assert [stage.cutoff for stage in chain] == [name for name, _ in names]
        assert chain.bypassed == {number for number, (_, bypassed) in enumerate(names) if bypassed}
        assert [path for path, _, _ in chain.walk()] == [f"{n}.{p}" for n in range(len(names)) for p in ("cutoff", "q")]


def test_the_stages_stay_the_same_objects():
    chain, (high, peak, low) = chain_of_three()
    learned = peak.q = torch.nn.Parameter(torch.tensor(2.0))
    chain.move(2, 0)
    chain.append(new := fx.Notch(50.0))
    assert list(chain) == [low, high, peak, new]
    assert chain.pop(0) is low
    assert any(p is learned for p in chain.parameters())
    check_equal(chain, [high, peak, new])
    del chain[:]
    check_equal(chain, [])
    assert repr(chain) == "Chain()"


def test_append_and_insert_take_what_the_constructor_takes():
    chain, _ = chain_of_three()
    chain.append(fx.Peak(200.0) | torch.tanh)
    assert len(chain) == 5
    assert not chain.has_response
    kept = fx.Chain(fx.Peak(), sample_rate=RATE)
    chain.insert(0, kept)
    assert chain[0] is kept
    chain.append(chain[1])
    assert chain[-1] is chain[1]


def test_a_bypassed_stage_is_left_out():
    chain, (high, peak, low) = chain_of_three()
    chain.bypassed = {1}
    check_equal(chain, [high, low])
    assert list(chain) == [high, peak, low]
    peak.gain_db = -3.0
    chain.bypassed |= {-1}
    assert chain.bypassed == {1, 2}
    check_equal(chain, [high])
    chain.move(0, 2)
    assert chain.bypassed == {0, 1}
    check_equal(chain, [high])
    chain.bypassed = ()
    check_equal(chain, [peak, low, high])
    nonlinear = fx.LowPass() | torch.tanh | fx.HighPass()
    assert not nonlinear.has_response
    nonlinear.bypassed = [1]
    assert nonlinear.response([100.0], RATE).shape == (1,)


def test_soloed_stages_run_alone():
    chain, (high, peak, _) = chain_of_three()
    chain.soloed = {1}
    check_equal(chain, [peak])
    chain.soloed = {0, 1}
    chain.bypassed = {0}
    check_equal(chain, [peak])
    chain.bypassed = {0, 1}
    check_equal(chain, [])
    # Solo applies within the joined chain: a stage that it is joined with stays active.
    chain.bypassed = ()
    joined = chain | fx.LowShelf(200.0, 6.0)
    check_equal(joined, [high, peak, joined[3]])
    assert joined.bypassed == {2}
    assert joined.soloed == frozenset()
    assert chain.soloed == {0, 1}


@pytest.mark.parametrize("made", [fx.Chain, fx.ParametricEQ])
def test_bypass_and_solo_are_part_of_repr_dictionary_and_copies(made):
    chain = made(fx.Peak(100.0), fx.Peak(200.0, 3.0), fx.Peak(400.0), bypassed=[0], soloed=[0, 1])
    again = eval_repr(repr(chain))
    loaded = fx.Module.from_dict(json.loads(json.dumps(chain.to_dict())))
    buffer = io.BytesIO(pickle.dumps(chain))
    for other in (again, loaded, copy.deepcopy(chain), pickle.load(buffer)):
        assert type(other) is made
        assert (other.bypassed, other.soloed) == ({0}, {0, 1})
        check_equal(other, [chain[1]])
    assert chain[:2].bypassed == {0}
    assert repr(made(fx.Peak(100.0), fx.Peak(200.0))).count("bypassed") == 0
    assert "bypassed" not in (fx.Peak() | fx.Peak()).to_dict()


def test_a_stream_ends_with_an_edit():
    for edit in (
        lambda chain: chain.move(0, 2),
        lambda chain: chain.pop(),
        lambda chain: setattr(chain, "bypassed", {1}),
    ):
        chain, _ = chain_of_three()
        stream = chain.stream(RATE)
        stream(torch.randn(1, 64))
        edit(chain)
        with pytest.raises(fx.FxlabError, match=r"its stages changed .* so the state does not fit; start a new stream"):
            stream(torch.randn(1, 64))


def test_invalid_edits_raise():
    chain, _ = chain_of_three()
    with pytest.raises(IndexError, match=r"Chain has 3 stages; there is no stage 3"):
        del chain[3]
    with pytest.raises(IndexError, match=r"Chain has 3 stages; there is no stage 7 to insert before"):
        chain.insert(7, fx.Peak())
    with pytest.raises(TypeError, match=r"whole number, not 3\.0"):
        chain.insert(3.0, fx.Peak())
    with pytest.raises(IndexError, match=r"there is no stage -4 to move to"):
        chain.move(0, -4)
    with pytest.raises(fx.ParameterError, match=r"Chain: bypassed is \[5\]; it must be a set of .* from 0 to 2"):
        chain.bypassed = [5]
    with pytest.raises(fx.ParameterError, match=r"soloed is \{'1'\}; it must be a set"):
        chain.soloed = {"1"}
    for name in ("bypassed", "soloed"):
        for wrong in (1, 0, [7], "x"):
            with pytest.raises(fx.ParameterError, match=f"{name} is .*; it must be a set of indices"):
                fx.Chain(fx.Gain(), fx.Gain(), **{name: wrong})
    with pytest.raises(fx.ParameterError, match="none, as there are no stages"):
        fx.Chain().bypassed = [0]
    with pytest.raises(fx.ParameterError, match="contains this Chain itself"):
        chain.append(fx.Mix(chain))
    with pytest.raises(fx.ParameterError, match="A stage must be a Module"):
        chain.append(3)
    assert len(chain) == 3
    eq = fx.ParametricEQ(bands=1)
    with pytest.raises(fx.ParameterError, match="not made of second-order sections"):
        eq.append(torch.tanh)
    with pytest.raises(fx.ParameterError, match="at least one band"):
        eq.pop()
    assert len(eq) == 1

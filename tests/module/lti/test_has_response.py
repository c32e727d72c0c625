"""`has_response`: true for every filter, and for modules made of others while all their parts have a response."""

from __future__ import annotations

import pytest
import torch

import fxlab as fx
from fxlab.module import LinearAnalysis, has_response
from tests.support.specimens import specimens
from tests.support.teacher_modules import Smooth, Tremolo

RATE = 48_000.0
SPECIMENS = specimens()


@pytest.mark.parametrize("name", SPECIMENS)
def test_it_says_whether_response_may_be_called(name: str) -> None:
    made = SPECIMENS[name]()
    assert made.has_response == (isinstance(made, LinearAnalysis) and not isinstance(made, fx.FixedPoint | fx.MidSide))
    if has_response(made):
        assert made.response([100.0], RATE).shape[-1] == 1


def test_a_filter_has_a_response_and_an_effect_has_none() -> None:
    assert fx.LowPass().has_response
    assert Smooth().has_response
    assert fx.Crossover().has_response
    assert not Tremolo().has_response
    assert not fx.wrap(torch.tanh).has_response


@pytest.mark.parametrize(
    ("join", "says"),
    [
        (lambda odd: fx.LowPass() | odd, r"Chain: stage 1, Tremolo\(\), is not linear and time-invariant"),
        (lambda odd: fx.LowPass() + odd, r"Sum: its branch Tremolo\(\) is not linear and time-invariant"),
        (lambda odd: fx.Mix(odd, 0.5), r"Mix: its branch Tremolo\(\) is not linear and time-invariant"),
        (lambda odd: fx.HighPass() | fx.Mix(odd, 0.5), r"Chain: stage 1, Mix\(Tremolo\(\), mix=0.5\), is not linear"),
    ],
)
def test_a_chain_sum_or_mix_has_a_response_while_all_parts_do(join, says) -> None:
    assert join(fx.Peak()).has_response
    odd = join(Tremolo())
    assert not odd.has_response
    assert isinstance(odd, LinearAnalysis)  # it has the methods, and each raises
    methods = ("sos", "zpk", "ba", "poles", "zeros", "margin", "noise_gain", "memory", "is_stable", "step_response")
    for ask in methods:
        with pytest.raises(fx.FxlabError, match=says):
            getattr(odd, ask)(RATE)
    with pytest.raises(fx.FxlabError, match="Tremolo cannot stream"):  # a program needs its blocks
        odd.export("c", RATE)


def test_it_follows_changes_of_the_stages() -> None:
    chain = fx.LowPass() | Tremolo()
    assert not chain.has_response
    chain.bypassed = {1}
    assert chain.has_response
    chain.bypassed = ()
    chain.pop()
    assert chain.has_response
    backwards = fx.ZeroPhase(chain)
    assert backwards.has_response
    chain.append(torch.tanh)
    assert not backwards.has_response
    with pytest.raises(fx.ParameterError, match=r"ZeroPhase: .* is not linear and time-invariant"):
        backwards.response([100.0], RATE)


def test_a_chain_is_no_instance_of_lti() -> None:
    """Its response depends on its stages, while an `LTI` always has one."""
    assert not isinstance(fx.LowPass() | fx.Peak(), fx.LTI)
    assert not isinstance(fx.LowPass() + fx.Peak(), fx.LTI)
    assert isinstance(fx.Crossover(), fx.LTI)
    assert isinstance(fx.LowPass(), fx.LTI)


def test_a_class_without_response_may_not_set_has_response() -> None:
    with pytest.raises(fx.ParameterError, match=r"Claims sets has_response but has no response\(frequencies"):

        class Claims(fx.Module):
            has_response = True

            def forward(self, x, sample_rate):
                return 2 * x

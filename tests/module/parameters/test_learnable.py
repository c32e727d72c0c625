"""`learn` and `freeze`: which parameters become `nn.Parameter`s."""

from __future__ import annotations

import copy

import pytest
import torch

import fxlab as fx


def names(module):
    return [name for name, _ in module.named_parameters()]


def test_all_or_some_are_learned_and_frozen_again():
    chain = fx.LowPass(cutoff=500.0) | fx.Peak(1000.0, gain_db=3.0)
    assert names(chain.learn("0.cutoff", "1.*")) == ["0.cutoff", "1.frequency", "1.gain_db", "1.q"]
    assert names(chain.freeze("1.q", "0.*")) == ["1.frequency", "1.gain_db"]
    assert chain[0].cutoff == 500.0
    assert names(chain.freeze()) == []
    assert len(names(chain.learn())) == 5


def test_an_optimizer_a_state_and_a_copy_see_them():
    module = fx.Gain(gain_db=-6.0).learn()
    parameter = dict(module.named_parameters())["gain_db"]
    assert module.learn().gain_db is parameter  # learned already: it stays the optimizer's
    optimizer = torch.optim.SGD(module.parameters(), lr=1.0)
    module(torch.ones(1, 8), sample_rate=8000).sum().backward()
    optimizer.step()
    assert module.gain_db.item() < -6.0
    assert copy.deepcopy(module).gain_db.item() == module.gain_db.item()
    assert "gain_db" in module.state_dict()
    assert next(module.to("cpu").parameters()) is parameter


def test_options_that_are_not_chosen_are_left_out():
    assert "upper" not in names(fx.Butterworth(cutoff=500.0).learn())


@pytest.mark.parametrize(
    ("module", "pattern", "message"),
    [
        (fx.LowPass(), "cutof", "no parameter 'cutof'; did you mean 'cutoff'"),
        (fx.LowPass(), "2.*", r"no parameter that matches '2.\*'; it has cutoff, q"),
        (fx.Butterworth(), "order", "order cannot be learned: it is not a continuous parameter"),
        (fx.SpectralContrast(), "quantile", "quantile cannot be learned: it is rounded to a number of bins"),
        (fx.ConstantQ(), "filter_scale", "filter_scale cannot be learned: it is the length of the windows"),
        (fx.Butterworth(), "upper", "upper has no effect with the current options"),
        (fx.LowPass(cutoff=fx.LFO(1.0, 200.0, 400.0)), "cutoff", r"learn\('cutoff.\*'\)"),
        (fx.LowPass(), 3, "3 is not the name of a parameter"),
    ],
)
def test_errors_name_what_can_be_learned(module, pattern, message):
    with pytest.raises(fx.ParameterError, match=message):
        module.learn(pattern)


def test_the_parameters_of_a_control_are_learned():
    moving = fx.LowPass(cutoff=fx.LFO(1.0, 200.0, 400.0)).learn("cutoff.*")
    assert "cutoff.rate_hz" in names(moving)
    assert "cutoff" not in names(moving)

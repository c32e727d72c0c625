"""Modules whose values are computed from other tensors, or are on the meta device, where they have no values."""

from __future__ import annotations

import copy

import pytest
import torch

import fxlab as fx

RATE = 48_000.0


def test_a_value_with_a_graph_cannot_be_deep_copied():
    leaf = torch.tensor(500.0, requires_grad=True)
    for module in (fx.LowPass(leaf * 2), fx.LowPass(leaf * 2) | fx.Gain(), fx.Mix(fx.LowPass(leaf * 2))):
        with pytest.raises(fx.ParameterError, match=r"LowPass: cutoff is computed from other tensors.*detach\("):
            copy.deepcopy(module)
    copied = copy.deepcopy(fx.LowPass(leaf))
    assert copied.cutoff.requires_grad
    assert copied.cutoff is not leaf


def test_a_signal_with_a_graph_cannot_be_deep_copied():
    samples = torch.zeros(1, 3, requires_grad=True)
    with pytest.raises(fx.SignalError, match=r"the Signal cannot be copied. Copy Signal\(signal.samples.detach\(\)"):
        copy.deepcopy(fx.Signal(samples * 2, 8000))
    signal = fx.Signal(samples.detach(), 8000)
    copied = copy.deepcopy(signal)
    assert torch.equal(copied.samples, signal.samples)
    assert copied.samples.data_ptr() != signal.samples.data_ptr()


def test_shared_parts_stay_shared_in_a_copy():
    shared = fx.LowPass()
    copied = copy.deepcopy(fx.Chain(shared, fx.Gain(), shared))
    assert copied[0] is copied[2] is not shared
    wrapped = fx.wrap(lambda x, gain: gain * x, gain=fx.Param(2.0, low=1.0, high=4.0))
    wrapped.gain = 3.0
    assert copy.deepcopy(wrapped).gain == 3.0


def test_repr_on_the_meta_device():
    assert repr(fx.LowPass(100.0).to("meta")) == "LowPass(cutoff=<on meta>, q=<on meta>)"
    assert repr(fx.FIR([0.5, 0.5]).to("meta")) == "FIR(taps=<2 taps on meta>)"
    assert repr((fx.Gain() | fx.Gain()).to("meta")) == "Gain(gain_db=<on meta>) | Gain(gain_db=<on meta>)"
    with torch.device("meta"):
        assert repr(fx.Gain()) == "Gain(gain_db=<on meta>)"


def test_the_meta_context_does_not_change_the_repr_of_modules_made_outside_of_it():
    module = fx.LowPass(300.0) | fx.Crossover() | fx.GraphicEQ(bands=10) | fx.FIR([0.5, 0.5])
    text = repr(module)
    with torch.device("meta"):
        assert repr(module) == text


def test_shapes_on_the_meta_device():
    module = (fx.LowPass(torch.tensor([300.0, 400.0])) | fx.FIR([0.5, 0.5]) | fx.Tremolo()).to("meta")
    assert module(torch.empty(2, 3, 50, device="meta"), RATE).shape == (2, 3, 50)


def test_a_dictionary_needs_values():
    with pytest.raises(fx.ParameterError, match=r"cutoff is on the meta device and has no value.*to_empty\("):
        fx.LowPass().to("meta").to_dict()
    module = fx.LowPass(100.0).to("meta").to_empty(device="cpu")
    module.load_state_dict(fx.LowPass(300.0).state_dict())
    assert repr(module) == "LowPass(cutoff=300.0)"

"""`wrap`: functions, networks and torchaudio's transforms become modules."""

from __future__ import annotations

import copy
import functools
import inspect
import pickle

import pytest
import torch
import torchaudio
from torch import nn

import fxlab as fx

RATE = 16_000.0


def drive(x, gain, bias=0.0):
    """Saturate `x`."""
    return torch.tanh(gain * x + bias)


def gate(x, sample_rate, length):
    """Mute `x` after `length` seconds."""
    return x * (torch.arange(x.shape[-1]) < length * sample_rate)


class Scale(nn.Module):
    def forward(self, x, by):
        return by * x


GAIN = fx.Param(2.0, low=1.0, high=20.0, scale="log", doc="How hard.")


def test_a_function_receives_its_parameters_by_name():
    module = fx.wrap(drive, gain=GAIN)
    x = torch.randn(2, 9, dtype=torch.float64)
    assert isinstance(module, fx.Module)
    assert torch.equal(module(x, sample_rate=RATE), torch.tanh(2.0 * x))
    module.gain = 5.0
    assert torch.equal(module(x, sample_rate=RATE), torch.tanh(5.0 * x))
    assert repr(module) == "drive(gain=5.0)"
    assert inspect.getdoc(type(module)) == "Saturate `x`."
    assert [path for path, _, _ in (fx.LowPass() | module).walk()] == ["0.cutoff", "0.q", "1.gain"]
    with pytest.raises(fx.ParameterError, match="drive: gain is -1; it must be above 0"):
        module.gain = -1.0


def test_a_plain_value_is_a_fixed_argument():
    module = fx.wrap(drive, gain=GAIN, bias=0.25)
    x = torch.randn(1, 9)
    torch.testing.assert_close(module(x, sample_rate=RATE), torch.tanh(2.0 * x + 0.25))
    assert list(module.declarations) == ["gain"]


def test_parameters_have_gradients_and_may_differ_by_example():
    leaf = torch.tensor([1.5, 3.0], dtype=torch.float64, requires_grad=True)
    module = fx.wrap(drive, gain=GAIN)
    x = torch.randn(2, 1, 8, dtype=torch.float64)

    def run(gain):
        module.gain = gain
        return module(x, sample_rate=RATE)

    assert torch.autograd.gradcheck(run, leaf)
    torch.testing.assert_close(run(leaf)[1], torch.tanh(3.0 * x[1]))


def test_a_function_with_a_sample_rate_argument_receives_it():
    module = fx.wrap(gate, length=fx.Param(0.5, low=0.0, high=1.0, unit="s"))
    for rate in (8.0, 4.0):
        assert module(torch.ones(1, 8), sample_rate=rate).sum() == 0.5 * rate
    fixed = fx.wrap(gate, length=1.0, sample_rate=2)
    assert fixed(torch.ones(1, 8), sample_rate=4.0).sum() == 2


@pytest.mark.parametrize(
    "function", [torch.tanh, lambda x: torch.tanh(2 * x), functools.partial(torch.clamp, min=-1.0), nn.Tanh()]
)
def test_built_in_functions_lambdas_partials_and_layers(function):
    x = torch.randn(1, 9)
    module = fx.wrap(function)
    torch.testing.assert_close(module(x, sample_rate=RATE), function(x))
    assert type(module).__name__.isidentifier()


def test_a_module_is_returned_unchanged():
    module = fx.LowPass()
    assert fx.wrap(module) is module


def test_a_network_keeps_its_weights_gradients_and_mode():
    net = nn.Sequential(nn.Conv1d(1, 2, 3, padding=1), nn.Dropout(0.5), nn.Conv1d(2, 1, 1))
    module = fx.HighPass() | fx.wrap(net)
    assert {id(p) for p in module.parameters()} == {id(p) for p in net.parameters()}
    assert any(key.startswith("1.wrapped.0.weight") for key in module.state_dict())
    module.eval()
    assert not net.training
    x = torch.randn(2, 1, 30)
    torch.testing.assert_close(module(x, sample_rate=RATE), net(fx.HighPass()(x, sample_rate=RATE)))
    module(x, sample_rate=RATE).sum().backward()
    assert all(p.grad is not None for p in net.parameters())


def test_a_torchaudio_transform_and_function():
    x = torch.randn(1, 4000)
    transform = torchaudio.transforms.Vol(0.5)
    torch.testing.assert_close(fx.wrap(transform)(x, sample_rate=RATE), transform(x))
    module = fx.wrap(
        torchaudio.functional.lowpass_biquad,
        cutoff_freq=fx.Param(1000.0, low=20.0, high=7000.0, unit="Hz", scale="log", below="nyquist"),
    )
    low = 0.1 * x
    torch.testing.assert_close(
        module(low, sample_rate=16_000), fx.LowPass(1000.0, 0.707)(low, sample_rate=16_000), rtol=0, atol=1e-5
    )
    spectrogram = fx.wrap(torchaudio.transforms.MelSpectrogram(sample_rate=16_000, n_mels=20, n_fft=512))
    assert spectrogram(x).shape[:2] == (1, 20)  # the transform has a sample rate of its own
    with pytest.raises(fx.SignalError, match=r"MelSpectrogram was made for .* 16000 Hz, and the signal has 44100 Hz"):
        spectrogram(x, sample_rate=44_100)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (
            lambda: fx.wrap(drive, gian=GAIN),
            ["drive takes no argument 'gian'", "x, gain, bias", "Did you mean 'gain'?"],
        ),
        (lambda: fx.wrap(drive, loudness=3), ["drive takes no argument 'loudness'", "x, gain, bias"]),
        (lambda: fx.wrap(nn.Tanh(), gain=GAIN), ["Tanh takes no argument 'gain'"]),
        (lambda: fx.wrap(3), ["callable on a tensor, not int: 3"]),
        (lambda: fx.wrap(fx.LowPass), ["LowPass is a class", "LowPass(…)"]),
        (lambda: fx.wrap(nn.Tanh), ["Tanh is a class", "Tanh(…)"]),
        (lambda: fx.wrap(nn.Tanh(), input=3), ["'input' is the input of Tanh, the samples"]),
        (lambda: fx.wrap(Scale(), by=3), ["set by on the Scale itself, or declare a Param"]),
        (lambda: fx.wrap(drive, x=GAIN), ["wrap: 'x' is the input of drive, the samples"]),
        (lambda: fx.wrap(fx.LowPass(), cutoff=GAIN), ["LowPass takes no argument 'cutoff'"]),
        (lambda: fx.wrap(gate, sample_rate=GAIN), ["cannot be called 'sample_rate'"]),
    ],
)
def test_invalid_arguments_of_wrap_are_rejected(make, words):
    with pytest.raises(fx.ParameterError) as caught:
        make()
    for word in words:
        assert word in str(caught.value)


def test_one_declaration_may_be_used_for_two_functions():
    one = fx.wrap(drive, gain=GAIN)
    two = fx.wrap(lambda x, amount: amount * x, amount=GAIN)
    assert one(torch.ones(1), sample_rate=RATE) == torch.tanh(torch.tensor([2.0]))
    assert two(torch.ones(1), sample_rate=RATE).tolist() == [2.0]
    assert one.gain == two.amount == 2.0


def test_copies_and_pickles_are_complete_and_independent():
    module = fx.LowPass() | fx.wrap(drive, gain=GAIN, bias=0.1) | fx.wrap(nn.Conv1d(1, 1, 3, padding=1))
    module[1].gain = 7.0
    x = torch.randn(1, 1, 20)
    for other in (copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
        assert repr(other) == repr(module)
        assert torch.equal(other(x, sample_rate=RATE), module(x, sample_rate=RATE))
        other[1].gain = 1.0
        assert module[1].gain == 7.0


def test_a_wrapped_callable_has_no_dictionary_and_does_not_hide_a_class_of_its_name():
    class LowPass(nn.Module):
        def forward(self, x):
            return 0 * x

    hidden = fx.wrap(LowPass())
    with pytest.raises(
        fx.ParameterError, match="wraps a Python callable, which a dictionary cannot hold; write a Module"
    ):
        (fx.HighPass() | hidden).to_dict()
    assert type(fx.Module.from_dict({"type": "LowPass"})) is fx.LowPass


def test_a_wrapped_callable_cannot_stream():
    with pytest.raises(fx.FxlabError, match="drive cannot stream"):
        fx.wrap(drive, gain=GAIN).stream(RATE)(torch.zeros(1, 4))

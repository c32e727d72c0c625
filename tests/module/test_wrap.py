"""Anything that takes a tensor becomes a processor: functions, networks, torchaudio's transforms."""

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
    """Push `x` into saturation."""
    return torch.tanh(gain * x + bias)


def seconds(x, sample_rate, length):
    """Silence what comes after `length` seconds."""
    return x * (torch.arange(x.shape[-1]) < length * sample_rate)


class Scale(nn.Module):
    def forward(self, x, by):
        return by * x


GAIN = fx.Param(2.0, low=1.0, high=20.0, scale="log", doc="How hard.")


def test_a_function_gets_its_parameters_by_name():
    made = fx.wrap(drive, gain=GAIN)
    x = torch.randn(2, 9, dtype=torch.float64)
    assert isinstance(made, fx.Module)
    assert torch.equal(made(x, sample_rate=RATE), torch.tanh(2.0 * x))
    made.gain = 5.0
    assert torch.equal(made(x, sample_rate=RATE), torch.tanh(5.0 * x))
    assert repr(made) == "drive(gain=5.0)"
    assert inspect.getdoc(type(made)) == "Push `x` into saturation."
    assert [path for path, _, _ in (fx.LowPass() | made).walk()] == ["0.cutoff", "0.q", "1.gain"]
    with pytest.raises(fx.ParameterError, match="drive: gain is -1; allowed is above 0"):
        made.gain = -1.0


def test_a_plain_value_is_kept():
    made = fx.wrap(drive, gain=GAIN, bias=0.25)
    x = torch.randn(1, 9)
    torch.testing.assert_close(made(x, sample_rate=RATE), torch.tanh(2.0 * x + 0.25))
    assert list(made.declarations) == ["gain"]


def test_it_learns_and_differs_by_example():
    leaf = torch.tensor([1.5, 3.0], dtype=torch.float64, requires_grad=True)
    made = fx.wrap(drive, gain=GAIN)
    x = torch.randn(2, 1, 8, dtype=torch.float64)

    def run(gain):
        made.gain = gain
        return made(x, sample_rate=RATE)

    assert torch.autograd.gradcheck(run, leaf)
    torch.testing.assert_close(run(leaf)[1], torch.tanh(3.0 * x[1]))


def test_a_function_that_names_the_sample_rate_is_told_it():
    made = fx.wrap(seconds, length=fx.Param(0.5, low=0.0, high=1.0, unit="s"))
    for rate in (8.0, 4.0):
        assert made(torch.ones(1, 8), sample_rate=rate).sum() == 0.5 * rate
    fixed = fx.wrap(seconds, length=1.0, sample_rate=2)
    assert fixed(torch.ones(1, 8), sample_rate=4.0).sum() == 2


@pytest.mark.parametrize(
    "function", [torch.tanh, lambda x: torch.tanh(2 * x), functools.partial(torch.clamp, min=-1.0), nn.Tanh()]
)
def test_built_in_functions_lambdas_partials_and_layers(function):
    x = torch.randn(1, 9)
    made = fx.wrap(function)
    torch.testing.assert_close(made(x, sample_rate=RATE), function(x))
    assert type(made).__name__.isidentifier()


def test_a_module_is_already_one():
    made = fx.LowPass()
    assert fx.wrap(made) is made


def test_a_network_keeps_its_weights_gradients_and_mode():
    net = nn.Sequential(nn.Conv1d(1, 2, 3, padding=1), nn.Dropout(0.5), nn.Conv1d(2, 1, 1))
    made = fx.HighPass() | fx.wrap(net)
    assert {id(p) for p in made.parameters()} == {id(p) for p in net.parameters()}
    assert any(key.startswith("1.wrapped.0.weight") for key in made.state_dict())
    made.eval()
    assert not net.training
    x = torch.randn(2, 1, 30)
    torch.testing.assert_close(made(x, sample_rate=RATE), net(fx.HighPass()(x, sample_rate=RATE)))
    made(x, sample_rate=RATE).sum().backward()
    assert all(p.grad is not None for p in net.parameters())


def test_a_torchaudio_transform_and_function():
    x = torch.randn(1, 4000)
    transform = torchaudio.transforms.Vol(0.5)
    torch.testing.assert_close(fx.wrap(transform)(x, sample_rate=RATE), transform(x))
    made = fx.wrap(
        torchaudio.functional.lowpass_biquad,
        cutoff_freq=fx.Param(1000.0, low=20.0, high=7000.0, unit="Hz", scale="log", below="nyquist"),
    )
    low = 0.1 * x
    torch.testing.assert_close(
        made(low, sample_rate=16_000), fx.LowPass(1000.0, 0.707)(low, sample_rate=16_000), rtol=0, atol=1e-5
    )
    spectrogram = fx.wrap(torchaudio.transforms.MelSpectrogram(sample_rate=16_000, n_mels=20, n_fft=512))
    assert spectrogram(x).shape[:2] == (1, 20)  # it brings its own sample rate
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
        (lambda: fx.wrap(seconds, sample_rate=GAIN), ["cannot be called 'sample_rate'"]),
    ],
)
def test_names_and_things_that_do_not_fit(make, words):
    with pytest.raises(fx.ParameterError) as caught:
        make()
    for word in words:
        assert word in str(caught.value)


def test_one_declaration_may_serve_two_functions():
    one = fx.wrap(drive, gain=GAIN)
    two = fx.wrap(lambda x, amount: amount * x, amount=GAIN)
    assert one(torch.ones(1), sample_rate=RATE) == torch.tanh(torch.tensor([2.0]))
    assert two(torch.ones(1), sample_rate=RATE).tolist() == [2.0]
    assert one.gain == two.amount == 2.0


def test_it_is_copied_and_sent_whole():
    made = fx.LowPass() | fx.wrap(drive, gain=GAIN, bias=0.1) | fx.wrap(nn.Conv1d(1, 1, 3, padding=1))
    made[1].gain = 7.0
    x = torch.randn(1, 1, 20)
    for other in (copy.deepcopy(made), pickle.loads(pickle.dumps(made))):
        assert repr(other) == repr(made)
        assert torch.equal(other(x, sample_rate=RATE), made(x, sample_rate=RATE))
        other[1].gain = 1.0
        assert made[1].gain == 7.0


def test_a_dictionary_cannot_hold_it_and_its_name_hides_no_other():
    class LowPass(nn.Module):
        def forward(self, x):
            return 0 * x

    hidden = fx.wrap(LowPass())
    with pytest.raises(
        fx.ParameterError, match="wraps a Python callable, which a dictionary cannot hold; write a Module"
    ):
        (fx.HighPass() | hidden).to_dict()
    assert type(fx.Module.from_dict({"type": "LowPass"})) is fx.LowPass


def test_it_cannot_stream():
    with pytest.raises(fx.FxlabError, match="drive cannot stream"):
        fx.wrap(drive, gain=GAIN).stream(RATE)(torch.zeros(1, 4))

import numpy as np
import pytest
import torch
from torch import nn

from fxlab.display.plots.tone_response import LEVELS_DB, measure_tone_response
from fxlab.errors import FxlabError, SignalError
from fxlab.filters import LowPass
from fxlab.module import Module, Param, wrap


def test_the_response_of_a_waveshaper():
    response = measure_tone_response(wrap(lambda x: torch.tanh(3 * x)), 44_100.0)
    assert response.output == pytest.approx(np.tanh(3 * response.input.astype(np.float32)), abs=1e-6)
    peaks = [np.abs(part).max() for part in np.split(response.input, 3)]
    assert 20 * np.log10(peaks) == pytest.approx(LEVELS_DB, abs=0.05)
    assert response.frequency == pytest.approx(220, rel=0.01)
    assert (44_100 / response.frequency) == pytest.approx(round(44_100 / response.frequency))


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm, self.drop = nn.BatchNorm1d(1), nn.Dropout(0.5)

    def forward(self, x):
        return self.drop(self.norm(x[None]))[0]


def test_neither_the_module_nor_the_random_state_is_changed():
    module = wrap(Network())
    before = {name: value.clone() for name, value in module.state_dict().items()}
    torch.manual_seed(3)
    expected = torch.rand(4)
    torch.manual_seed(3)
    response = measure_tone_response(wrap(lambda x: x + 0.1 * torch.randn_like(x)), 8000.0)
    assert np.abs(measure_tone_response(module, 8000.0).output).max() > 0
    assert torch.equal(torch.rand(4), expected)
    assert np.std(response.output - response.input) == pytest.approx(0.1, rel=0.1)
    for name, value in module.state_dict().items():
        assert torch.equal(value, before[name]), name
    assert module.training


def test_a_module_that_requires_two_channels_gets_two():
    def swap(x):
        if x.shape[-2] != 2:
            raise ValueError("stereo, please")
        return x.flip(-2)

    response = measure_tone_response(wrap(swap), 44_100.0)
    assert response.channels == 2
    assert response.output == pytest.approx(response.input, abs=1e-6)


def test_of_a_batch_the_first_example_is_shown():
    class Gain(Module):
        gain = Param(1.0, low=0.0, high=4.0)

        def forward(self, x, sample_rate):
            return self.gain * x

    response = measure_tone_response(Gain(gain=torch.tensor([2.0, 3.0, 4.0])), 44_100.0)
    assert response.examples == 3
    assert response.output == pytest.approx(2 * response.input, abs=1e-6)
    many = measure_tone_response(Gain(gain=torch.tensor([[0.5, 1.0]])), 44_100.0)
    assert many.output == pytest.approx(0.5 * many.input, abs=1e-6)


def test_a_slow_module_gets_a_shorter_tone():
    import time

    calls = []

    def slow(x):
        calls.append(x.shape[-1])
        time.sleep(x.shape[-1] * 20e-6)
        return x

    response = measure_tone_response(wrap(slow), 44_100.0)
    assert len(response.input) < 44_100 * 0.9
    assert sum(calls) * 20e-6 < 2.0


@pytest.mark.parametrize(
    "wrong", [lambda x: None, lambda x: x.sum(), lambda x: x[..., :0], lambda x: x.long(), lambda x: x[0]]
)
def test_an_invalid_output_raises(wrong):
    with pytest.raises(FxlabError, match="its output is not audio"):
        measure_tone_response(wrap(wrong), 44_100.0)


def test_an_output_that_is_not_finite_raises():
    with pytest.raises(SignalError, match="not finite"):
        measure_tone_response(wrap(lambda x: x / 0.0), 44_100.0)


@pytest.mark.parametrize("rate", [10.0, 8000.0, 192_000.0])
def test_any_sample_rate_is_possible(rate):
    response = measure_tone_response(LowPass(cutoff=rate / 8) | wrap(torch.tanh), rate)
    assert len(response.output) == len(response.input)
    assert response.frequency <= rate / 4

"""The waveshaper with tables and functions, and the overdrive."""

import copy
import math

import numpy as np
import pytest
import torch

import fxlab as fx
from fxlab.effects.distortion.overdrive import SOFT_CLIPPING
from fxlab.effects.distortion.shapes import mean_between
from tests.effects.distortion.aliasing import RATE, alias_db

X = torch.linspace(-1.5, 1.5, 301, dtype=torch.float64)[None]


def test_a_table_is_interpolated_linearly_and_constant_beyond():
    table = torch.tensor([-0.5, 0.1, 0.3, 0.2], dtype=torch.float64)
    y = fx.WaveShaper(table)(X, sample_rate=RATE)
    nodes = torch.linspace(-1, 1, 4, dtype=torch.float64)
    torch.testing.assert_close(y, torch.from_numpy(np.interp(X.numpy(), nodes.numpy(), table.numpy())))


def test_tables_that_differ_by_example():
    tables = torch.randn(3, 5, dtype=torch.float64)
    x = torch.randn(3, 2, 40, dtype=torch.float64)
    y = fx.WaveShaper(tables, antialias="antiderivative")(x, sample_rate=RATE)
    for example in range(3):
        alone = fx.WaveShaper(tables[example], antialias="antiderivative")(x[example], sample_rate=RATE)
        torch.testing.assert_close(y[example], alone)


def test_a_function_and_a_fine_table_of_it_agree():
    fine = torch.tanh(3 * torch.linspace(-1, 1, 4097, dtype=torch.float64))
    by_table = fx.WaveShaper(fine)(X / 1.5, sample_rate=RATE)
    torch.testing.assert_close(
        by_table, fx.WaveShaper(lambda x: torch.tanh(3 * x))(X / 1.5, sample_rate=RATE), atol=1e-6, rtol=0
    )


def test_the_mean_of_a_table_aliases_less_and_equals_a_numerical_one():
    table = torch.tanh(4 * torch.linspace(-1, 1, 33, dtype=torch.float64))
    plain, smooth = (fx.WaveShaper(table, antialias=kind) for kind in ("none", "antiderivative"))
    assert alias_db(smooth) < alias_db(plain) - 5
    x = torch.randn(1, 200, dtype=torch.float64)
    before = torch.nn.functional.pad(x, (1, 0))[:, :-1]
    share = (torch.arange(4000, dtype=torch.float64) + 0.5)[:, None, None] / 4000
    expected = plain(before + (x - before) * share, sample_rate=RATE).mean(0)
    torch.testing.assert_close(smooth(x, sample_rate=RATE), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("antialias", ["none", "antiderivative"])
def test_a_table_is_learned(antialias):
    x = 0.9 * torch.randn(1, 30, dtype=torch.float64)

    def run(table, drive):
        return fx.WaveShaper(table, drive, 2, antialias)(x, sample_rate=RATE)

    values = (
        torch.randn(6, dtype=torch.float64, requires_grad=True),
        torch.tensor(3.0, dtype=torch.float64, requires_grad=True),
    )
    assert torch.autograd.gradcheck(run, values)


def test_a_network_is_a_curve_with_weights():
    network = torch.nn.Sequential(torch.nn.Unflatten(-1, (-1, 1)), torch.nn.Linear(1, 1), torch.nn.Flatten(-2))
    module = fx.WaveShaper(network, oversample=2)
    assert len(list(module.parameters())) == 2
    module(torch.randn(1, 100), sample_rate=RATE).sum().backward()
    assert all(parameter.grad is not None for parameter in module.parameters())
    copied = copy.deepcopy(module)
    assert copied.function is not network


def test_text_dictionary_and_errors():
    module = fx.WaveShaper([-1.0, 0.0, 1.0], oversample=2)
    assert repr(module) == "WaveShaper(curve=[-1.0, 0.0, 1.0], oversample=2)"
    assert repr(fx.Module.from_dict(module.to_dict())) == repr(module)
    function = fx.WaveShaper(torch.sin, 6.0)
    assert repr(function) == "WaveShaper(sin, drive_db=6.0)"
    with pytest.raises(fx.ParameterError, match="a dictionary cannot hold"):
        function.to_dict()
    with pytest.raises(fx.ParameterError, match=r"antialias is 'antiderivative'; for a function, .* must be 'none'"):
        fx.WaveShaper(torch.sin, antialias="antiderivative")
    with pytest.raises(fx.ParameterError, match=r"curve has shape \(1,\); give at least 2 of its values"):
        fx.WaveShaper([1.0])


# -- overdrive ---------------------------------------------------------------------------------------------------------


def test_the_curve_of_the_overdrive_is_the_published_one():
    x = torch.tensor([-1.0, -0.5, -0.2, 0.0, 0.2, 1 / 3, 0.5, 2 / 3, 1.0], dtype=torch.float64)
    expected = [-1.0, -(3 - 0.25) / 3, -0.4, 0.0, 0.4, 2 / 3, (3 - 0.25) / 3, 1.0, 1.0]
    torch.testing.assert_close(SOFT_CLIPPING.curve(x), torch.tensor(expected, dtype=torch.float64))


@pytest.mark.parametrize("width", [1e-9, 1e-5, 0.3, 5.0])
def test_the_mean_of_the_overdrive_equals_a_numerical_one(width):
    a = torch.linspace(-2, 2, 97, dtype=torch.float64)
    share = (torch.arange(20_000, dtype=torch.float64) + 0.5)[:, None] / 20_000
    expected = SOFT_CLIPPING.curve(a + width * share).mean(0)
    torch.testing.assert_close(mean_between(SOFT_CLIPPING, a, a + width), expected, rtol=0, atol=1e-7)


def test_the_tone_filter_is_6_db_per_octave():
    x = torch.zeros(1, 1 << 14, dtype=torch.float64)
    x[0, 0] = 0.001
    response = torch.fft.rfft(fx.Overdrive(0.0, tone=1000.0)(x, sample_rate=RATE)[0]).abs() / 0.002
    at = lambda hertz: response[round(hertz / RATE * (1 << 14))].item()  # noqa: E731
    assert at(0) == pytest.approx(1.0, abs=1e-6)
    assert 20 * math.log10(at(1000)) == pytest.approx(-3.0, abs=0.1)
    assert 20 * math.log10(at(4000) / at(2000)) == pytest.approx(-5.3, abs=0.4)


def test_the_overdrive_streams_late_when_it_is_oversampled():
    x = torch.randn(2, 900, dtype=torch.float64)
    module = fx.Overdrive(20.0, oversample=4, antialias="antiderivative")
    stream = module.stream(RATE)
    y = torch.cat([*(stream(block) for block in x.split(70, -1)), stream.flush()], -1)
    torch.testing.assert_close(y, module(x, sample_rate=RATE), rtol=0, atol=1e-11)


def test_gradients_of_the_overdrive():
    x = torch.randn(1, 20, dtype=torch.float64, requires_grad=True)
    values = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (6.0, 3000.0)]
    assert torch.autograd.gradcheck(lambda x, *v: fx.Overdrive(*v)(x, sample_rate=RATE), (x, *values))


@pytest.mark.parametrize("passed", ["by place", "by name"])
def test_a_control_and_a_class_are_no_curves(passed):
    def give(curve):
        return fx.WaveShaper(curve) if passed == "by place" else fx.WaveShaper(curve=curve)

    with pytest.raises(fx.ParameterError, match=r"WaveShaper: curve cannot be LFO\(.*\), since it cannot move"):
        give(fx.LFO(0.5, -1.0, 1.0))
    with pytest.raises(fx.ParameterError, match=r"curve is the class Tanh; .* Write Tanh\(…\)"):
        give(torch.nn.Tanh)

"""`Param`: invalid declarations are rejected; messages, formatting and the slider follow from a valid one."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

import fxlab as fx


def make(declaration: fx.Param) -> type[fx.Module]:
    return type("Thing", (fx.Module,), {"amount": declaration, "forward": lambda self, x, sample_rate: x * self.amount})


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"low": 2.0, "high": 1.0}, "low=2.0 must be finite and below high=1.0"),
        ({"low": 1.0, "high": 1.0}, "low=1.0 must be finite and below"),
        ({"low": -math.inf, "high": 1.0}, "low=-inf must be finite"),
        ({"low": 0.0, "high": math.nan}, "must be finite and below high=nan"),
        ({"low": 0.0, "high": 1.0, "scale": "log"}, "a log scale needs low above 0, not 0.0; use scale='linear'"),
        ({"low": 0.0, "high": 1.0, "scale": "mel"}, "scale 'mel' is unknown; use 'linear' or 'log'"),
    ],
)
def test_an_invalid_range_is_rejected_at_once(given, says):
    with pytest.raises(fx.ParameterError) as caught:
        fx.Param(0.5, **given)
    assert says in str(caught.value)


@pytest.mark.parametrize("default", ["1", None, True, 1j, [1.0]])
def test_a_default_that_is_not_a_number_is_rejected(default):
    with pytest.raises(fx.ParameterError, match="the default must be a number"):
        fx.Param(default, low=0.0, high=1.0)


@pytest.mark.parametrize("default", [3, np.float32(3), np.int64(3), 3.0])
def test_any_number_may_be_a_default_and_reads_as_a_float(default):
    thing = make(fx.Param(default, low=0, high=10))()
    assert type(thing.amount) is float
    assert repr(thing) == "Thing()"
    assert thing.to_dict()["params"] == {"amount": 3.0}


@pytest.mark.parametrize(
    ("given", "words", "inside", "outside"),
    [
        ({}, "a finite number in dB", [-1e9, 0.0, 1e9], [math.inf]),
        ({"above": 0.0}, "above 0 dB", [1e-300], [0.0, -1.0]),
        ({"at_least": 0.0}, "at least 0 dB", [0.0], [-1e-300]),
        ({"below": 3.0}, "below 3 dB", [2.999], [3.0]),
        ({"at_most": 3.0}, "at most 3 dB", [3.0], [3.001]),
        ({"at_least": 0.5, "below": 3.0}, "at least 0.5 dB and below 3 dB", [0.5], [0.49, 3.0]),
        ({"above": 0.5, "at_most": 3.0}, "above 0.5 dB and at most 3 dB", [3.0], [0.5, 3.01]),
        ({"above": 0.0, "at_least": 0.5}, "above 0 dB and at least 0.5 dB", [0.5], [0.4]),
        ({"below": 3.0, "at_most": 2.0}, "below 3 dB and at most 2 dB", [2.0], [2.5, 3.0]),
        ({"below": "nyquist", "at_most": 9.0}, "below half the sample rate and at most 9 dB", [9.0], [9.5]),
        ({"scale": "log"}, "above 0 dB", [1e-12], [0.0]),
        ({"scale": "log", "at_least": 0.5}, "at least 0.5 dB", [0.5], [0.4]),
        ({"below": "nyquist"}, "below half the sample rate", [3999.0], []),
    ],
)
def test_the_valid_range_is_described_and_checked(given, words, inside, outside):
    thing = make(fx.Param(1.0, low=0.1, high=10.0, unit="dB", **given))
    assert thing.amount.allowed() == words
    for value in inside:
        assert thing(value).amount == value
    for value in outside:
        with pytest.raises(fx.ParameterError, match=r"^Thing: amount is .*; it must be "):
            thing(value)


def test_half_the_sample_rate_is_a_limit_once_the_rate_is_known():
    thing = make(fx.Param(100.0, low=20.0, high=20_000.0, unit="Hz", scale="log", below="nyquist"))
    assert thing.amount.allowed(8000.0) == "above 0 Hz and below half the sample rate (4000 Hz)"
    unchecked = thing(5000.0)
    with pytest.raises(
        fx.ParameterError, match=r"A signal at 8000 Hz has no frequencies above 4000 Hz: lower the value"
    ):
        unchecked(torch.zeros(3), sample_rate=8000)
    with pytest.raises(fx.ParameterError, match="amount is 5000 Hz"):
        thing(5000.0, sample_rate=8000)
    assert unchecked(torch.zeros(3), sample_rate=44_100).shape == (3,)
    assert thing.amount.span() == (20.0, 20_000.0)
    assert thing.amount.span(8000.0) == (20.0, 0.49 * 8000.0)
    assert thing.amount.span(192_000.0) == (20.0, 20_000.0)
    low, high = thing.amount.span(30.0)  # half the sample rate is below the lower end of the slider
    assert 0 < low < high < 15.0


@given(
    low=st.floats(-1e4, 1e4),
    width=st.floats(1e-3, 1e4),
    place=st.floats(0, 1),
    scale=st.sampled_from(["log", "linear"]),
)
def test_slider_positions_and_values_convert_both_ways_for_any_range(low, width, place, scale):
    low = abs(low) + 1e-3 if scale == "log" else low
    high = low + width
    assume(low < high)
    param = fx.Param(low, low=low, high=high, scale=scale, at_least=low, at_most=high)
    value = param.from_slider(place)
    assert low <= value <= high
    make(param)(value)  # raises if rounding put the value outside the range
    relative = (math.log(high / low) if scale == "log" else width) / max(abs(low), abs(high), 1.0)
    assert param.to_slider(value) == pytest.approx(place, abs=1e-9 + 1e-14 / min(1.0, relative))
    assert (param.from_slider(0.0), param.from_slider(1.0)) == (low, high)
    assert param.from_slider(1.5) > high  # the taper continues beyond the ends
    assert param.from_slider(-0.5) < low


@pytest.mark.parametrize(
    ("name", "unit", "label"),
    [
        ("gain_db", "dB", "Gain"),
        ("attack_ms", "ms", "Attack"),
        ("rate_hz", "Hz", "Rate"),
        ("q", "", "Q"),
        ("cutoff", "Hz", "Cutoff"),
        ("mix", "", "Mix"),
        ("feed_back", "", "Feed back"),
        ("hz", "Hz", "Hz"),
        ("n_fft", "samples", "FFT length"),
        ("f_min", "Hz", "Lowest frequency"),
    ],
)
def test_the_label_is_the_name_for_display(name, unit, label):
    kind = type("Thing", (fx.Module,), {name: fx.Param(1.0, low=0.5, high=2.0, unit=unit)})
    assert kind.declarations[name].label == label


def test_values_are_formatted_with_their_unit():
    param = fx.Param(1000.0, low=20.0, high=20_000.0, unit="Hz")
    assert param.format(1000.0) == "1000 Hz"
    assert param.format(1234.5678) == "1234.57 Hz"
    assert fx.Param(1.0, low=0.0, high=2.0).format(0.5) == "0.5"
    assert repr(make(param).amount) == "<Param amount = 1000.0 Hz>"


def test_the_stored_value_keeps_its_precision():
    thing = make(fx.Param(1.0, low=0.0, high=2.0))
    assert thing(0.1).values()["amount"].dtype == torch.float64
    assert thing([0.1, 0.2]).amount.dtype == torch.float64
    assert thing(torch.tensor([0.1, 0.2])).amount.dtype == torch.float32
    assert thing(torch.tensor([1, 2])).amount.dtype == torch.float64
    assert thing(np.array([1, 2], dtype=np.int16)).amount.tolist() == [1.0, 2.0]


def test_values_read_inside_a_call_broadcast_against_the_input():
    seen = []

    class Recorder(fx.Module):
        amount = fx.Param(1.0, low=0.0, high=2.0)

        def forward(self, x, sample_rate):
            seen.append(self.amount)
            return x * self.amount

    x = torch.ones(3, 2, 5)
    Recorder(0.5)(x, sample_rate=8000)
    Recorder([0.1, 0.2, 0.3])(x, sample_rate=8000)
    Recorder(torch.rand(3, 2))(x, sample_rate=8000)
    assert [value.shape for value in seen] == [(), (3, 1, 1), (3, 2, 1)]
    assert [value.dtype for value in seen] == [torch.float64, torch.float32, torch.float32]
    assert Recorder(0.5)(x, sample_rate=8000).dtype == torch.float32

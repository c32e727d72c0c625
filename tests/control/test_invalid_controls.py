"""What controls refuse, and what the messages say: the object, the value, what is allowed and what to do."""

from __future__ import annotations

import math

import pytest
import torch

import fxlab as fx
from fxlab.module.parameters.clock import start_at

RATE = 44_100
SOUND = torch.zeros(2, 1, 50)


def sweep(low: float = 200.0, high: float = 4000.0, **options) -> fx.LFO:
    return fx.LFO(1.0, low, high, **options)


VALUES = {
    "LFO: rate_hz is 0 Hz; it must be above 0 Hz": lambda: fx.LFO(0.0),
    "LFO: rate_hz is nan Hz": lambda: fx.LFO(math.nan),
    "LFO: rate_hz must be a number in Hz, not 'fast'": lambda: fx.LFO("fast"),
    "LFO: low is inf; it must be a finite number": lambda: fx.LFO(1.0, math.inf),
    "LFO: shape is 'saw'; it must be one of 'sine'": lambda: fx.LFO(shape="saw"),
    "LFO: note is '1/3'; it must be one of": lambda: fx.LFO(note="1/3"),
    "LFO: hop is 0; it must be a whole number of at least 1 samples": lambda: fx.LFO(hop=0),
    "LFO: hop is 0.5; it must be a whole number": lambda: fx.LFO(hop=0.5),
    "LFO has no parameter 'rate'.* Did you mean 'rate_hz'": lambda: fx.LFO(rate=1.0),
    "Ramp: duration is 0 s; it must be above 0 s": lambda: fx.Ramp(0.0, 1.0, 0.0),
    "Ramp: delay is -1 s; it must be at least 0 s": lambda: fx.Ramp(delay=-1.0),
    "Follower: attack_ms is -1 ms; it must be at least 0 ms": lambda: fx.Follower(attack_ms=-1.0),
    "a time is -1 s; times must be 0 s or later": lambda: fx.Automation([-1.0, 2.0], [1.0, 2.0]),
    "times is nan s; it must be a finite number in s": lambda: fx.Automation([0.0, math.nan], [1.0, 2.0]),
    "values is nan; it must be a finite number": lambda: fx.Automation([0.0, 1.0], [1.0, math.nan]),
    "the time 1 s follows 3 s; .* Sort the points": lambda: fx.Automation([0.0, 3.0, 1.0], [1.0, 2.0, 3.0]),
    "there are 3 times and 2 values; give one value for each": lambda: fx.Automation([0.0, 1.0, 3.0], [1.0, 2.0]),
    "times is empty": lambda: fx.Automation([], []),
}
PLACES = {
    r"LowPass: cutoff = LFO\(low=-5.*\) moves between -5 Hz and 4000 Hz; it must stay above 0 Hz and below half": (
        lambda: fx.LowPass(cutoff=sweep(-5.0))
    ),
    r"moves between 200 Hz and 30000 Hz; it must stay .* \(22050 Hz\)\. Narrow": (
        lambda: fx.LowPass(cutoff=sweep(high=30_000.0))(SOUND, RATE)
    ),
    "moves between -200 Hz and 100 Hz": lambda: fx.LowPass(cutoff=fx.Automation([0.0, 1.0], [100.0, -200.0])),
    "moves between 0 Hz and 90 Hz": lambda: fx.LowPass(cutoff=fx.Follower(low=0.0, high=90.0)),
    "moves between 0 Hz and 9 Hz": lambda: fx.LowPass(cutoff=fx.Ramp(9.0, 0.0, 1.0)),
    r"its rate is 2000 Hz; at a sample rate of 44100 Hz and a hop of 16 samples it must be below 1378.12 Hz\. Lower": (
        lambda: fx.LowPass(cutoff=fx.LFO(2000.0, 200.0, 4000.0))(SOUND, RATE)
    ),
    "must be below 1378.12 Hz": (
        lambda: fx.Gain(fx.LFO(clock="tempo", tempo_bpm=1e5, note="1/32"))(SOUND, RATE)
    ),
    r"LowPass: cutoff has shape \(3,\), which does not align with the dimensions \(2, 1\)": (
        lambda: fx.LowPass(cutoff=fx.LFO(torch.tensor([1.0, 2.0, 3.0]), 200.0, 4000.0))(SOUND, RATE)
    ),
    r"the batch shapes of its parameters differ: rate_hz \(2,\), high \(3,\)\. Give each": (
        lambda: fx.LowPass(cutoff=fx.LFO(torch.tensor([1.0, 2.0]), 9.0, torch.tensor([10.0, 20.0, 30.0])))
    ),
    r"Butterworth: order cannot be LFO\(\), since it cannot move: it is no": lambda: fx.Butterworth(order=fx.LFO()),
    r"Butterworth: kind cannot be LFO\(\), since it cannot move": lambda: fx.Butterworth(kind=fx.LFO()),
    r"Compressor: link cannot be LFO\(\), since it cannot move": lambda: fx.Compressor(link=fx.LFO()),
    r"FIR: taps cannot be LFO\(\), since it cannot move: it is an array": lambda: fx.FIR(fx.LFO()),
    r"GraphicEQ: gains_db cannot be LFO\(\), since it cannot move: it is an array": lambda: fx.GraphicEQ(fx.LFO()),
    r"LFO: rate_hz cannot be LFO\(\), since it cannot move: the parameters of a control": lambda: fx.LFO(fx.LFO()),
    r"Automation: times cannot be LFO\(\), since it cannot move": lambda: fx.Automation(times=fx.LFO()),
    r"LFO\(\) is not a processor.*as in fx\.Gain\(gain_db=LFO\(\)\)": lambda: fx.LFO()(SOUND, RATE),
    r"LFO\(\) is not a processor": lambda: fx.LowPass() | fx.LFO(),
    r"Ramp\(\) is not a processor": lambda: fx.Ramp() | fx.LowPass(),
    r"Ramp\(\) is not a processor.": lambda: fx.Mix(fx.Ramp()),
}  # fmt: skip
TIMES = {
    r"start_at: seconds is -1.0; it must be a number of seconds of at least 0": lambda: start_at(-1.0).__enter__(),
    r"LowPass.frozen_at: seconds is -1; it must be": lambda: fx.LowPass(cutoff=sweep()).frozen_at(-1),
    r"LowPass.frozen_at: seconds is nan": lambda: fx.LowPass(cutoff=sweep()).frozen_at(math.nan),
    r"LowPass.frozen_at: seconds is 'now'": lambda: fx.LowPass(cutoff=sweep()).frozen_at("now"),
    r"LFO: a position is -10 samples; they are counted from the start": (
        lambda: fx.LFO().evaluate(torch.tensor([-10.0, 0.0]), RATE)
    ),
    r"LFO: evaluate takes positions in samples as a tensor": lambda: fx.LFO().evaluate([0.0], RATE),
    r"it follows the input, so it has no values without one": (
        lambda: fx.LowPass(cutoff=fx.Follower(low=200.0, high=400.0)).frozen_at(1.0)
    ),
}


@pytest.mark.parametrize(("message", "make"), [*VALUES.items(), *PLACES.items(), *TIMES.items()])
def test_it_is_refused(message, make):
    with pytest.raises(fx.ParameterError, match=message):
        make()


def test_a_range_on_a_logarithmic_scale_excludes_zero():
    class Hold(fx.Module):
        hold_ms = fx.Param(10.0, low=1.0, high=100.0, at_least=0.0, scale="log", unit="ms")

        def forward(self, x, sample_rate):
            return x * self.hold_ms

    with pytest.raises(fx.ParameterError, match="moves between 0 ms and 10 ms; it moves on a logarithmic scale"):
        Hold(hold_ms=fx.Ramp(0.0, 10.0, 1.0))
    Hold(hold_ms=fx.Ramp(0.1, 10.0, 1.0))


def test_points_that_are_set_later_are_checked_when_they_are_used():
    module = fx.LowPass(cutoff=fx.Automation([0.0, 1.0], [200.0, 400.0]))
    module.cutoff.times = [2.0, 1.0]
    with pytest.raises(fx.ParameterError, match="1 s follows 2 s"):
        module(SOUND, RATE)
    module.cutoff.times = [0.0, 1.0]
    module.cutoff.points = [200.0, 40_000.0]
    with pytest.raises(fx.ParameterError, match="moves between 200 Hz and 40000 Hz"):
        module(SOUND, RATE)


def test_a_control_that_jumps_warns_where_it_clicks():
    jumping = {"square": sweep(shape="square"), "hold": fx.Automation([0.0, 1.0], [200.0, 400.0], "hold")}
    for control in jumping.values():
        with pytest.warns(UserWarning, match=r"LowPass: cutoff = .*jumps, and at each jump.*Use fx\.StateVariable"):
            fx.LowPass(cutoff=control)


@pytest.mark.filterwarnings("error")
def test_a_control_that_jumps_does_not_warn_where_nothing_clicks():
    fx.StateVariable(cutoff=sweep(shape="square"))
    fx.LowPass(cutoff=sweep(shape="triangle"))

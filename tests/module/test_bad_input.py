"""Every invalid input raises an error that names the object, the value, what is allowed and what to do."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

import fxlab as fx
from tests.support.specimens import output_shape, specimens

RATE = 48_000.0
SPECIMENS = specimens()
OK = torch.zeros(1, 16)


def check_message(error: type[Exception], run, *words: str) -> str:
    with pytest.raises(error) as caught:
        run()
    text = str(caught.value)
    for word in words:
        assert word in text, text
    assert isinstance(caught.value, fx.FxlabError)
    assert isinstance(caught.value, ValueError)
    return text


@pytest.mark.parametrize("name", SPECIMENS)
def test_samples_that_are_not_finite_raise(name):
    made = SPECIMENS[name]()
    x = torch.zeros(2, 16)
    for bad in (math.nan, math.inf, -math.inf):
        x[1, 3], x[0, 5] = bad, 0.0
        for run in (lambda: made(x, sample_rate=RATE), lambda: made.stream(RATE)(x)):
            check_message(fx.SignalError, run, type(made).__name__, "1 of 32 samples", "NaN or infinite", "nan_to_num")
        x[0, 5] = -bad  # the two could cancel in a sum
        check_message(fx.SignalError, lambda: made(x, sample_rate=RATE), "2 of 32 samples")


@pytest.mark.parametrize(
    ("time", "dtype"),
    [(time, dtype) for dtype in (torch.float32, torch.float64) for time in (1, 70, 1000, 9000)]
    + [(530_000, torch.float32), (140_000, torch.float64)],  # in tiles
)
def test_filters_whose_sections_are_kept_find_samples_that_are_not_finite(time, dtype):
    # A gain has no state, the state of three taps has only the last two samples, that of the others decays at once.
    taps, decaying = fx.SOS([[1.0, 0.5, 0.25, 1.0, 0.0, 0.0]]), fx.Chain(fx.LowPass(20_000.0), fx.HighPass(20_000.0))
    for made in (fx.SOS([[0.5, 0.0, 0.0, 1.0, 0.0, 0.0]]), taps, decaying):
        x = torch.zeros(2, time, dtype=dtype)
        stream = made.stream(RATE)
        stream(x), made(x, sample_rate=RATE)  # so that the sections are kept
        for place, bad in ((0, math.nan), (time // 2, math.inf), (time - 1, -math.inf)):
            x[1, place] = bad
            for run in (stream, lambda x: made(x, sample_rate=RATE)):  # noqa: B023
                with pytest.raises(fx.SignalError, match="samples are NaN or infinite"):
                    run(x)
            x[1, place] = 0.0
        assert bool((stream(x) == 0).all())


def test_a_sample_of_a_long_sound_that_is_not_finite_raises():
    x = torch.zeros(3, 1_000_000)  # checked in parts
    x[2, 999_999], x[0, 0] = math.inf, -math.inf
    with pytest.raises(fx.SignalError, match="2 of 3000000 samples"):
        fx.Gain()(x, sample_rate=RATE)
    assert fx.Gain()(torch.full((3, 1_000_000), 3e38), sample_rate=RATE).isfinite().all()


def test_large_but_finite_samples_are_valid():
    x = torch.full((1, 64), 3e38)
    assert bool(torch.isfinite(fx.Mix(fx.LowPass(), mix=0.0)(x, sample_rate=RATE)).all())


NO_AUDIO = [
    (torch.zeros(2, 8, dtype=torch.int16), ["torch.int16", "float32 or float64", "x / 32768"]),
    (torch.zeros(2, 8, dtype=torch.int64), ["torch.int64", "float32 or float64"]),
    (torch.zeros(2, 8, dtype=torch.complex64), ["torch.complex64", "float32 or float64"]),
    (torch.zeros(2, 8, dtype=torch.bool), ["torch.bool", "float32 or float64"]),
    (np.zeros((2, 8)), ["not ndarray", "Signal(samples, sample_rate)"]),
    ([0.0, 1.0], ["not list", "Signal(samples, sample_rate)"]),
    (None, ["not NoneType"]),
    (torch.tensor(1.0), ["a single number is not audio", "(time,) or (..., channels, time)"]),
]


@pytest.mark.parametrize("name", SPECIMENS)
def test_what_is_no_audio_raises(name):
    made = SPECIMENS[name]()
    for x, words in NO_AUDIO:
        check_message(fx.SignalError, lambda x=x: made(x, sample_rate=RATE), type(made).__name__, *words)
        check_message(fx.SignalError, lambda x=x: made.stream(RATE)(x), type(made).__name__, *words)


@pytest.mark.parametrize("name", SPECIMENS)
def test_an_invalid_sample_rate_raises(name):
    for rate in (0, -44_100, math.nan, math.inf, "44100", True, [44_100], 1j):
        check_rate(name, rate)


def check_rate(name, rate):
    made = SPECIMENS[name]()
    kind = type(made).__name__
    words = (kind, f"sample_rate is {rate!r}", "a number of Hz above 0", "44100")
    check_message(fx.SignalError, lambda: made(OK, sample_rate=rate), *words)
    check_message(fx.SignalError, lambda: made.stream(rate), *words)
    check_message(fx.SignalError, lambda: SPECIMENS[name](sample_rate=rate), *words)
    made.sample_rate = rate  # set without the check of the constructor
    check_message(fx.SignalError, lambda: made(OK), *words)
    if made.has_response:
        check_message(fx.SignalError, lambda: made.response(100.0, sample_rate=rate), *words)


@pytest.mark.parametrize("name", SPECIMENS)
def test_a_missing_sample_rate_raises(name):
    made = SPECIMENS[name]()
    kind = type(made).__name__
    words = (f"{kind} needs a sample rate", "Signal", "module(x, sample_rate=44100)", f"{kind}(…, sample_rate=44100)")
    check_message(fx.SignalError, lambda: made(OK), *words)
    check_message(fx.SignalError, made.stream, *words)
    if made.has_response:
        check_message(fx.SignalError, made.poles, *words)


def test_parts_with_different_sample_rates_need_an_explicit_one():
    both = fx.LowPass(sample_rate=44_100) | fx.HighPass(sample_rate=48_000)
    check_message(fx.SignalError, lambda: both(OK), "Chain", "44100, 48000 Hz", "sample_rate=")
    assert both(OK, sample_rate=44_100).shape == OK.shape
    alike = fx.LowPass(sample_rate=44_100) | fx.HighPass()
    assert torch.equal(alike(OK), alike(OK, sample_rate=44_100))


def test_a_sample_rate_besides_that_of_the_signal_raises():
    sound = fx.Signal(OK, 44_100)
    check_message(
        fx.SignalError, lambda: fx.LowPass()(sound, sample_rate=48_000), "LowPass", "44100 Hz", "48000", "leave it out"
    )
    assert fx.LowPass()(sound, sample_rate=44_100).sample_rate == 44_100
    made_for_another = fx.LowPass(sample_rate=8000)  # the rate of the signal takes precedence
    assert torch.equal(made_for_another(sound).samples, fx.LowPass()(OK, sample_rate=44_100))


@pytest.mark.parametrize("name", SPECIMENS)
def test_one_sample_and_no_sample(name):
    made = SPECIMENS[name]()
    one = fx.Signal(torch.tensor([[0.5]]), RATE)
    assert made(one).samples.shape == output_shape(name, (1, 1))
    check_message(fx.SignalError, lambda: made(fx.Signal(torch.zeros(1, 0), RATE)), "empty", "at least one sample")
    assert made(torch.zeros(2, 0), sample_rate=RATE).shape == (2, 0)


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (
            lambda: fx.LowPass(cutoff=24_000)(OK, sample_rate=RATE),
            ["LowPass", "cutoff", "24000 Hz", "(24000 Hz)", "lower the value"],
        ),
        (
            lambda: fx.LowPass(cutoff=30_000, sample_rate=RATE),
            ["LowPass", "cutoff", "30000 Hz", "below half the sample rate"],
        ),
        (lambda: fx.LowPass(cutoff=0), ["LowPass", "cutoff is 0 Hz", "above 0 Hz"]),
        (lambda: fx.LowPass(cutoff=-100), ["LowPass", "cutoff is -100 Hz", "above 0 Hz"]),
        (lambda: fx.LowPass(q=-1), ["LowPass", "q is -1", "above 0"]),
        (lambda: fx.HighPass(q=0), ["HighPass", "q is 0", "above 0"]),
        (lambda: fx.Peak(gain_db=math.inf), ["Peak", "gain_db is inf dB", "a finite number in dB"]),
        (
            lambda: fx.LowPass(cutof=3),
            ["LowPass has no parameter 'cutof'", "cutoff, q, sample_rate", "Did you mean 'cutoff'?"],
        ),
        (lambda: fx.LowPass(samplerate=3), ["no parameter 'samplerate'", "Did you mean 'sample_rate'?"]),
        (lambda: fx.Mix(fx.LowPass(), mux=1.0), ["Mix has no parameter 'mux'", "Did you mean 'mix'?"]),
        (
            lambda: fx.Chain(fx.LowPass(cutoff=[100.0, 9e9]))(torch.zeros(2, 9), sample_rate=RATE),
            ["LowPass: cutoff is 9e+09 Hz"],
        ),
    ],
)
def test_invalid_parameters_raise(run, words):
    check_message(fx.ParameterError, run, *words)


def test_an_error_within_a_chain_names_the_stage():
    chain = fx.HighPass(100.0) | fx.Peak(30_000.0) | fx.LowPass(5000.0)
    for run in (
        lambda: chain(OK, sample_rate=RATE),
        lambda: chain.stream(RATE)(OK),
        lambda: chain.response(10.0, RATE),
    ):
        check_message(fx.ParameterError, run, "Peak: frequency is 30000 Hz")
    chain[1].frequency = 3000.0
    assert chain(OK, sample_rate=RATE).shape == OK.shape  # the next valid value recovers


def test_a_forward_with_wrong_arguments_raises_at_the_class_definition():
    def define():
        class Forgetful(fx.Module):
            def forward(self, x):
                return x

    check_message(fx.ParameterError, define, "Forgetful", "forward(self, x)", "forward(self, x, sample_rate)")


def test_an_error_leaves_the_module_unchanged():
    made = fx.LowPass(500.0)
    x = torch.randn(1, 32)
    before = made(x, sample_rate=RATE)
    for bad in (-1.0, math.nan, "x"):
        with pytest.raises(fx.ParameterError):
            made.cutoff = bad
    with pytest.raises(fx.ParameterError):
        made(x, sample_rate=800.0)
    assert type(made.cutoff) is float  # the failed call left no active values
    assert torch.equal(made(x, sample_rate=RATE), before)


@pytest.mark.parametrize(
    ("frequencies", "words"),
    [
        ([-1.0], ["LowPass", "-1 Hz", "from 0 to 24000 Hz"]),
        ([24_001.0], ["24001 Hz", "from 0 to 24000 Hz"]),
        ([math.nan], ["nan Hz", "from 0 to 24000 Hz"]),
        ("high", ["numbers in Hz", "'high'"]),
        (None, ["numbers in Hz"]),
        (torch.zeros(2, 2), ["a number or a vector", "(2, 2)"]),
    ],
)
def test_invalid_frequencies_raise(frequencies, words):
    for ask in ("response", "group_delay", "phase_delay", "phase"):
        check_message(fx.ParameterError, lambda ask=ask: getattr(fx.LowPass(), ask)(frequencies, RATE), *words)


@pytest.mark.parametrize("duration", [0.0, -1.0, math.nan, math.inf])
def test_an_invalid_duration_raises(duration):
    for ask in ("impulse_response", "step_response"):
        check_message(
            fx.ParameterError,
            lambda ask=ask: getattr(fx.LowPass(), ask)(RATE, duration=duration),
            "LowPass",
            f"duration is {duration}",
            "seconds above 0",
        )


@pytest.mark.parametrize(
    ("description", "words"),
    [
        (3, ["from_dict", "a dict with a 'type'"]),
        ({"params": {}}, ["a dict with a 'type'"]),
        ({"type": 7}, ["a dict with a 'type'"]),
        ({"type": "LowPas"}, ["no module type 'LowPas'", "Did you mean 'LowPass'?"]),
        ({"type": "lesson.Echo"}, ["no module type 'lesson.Echo'", "Import the module"]),
        ({"type": "LowPass", "parms": {}}, ["LowPass", "parms"]),
        ({"type": "LowPass", "params": {"cutof": 3.0}}, ["no parameter 'cutof'", "Did you mean 'cutoff'?"]),
        ({"type": "LowPass", "params": {"cutoff": -3.0}}, ["cutoff is -3 Hz", "above 0 Hz"]),
        ({"type": "LowPass", "params": [3.0]}, ["'params'", "a dict of names"]),
        ({"type": "LowPass", "params": {"cutoff": {"value": 3.0}}}, ["LowPass: cutoff", "'values'"]),
        ({"type": "LowPass", "params": {"cutoff": {"values": 3.0, "dtype": "loud"}}}, ["LowPass: cutoff", "'dtype'"]),
        ({"type": "LowPass", "parts": {"inner": {"type": "LowPass"}}}, ["LowPass()", "no part 'inner'"]),
        ({"type": "Mix"}, ["Mix", "'module'"]),
        ({"type": "Chain", "stages": [{"type": "Nope"}]}, ["no module type 'Nope'"]),
    ],
)
def test_invalid_descriptions_raise(description, words):
    check_message(fx.ParameterError, lambda: fx.Module.from_dict(description), *words)

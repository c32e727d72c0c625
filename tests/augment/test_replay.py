"""Draws that are replayed or loaded are checked."""

from __future__ import annotations

import copy

import pytest
import torch

import fxlab as fx
from fxlab import augment

RATE = 16_000
X = torch.randn(3, 2, 200)


def composed(count=3):
    parts = [
        augment.Gain(p=0.7),
        augment.OneOf([augment.random(fx.Butterworth, cutoff=(200, 900), kind=["lowpass", "highpass"], p=1.0)]),
        augment.SomeOf((0, 2), [augment.PolarityInversion(), fx.DCOffset(0.1), augment.AddGaussianNoise()]),
    ]
    return augment.Compose(parts[:count], seed=1)


@pytest.mark.parametrize("p_mode", ["per_batch", "per_example", "per_channel"])
@pytest.mark.parametrize("mode", ["per_batch", "per_example", "per_channel"])
@pytest.mark.parametrize("shuffle", [False, True])
def test_every_draw_can_be_replayed(mode, p_mode, shuffle):
    options = {"shuffle": shuffle, "p": 0.6, "mode": mode, "p_mode": p_mode}
    first, second = (augment.Compose(composed().transforms, seed=2, **options) for _ in range(2))
    for _ in range(6):
        y = first(X, RATE)
        assert torch.equal(second.replay(first.last_draw)(X, RATE), y)


SHORT = fx.noise(duration=0.01, sample_rate=RATE, seed=1)


@pytest.mark.parametrize(
    ("make", "change"),
    [
        (augment.Gain, lambda d: d["values"].pop("gain_db")),
        (augment.Gain, lambda d: d.pop("values")),
        (augment.Gain, lambda d: d["values"].update(other=[1.0])),
        (augment.Gain, lambda d: d["values"].update(gain_db=[float("nan")] * 3)),
        (augment.Gain, lambda d: d["values"].update(gain_db=[[1.0]] * 3)),
        (augment.Gain, lambda d: d["values"].update(gain_db=1.0)),
        (augment.Gain, lambda d: d["values"].update(gain_db=["a"])),
        (augment.Gain, lambda d: d.update(applied=[])),
        (augment.Gain, lambda d: d.update(applied=[0.5])),
        (augment.Gain, lambda d: d.update(applied=True)),
        (augment.Gain, lambda d: d.update(seed="a")),
        (augment.Gain, lambda d: d.update(rate=-1.0)),
        (augment.SevenBandParametricEQ, lambda d: d.update(values={n: [[1.0]] for n in d["values"]})),
        (augment.ShuffleChannels, lambda d: d["values"].update(order=[[0, 0]])),
        (augment.SpliceOut, lambda d: d["values"].update(place=[[0.5]])),
        (lambda **p: augment.AddBackgroundNoise(SHORT, **p), lambda d: d["values"].update(sound=[1])),
        (lambda **p: augment.AddBackgroundNoise(SHORT, **p), lambda d: d["values"].update(sound=[0.5])),
        (lambda **p: augment.AddShortNoises(SHORT, **p), lambda d: d["values"].update(count=[99])),
        (lambda **p: augment.AddShortNoises(SHORT, **p), lambda d: d["values"].update(count=[1.5])),
        (augment.LowPass, lambda d: d["values"].update(cutoff=[-5.0])),
        (augment.LowPass, lambda d: d["values"].update(order=[2.5])),
        (augment.TimeMask, lambda d: d["values"].update(place=[1.5])),
        (augment.Mix, lambda d: d["values"].update(other=[2.0])),
        (augment.SpliceOut, lambda d: d["values"].update(intervals=[99])),
        (augment.SevenBandParametricEQ, lambda d: d["values"].update(q=[[0.0] * 7])),
        (lambda **_: composed(), lambda d: d["parts"]["1.1"]["parts"]["0.0"]["values"].update(cutoff=[0.0])),
        (lambda **_: composed(), lambda d: d.pop("plan")),
        (lambda **_: composed(), lambda d: d.update(plan=[[0, 1, 3]])),
        (lambda **_: composed(), lambda d: d.update(plan=[[0, 1]])),
        (lambda **_: composed(), lambda d: d.update(plan=[0, 1, 2])),
        (lambda **_: composed(), lambda d: d["parts"].pop("0.0")),
        (lambda **_: composed(), lambda d: d["parts"].update({"x": {"applied": [True]}})),
        (lambda **_: composed(), lambda d: d["parts"]["0.0"].update(values={})),
        (lambda **_: composed(), lambda d: d["parts"]["1.1"]["parts"]["0.0"]["values"].update(kind=[2])),
    ],
)
def test_a_draw_of_something_else_is_rejected(make, change):
    augmentation = make(p=1.0, seed=1)
    augmentation(X, RATE)
    draw = copy.deepcopy(augmentation.last_draw)
    change(draw)
    for call in (augmentation.replay, lambda d: augmentation.set_extra_state({"seed": 1, "draw": d})):
        with pytest.raises(fx.ParameterError):
            call(draw)


def test_a_replayed_value_is_checked_at_the_sample_rate_of_the_input():
    augmentation = augment.LowPass(cutoff=7000.0, p=1.0)
    augmentation(X, RATE)
    augmentation.freeze_parameters()
    assert torch.equal(augmentation(X, RATE), augmentation(X, RATE))
    augmentation.cutoff = 3000.0
    with pytest.raises(fx.ParameterError, match=r"cutoff is 7000 Hz; it must be .* below half the sample rate \(4000"):
        augmentation(X, 8000)


def test_empty_draws_are_replayed():
    for augmentation in (augment.AddShortNoises(SHORT, count=0, p=1.0), augment.Compose([])):
        augmentation(X, RATE)
        assert torch.equal(augmentation.replay(augmentation.last_draw)(X, RATE), X)


def test_the_draw_of_a_shorter_composition_is_rejected():
    shorter = composed(2)
    shorter(X, RATE)
    with pytest.raises(fx.ParameterError, match="3 steps"):
        composed().replay(shorter.last_draw)


def test_an_order_of_other_channels_is_rejected():
    augmentation = augment.ShuffleChannels(p=1.0)
    augmentation(X, RATE)
    augmentation.freeze_parameters()
    with pytest.raises(fx.ParameterError, match="for 2 channels"):
        augmentation(torch.ones(3, 4, 10), RATE)


@pytest.mark.parametrize(
    "change", [{"seed": "x"}, {"seed": -1}, {"seed": 1.5}, {"calls": {"a": 1}}, {"calls": {"999": 1}}, {"calls": 3}]
)
def test_a_broken_seed_in_a_state_dictionary_is_rejected(change):
    augmentation = augment.Gain(seed=4)
    state = augmentation.state_dict()
    state["_extra_state"] = state["_extra_state"] | change
    with pytest.raises(fx.ParameterError, match="whole number of at least 0"):
        augmentation.load_state_dict(state)
    assert augmentation.seed == 4

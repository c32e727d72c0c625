"""The fingerprint by which a run continues an earlier one: what counts as the same module."""

import copy
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
import torch

import fxlab as fx
from fxlab.batch.fingerprint import fingerprint

CODE = """
import fxlab as fx
from fxlab.batch.fingerprint import fingerprint
print(fingerprint(fx.Gain(-6.0) | fx.wrap(lambda x: x * 0.5 if "a" in {"a", "b"} else x), ("FLOAT",)))
"""


def of(module) -> str:
    return fingerprint(module, ())


def scaled(amount):
    return fx.Gain() | fx.wrap(lambda x: x * amount)


def noise(level: float) -> fx.Signal:
    return fx.Signal(torch.full((8000,), level), 8000)


def scale(x, amount=1.0):
    return x * amount


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (lambda: scaled(0.5), lambda: scaled(0.25)),
        (lambda: scaled(torch.tensor(0.5)), lambda: scaled(torch.tensor(0.25))),
        (lambda: fx.Gain() | fx.wrap(lambda x: x * 0.5), lambda: fx.Gain() | fx.wrap(lambda x: x * 0.25)),
        (lambda: fx.Gain() | fx.wrap(lambda x: x.abs()), lambda: fx.Gain() | fx.wrap(lambda x: x.neg())),
        (lambda: fx.wrap(partial(scale, amount=2.0)), lambda: fx.wrap(partial(scale, amount=3.0))),
        (lambda: fx.wrap(scale, amount=2.0), lambda: fx.wrap(scale, amount=3.0)),
        (lambda: fx.wrap(torch.nn.Dropout()), lambda: fx.wrap(torch.nn.Dropout()).eval()),
        (lambda: fx.augment.Gain(seed=1), lambda: fx.augment.Gain(seed=2)),
        (
            lambda: fx.augment.AddBackgroundNoise(noise(0.1), p=1.0, seed=1),
            lambda: fx.augment.AddBackgroundNoise(noise(0.2), p=1.0, seed=1),
        ),
        (
            lambda: fx.augment.Compose([fx.augment.Gain(seed=1), lambda x: x * 0.5], seed=1),
            lambda: fx.augment.Compose([fx.augment.Gain(seed=1), lambda x: x * 0.25], seed=1),
        ),
        (
            lambda: fx.augment.Gain(seed=1) | fx.wrap(lambda x: x * 0.5),
            lambda: fx.augment.Gain(seed=2) | fx.wrap(lambda x: x * 0.5),
        ),
    ],
)
def test_equal_modules_have_the_same_fingerprint_and_different_ones_do_not(one, other):
    assert of(one()) == of(one())
    assert of(one()) != of(other())


def test_weights_of_any_type_are_compared():
    network = torch.nn.Conv1d(1, 1, 3, padding=1).to(torch.bfloat16)
    other = copy.deepcopy(network)
    assert of(fx.wrap(network)) == of(fx.wrap(other))
    other.weight.data[0, 0, 0] += 1
    assert of(fx.wrap(network)) != of(fx.wrap(other))


@pytest.mark.parametrize("wrapped", [False, True])
def test_calls_of_an_augmentation_do_not_count_unless_it_is_frozen(wrapped):
    gain = fx.augment.Gain(seed=1)
    module = gain | fx.wrap(lambda x: x) if wrapped else gain
    before = of(module)
    module(noise(0.1))
    assert of(module) == before
    gain.freeze_parameters()
    assert of(module) != before


@pytest.mark.slow
def test_the_fingerprint_is_the_same_in_another_process(capsys):
    exec(CODE, {"__name__": "__main__"})
    folder = Path(__file__).parents[2]
    run = subprocess.run([sys.executable, "-c", CODE], cwd=folder, capture_output=True, check=True, text=True)
    assert run.stdout == capsys.readouterr().out

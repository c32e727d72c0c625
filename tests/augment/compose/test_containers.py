"""Containers of augmentations: weights, numbers and order of the parts, and what they reject."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

import fxlab as fx
from fxlab import augment

RATE = 16_000


def test_one_of_chooses_by_weight_for_each_example():
    chosen = augment.OneOf([fx.Gain(-6.0), fx.Gain(-12.0)], weights=[3.0, 1.0], seed=1)(torch.ones(4000, 1, 1), RATE)
    assert abs(int((chosen > 0.4).sum()) - 3000) < 4.5 * math.sqrt(4000 * 0.75 * 0.25)


def test_some_of_runs_a_drawn_number_of_different_parts_in_order():
    parts = [fx.DCOffset(float(2**k)) for k in range(4)]
    y = augment.SomeOf((1, 3), parts, seed=1)(torch.zeros(500, 1, 1), RATE).flatten().int()
    counts = [bin(int(value)).count("1") for value in y]
    assert set(counts) == {1, 2, 3}
    assert [counts.count(n) for n in (1, 2, 3)] == pytest.approx([167, 167, 167], abs=48)
    plans = augment.SomeOf(2, parts, seed=1)
    plans(torch.zeros(50, 1, 1), RATE)
    assert all(sorted(plan) == plan or -1 in plan for plan in plans.last_draw["plan"])


def test_the_order_of_compose_is_shuffled_for_each_example():
    augmentation = augment.Compose([fx.Gain(20.0), fx.DCOffset(1.0)], shuffle=True, seed=1)
    y = augmentation(torch.ones(1000, 1, 1), RATE).flatten()
    assert {round(v) for v in y.tolist()} == {11, 20}
    assert abs(int((y > 15).sum()) - 500) < 4.5 * math.sqrt(250)


@pytest.mark.parametrize("p_mode", ["per_batch", "per_example", "per_channel"])
def test_containers_have_every_mode(p_mode):
    augmentation = augment.Compose([fx.Invert()], p=0.5, p_mode=p_mode, seed=4)
    y = augmentation(torch.ones(64, 2, 3), RATE)[..., 0]
    per_example = (y[:, 0] == y[:, 1]).all()
    assert bool(per_example) is (p_mode != "per_channel")
    assert len(y.unique()) == (1 if p_mode == "per_batch" else 2)


def test_a_change_of_length_for_some_examples_only_is_rejected():
    with pytest.raises(fx.SignalError, match="mode='per_batch'"):
        augment.OneOf([fx.Speed(2.0), fx.Invert()], seed=1)(torch.ones(8, 1, 100), RATE)


def test_the_line_of_many_tutorials():
    from fxlab.augment import AddGaussianNoise, Compose, TimeStretch

    samples = np.random.default_rng(0).standard_normal(8000).astype(np.float32)
    augmented = Compose([AddGaussianNoise(p=0.5), TimeStretch(p=0.3)])(samples, 16_000)
    assert augmented.shape == samples.shape
    assert augmented.dtype == np.float32


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: augment.OneOf([]), "no transforms"),
        (lambda: augment.OneOf([fx.Invert()], weights=[1, 2]), "one number of at least 0 for each"),
        (lambda: augment.SomeOf(3, [fx.Invert()]), "num_transforms is 3, and there are 1"),
        (lambda: augment.SomeOf((1, 2, 3), [fx.Invert()]), r"num_transforms is \(1, 2, 3\); it must be a whole number"),
        (lambda: augment.SomeOf(1, 5), "SomeOf takes a list of augmentations or modules, not 5"),
        (lambda: augment.SomeOf(1, fx.Invert()), "takes a list"),
        (lambda: augment.Compose(fx.Invert()), "takes a list"),
    ],
)
def test_bad_arguments_are_rejected(make, message):
    with pytest.raises(fx.FxlabError, match=message):
        make()


class Constant(fx.Module):
    """Returns the same tensor in every call."""

    def __init__(self, kept):
        super().__init__()
        self.kept = kept

    def forward(self, x, sample_rate):
        return self.kept


@pytest.mark.parametrize("is_evaluated", [False, True])
def test_the_tensor_that_a_module_returns_is_never_overwritten(is_evaluated):
    kept = torch.ones(2, 1, 50)
    louder = {"gain_db": (6.0, 6.0), "p": 1.0}
    inner = augment.Compose([Constant(kept)])
    outer = augment.Compose([augment.Gain(**louder), inner, augment.Gain(**louder)])
    inner.train(not is_evaluated)
    y = outer(torch.zeros(2, 1, 50), RATE)
    assert torch.equal(kept, torch.ones(2, 1, 50))
    torch.testing.assert_close(y, 10**0.3 * kept)

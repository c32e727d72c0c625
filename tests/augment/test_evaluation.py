"""Augmentations after `eval()` and `restart()`, and that no example is mixed with itself."""

from __future__ import annotations

import pytest
import torch

import fxlab as fx
from fxlab import augment

RATE = 16_000
X = torch.ones(3, 1, 50)


def test_eval_of_a_part_leaves_it_out_and_the_record_says_so():
    augmentation = augment.Compose([augment.Gain(gain_db=-6.0, p=1.0), augment.PolarityInversion(p=1.0)])
    augmentation[0].eval()
    assert torch.equal(augmentation(X, RATE), -X)
    assert augmentation.last_draw["parts"]["0.0"] == {"applied": [False]}
    assert augmentation[0].last_draw == {"applied": [False]}
    twin = augment.Compose([augment.Gain(gain_db=-6.0, p=1.0), augment.PolarityInversion(p=1.0)])
    assert torch.equal(twin.replay(augmentation.last_draw)(X, RATE), -X)
    augmentation[0].train()
    assert not torch.equal(augmentation(X, RATE), -X)


def test_eval_keeps_a_frozen_draw():
    augmentation = augment.Gain(p=1.0)
    y = augmentation(X, RATE)
    augmentation.freeze_parameters().eval()
    assert augmentation(X, RATE) is X
    assert torch.equal(augmentation.train()(X, RATE), y)


def test_eval_of_a_composition_runs_its_filters_and_effects():
    parts = [fx.Gain(6.0), augment.Gain(p=1.0), augment.Compose([fx.Invert(), augment.AddGaussianNoise(p=1.0)])]
    augmentation = augment.Compose(parts, p=0.0, shuffle=True).eval()
    torch.testing.assert_close(augmentation(X, RATE), -fx.Gain(6.0)(X, RATE))
    resampled = augment.Compose([fx.Resample(8000), augment.Gain(p=1.0)]).eval()(fx.Signal(X[0], RATE))
    assert (resampled.sample_rate, resampled.samples.shape[-1]) == (8000, 25)


def test_a_record_is_replayed_after_a_call_that_was_not_applied():
    augmentation = augment.Compose([augment.Gain(p=1.0)], seed=1)
    y = augmentation(X, RATE)
    draw = augmentation.last_draw
    augmentation.p = 0.0
    augmentation(X, RATE)
    assert torch.equal(augmentation.replay(draw)(X, RATE), y)


@pytest.mark.parametrize("mode", ["per_batch", "per_example", "per_channel"])
def test_no_example_is_mixed_with_itself(mode):
    x = torch.eye(4)[:, None, :].expand(4, 2, 4).contiguous()
    augmentation = augment.Mix(snr_db=0.0, p=0.7, p_mode="per_example", mode=mode, seed=1)
    for _ in range(20):
        y = augmentation(x, RATE)
        for row, applied in enumerate(augmentation.last_draw["applied"]):
            assert torch.equal(y[row, :, row], x[row, :, row])
            assert int((y[row, 0] > 0).sum()) == (2 if applied else 1)


def test_a_batch_of_one_is_not_mixed():
    augmentation = augment.Mix(p=1.0)
    x = torch.randn(1, 2, 10)
    assert torch.equal(augmentation(x, RATE), x)
    assert augmentation.last_draw["applied"] == [False]


def test_restart_restarts_the_parts_with_a_seed_of_their_own():
    augmentation = augment.Compose([augment.Gain(p=1.0, seed=3), augment.AddGaussianNoise(p=1.0)], seed=1)
    y = augmentation(X, RATE)
    augmentation(X, RATE)
    assert torch.equal(augmentation.restart()(X, RATE), y)
    assert repr(augment.Gain().restart()) == repr(augment.Gain())

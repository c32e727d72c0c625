"""What holds for every augmentation."""

from __future__ import annotations

import json

import pytest
import torch

import fxlab as fx
from tests.support.augmentations import (
    LENGTH,
    PER_EXAMPLE,
    RATE,
    SPECIMENS,
    SPECTROGRAM,
    WITH_SOUNDS,
)

GRADIENT_STOPS = {"BitCrush", "Trim"}  # rounding has none, and Trim may cut what is perturbed


def sounds(name, channels=2, dtype=torch.float32):
    generator = torch.Generator().manual_seed(3)
    shape = (3, channels, 20, 30) if name in SPECTROGRAM else (3, channels, 2400)
    x = torch.randn(shape, generator=generator, dtype=dtype) * 0.2
    x[..., :100] *= 0.001
    return x


@pytest.mark.parametrize("name", SPECIMENS)
def test_every_augmentation(name):
    """One test for each, with all that holds for it, since most of its time is the augmentation itself."""
    x = sounds(name)
    first, second = SPECIMENS[name](p=1.0, seed=5), SPECIMENS[name](p=1.0, seed=5)
    before = torch.get_rng_state()
    y = first(x, RATE)
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.isfinite(y).all()
    assert y.dtype == x.dtype
    assert name in LENGTH or y.shape == x.shape
    assert torch.equal(x, sounds(name)), "the input was changed"
    # The same seed draws the same, and the record repeats it.
    assert torch.equal(second(x, RATE), y)
    assert second.last_draw == first.last_draw
    third = SPECIMENS[name](p=1.0).replay(json.loads(json.dumps(first.last_draw)))
    assert torch.equal(third(x, RATE), y)
    first.freeze_parameters()
    assert torch.equal(first(x, RATE), y)
    if name not in WITH_SOUNDS:
        rebuilt = fx.Module.from_dict(json.loads(json.dumps(first.to_dict())))
        assert repr(rebuilt) == repr(first)
        assert torch.equal(rebuilt(x, RATE), y)
    # eval() passes through.
    assert first.eval()(x, RATE) is x


@pytest.mark.parametrize("name", sorted(set(SPECIMENS) - LENGTH))
def test_a_part_of_the_batch_is_left_as_it_is(name):
    x = sounds(name, channels=1).repeat(4, *[1] * (3 if name in SPECTROGRAM else 2))
    for mode in ("per_batch", "per_example", "per_channel"):
        if mode == "per_channel" and name in PER_EXAMPLE:
            continue
        augmentation = SPECIMENS[name](p=0.5, mode=mode, p_mode="per_example", seed=2)
        y = augmentation(x, RATE)
        applied = torch.tensor(augmentation.last_draw["applied"])
        assert 0 < applied.sum() < 12
        assert torch.equal(y[~applied], x[~applied])


@pytest.mark.parametrize("name", sorted(set(SPECIMENS) - GRADIENT_STOPS))
def test_gradients_pass_to_the_signal(name):
    x = sounds(name, dtype=torch.float64).requires_grad_()
    y = SPECIMENS[name](p=1.0, seed=5)(x, RATE)
    (gradient,) = torch.autograd.grad(y.square().sum(), x)
    assert torch.isfinite(gradient).all()
    assert float(gradient.abs().max()) > 0


@pytest.mark.parametrize("name", sorted(set(SPECIMENS) - SPECTROGRAM))
def test_silence_stays_finite(name):
    y = SPECIMENS[name](p=1.0, seed=5)(torch.zeros(2, 1, 3000), RATE)
    assert torch.isfinite(y).all()


def test_those_with_files_are_described_by_their_paths(tmp_path):
    from fxlab import augment

    fx.noise(duration=0.2, sample_rate=RATE, seed=1).save(tmp_path / "a.wav")
    first = augment.AddBackgroundNoise(tmp_path, p=1.0, seed=1)
    y = first(torch.ones(2, 1, 100), RATE)
    rebuilt = fx.Module.from_dict(json.loads(json.dumps(first.to_dict())))
    rebuilt.freeze_parameters()
    assert torch.equal(rebuilt(torch.ones(2, 1, 100), RATE), y)
    with pytest.raises(fx.ParameterError, match="holds Signals"):
        SPECIMENS["AddBackgroundNoise"]().to_dict()


NOT_IN_TRANSFORMS = {"Mp3Compression": "hide the samples"}


@pytest.mark.parametrize("name", sorted(set(SPECIMENS) - {"PitchShift", "TimeStretch", "Resample", "RoomSimulator"}))
def test_it_draws_within_a_transform_of_torch_func(name):
    """PyTorch allows no change of captured tensors there, such as the counter of calls, and no random numbers."""
    x, augmentation = sounds(name)[:1], SPECIMENS[name](p=1.0, seed=5)
    expected = augmentation(x, RATE)
    if name in NOT_IN_TRANSFORMS:
        with pytest.raises(fx.SignalError, match=NOT_IN_TRANSFORMS[name]):
            torch.func.grad(lambda t: augmentation(t, RATE).sum())(x)
        return
    y, _ = torch.func.vjp(lambda t: augmentation.restart()(t, RATE), x)
    torch.testing.assert_close(y, expected)
    assert augmentation(x, RATE).shape == expected.shape
    if name == "Trim":
        with pytest.raises(fx.SignalError, match="depends on the samples"):
            torch.func.vmap(lambda t: augmentation(t, RATE))(x)

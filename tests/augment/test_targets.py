"""Targets are moved along with the sound."""

from __future__ import annotations

import pytest
import torch

import fxlab as fx
from fxlab import augment

RATE = 1000


def marked(batch=3):
    """Return sounds that are their own targets, at a tenth of the rate, each frame the mean of its samples."""
    generator = torch.Generator().manual_seed(1)
    frames = torch.randint(0, 2, (batch, 1, 100), generator=generator).float() + 1
    return frames.repeat_interleave(10, -1), frames


def frames_of(x):
    return x.unfold(-1, 10, 10).mean(-1)


@pytest.mark.parametrize(
    "augmentation",
    [
        augment.Shift(shift=0.25, fade_ms=0.0, p=1.0),
        augment.Shift(shift=-0.3, rollover=False, fade_ms=0.0, p=1.0),
        augment.Shift(shift=0.2, unit="seconds", fade_ms=0.0, p=1.0),
        augment.TimeInversion(p=1.0),
        augment.Padding(fraction=0.3, p=1.0),
        augment.Padding(fraction=0.3, padding="wrap", section="start", p=1.0),
        augment.RepeatPart(part_s=0.1, place=0.5, repeats=2, fade_ms=0.0, p=1.0),
        augment.RepeatPart(part_s=0.1, place=0.5, repeats=2, insert="insert", fade_ms=0.0, p=1.0),
        augment.AdjustDuration(duration_s=1.5, p=1.0),
        augment.SpliceOut(width_s=0.05, intervals=1, fade_ms=0.0, p=1.0, seed=4),
    ],
    ids=repr,
)
def test_an_edit_in_time_moves_both(augmentation):
    x, targets = marked()
    y, moved = augmentation(x, RATE, targets=targets)
    assert moved.shape[-1] == y.shape[-1] // 10
    # Frames at a cut may differ, since a cut need not lie between two frames.
    assert float((frames_of(y) - moved).abs().gt(0.01).float().mean()) < 0.08


@pytest.mark.parametrize("kind", [augment.TimeStretch, augment.Speed])
def test_another_speed_moves_both(kind):
    _, targets = marked()
    y, moved = kind(rate=0.8, p=1.0)(torch.randn(3, 1, 1000), RATE, targets=targets)
    assert moved.shape == targets.shape
    expected = targets[..., (torch.arange(100) * 0.8).round().long()]
    assert torch.equal(moved, expected)
    longer = kind(rate=0.8, leave_length_unchanged=False, mode="per_batch", p=1.0)
    y, moved = longer(torch.randn(3, 1, 1000), RATE, targets=targets)
    assert (y.shape[-1], moved.shape[-1]) == (1250, 125)


def test_classes_only_the_changed_examples_and_a_composition():
    x, targets = marked(40)
    classes = torch.stack([targets, 3 - targets], -1)
    augmentation = augment.Compose([augment.TimeInversion(p=0.5), augment.Gain(), augment.TimeMask()], seed=1)
    _, moved = augmentation(x, RATE, targets=classes)
    flipped = torch.tensor(augmentation.last_draw["parts"]["0.0"]["applied"])
    assert 5 < flipped.sum() < 35
    assert torch.equal(moved[flipped], classes[flipped].flip(-2))
    assert torch.equal(moved[~flipped], classes[~flipped])


def test_a_mix_has_the_union_of_the_targets():
    targets = torch.eye(4)[:, None, None, :].expand(4, 1, 10, 4)
    augmentation = augment.Mix(p=1.0, seed=3)
    _, mixed = augmentation(torch.randn(4, 1, 100), RATE, targets=targets)
    others = [int(share * 3) for share in augmentation.last_draw["values"]["other"]]
    for row, index in enumerate(others):
        other = index + (index >= row)
        assert set(mixed[row, 0, 0].nonzero().flatten().tolist()) == {row, other}
    _, kept = augment.Mix(p=1.0, target="original")(torch.randn(4, 1, 100), RATE, targets=targets)
    assert torch.equal(kept, targets)


def test_shuffled_channels_take_their_targets_along():
    x = torch.arange(3.0)[None, :, None].expand(5, 3, 10)
    y, moved = augment.ShuffleChannels(p=1.0, seed=1)(x, RATE, targets=x[..., :1])
    assert torch.equal(y[..., 0], moved[..., 0])
    assert not torch.equal(y, x)


def test_one_frame_is_a_label_of_the_complete_sound():
    x, _ = marked()
    label = torch.tensor([1.0, 2.0, 3.0])[:, None, None]
    for augmentation in (augment.Shift(p=1.0), augment.TimeStretch(p=1.0), augment.RandomCrop(duration_s=0.5, p=1.0)):
        assert torch.equal(augmentation(x, RATE, targets=label)[1], label)


def test_spectrograms_in_a_compose():
    masks = [augment.SpecFrequencyMask(p=1.0), augment.OneOf([augment.Identity(), augment.SpecTimeMask(p=1.0)])]
    compose = augment.Compose([*masks, augment.SpecChannelShuffle(p=1.0)], seed=1)
    x = torch.rand(3, 2, 20, 30) + 1.0
    labels = torch.arange(12.0).reshape(3, 2, 2)
    y, moved = compose(x, targets=labels)  # without a sample rate
    assert y.shape == x.shape
    assert ((y == 0).sum(-2) > 0).any()
    order = torch.tensor(compose.last_draw["parts"]["2.2"]["values"]["order"])
    assert torch.equal(moved, labels.gather(1, order[..., None].expand(3, 2, 2)))
    alone = augment.Compose([augment.SpecTimeMask(p=1.0)])(x[0, 0])
    assert alone.shape == (20, 30)


def test_sounds_become_spectrograms_in_a_compose():
    x, labels = torch.randn(3, 1, 4000), torch.rand(3, 1, 8)
    compose = augment.Compose(
        [augment.Gain(p=1.0), fx.Spectrogram(n_fft=128), augment.SpecTimeMask(fraction=0.5, p=1.0)], seed=1
    )
    y, moved = compose(x, 16_000, targets=labels)
    assert y.shape == (3, 1, 65, 63)
    assert int((y == 0).all(-2).sum()) == 3 * 32  # half of the frames of each
    assert torch.equal(moved, labels)
    assert compose(x[0], 16_000).shape == (1, 65, 63)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ([augment.Gain(p=1.0), augment.SpecTimeMask(p=1.0)], "Put a feature such as fx.MelSpectrogram"),
        ([fx.Spectrogram(n_fft=128), augment.Gain(p=1.0)], "Put it before the feature"),
        ([augment.SpecTimeMask(p=1.0), augment.Gain(p=1.0)], "augments spectrograms .* not a tensor of shape"),
    ],
)
def test_sounds_and_spectrograms_in_the_wrong_order(parts, message):
    with pytest.raises(fx.SignalError, match=message):
        augment.Compose(parts)(torch.randn(4000), 16_000)

"""What augmentations take: arrays, targets, dtypes, folders, and learned ranges."""

from __future__ import annotations

import copy
import json
import pickle
import re

import numpy as np
import pytest
import torch

import fxlab as fx
from fxlab import augment

RATE = 16_000
NOISE = fx.noise(duration=0.1, sample_rate=RATE, seed=1)


def read_only(array):
    array.flags.writeable = False
    return array


@pytest.mark.parametrize(
    "change",
    [lambda a: a[..., ::-1], lambda a: a.astype(">f4"), read_only, lambda a: a.T.copy().T],
    ids=["negative strides", "big-endian", "read-only", "transposed"],
)
@pytest.mark.parametrize("p", [0.0, 1.0])
def test_any_array_is_copied(change, p):
    array = change(np.arange(8, dtype=np.float32).reshape(2, 4))
    y = augment.PolarityInversion(p=p)(array, RATE)
    assert np.array_equal(y, -array if p else array)
    assert not np.shares_memory(y, array)
    assert y.dtype == np.float32


def test_an_array_of_another_dtype_is_rejected():
    for dtype in (np.int16, object, np.longdouble):
        with pytest.raises(fx.SignalError):
            augment.Gain()(np.zeros(4, dtype), RATE)


def test_a_learned_range_takes_an_array():
    augmentation = augment.Gain(p=1.0)
    augmentation.gain_db = torch.nn.Parameter(torch.tensor([-6.0, -6.0]))
    assert augmentation(np.ones(3, np.float32), RATE) == pytest.approx(10 ** (-6 / 20))


def test_a_learned_range_out_of_order_is_rejected():
    augmentation = augment.Gain(p=1.0)
    augmentation.gain_db = torch.nn.Parameter(torch.tensor([-5.0, 5.0]))
    with torch.no_grad():
        augmentation.gain_db.neg_()
    with pytest.raises(fx.ParameterError, match="must not be larger"):
        augmentation(torch.ones(3), RATE)


def test_targets_are_arrays_or_lists_too():
    x = np.ones((1, 40), np.float32)
    augmentation = augment.TimeInversion(p=1.0)
    _, moved = augmentation(x, RATE, targets=np.arange(4)[None, ::-1])
    assert isinstance(moved, np.ndarray)
    assert moved.tolist() == [[0, 1, 2, 3]]
    assert augmentation(x, RATE, targets=[[1, 2, 3, 4]])[1].tolist() == [[4, 3, 2, 1]]
    _, moved = augmentation(torch.from_numpy(x), RATE, targets=[[1, 2]])
    assert torch.equal(moved, torch.tensor([[2, 1]]))
    with pytest.raises(fx.SignalError, match="nested list"):
        augmentation(x, RATE, targets=[["a", 2]])


@pytest.mark.parametrize("rate", [0, -1.0, "a", float("nan"), float("inf"), True])
def test_a_wrong_rate_of_targets_is_rejected(rate):
    with pytest.raises(fx.SignalError, match="target_rate is"):
        augment.Gain()(torch.ones(1, 40), RATE, targets=torch.ones(1, 4), target_rate=rate)


def test_empty_sounds_and_empty_targets():
    x, targets = torch.ones(1, 0), torch.ones(1, 0)
    y, moved = augment.TimeInversion(p=1.0)(x, RATE, targets=targets)
    assert (y.shape, moved.shape) == (x.shape, targets.shape)
    with pytest.raises(fx.SignalError, match="equally long"):
        augment.TimeInversion(p=1.0)(x, RATE, targets=torch.ones(1, 4))
    with pytest.raises(fx.SignalError, match="no frames"):
        augment.TimeInversion(p=1.0)(torch.ones(1, 40), RATE, targets=targets)


@pytest.mark.parametrize("kind", [augment.AddColoredNoise, augment.AirAbsorption])
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision(kind, dtype):
    x = torch.randn(2, 1, 200).to(dtype)
    y = kind(p=1.0, seed=1)(x, RATE)
    assert y.dtype == dtype
    torch.testing.assert_close(y, kind(p=1.0, seed=1)(x.float(), RATE).to(dtype))


def test_hidden_files_are_left_out_and_the_home_folder_is_known(tmp_path, monkeypatch):
    (tmp_path / "bg" / ".hidden").mkdir(parents=True)
    fx.noise(duration=0.1, sample_rate=RATE, seed=1).save(tmp_path / "bg" / "a.wav")
    (tmp_path / "bg" / "._a.wav").write_bytes(b"no sound")
    (tmp_path / "bg" / ".hidden" / "b.wav").write_bytes(b"no sound")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert augment.AddBackgroundNoise("~/bg").__dict__["sounds"].describe() == [str(tmp_path / "bg" / "a.wav")]


def test_show_batch_rejects_what_is_no_batch():
    for value in (None, 3, {1: 2}):
        with pytest.raises(fx.FxlabError, match="list of Signals"):
            fx.show_batch(value)


@pytest.mark.parametrize("kind", [augment.ClippingDistortion, augment.TimeMask])
def test_the_imaginary_part_of_a_conjugate(kind):
    x = torch.randn(1, 400)
    marked = torch.complex(x, -x).conj().imag  # x, which PyTorch marks as negative without changing the memory
    assert torch.equal(kind(p=1.0, seed=1)(marked, RATE), kind(p=1.0, seed=1)(x, RATE))


@pytest.mark.parametrize("kind", [augment.ClippingDistortion, augment.TanhDistortion])
def test_a_frozen_augmentation_in_a_transform_of_torch_func(kind):
    made, x = kind(p=1.0, seed=1), torch.randn(1, 400, dtype=torch.float64, requires_grad=True)
    made(x, RATE)
    made.freeze_parameters()
    made(x, RATE).square().sum().backward()
    torch.testing.assert_close(torch.func.grad(lambda t: made(t, RATE).square().sum())(x.detach()), x.grad)


@pytest.mark.parametrize("power", ["power", "complex"])
def test_a_feature_gives_a_feature(power):
    feature = NOISE | fx.Spectrogram(n_fft=64, power=power)
    mask = augment.SpecTimeMask(fraction=0.5, place=0.0, p=1.0)
    found = feature | mask
    half = round(0.5 * len(feature.time))
    assert torch.equal(found.data[..., half:], feature.data[..., half:])
    assert not found.data[..., :half].any()
    assert (found.name, found.frequency, found.time, found.frame_rate) == (
        feature.name,
        feature.frequency,
        feature.time,
        feature.frame_rate,
    )
    assert torch.equal((NOISE | (fx.Spectrogram(n_fft=64, power=power) | mask)).data, found.data)
    assert torch.equal(augment.Compose([mask])(feature).data, found.data)
    assert torch.equal((mask | mask)(feature).data, found.data)
    _, labels = mask(feature, targets=torch.ones(1, len(feature.time)))
    assert labels.shape == (1, len(feature.time))


@pytest.mark.parametrize("made", [augment.Identity(p=1.0), augment.OneOf([augment.Identity(), augment.Identity()])])
def test_identity_accepts_any_spectrogram(made):
    for power in ("power", "complex"):
        feature = NOISE | fx.Spectrogram(n_fft=64, power=power)
        assert torch.equal((feature | made).data, feature.data)
        assert torch.equal(made(feature.data, RATE), feature.data)
        labels = torch.ones(1, len(feature.time), 3)
        assert torch.equal(made(feature, targets=labels)[1], labels)
    assert torch.equal(made(feature.data), feature.data)  # complex, so that no sample rate is needed
    with pytest.raises(fx.SignalError, match="needs a sample rate"):
        made(torch.ones(8))


def test_a_container_with_identity_at_its_end_gives_a_spectrogram():
    made = augment.Compose([fx.MelSpectrogram(), augment.Identity()])
    assert not made.gives_sound
    with pytest.raises(fx.SignalError, match="a panel plays sounds"):
        made.panel(NOISE)
    assert augment.Compose([augment.Identity()]).gives_sound


@pytest.mark.parametrize(
    ("made", "given", "message"),
    [
        (augment.Gain(), NOISE | fx.MFCC(), "Gain augments sounds, not features"),
        (augment.Compose([fx.Deltas(), augment.SpecTimeMask()]), NOISE | fx.MFCC(), "Compose holds Deltas"),
        (augment.SpecTimeMask(), NOISE, "SpecTimeMask augments spectrograms, not sounds"),
        (augment.Compose([fx.MFCC(), augment.SpecTimeMask()]), NOISE, "Compose makes a spectrogram of a sound"),
    ],
    ids=["a mask of sounds", "another axis", "a sound", "a sound to a spectrogram"],
)
def test_what_does_not_fit_is_named(made, given, message):
    with pytest.raises(fx.SignalError, match=message):
        made(given)


def test_a_panel_of_a_mask_is_refused():
    with pytest.raises(fx.SignalError, match="a panel plays sounds"):
        augment.SpecTimeMask().panel(NOISE)


def test_a_signal_of_many_short_channels():
    signal = fx.Signal(torch.randn(80, 100, generator=torch.Generator().manual_seed(1)), RATE).between(0, 40 / RATE)
    assert torch.equal(augment.PolarityInversion(p=1.0)(signal).samples, -signal.samples)


@pytest.mark.parametrize("p", [(0.0, 1.0), (0.5, 0.5, 0.5, 0.5)])
def test_a_probability_for_another_number_of_examples_is_rejected(p):
    with pytest.raises(fx.ParameterError, match="3 decisions"):
        augment.Gain(p=p)(torch.ones(3, 1, 8), RATE)


@pytest.mark.parametrize("sounds", [3, None, [None], torch.ones(8)], ids=["number", "None", "list", "tensor"])
def test_recordings_that_are_no_recordings_are_named(sounds):
    with pytest.raises(fx.ParameterError, match="not a Signal, a path or a list"):
        augment.AddBackgroundNoise(sounds)


@pytest.mark.parametrize(
    ("description", "message"),
    [
        ({"type": "AddBackgroundNoise"}, "augment.AddBackgroundNoise is described without 'sounds'"),
        ({"type": "AddShortNoises", "params": {"count": [1, 2]}}, "AddShortNoises is described without 'sounds'"),
        ({"type": "AddShortNoises", "params": 3}, "'params' of augment.AddShortNoises must be a dict of names, not 3"),
        ({"type": "Compose", "stages": 3}, "'stages' of augment.Compose must be a list of what to_dict gave, not 3"),
        ({"type": "Compose", "params": {"transforms": []}}, "Compose has no parameter 'transforms'"),
        ({"type": "SomeOf"}, "'count' of augment.SomeOf must be [fewest, most]"),
        ({"type": "SomeOf", "params": {"count": [1]}}, "transforms that run, not [1]"),
        ({"type": "SomeOf", "params": {"count": [1, 1], "self": 1}}, "SomeOf has no parameter 'self'"),
        ({"type": "SomeOf", "params": None}, "'params' of augment.SomeOf must be a dict of names, not None"),
        ({"type": "RandomModule", "params": {}}, "augment.RandomModule is described without its 'module'"),
        ({"type": "RandomModule", "module": {"type": "LowPass"}, "params": 3}, "'params' of augment.RandomModule must"),
    ],
)
def test_a_malformed_description_is_named(description, message):
    with pytest.raises(fx.ParameterError, match=re.escape(message)):
        fx.Module.from_dict({**description, "type": f"augment.{description['type']}"})


@pytest.mark.parametrize("order", [[2, 8], [2, 4, 8], (2, 8)])
def test_a_copy_keeps_the_options_of_a_count(order):
    """A list holds options, and a pair is a range, also in JSON and in the representation."""
    made = augment.random(fx.Butterworth, order=order, p=1.0, seed=1)
    described = fx.Module.from_dict(json.loads(json.dumps(made.to_dict())))
    represented = eval(repr(made), {"augment": augment, **vars(fx)})
    copies = copy.deepcopy(made), pickle.loads(pickle.dumps(made)), described, represented
    x = torch.randn(8, 1, 100)
    expected = made(x, RATE)
    for copied in copies:
        assert type(copied) is type(made)
        assert copied.order == tuple(order)
        assert torch.equal(copied(x, RATE), expected)

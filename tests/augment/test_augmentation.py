"""Draws of augmentations: probabilities, modes, seeds, records, and what is rejected."""

from __future__ import annotations

import copy
import json
import math
import pickle
import re

import numpy as np
import pytest
import torch

import fxlab as fx
from fxlab import augment
from fxlab.augment.drawing.random_source import RandomNumbers

RATE = 16_000


def gains(mode="per_example", p=1.0, p_mode=None, **more):
    return augment.random(fx.Gain, gain_db=(-12.0, -1.0), p=p, mode=mode, p_mode=p_mode, **more)


@pytest.mark.parametrize("p", [0.1, 0.5])
@pytest.mark.parametrize("p_mode", ["per_batch", "per_example", "per_channel"])
@pytest.mark.parametrize("mode", ["per_batch", "per_example", "per_channel"])
def test_it_is_applied_with_probability_p(mode, p_mode, p):
    shape = {"per_batch": (1, 1, 1), "per_example": (2000, 2, 1), "per_channel": (1000, 2, 1)}[p_mode]
    invert = augment.random(fx.Gain, gain_db=(-3.0, -3.0), p=p, mode=mode, p_mode=p_mode, seed=5)
    calls, applied = (400, 0) if p_mode == "per_batch" else (5, 0)
    for _ in range(calls):
        changed = (invert(torch.ones(shape), RATE) != 1).squeeze(-1)
        if p_mode != "per_channel":
            assert torch.equal(changed, changed[:, :1].expand_as(changed))
            changed = changed[:, 0]
        applied += int(changed.sum())
    draws = calls * (1 if p_mode == "per_batch" else 2000)
    # 4.5 standard deviations: one draw in 150 000 would be outside, and the seed is fixed.
    assert abs(applied - draws * p) < 4.5 * math.sqrt(draws * p * (1 - p))


@pytest.mark.parametrize(
    ("mode", "distinct"),
    [("per_batch", (1, 1)), ("per_example", (6, 1)), ("per_channel", (6, 3))],
)
def test_a_draw_is_shared_exactly_as_the_mode_says(mode, distinct):
    y = gains(mode, seed=2)(torch.ones(6, 3, 4), RATE)
    assert torch.equal(y, y[..., :1].expand_as(y))
    levels = y[..., 0]
    assert len(levels[:, 0].unique()) == distinct[0]
    assert len(levels[0].unique()) == distinct[1]


def test_the_engine_runs_once_for_all_examples(monkeypatch):
    calls = []
    forward = fx.LowPass.forward
    monkeypatch.setattr(fx.LowPass, "forward", lambda self, x, rate: calls.append(x.shape) or forward(self, x, rate))
    augment.random(fx.LowPass, cutoff=(200, 4000), p=1.0)(torch.randn(32, 1, 100), RATE)
    assert calls == [(32, 1, 100)]


def test_each_example_is_filtered_with_its_own_value():
    augmentation = augment.random(fx.LowPass, cutoff=(200, 4000), q=2.0, p=0.6, seed=1)
    x = torch.randn(12, 2, 500, dtype=torch.float64)
    y = augmentation(x, RATE)
    draw = augmentation.last_draw
    assert 0 < sum(draw["applied"]) < 12
    for row, (applied, cutoff) in enumerate(zip(draw["applied"], draw["values"]["cutoff"], strict=True)):
        expected = fx.LowPass(cutoff, 2.0)(x[row], RATE) if applied else x[row]
        torch.testing.assert_close(y[row], expected)


def test_a_range_is_uniform_on_the_scale_of_its_parameter():
    augmentation = augment.random(fx.Peak, frequency=(100, 6400), gain_db=(-6, 6), p=1.0, seed=3)
    augmentation(torch.randn(4000, 1, 8), RATE)
    octaves = torch.tensor(augmentation.last_draw["values"]["frequency"]).div(100).log2() / 6
    gain = (torch.tensor(augmentation.last_draw["values"]["gain_db"]) + 6) / 12
    for share in (octaves, gain):
        counts = torch.histc(share, 10, 0, 1)
        assert ((counts - 400).square() / 400).sum() < 27.9  # chi-squared with 9 degrees of freedom, 99.9 %


def test_a_count_and_a_name_are_drawn_too():
    augmentation = augment.random(
        fx.Butterworth, cutoff=(300, 3000), order=(2, 4), kind=["lowpass", "highpass"], p=1.0, seed=1
    )
    x = torch.randn(40, 1, 200, dtype=torch.float64)
    y = augmentation(x, RATE)
    values = augmentation.last_draw["values"]
    assert set(values["order"]) == {2, 3, 4}
    assert set(values["kind"]) == {0, 1}
    for row in range(0, 40, 7):
        kind = ["lowpass", "highpass"][values["kind"][row]]
        expected = fx.Butterworth(values["cutoff"][row], int(values["order"][row]), kind)(x[row], RATE)
        torch.testing.assert_close(y[row], expected)


@pytest.mark.parametrize("shape", [(100,), (2, 100), (3, 2, 100), (2, 3, 2, 100), (0, 1, 100), (2, 1, 0)])
def test_any_rank_keeps_its_shape(shape):
    augmentation = augment.Compose([gains("per_channel"), augment.AddGaussianNoise(p=0.5)], seed=1)
    assert augmentation(torch.ones(shape), RATE).shape == shape


# -- seeds ------------------------------------------------------------------------------------------------------------


def composed(seed=7, **more):
    parts = [
        augment.AddGaussianNoise(p=0.5),
        augment.OneOf([gains(), augment.random(fx.LowPass, cutoff=(200, 4000), p=1.0)], weights=[1, 3]),
        augment.SomeOf((0, 2), [fx.Invert(), gains(), fx.DCOffset(0.1)]),
    ]
    return augment.Compose(parts, seed=seed, shuffle=True, **more)


def test_a_seed_reproduces_a_run_and_the_global_generators_are_left_alone():
    x = torch.randn(8, 1, 300)
    first, second = composed(), composed()
    before, numpy_before = torch.get_rng_state(), np.random.get_state()[1].copy()
    runs = [first(x, RATE) for _ in range(3)]
    torch.manual_seed(99)
    assert all(torch.equal(run, second(x, RATE)) for run in runs)
    assert not torch.equal(runs[0], runs[1])
    assert np.array_equal(np.random.get_state()[1], numpy_before)
    torch.set_rng_state(before)
    composed()(x, RATE)
    assert torch.equal(torch.get_rng_state(), before)
    assert not torch.equal(composed(seed=8)(x, RATE), runs[0])
    assert torch.equal(first.restart()(x, RATE), runs[0])
    assert composed(seed=None).seed != composed(seed=None).seed


def test_the_first_numbers_of_a_seed_never_change():
    assert RandomNumbers((1, 0, 0)).uniform(3).tolist() == pytest.approx(FIRST_NUMBERS, abs=1e-15)


FIRST_NUMBERS = [0.0668020093396563, 0.07901298235490295, 0.005777118030780293]


class Ones(torch.utils.data.Dataset):
    def __init__(self, augmentation):
        self.augmentation = augmentation

    def __len__(self):
        return 6

    def __getitem__(self, index):
        return self.augmentation(torch.ones(1, 4), RATE)


def test_workers_draw_differently_from_each_other_and_each_epoch_and_a_seed_reproduces_them():
    def epochs():
        loader = torch.utils.data.DataLoader(Ones(gains(seed=3)), batch_size=1, num_workers=2)
        return [torch.cat(list(loader))[:, 0, 0] for _ in range(2)]

    once, again = epochs(), epochs()
    assert torch.equal(torch.cat(once), torch.cat(again))
    assert len(torch.cat(once).unique()) == 12


# -- the record -------------------------------------------------------------------------------------------------------


def test_a_frozen_draw_is_repeated_and_replayed_from_json():
    x = torch.randn(8, 2, 300)
    augmentation = composed()
    augmentation(x, RATE)
    y = augmentation(x, RATE)
    text = json.dumps(augmentation.last_draw)
    augmentation.freeze_parameters()
    assert torch.equal(augmentation(x, RATE), y)
    assert torch.equal(augmentation(x, RATE), y)
    assert not torch.equal(augmentation.unfreeze_parameters()(x, RATE), y)
    other = composed(seed=None).replay(json.loads(text))
    assert torch.equal(other(x, RATE), y)
    assert json.dumps(other.last_draw) == text


def test_a_frozen_part_of_a_container_keeps_its_draw():
    part = gains(seed=None)
    augmentation = augment.Compose([part])
    y = augmentation(torch.ones(4, 1, 2), RATE)
    part.freeze_parameters()
    assert torch.equal(augmentation(torch.ones(4, 1, 2), RATE), y)


def test_dictionary_state_and_copies_hold_the_parameters_the_seed_and_the_draws():
    x = torch.randn(4, 1, 300)
    augmentation = composed(p=0.9)
    augmentation(x, RATE)
    description = json.loads(json.dumps(augmentation.to_dict()))
    rebuilt = fx.Module.from_dict(description)
    assert rebuilt.to_dict() == augmentation.to_dict()
    assert repr(rebuilt) == repr(augmentation)
    other = composed(seed=1, p=0.1)
    other.load_state_dict(augmentation.state_dict())
    copied, pickled = copy.deepcopy(augmentation), pickle.loads(pickle.dumps(augmentation))
    y = augmentation(x, RATE)
    assert float(other.p) == pytest.approx(0.9)
    for twin in (rebuilt, other, copied, pickled):
        assert torch.equal(twin(x, RATE), y)
        assert twin.last_draw == augmentation.last_draw


def test_the_repr_of_a_random_module_makes_it_again():
    augmentation = augment.random(fx.LowPass(q=2.0), cutoff=(200, 4000), p=0.25, mode="per_batch", seed=3)
    assert (
        repr(augmentation) == "augment.random(LowPass(q=2.0), cutoff=(200.0, 4000.0), p=0.25, mode='per_batch', seed=3)"
    )
    names = {"augment": augment, "LowPass": fx.LowPass}
    assert repr(eval(repr(augmentation), names)) == repr(augmentation)


# -- training ---------------------------------------------------------------------------------------------------------


def test_eval_passes_through():
    x = torch.randn(2, 1, 50)
    augmentation = composed().eval()
    assert augmentation(x, RATE) is x
    assert not torch.equal(augmentation.train()(x, RATE), x)


def test_gradients_reach_the_signal_and_the_ranges():
    x = torch.randn(4, 1, 30, dtype=torch.float64, requires_grad=True)
    augmentation = augment.Compose(
        [augment.random(fx.LowPass, cutoff=(200, 4000), p=0.5), augment.AddGaussianSNR(p=0.5)], seed=1
    )
    augmentation(x, RATE)
    augmentation.freeze_parameters()
    assert torch.autograd.gradcheck(lambda x: augmentation(x, RATE), (x,))
    limits = torch.nn.Parameter(torch.tensor([-12.0, -1.0]))
    learned = gains()
    learned.gain_db = limits
    learned(torch.ones(3, 1, 2), RATE).sum().backward()
    assert (limits.grad > 0).all()


@pytest.mark.parametrize("learned", [False, True])
def test_a_range_of_a_count_draws_all_of_its_multiples(learned):
    augmentation = augment.random(fx.LinkwitzRiley, order=(2, 8), p=1.0, mode="per_batch", seed=1)
    if learned:
        augmentation.order = torch.nn.Parameter(torch.tensor([2.0, 8.0]))
    orders = []
    for _ in range(40):
        augmentation(torch.ones(1, 1, 8), RATE)
        orders += augmentation.last_draw["values"]["order"]
    assert set(orders) == {2, 4, 6, 8}


def test_an_augmentation_on_the_meta_device_has_a_repr_and_no_description():
    gain = augment.Gain(p=1.0).to_empty(device="meta")
    assert re.search("<2 .* on meta>", repr(gain))
    with pytest.raises(fx.ParameterError, match="gain_db is on the meta device"):
        gain.to_dict()


def test_a_signal_and_an_array_and_a_chain():
    signal = fx.sine(frequency=440.0, duration=0.1, sample_rate=RATE)
    augmentation = gains(seed=1)
    assert isinstance(augmentation(signal), fx.Signal)
    assert augmentation(signal.numpy(), RATE).dtype == np.float32
    chained = signal | (fx.LowPass(500.0) | augmentation | fx.Gain(1.0))
    assert chained.samples.shape == signal.samples.shape


# -- what is rejected -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: augment.AddGaussianNoise(amplitude=(0.5, 0.1)), "the first number must not be larger"),
        (lambda: augment.LowPass(order=(2, 3.7)), r"order is \(2, 3.7\); both ends of its range must be whole numbers"),
        (
            lambda: augment.random(fx.LinkwitzRiley, order=(2, 7)),
            r"order is \(2, 7\); both ends of its range must be whole multiples of 2",
        ),
        (lambda: augment.AddGaussianNoise(amplitude=(-0.5, 0.1)), "at least 0"),
        (lambda: augment.AddGaussianNoise(amplitude=(0.1, 0.2, 0.3)), "a range of two numbers"),
        (lambda: augment.AddGaussianNoise(p=1.5), "p is 1.5; it must be at least 0 and at most 1"),
        (lambda: augment.AddGaussianNoise(p=-0.1), "p is -0.1"),
        (lambda: augment.AddGaussianNoise(p=math.nan), "p is nan"),
        (lambda: augment.AddGaussianNoise(seed=1.5), "seed is 1.5; it must be a whole number"),
        (lambda: augment.AddGaussianNoise(mode="per_sample"), "mode is 'per_sample'"),
        (lambda: augment.AddGaussianNoise(amplitud=1), "Did you mean 'amplitude'"),
        (lambda: augment.random(fx.LowPass, cutof=(1, 2)), "Did you mean 'cutoff'"),
        (lambda: augment.random(fx.LowPass), "draws nothing"),
        (lambda: augment.random(fx.LowPass, cutoff=(4000, 200)), "must not be larger"),
        (lambda: augment.random(fx.LowPass, cutoff=(0, 200)), "above 0 Hz"),
        (lambda: augment.random(len, cutoff=(0, 200)), "takes a filter or an effect"),
        (lambda: augment.random(fx.Butterworth, kind=["lowpass", "x"]), "kind is 'x'"),
        (lambda: augment.AddGaussianNoise().replay({"values": 3}), "replay takes the dictionary"),
        (lambda: augment.AddGaussianNoise().freeze_parameters(), "Call it first"),
    ],
)
def test_bad_arguments_are_rejected(make, message):
    with pytest.raises(fx.FxlabError, match=message):
        make()


def test_a_range_above_half_the_sample_rate_is_rejected_when_the_rate_is_known():
    with pytest.raises(fx.ParameterError, match="below half the sample rate"):
        augment.random(fx.LowPass, cutoff=(200, 9000), p=1.0)(torch.ones(1, 10), RATE)


def test_a_draw_for_another_batch_is_rejected():
    augmentation = gains()
    augmentation(torch.ones(3, 1, 4), RATE)
    augmentation.freeze_parameters()
    with pytest.raises(fx.ParameterError, match=r"3 values.*needs 5"):
        augmentation(torch.ones(5, 1, 4), RATE)


def test_targets_of_another_length_are_rejected():
    with pytest.raises(fx.SignalError, match="equally long"):
        gains()(torch.ones(2, 1, 1600), RATE, targets=torch.ones(2, 1, 5), target_rate=100)
    with pytest.raises(fx.SignalError, match="same dimensions"):
        gains()(torch.ones(2, 1, 1600), RATE, targets=torch.ones(3, 1, 5))

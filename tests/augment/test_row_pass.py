"""Augmentations of a container whose changes are made in one pass over the memory."""

from __future__ import annotations

import pytest
import torch

from fxlab import augment
from fxlab.augment.drawing.row_pass import RowPass
from fxlab.errors import ParameterError, SignalError
from fxlab.module import Module

RATE = 8000
IN_PLACE = {
    "Gain": augment.Gain,
    "PolarityInversion": augment.PolarityInversion,
    "PeakNormalization": augment.PeakNormalization,
    "GainTransition": lambda **options: augment.GainTransition(duration_s=(0.01, 0.1), **options),
    "BitCrush": augment.BitCrush,
    "TimeMask": augment.TimeMask,
    "Padding": augment.Padding,
}
OTHERS = {
    "Shift": augment.Shift,
    "LowPass": lambda **options: augment.LowPass(cutoff=(200.0, 3000.0), **options),
    "AddGaussianNoise": augment.AddGaussianNoise,
    "Padding, reflected": lambda **options: augment.Padding(padding="reflect", **options),
    "Gain by channel": lambda **options: augment.Gain(mode="per_channel", **options),
    "Compose": lambda **options: augment.Compose([augment.Gain(**options), augment.PolarityInversion(**options)]),
}


def sounds(rows=5, channels=2):
    return 0.2 * torch.randn(rows, channels, 700, generator=torch.Generator().manual_seed(0))


def count_passes(monkeypatch):
    """Return a list to which each pass adds the number of its changes."""
    counts, run = [], RowPass.run

    def counted(self):
        counts.append(len(self._changes))
        run(self)

    monkeypatch.setattr(RowPass, "run", counted)
    return counts


@pytest.mark.parametrize("order", ["kept", "reversed"])
@pytest.mark.parametrize("p", [1.0, 0.5])
def test_one_pass_equals_the_parts_one_after_the_other(p, order, monkeypatch):
    kinds = list(IN_PLACE.values())[:: 1 if order == "kept" else -1]
    parts = [kind(p=p, seed=number) for number, kind in enumerate(kinds)]
    x = sounds()
    expected = x
    for part in parts:
        expected = part.restart()(expected, RATE)
    for part in parts:
        part.restart()
    counts = count_passes(monkeypatch)
    before = x.clone()
    assert torch.equal(augment.Compose(parts)(x, RATE), expected)
    assert torch.equal(x, before)
    assert len(counts) == 1
    assert counts[0] == len(parts) if p == 1.0 else counts[0] > 3


@pytest.mark.parametrize("other", OTHERS)
def test_a_part_between_them_gets_what_they_have_written(other, monkeypatch):
    parts = [
        augment.Gain(p=0.5, seed=1),
        augment.PolarityInversion(p=0.5, seed=2),
        OTHERS[other](p=1.0, seed=3) if other != "Compose" else OTHERS[other](p=0.5),
        augment.PeakNormalization(p=0.5, seed=4),
        augment.TimeMask(p=0.5, seed=5),
    ]
    if other == "Compose":
        for number, part in enumerate(parts[2]):
            part.__dict__["_source"] = type(part._source)(number)
    x = sounds()
    expected = x
    for part in parts:
        expected = part(expected, RATE)
    for part in parts:
        part.restart()
    torch.testing.assert_close(augment.Compose(parts)(x, RATE), expected, atol=1e-6, rtol=0)


def test_a_range_that_is_learned_gets_gradients_beside_parts_of_a_pass():
    learned = augment.Gain(p=1.0)
    learned.gain_db = torch.nn.Parameter(torch.tensor([-6.0, -6.0], dtype=torch.float64))
    made = augment.Compose([augment.PolarityInversion(p=1.0), learned, augment.PolarityInversion(p=1.0)])
    x = sounds()
    y = made(x, RATE)
    torch.testing.assert_close(y.detach(), x * 10 ** (-6 / 20))
    y.square().sum().backward()
    assert (learned.gain_db.grad > 0).all()


@pytest.mark.parametrize("p", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("make", [augment.Compose, augment.OneOf, lambda parts, **o: augment.SomeOf(2, parts, **o)])
def test_a_sample_that_is_not_finite_is_found(make, p):
    made = make([kind(p=p) for kind in IN_PLACE.values()], seed=0)
    for value in (float("nan"), float("inf")):
        x = sounds()
        x[-1, 0, 3] = value
        with pytest.raises(SignalError, match=r"NaN|infinite"):
            made(x, RATE)


def test_samples_whose_squares_are_infinite_are_valid():
    x = torch.full((2, 1, 10), 1e30)
    y = augment.Compose([augment.PolarityInversion(p=1.0), augment.Gain(gain_db=0.0, p=1.0)])(x, RATE)
    assert torch.equal(y, -x)


def test_a_batch_that_no_part_changes_is_returned_itself():
    x = sounds()
    made = augment.Compose([augment.Gain(p=0.0), augment.OneOf([augment.Gain(p=0.0), augment.TimeMask(p=0.0)])])
    assert made(x, RATE) is x


def test_targets_are_edited_by_parts_that_could_share_a_pass():
    x = sounds()
    targets = torch.ones(5, 2, 70)
    made = augment.Compose([augment.Gain(p=1.0), augment.Padding(fraction=0.5, p=1.0)])
    y, moved = made(x, RATE, targets=targets)
    assert (y[..., 350:] == 0).all()
    assert (moved[..., 35:] == 0).all()
    assert (moved[..., :35] == 1).all()


@pytest.mark.parametrize("base", [augment.Gain, augment.TimeMask, augment.Padding, augment.AdjustDuration])
def test_a_subclass_may_process_the_samples_in_another_way(base):
    class Own(base):
        def augment(self, x, sample_rate, drawn):
            return x.flip(-1)

    x = sounds()
    for p in (1.0, 0.5):
        made = augment.Compose([augment.PolarityInversion(p=1.0), Own(p=p, seed=1), augment.PolarityInversion(p=1.0)])
        y = made(x, RATE)
        applied = torch.tensor(made.last_draw["parts"]["1.1"]["applied"]).expand(len(x))
        for row, is_applied in enumerate(applied):
            torch.testing.assert_close(y[row], x[row].flip(-1) if is_applied else x[row])
    x[0, 0, 0] = float("nan")
    with pytest.raises(SignalError):
        Own(p=1.0)(x, RATE)


class ByLevel(augment.Gain):
    """A gain that is drawn from the samples."""

    def draw(self, units, batch, numbers):
        values = super().draw(units, batch, numbers)
        values["gain_db"] = -20 * batch.x.abs().amax((1, 2)).double().log10()
        return values


class Halved:
    def augment(self, x, sample_rate, drawn):
        return super().augment(x, sample_rate, drawn) * 0.5


class HalvedGain(Halved, augment.Gain):
    pass


class Changed(augment.Gain):
    def change(self, batch, draw, rows):
        done = super().change(batch, draw, rows)
        return done._replace(x=done.x * 0.5)


@pytest.mark.parametrize("kind", [ByLevel, HalvedGain, Changed])
def test_a_subclass_reads_samples_that_are_written(kind):
    x, own = sounds(), kind(p=1.0, seed=3)
    alone = own(x, RATE)
    own.restart()
    y = augment.Compose([augment.PolarityInversion(p=1.0), own])(x, RATE)
    torch.testing.assert_close(y, -alone)


def test_a_mixin_may_process_some_of_the_rows():
    x, own = sounds(), HalvedGain(gain_db=0.0, p=0.5, seed=1)
    y = own(x, RATE)
    applied = torch.tensor(own.last_draw["applied"])
    assert 0 < applied.sum() < len(x)
    torch.testing.assert_close(y, torch.where(applied[:, None, None], 0.5 * x, x))


def test_buffers_that_are_no_parameters_may_be_of_any_kind():
    class Own(augment.Gain):
        def __init__(self, **options):
            super().__init__(**options)
            self.register_buffer("none", None)
            self.register_buffer("sparse", torch.eye(3).to_sparse())
            self.register_buffer("long", torch.zeros(1000))

    made = Own(gain_db=0.0, p=1.0)
    x = sounds()
    for _ in range(2):
        torch.testing.assert_close(made(x, RATE), x)


def test_a_value_that_becomes_invalid_after_a_check_is_found():
    made = augment.Gain(p=1.0)
    made(sounds(), RATE)
    made._buffers["gain_db"].numpy()[1] = float("nan")
    with pytest.raises(ParameterError, match="gain_db is nan"):
        made(sounds(), RATE)


def test_a_call_that_fails_keeps_the_record_of_the_last():
    made = augment.Compose([augment.Gain(p=1.0), augment.OneOf([augment.TimeMask(p=1.0)])], seed=1)
    made(sounds(), RATE)
    before = made.last_draw
    wrong = sounds()
    wrong[0, 0, 0] = float("nan")
    with pytest.raises(SignalError):
        made(wrong, RATE)
    assert made.last_draw == before
    assert Module.from_dict(made.to_dict()).last_draw == before

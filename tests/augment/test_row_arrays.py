"""Augmentations that write slices of NumPy arrays give what their formula for each sample gives."""

from __future__ import annotations

import pytest
import torch

from fxlab import augment
from fxlab.effects import Gain
from fxlab.errors import SignalError

RATE = 8000
LENGTHS = [
    {"duration_s": 0.1, "places": "per_example"},
    {"duration_s": 0.1, "places": "per_batch"},
    *({"duration_s": 0.6, "padding": kind} for kind in ("silence", "wrap", "reflect")),
    *({"duration_s": 0.6, "padding": kind, "section": "start"} for kind in ("silence", "wrap", "reflect")),
]
CASES = {
    "mask": (augment.TimeMask, {}),
    "mask, a long fade": (augment.TimeMask, {"fade_ms": 50.0, "fraction": (0.0, 1.0)}),
    "mask, no fade": (augment.TimeMask, {"fade_ms": 0.0}),
    "padding at the end": (augment.Padding, {"fraction": (0.0, 1.0)}),
    "padding at the start": (augment.Padding, {"fraction": (0.0, 1.0), "section": "start"}),
    "shift": (augment.Shift, {"fade_ms": 0.0, "shift": (-1.0, 1.0)}),
    "shift, faded": (augment.Shift, {"shift": (-1.0, 1.0), "fade_ms": 20.0}),
    "shift into silence": (augment.Shift, {"shift": (-1.0, 1.0), "rollover": False}),
    "shift by a little": (augment.Shift, {"shift": (-0.02, 0.02), "fade_ms": 10.0, "rollover": False}),
    "shift by more than the sound": (augment.Shift, {"shift": (-0.4, 0.4), "unit": "seconds", "rollover": False}),
    "shift, a fade longer than the sound": (augment.Shift, {"fade_ms": 300.0}),
    "level": (augment.Gain, {}),
    "peak": (augment.PeakNormalization, {"level_db": (-6.0, 0.0)}),
    "sign": (augment.PolarityInversion, {}),
    "splices": (augment.SpliceOut, {"width_s": (0.0, 0.05), "intervals": (0, 8)}),
    "splices, long fades": (augment.SpliceOut, {"width_s": (0.0, 0.03), "fade_ms": 50.0}),
    "splices of nearly all": (augment.SpliceOut, {"width_s": (0.1, 0.2), "fade_ms": 0.0}),
    "gain": (augment.GainTransition, {"duration_s": (0.0, 0.5)}),
    "gain at once": (augment.GainTransition, {"duration_s": 0.0, "place": (0.0, 1.0)}),
    "repeats": (augment.RepeatPart, {"part_s": (0.01, 0.1)}),
    "repeats of all": (augment.RepeatPart, {"part_s": (0.2, 2.0), "place": 1.0}),
    "repeats shorter than the fade": (augment.RepeatPart, {"part_s": 0.01, "fade_ms": 30.0, "place": (0.5, 1.0)}),
    "inserted": (augment.RepeatPart, {"part_s": (0.01, 0.06), "insert": "insert"}),
    "inserted, no fade": (augment.RepeatPart, {"part_s": (0.01, 0.06), "insert": "insert", "fade_ms": 0.0}),
    "reversed": (augment.TimeInversion, {}),
    "bits": (augment.BitCrush, {"bits": (1, 16)}),
    "aliasing": (augment.Aliasing, {"rate": (1000.0, 12_000.0)}),
}


def outputs(augmentation, x):
    """Return the output that is written as slices, and that of the formula for the same draw."""
    written = augmentation(x, RATE)
    by_formula = augmentation.freeze_parameters()(x.clone().requires_grad_(), RATE)
    return written, by_formula.detach()


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("mode", ["per_batch", "per_example", "per_channel"])
def test_rows_written_as_slices_are_those_of_the_formula(case, mode):
    kind, options = CASES[case]
    for dtype in (torch.float32, torch.float64):
        x = 0.2 * torch.randn(2000, 2, 6, generator=torch.Generator().manual_seed(1), dtype=dtype)
        x = x.permute(2, 1, 0)  # (6, 2, 2000), not contiguous
        written, by_formula = outputs(kind(p=1.0, mode=mode, seed=3, **options), x)
        torch.testing.assert_close(written, by_formula, atol=1e-6 if dtype is torch.float32 else 1e-12, rtol=0)


@pytest.mark.parametrize("options", LENGTHS, ids=lambda options: "-".join(map(str, options.values())))
def test_other_lengths_written_as_slices_are_those_of_the_formula(options):
    x = torch.randn(3, 2, 2000, generator=torch.Generator().manual_seed(1))
    assert torch.equal(*outputs(augment.AdjustDuration(p=1.0, seed=3, **options), x))


WRITERS = sorted({cls.__name__ for cls in vars(augment).values() if getattr(cls, "checks_rows", False) is True})


@pytest.mark.parametrize("name", WRITERS)
def test_samples_checked_row_after_row_are_all_checked(name):
    x = 0.1 * torch.randn(4, 2, 1000, generator=torch.Generator().manual_seed(1))
    kind = getattr(augment, name)
    for p, value in ((0.0, float("nan")), (0.5, float("inf")), (1.0, float("nan")), (1.0, -float("inf"))):
        wrong = x.clone()
        wrong[3, 1, 999] = value
        for given in (wrong, wrong.clone().requires_grad_()):
            with pytest.raises(SignalError, match="1 of 8000 samples are NaN or infinite"):
                kind(p=p, seed=1)(given, RATE)
    loud = 1e30 * x  # finite, but not the sum of the squares in float32
    assert kind(p=1.0, seed=1)(loud, RATE).isfinite().all()


@pytest.mark.parametrize("p", [0.0, 0.5, 1.0])
def test_a_compose_leaves_the_check_to_its_first_transform(p):
    wrong = torch.ones(4, 1, 1000)
    wrong[2, 0, 5] = float("nan")
    gain, off = augment.Gain(p=p, seed=1), augment.Gain(p=1.0).eval()
    lists = ([gain, Gain()], [Gain(), gain], [augment.Compose([gain])], [off, gain], [augment.OneOf([gain])], [])
    for transforms in lists:
        for options in ({}, {"p": p}, {"shuffle": True}):
            with pytest.raises(SignalError, match="1 of 4000 samples are NaN"):
                augment.Compose(transforms, seed=1, **options)(wrong, RATE)


def test_a_draw_that_met_a_wrong_sample_can_be_repeated_on_right_ones():
    x = torch.ones(2, 1, 1000)
    wrong = x.clone()
    wrong[1] = float("nan")
    augmentation = augment.Gain(p=1.0, seed=1)
    with pytest.raises(SignalError):
        augmentation(wrong, RATE)
    y = augmentation(x, RATE)
    assert torch.equal(y, augment.Gain(p=1.0).replay(augmentation.last_draw)(x, RATE))

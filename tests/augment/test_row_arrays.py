"""Augmentations that write slices of NumPy arrays give what their formula for each sample gives."""

from __future__ import annotations

import pytest
import torch

from fxlab import augment

RATE = 8000
CASES = {
    "mask": (augment.TimeMask, {}),
    "mask, a long fade": (augment.TimeMask, {"fade_ms": 50.0, "fraction": (0.0, 1.0)}),
    "mask, no fade": (augment.TimeMask, {"fade_ms": 0.0}),
    "padding at the end": (augment.Padding, {"fraction": (0.0, 1.0)}),
    "padding at the start": (augment.Padding, {"fraction": (0.0, 1.0), "section": "start"}),
    "shift": (augment.Shift, {"fade_ms": 0.0, "shift": (-1.0, 1.0)}),
    "gain": (augment.GainTransition, {"duration_s": (0.0, 0.5)}),
    "gain at once": (augment.GainTransition, {"duration_s": 0.0, "place": (0.0, 1.0)}),
    "repeats": (augment.RepeatPart, {"part_s": (0.01, 0.1)}),
    "repeats of all": (augment.RepeatPart, {"part_s": (0.2, 2.0), "place": 1.0}),
    "repeats shorter than the fade": (augment.RepeatPart, {"part_s": 0.01, "fade_ms": 30.0, "place": (0.5, 1.0)}),
    "inserted": (augment.RepeatPart, {"part_s": (0.01, 0.06), "insert": "insert"}),
    "inserted, no fade": (augment.RepeatPart, {"part_s": (0.01, 0.06), "insert": "insert", "fade_ms": 0.0}),
    "bits": (augment.BitCrush, {"bits": (1, 16)}),
    "aliasing": (augment.Aliasing, {"rate": (1000.0, 12_000.0)}),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("mode", ["per_batch", "per_example", "per_channel"])
def test_rows_written_as_slices_are_those_of_the_formula(case, mode):
    kind, options = CASES[case]
    for dtype in (torch.float32, torch.float64):
        x = 0.2 * torch.randn(2000, 2, 6, generator=torch.Generator().manual_seed(1), dtype=dtype)
        x = x.permute(2, 1, 0)  # (6, 2, 2000), not contiguous
        augmentation = kind(p=1.0, mode=mode, seed=3, **options)
        written = augmentation(x, RATE)
        by_formula = augmentation.freeze_parameters()(x.clone().requires_grad_(), RATE)
        torch.testing.assert_close(written, by_formula.detach(), atol=1e-6 if dtype is torch.float32 else 1e-12, rtol=0)

"""The time of augmentations of a batch, beside audiomentations and torch-audiomentations.

    python -m benchmarks.augmentations [rounds]

A batch of 32 mono sounds of 4 s at 16 kHz in float32, with values drawn for each example. audiomentations has no
batches, so it runs on one sound after the other. The times are the least of some rounds, in which the libraries take
turns. All draw for each example, and with p = 1, so that none is faster by doing nothing; all return new memory.
Where a default range would change the work, as for `Aliasing`, the ranges are equal.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from benchmarks.report import machine, table
from fxlab import augment

RATE, BATCH, SECONDS = 16_000, 32, 4
TARGETS = {"LowPass": (1.5, 5.0), "Compose of five": (None, 3.0)}
"""How many times as fast as audiomentations and torch-audiomentations; 1 for all others."""


def jobs() -> dict[str, tuple[Any, Any, Any]]:
    """Return ours, that of audiomentations and that of torch-audiomentations, by name; None if there is none."""
    import audiomentations as one
    import torch_audiomentations as other

    o: dict[str, Any] = {"p": 1.0, "output_type": "tensor", "sample_rate": RATE}
    chain = [
        other.Gain(**o),
        other.PolarityInversion(**o),
        other.LowPassFilter(**o),
        other.AddColoredNoise(**o),
        other.Shift(**o),
    ]
    ours = [
        augment.Gain(p=1.0),
        augment.PolarityInversion(p=1.0),
        augment.LowPass(p=1.0),
        augment.AddColoredNoise(p=1.0),
        augment.Shift(p=1.0, fade_ms=0.0),
    ]
    return {
        "LowPass": (augment.LowPass(p=1.0), one.LowPassFilter(p=1.0), other.LowPassFilter(**o)),
        "HighPass": (augment.HighPass(p=1.0), one.HighPassFilter(p=1.0), other.HighPassFilter(**o)),
        "BandPass": (augment.BandPass(p=1.0), one.BandPassFilter(p=1.0), other.BandPassFilter(**o)),
        "BandStop": (augment.BandStop(p=1.0), one.BandStopFilter(p=1.0), other.BandStopFilter(**o)),
        "Gain": (augment.Gain(p=1.0), one.Gain(p=1.0), other.Gain(**o)),
        "PolarityInversion": (
            augment.PolarityInversion(p=1.0),
            one.PolarityInversion(p=1.0),
            other.PolarityInversion(**o),
        ),
        "PeakNormalization": (augment.PeakNormalization(p=1.0), one.Normalize(p=1.0), other.PeakNormalization(**o)),
        "AddColoredNoise": (augment.AddColoredNoise(p=1.0), one.AddColorNoise(p=1.0), other.AddColoredNoise(**o)),
        "Shift": (augment.Shift(p=1.0, fade_ms=0.0), one.Shift(p=1.0, fade_duration=0.0), other.Shift(**o)),
        "TimeInversion": (augment.TimeInversion(p=1.0), one.Reverse(p=1.0), other.TimeInversion(**o)),
        "Padding": (augment.Padding(p=1.0), one.Padding(p=1.0), None),
        "PitchShift": (augment.PitchShift(p=1.0), one.PitchShift(p=1.0), other.PitchShift(**o)),
        "AddGaussianNoise": (augment.AddGaussianNoise(p=1.0), one.AddGaussianNoise(p=1.0), None),
        "AddGaussianSNR": (augment.AddGaussianSNR(p=1.0), one.AddGaussianSNR(p=1.0), None),
        "LowShelf": (augment.LowShelf(p=1.0), one.LowShelfFilter(p=1.0), None),
        "Peaking": (augment.Peaking(p=1.0), one.PeakingFilter(p=1.0), None),
        "SevenBandParametricEQ": (augment.SevenBandParametricEQ(p=1.0), one.SevenBandParametricEQ(p=1.0), None),
        "AirAbsorption": (augment.AirAbsorption(p=1.0), one.AirAbsorption(p=1.0), None),
        "ClippingDistortion": (augment.ClippingDistortion(p=1.0), one.ClippingDistortion(p=1.0), None),
        "TanhDistortion": (augment.TanhDistortion(p=1.0), one.TanhDistortion(p=1.0), None),
        "BitCrush": (augment.BitCrush(p=1.0), one.BitCrush(p=1.0), None),
        "Aliasing": (
            augment.Aliasing(rate=(8000.0, 15_000.0), p=1.0),  # above 16 kHz it would only copy
            one.Aliasing(p=1.0, max_sample_rate=15_000),
            None,
        ),
        "GainTransition": (augment.GainTransition(p=1.0), one.GainTransition(p=1.0), None),
        "TimeMask": (augment.TimeMask(p=1.0), one.TimeMask(p=1.0), None),
        "RepeatPart": (augment.RepeatPart(p=1.0), one.RepeatPart(p=1.0, mode="replace"), None),
        "TimeStretch": (augment.TimeStretch(p=1.0), one.TimeStretch(p=1.0), None),
        "Compose of five": (augment.Compose(ours), None, other.Compose(chain, output_type="tensor")),
    }


def main() -> int:
    """Measure all of them, print the table; return 1 if a target was missed."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    only = sys.argv[2:]
    print(machine())
    x = 0.1 * torch.randn(BATCH, 1, RATE * SECONDS, generator=torch.Generator().manual_seed(0))
    sounds = [row[0] for row in x.numpy()]
    rows, missed = [], False
    for name, (ours, one, other) in jobs().items():
        if only and name not in only:
            continue
        calls: dict[str, Callable[[], Any]] = {"fxlab": lambda ours=ours: ours(x, RATE)}  # type: ignore[misc]
        if one is not None:
            calls["audiomentations"] = lambda one=one: np.stack([one(s, RATE)[: len(s)] for s in sounds])  # type: ignore[misc]
        if other is not None:
            calls["torch-audiomentations"] = lambda other=other: other(x.clone(), sample_rate=RATE)  # type: ignore[misc]
        least = dict.fromkeys(calls, float("inf"))
        slow = time.perf_counter()
        for number in range(rounds):
            for library, call in calls.items():
                if number and time.perf_counter() - slow > 8:
                    continue
                start = time.perf_counter()
                call()
                least[library] = min(least[library], 1000 * (time.perf_counter() - start))
        cells, wanted = [f"{least['fxlab']:.1f} ms"], TARGETS.get(name, (1.0, 1.0))
        for library, target in zip(("audiomentations", "torch-audiomentations"), wanted, strict=True):
            if library not in least:
                cells.append("–")
                continue
            ratio = least[library] / least["fxlab"]
            missed |= target is not None and ratio < target
            cells.append(f"{least[library]:.1f} ms; {ratio:.1f} times" + (f" (≥ {target:g})" if target else ""))
        rows.append([name, *cells])
        print(rows[-1], file=sys.stderr, flush=True)
    print(table(("augmentation", "fxlab", "audiomentations", "torch-audiomentations"), rows))
    return int(missed)


if __name__ == "__main__":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sys.exit(main())

"""Differences between what fxlab draws and what other libraries draw: shares of choices, and distributions."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import ks_2samp

import fxlab as fx
from fxlab import augment
from tests.support.parity.comparison import RATE, largest, quiet, sound

DRAWS = 1000
HALF = 20 * float(np.log10(0.5))  # dB

Make = Callable[..., Any]


def repeated(call: Callable[[], Any], times: int = DRAWS) -> NDArray[np.float64]:
    """Return a number of many calls of another library, whose generators are global."""
    before = random.getstate(), torch.get_rng_state()
    random.seed(1)
    torch.manual_seed(1)
    try:
        return np.array([quiet(call) for _ in range(times)], dtype=np.float64)
    finally:
        random.setstate(before[0])
        torch.set_rng_state(before[1])


def distance(first: Any, second: Any) -> float:
    """Return the largest difference of two distribution functions, in percent."""
    return 100 * float(ks_2samp(np.asarray(first).ravel(), np.asarray(second).ravel()).statistic)


def choices(gain: Make, one_of: Make, call: Callable[[Any], float]) -> float:
    """Return the distance of the choices of one gain among three; `gain` makes theirs from dB."""
    levels = [HALF, 2 * HALF, 3 * HALF]
    made = quiet(lambda: one_of([gain(level) for level in levels]))
    own = augment.OneOf([fx.Gain(level) for level in levels], seed=1)(torch.ones(DRAWS, 1, 4), RATE)[:, 0, 0]
    return distance(np.log2(own).round(), np.log2(repeated(lambda: call(made))).round())


def counts(gain: Make, some_of: Make, call: Callable[[Any], float]) -> float:
    """Return the distance of how many of three gains are applied."""
    made = quiet(lambda: some_of((1, 3), [gain(HALF)] * 3))
    own = augment.SomeOf((1, 3), [fx.Gain(HALF) for _ in range(3)], seed=1)(torch.ones(DRAWS, 1, 4), RATE)[:, 0, 0]
    return distance(np.log2(own).round(), np.log2(repeated(lambda: call(made))).round())


def composed(theirs: Callable[[NDArray[np.float32]], Any]) -> float:
    """Return the difference of the outputs of a gain, an inversion and a normalization."""
    parts = [augment.Gain(gain_db=-7.0, p=1.0), augment.PolarityInversion(p=1.0), augment.PeakNormalization(p=1.0)]
    return largest(augment.Compose(parts)(sound(), RATE), quiet(lambda: theirs(sound())))


def crops(make: Make) -> float:
    """Return the distance of the places of crops of a tenth."""
    x = torch.arange(1000.0)[None, None]
    made = make(0.1 * x.shape[-1] / RATE, RATE)
    own = augment.RandomCrop(duration_s=0.1 * x.shape[-1] / RATE, p=1.0, seed=1)(x.expand(DRAWS, 1, -1), RATE)
    return distance(own[..., 0], repeated(lambda: float(made(x)[0, 0, 0])))


def splices(make: Make) -> float:
    """Return the difference of the mean lengths that are left, in percent; theirs cuts half of the drawn width."""
    x = torch.ones(1, 1, 4000)
    made = quiet(lambda: make(num_time_intervals=4, max_width=60, p=1.0, output_type="tensor"))
    own = augment.SpliceOut(width_s=(0.0, 0.03), intervals=4, p=1.0, seed=1)(x.expand(100, 1, -1), RATE)
    other = repeated(lambda: float((made(x, sample_rate=RATE) > 0.5).sum()), 100)
    return 100 * abs(float((own > 0.5).sum()) / other.sum() - 1)

"""`settling_time` against the impulse response."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.signal
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fxlab.engine import settling_time, sosfilt
from fxlab.errors import EngineError

TOLERANCE = 1e-5


def measured_settling_time(sos: torch.Tensor, frames: int = 400_000) -> int:
    """Return after how many samples the rest of the impulse response is no more than `TOLERANCE` of it, or of 1."""
    impulse = torch.zeros(frames, dtype=torch.float64)
    impulse[0] = 1.0
    after = sosfilt(impulse, sos)[0].abs().flip(0).cumsum(0).flip(0)
    assert after[-1] < TOLERANCE
    return int((after > TOLERANCE * max(1.0, float(after[0]))).sum())


@pytest.mark.parametrize(
    "design",
    [
        *(scipy.signal.butter(order, 100, fs=44_100, output="sos") for order in (1, 2, 3, 5, 8, 12)),
        scipy.signal.cheby1(6, 1, 500, "highpass", fs=44_100, output="sos"),
        scipy.signal.ellip(10, 0.1, 80, 2000, fs=44_100, output="sos"),
        np.concatenate([scipy.signal.butter(2, 200, fs=44_100, output="sos")] * 3),  # coincident poles
        np.array([[1.0, 0.0, 0.0, 1.0, -0.9999, 0.0]]),
        np.array([[1.0, 2.0, 3.0, 2.0, 0.0, 0.0]]),
    ],
)
def test_settling_is_long_enough_and_not_much_too_long(design: np.ndarray) -> None:
    sos = torch.from_numpy(design)
    found = settling_time(sos, TOLERANCE)
    assert found is not None
    needed = measured_settling_time(sos)
    assert needed <= found <= 64 + 2.2 * needed + 4


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0.2, 0.999), st.floats(0.0, math.pi), st.floats(-1.5, 1.5), st.floats(-1.5, 1.5)),
        min_size=1,
        max_size=5,
    )
)
def test_any_cascade_of_pairs(pairs: list[tuple[float, float, float, float]]) -> None:
    rows = [[1.0, b1, b2, 1.0, -2 * r * math.cos(w), r * r] for r, w, b1, b2 in pairs]
    sos = torch.tensor(rows, dtype=torch.float64)
    found = settling_time(sos, TOLERANCE)
    assert found is not None
    impulse = torch.zeros(found + 60_000, dtype=torch.float64)
    impulse[0] = 1.0
    response = sosfilt(impulse, sos)[0].abs()
    # Zeros may reduce the sum of the complete response without reducing its end.
    assert float(response[found:].sum()) <= 10 * TOLERANCE * max(1.0, float(response.sum()))


def test_result_holds_for_every_example_of_a_batch() -> None:
    short, long = (torch.from_numpy(scipy.signal.butter(4, hz, fs=44_100, output="sos")) for hz in (5000, 50))
    assert settling_time(torch.stack([short, long]), TOLERANCE) == settling_time(long, TOLERANCE)


def test_unstable_empty_and_invalid_sections() -> None:
    assert settling_time(torch.tensor([[1.0, 0.0, 0.0, 1.0, -1.0, 0.0]]), TOLERANCE) is None
    assert settling_time(torch.tensor([[1.0, 0.0, 0.0, 1.0, 0.0, 1.5]]), TOLERANCE) is None
    assert settling_time(torch.zeros(0, 6), TOLERANCE) == 64
    with pytest.raises(EngineError, match="settling_time"):
        settling_time(torch.zeros(5), TOLERANCE)

"""Rows with the same samples have the same outputs, to the last bit, for any number of rows, length and dtype.

Otherwise the difference of two equal channels would not be silence.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal
from torch import Tensor

from fxlab import engine
from tests.support.threads import two_threads  # noqa: F401

NOISE = torch.randn(2000, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
TAPS = (3, 65, 2000)
ALONE = [
    "sosfilt 2",
    "sosfilt 20",
    "lfilter 5",
    "convolve 65",
    "convolve 2000",
    *(f"stream of convolve {n}" for n in TAPS),
]
"""The functions whose output for a row does not depend on the number of rows."""


def stream(x: Tensor, run: Callable[[Tensor, Tensor | None], tuple[Tensor, Tensor | None]]) -> Tensor:
    third, fifth = x.shape[-1] // 3, x.shape[-1] // 5
    outputs, state = [], None
    for block in torch.split(x, [third, fifth, x.shape[-1] - third - fifth], -1):
        y, state = run(block, state)
        outputs.append(y)
    return torch.cat(outputs, -1)


def stream_convolution(x: Tensor, taps: Tensor) -> Tensor:
    convolver = engine.StreamingConvolver(taps.to(x.dtype))
    return stream(x, lambda block, _: (convolver(block), None))


def sections(order: int, corner: float = 0.1) -> Tensor:
    return torch.tensor(signal.butter(order, corner, output="sos"))


def moving(x: Tensor) -> Tensor:
    corners = torch.linspace(0.05, 0.4, -(-x.shape[-1] // 512), dtype=torch.float64)
    rows = torch.stack([sections(2, float(corner)) for corner in corners])
    return engine.sosfilt_varying(x, rows, 512)[0]


def gradient(x: Tensor) -> Tensor:
    leaf = x.clone().requires_grad_()
    y, _ = engine.sosfilt(leaf, sections(4))
    return torch.autograd.grad(y.square().sum(), leaf)[0]


def polynomials(order: int) -> tuple[Tensor, Tensor]:
    b, a = signal.cheby1(order, 1.0, 0.3)
    return torch.from_numpy(b), torch.from_numpy(a)


FUNCTIONS: dict[str, Callable[[Tensor], Tensor]] = {
    **{f"sosfilt {order}": lambda x, n=order: engine.sosfilt(x, sections(n))[0] for order in (1, 2, 8, 20, 48)},
    **{f"lfilter {order}": lambda x, n=order: engine.lfilter(x, *polynomials(n))[0] for order in (1, 5)},
    **{f"convolve {taps}": lambda x, n=taps: engine.convolve(x, NOISE[:n].to(x.dtype)) for taps in TAPS},
    **{f"stream of convolve {taps}": lambda x, n=taps: stream_convolution(x, NOISE[:n]) for taps in TAPS},
    "stream of sosfilt": lambda x: stream(x, lambda block, state: engine.sosfilt(block, sections(8), state)),
    "a filter for each row": lambda x: engine.sosfilt(x, sections(6).expand(len(x), -1, -1))[0],
    "final state": lambda x: engine.sosfilt(x, sections(8))[1].flatten(-2),
    "gradient": gradient,
    "sosfilt_varying": moving,
    "feedback_comb": lambda x: engine.feedback_comb(x, 133, 0.5)[0],
    "schroeder_allpass": lambda x: engine.schroeder_allpass(x, 7, 0.6)[0],
    "one_pole": lambda x: engine.one_pole(x.abs(), torch.tensor(0.99, dtype=torch.float64))[0],
    "branching_smoother": lambda x: engine.branching_smoother(x.abs(), *torch.tensor([0.9, 0.999]).double())[0],
    "decoupled_smoother": lambda x: engine.decoupled_smoother(x.abs(), *torch.tensor([0.9, 0.999]).double())[0],
}


@pytest.mark.slow
@pytest.mark.parametrize("name", FUNCTIONS)
@settings(max_examples=12)
@given(
    rows=st.integers(2, 9),
    time=st.one_of(st.integers(1, 300), st.integers(1000, 5000), st.integers(20_000, 80_000)),
    dtype=st.sampled_from([torch.float32, torch.float64]),
    seed=st.integers(0, 99),
)
def test_equal_rows_have_equal_bits(name, rows, time, dtype, seed):
    row = torch.randn(1, time, dtype=dtype, generator=torch.Generator().manual_seed(seed))
    y = FUNCTIONS[name](row.expand(rows, -1).contiguous())
    assert torch.equal(y, y[:1].expand_as(y))


@pytest.mark.slow
@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("time", [199_999, 80_000])
def test_equal_rows_of_long_signals_have_equal_bits(name, time):
    for rows, dtype in ((2, torch.float32), (5, torch.float32), (3, torch.float64)):
        y = FUNCTIONS[name](torch.randn(1, time, dtype=dtype).expand(rows, -1).contiguous())
        assert torch.equal(y, y[:1].expand_as(y))


@pytest.mark.parametrize("name", ALONE)
@pytest.mark.parametrize("time", [77, 4097, 50_001])
def test_a_row_does_not_depend_on_the_number_of_rows(name, time):
    row = torch.randn(1, time)
    alone = FUNCTIONS[name](row)
    for rows in (2, 3, 9):
        assert torch.equal(FUNCTIONS[name](row.expand(rows, -1).contiguous())[:1], alone)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_row_of_a_single_frame_does_not_depend_on_the_number_of_rows(dtype):
    """One long Fourier transform may be computed by another method than several."""
    row, taps = torch.randn(1, 16_000, dtype=dtype), torch.randn(20_000, dtype=dtype)
    alone = engine.convolve(row, taps)
    for rows in (2, 5):
        y = engine.convolve(row.expand(rows, -1).contiguous(), taps)
        assert torch.equal(y, alone.expand_as(y))

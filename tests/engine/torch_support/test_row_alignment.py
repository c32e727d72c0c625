"""Copies with aligned rows, which processors need whose matrix products depend on the alignment."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal

from fxlab import engine
from fxlab.engine.torch_support import row_alignment
from fxlab.engine.torch_support.row_alignment import align_rows, allocate_rows, is_aligned, would_be_aligned


@pytest.fixture
def dependent(monkeypatch):
    """A processor whose products depend on the alignment."""
    monkeypatch.setattr(row_alignment, "depends_on_alignment", lambda: True)


@pytest.fixture
def independent(monkeypatch):
    """A processor whose products do not depend on the alignment."""
    monkeypatch.setattr(row_alignment, "depends_on_alignment", lambda: False)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("shape", [(3, 5), (2, 4), (1, 7), (3, 3, 3), (2, 8, 1), (4, 0), (0, 3)])
def test_rows_begin_at_equal_alignments(dependent, shape, dtype):
    like = torch.empty(0, dtype=dtype)
    y = allocate_rows(shape, like)
    assert y.shape == shape
    assert y.dtype == dtype
    assert is_aligned(y)
    assert all(row.is_contiguous() for row in y)
    assert len({row.data_ptr() % row_alignment.BYTES for row in y}) <= 1 or not y.numel()
    x = torch.randn(shape, dtype=dtype)
    assert torch.equal(align_rows(x), x)
    assert (align_rows(x) is x) == would_be_aligned(shape, like)


def test_nothing_is_copied_where_the_alignment_does_not_matter(independent):
    x = torch.randn(3, 5)
    assert align_rows(x) is x
    assert allocate_rows((3, 5), x).is_contiguous()


def test_rows_that_share_memory_are_aligned(dependent):
    x = torch.randn(5).expand(3, -1)
    assert align_rows(x) is x


def test_the_measurement_is_the_same_in_all_contexts():
    expected = row_alignment.depends_on_alignment()
    row_alignment.depends_on_alignment.cache_clear()
    found = []

    def function(x):
        found.append(row_alignment.depends_on_alignment())
        return x.sum()

    torch.func.grad(function)(torch.ones(2))
    for context in (torch.inference_mode(), torch.device("meta"), torch.autocast("cpu", torch.bfloat16)):
        row_alignment.depends_on_alignment.cache_clear()
        with context:
            found.append(row_alignment.depends_on_alignment())
    assert found == [expected] * 4


def run(x: torch.Tensor, order: int) -> list[torch.Tensor]:
    """Return the output of a filter, its state and the gradients for the signal and the coefficients."""
    leaf = x.clone().requires_grad_()
    sos = torch.tensor(signal.butter(order, 0.1, output="sos"), requires_grad=True)
    y, state = engine.sosfilt(leaf, sos)
    plain, _ = engine.sosfilt(x, sos.detach())
    gradients = torch.autograd.grad(y.square().sum(), [leaf, sos])
    return [plain, y.detach(), state.detach(), *gradients]


@pytest.mark.slow
@given(
    rows=st.integers(1, 5),
    time=st.one_of(st.integers(1, 300), st.integers(9000, 21_000)),
    order=st.integers(1, 9),
    dtype=st.sampled_from([torch.float32, torch.float64]),
)
def test_copies_for_the_alignment_change_only_the_rounding(rows, time, order, dtype):
    x = torch.randn(rows, time, dtype=dtype, generator=torch.Generator().manual_seed(time))
    tolerance = 1e-4 if dtype == torch.float32 else 1e-10
    outputs = []
    for depends in (False, True):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(row_alignment, "depends_on_alignment", lambda depends=depends: depends)
            outputs.append(run(x, order))
    for plain, aligned in zip(*outputs, strict=True):
        assert aligned.stride() == plain.stride()
        torch.testing.assert_close(plain, aligned, rtol=tolerance, atol=tolerance * float(plain.abs().max()))

"""Operations of PyTorch with complex, negated, strided and overlapping operands, compiled to JavaScript."""

from __future__ import annotations

import re

import pytest
import torch

import fxlab as fx
from fxlab.page.compiler import compile_module
from tests.support.page_programs import RATE, error_db, run_programs

FRAMES = 64
PLACES = torch.randint(0, FRAMES, (2, FRAMES), generator=torch.Generator().manual_seed(3))
X = torch.randn(2, FRAMES, dtype=torch.float64, generator=torch.Generator().manual_seed(2))


def spectrum(x):
    return torch.fft.fft(x)


def reversed_in_place(x):
    y = x * 2.0
    y[:, :] = y.flip(-1)
    return y


def moved_in_place(x):
    y = x * 2.0
    y[:, 1:] = y[:, :-1].clone()
    return y


def scaled_conjugate(x):
    z = spectrum(x).conj()
    z.imag.mul_(2.0)
    return z.real + z.imag


def limited_in_place(x):
    return (x * 2.0).clamp_(max=0.5)


def sorted_with_places(x):
    """Sort numbers with NaN and many equal ones, both ways, so that the order of equal ones counts."""
    rough = torch.where(x > 1.0, torch.nan, torch.round(x))
    values, places = rough.sort(dim=-1, stable=True)
    down = rough.argsort(dim=-1, descending=True, stable=True)
    return torch.nan_to_num(values, nan=9.0) + 10 * places + 1000 * down


def with_extremes(x):
    top, places = x.topk(3, dim=0 if x.shape[0] > 2 else -1)
    lowest, place = x.min(-1, keepdim=True)
    return x * places.sum() + top.sum() + lowest * place + x.argmax() + x.argmax(0) + x.argmin(-1, keepdim=True)


def scattered(x):
    rows = torch.arange(FRAMES)[None] % 2
    y = torch.zeros_like(x).scatter(-1, PLACES[:, :1], x[:, :1]).scatter(-1, x.argsort(-1)[:, 3:9], 7.0)
    return y + x.scatter(0, rows, x[1:]) + x.scatter_add(0, rows, 2.0 * x[:1])


def overlapped(x):
    w = torch.hann_window(16, dtype=x.dtype)
    spectra = torch.stft(x, 16, 4, window=w, return_complex=True).abs() * (1 + 0j)
    return torch.istft(spectra, 16, 4, window=w, length=FRAMES)


MATRIX = torch.tensor([[2.0, 1.0], [0.0, 3.0]], dtype=torch.float64)

CODES = {
    "sorted": sorted_with_places,
    "extremes": with_extremes,
    "scattered": scattered,
    "istft": overlapped,
    "out": lambda x: torch.mul(x, X, out=torch.empty_like(X)),
    "gather complex": lambda x: torch.view_as_real(spectrum(x).conj().gather(-1, PLACES)).sum(-1),
    "index negated": lambda x: spectrum(x).conj().imag[:, PLACES[0]],
    "gather negated": lambda x: spectrum(x).conj().imag.gather(-1, PLACES),
    "reversed in place": reversed_in_place,
    "moved in place": moved_in_place,
    "conjugate in place": scaled_conjugate,
    "limits in place": limited_in_place,
    "mask": lambda x: x[:, X[0] > 0].sum(-1, keepdim=True) * x,
    "order 1": lambda x: torch.linalg.vector_norm(x, 1, -1, keepdim=True) * x,
    "order 3": lambda x: torch.linalg.vector_norm(x, 3, -1, keepdim=True) * x,
    "largest": lambda x: torch.linalg.vector_norm(x, float("inf"), -1, keepdim=True) * x,
    "norm complex": lambda x: torch.linalg.vector_norm(spectrum(x), 2, -1, keepdim=True) * x,
    "variance": lambda x: x.var(0) * x / x.std(-1, keepdim=True, correction=0),
    "diagonal": lambda x: torch.outer(x[0, :8], x[1, :8]).diagonal().repeat(16).reshape(2, FRAMES),
    "largest so far": lambda x: x.log().cummax(-1).values.nan_to_num(nan=7.0),
    "NaN": lambda x: torch.nan_to_num(torch.fmax(x.log(), X) + x.log().clamp(-1.0, 1.0), nan=7.0),
}


def with_code(code):
    """Return a module whose output is `code(x)`."""

    class Own(fx.Module):
        def forward(self, x, sample_rate):
            return code(x)

    return Own()


def test_operations_give_what_torch_gives(tmp_path):
    jobs = [
        {
            "program": compile_module(with_code(code), RATE, 2, frames=FRAMES, live=False).javascript,
            "runs": [{"values": {}, "input": X}],
        }
        for code in CODES.values()
    ]
    for (name, code), result in zip(CODES.items(), run_programs(jobs, tmp_path), strict=True):
        assert "error" not in result, (name, result["error"])
        assert error_db(result["runs"][0]["output"], code(X)) < -200, name


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (lambda x: ((100 * x).long() & 6).double(), "aten.bitwise_and of integers"),
        (lambda x: spectrum(x).cumsum(-1).real, "cumulativeSum of complex numbers"),
        (lambda x: x.roll(3), "roll along several dimensions"),
        (lambda x: x[x > 0].sum() * x, "Use torch.where"),
        (
            lambda x: torch.linalg.solve(MATRIX * x[0, 0], x.mT, left=False).mT,
            "or with left=False",
        ),
        (lambda x: torch.searchsorted(x, x, sorter=x.argsort(-1)) * x, "searchsorted with a sorter"),
    ],
    ids=["bits", "complex sum", "roll", "mask of the sound", "solve from the right", "sorter"],
)
def test_what_would_differ_is_refused(code, said):
    with pytest.raises(fx.CompileError, match=re.escape(said)):
        compile_module(with_code(code), RATE, 2, frames=FRAMES, live=False)

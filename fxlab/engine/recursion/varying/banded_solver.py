"""`solve_banded`: a lower triangular system of equations with few diagonals, solved in place by BLAS.

A recursion whose coefficients differ from sample to sample is such a system, with a row for each sample. BLAS solves it
sample by sample in compiled code, in about 5 ns for each. PyTorch has no such function, and that of SciPy holds the
interpreter lock of Python. So SciPy's BLAS is called directly, through its interface for compiled code, without the
lock.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

SIGNATURE = b"void (char *, char *, char *, int *, int *, "
"""The start of the signature of `dtbsv` where SciPy's BLAS has 32-bit integers; otherwise SciPy's function is used."""

Solver = Callable[[np.ndarray, np.ndarray], None]


def solve_banded(band: np.ndarray, x: np.ndarray) -> None:
    """Solve `L x' = x` for a lower triangular L with ones on its diagonal and k diagonals below it; write x' to `x`.

    Shape:
        band: `(time or more, 1 + k)` in float64, with contiguous rows; row `j` is column `j` of L, from the diagonal
            downwards.
        x: `(time,)` in float64, contiguous.

    >>> x = np.array([1.0, 0.0, 0.0])
    >>> solve_banded(np.array([[1.0, -0.5]] * 3), x)
    >>> x.tolist()
    [1.0, 0.5, 0.25]
    """
    _solver()(band, x)


@lru_cache(maxsize=1)
def _solver() -> Solver:
    from scipy.linalg import blas, cython_blas

    capsule = cython_blas.__pyx_capi__["dtbsv"]
    name = _capsule_function("PyCapsule_GetName", ctypes.c_char_p, ctypes.py_object)(capsule)
    if not name.startswith(SIGNATURE):

        def solve_with_scipy(band: np.ndarray, x: np.ndarray) -> None:
            x[:] = blas.dtbsv(band.shape[1] - 1, band[: len(x)].T, x, lower=1, diag=1)

        return solve_with_scipy
    address = _capsule_function("PyCapsule_GetPointer", ctypes.c_void_p, ctypes.py_object, ctypes.c_char_p)(
        capsule, name
    )
    number = ctypes.POINTER(ctypes.c_int)
    arguments: list[Any] = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, number, number]
    arguments += [ctypes.c_void_p, number, ctypes.c_void_p, number]
    dtbsv = ctypes.CFUNCTYPE(None, *arguments)(address)  # ctypes releases the interpreter lock

    def solve(band: np.ndarray, x: np.ndarray) -> None:
        size, diagonals, width, step = (
            ctypes.c_int(n) for n in (len(x), band.shape[1] - 1, band.strides[0] // band.itemsize, 1)
        )
        dtbsv(b"L", b"N", b"U", size, diagonals, band.ctypes.data, width, x.ctypes.data, step)

    return solve


def _capsule_function(name: str, result: Any, *arguments: Any) -> Callable[..., Any]:
    function = ctypes.pythonapi[name]
    function.restype, function.argtypes = result, list(arguments)
    return function

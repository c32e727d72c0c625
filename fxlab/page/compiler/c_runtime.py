"""The operators of programs in C; a program contains the code of those that it calls."""

from __future__ import annotations

from collections.abc import Callable

from fxlab.page.compiler.c_algebra import ALGEBRA
from fxlab.page.compiler.c_delays import DELAYS
from fxlab.page.compiler.c_ordering import ORDERING
from fxlab.page.compiler.c_recursions import RECURSIONS
from fxlab.page.compiler.c_room import ROOM, scratch_size

RUNTIME = {**RECURSIONS, **DELAYS, **ALGEBRA, **ORDERING, **ROOM}
"""The C code of the functions that each operator calls, and of the operator itself, by the name of the operator."""


def _transform_size(_rows: int, n: int, _sign: int) -> int:
    size = 1 << (n - 1).bit_length()
    if size == n:
        return max(2, n)
    size = 1 << (2 * n - 2).bit_length()
    return size + 2 * n + 4 * size


def _convolver_size(rows: int, time: int, count: int, stride: int) -> int:
    parts, size, kernels = -(-count // time), 4 * time, rows if stride else 1
    return 2 + size // 2 + 2 * size + rows * time + kernels * count + (kernels + rows) * parts * size


SCRATCH: dict[str, Callable[..., int]] = {
    "filterSystem": lambda _rows, _time, n, *_sizes: 2 * (n + 1),
    "filterSaturatingSystem": lambda _rows, _time, n, *_sizes: 2 * (n + 1),
    "fixedPoint": lambda _rows, _time, states, nodes, *_more: 2 * states + nodes + 1,
    "delayNetwork": lambda _examples, count, *_sizes: 2 * count,
    "solveLinear": lambda _batch, n, columns: n * (n + columns),
    "fourierTransform": _transform_size,
    "convolver": _convolver_size,
    "shoeboxResponse": scratch_size,
    "sortRows": lambda _rows, count, _descending: count,
}
"""The length of an operator's scratch array, its last argument in C, given the operator's integer arguments."""

HELPERS = """
#define FXLAB_PI 3.14159265358979323846

/* The larger or the smaller number, and NaN if one of them is NaN. */
static inline double fxlab_max(double a, double b) { return a > b || a != a ? a : b; }
static inline double fxlab_min(double a, double b) { return a < b || a != a ? a : b; }
static inline double fxlab_square(double x) { return x * x; }
static inline double fxlab_sign(double x) { return (x > 0.0) - (x < 0.0); }
static inline double fxlab_bessel_i0(double x) {
  double term = 1.0, sum = 1.0;
  for (int k = 1; term > sum * 1e-17; k++) sum += term *= x * x / (4.0 * k * k);
  return sum;
}
"""

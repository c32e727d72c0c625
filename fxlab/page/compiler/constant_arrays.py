"""The text of arrays of constants in JavaScript, with short forms for common patterns, and of their initialization."""

from __future__ import annotations

import base64
import re
from collections import Counter

import numpy as np
from numpy.typing import NDArray

from fxlab.page.compiler.expressions import write_number

MAX_WRITTEN = 256
"""The length of the longest array that is written number by number."""
MAX_PERIOD = 4096
MAX_EXACT = 2**53
PACKED = re.compile(r'engine\.unpack\("[^"]+"(?:, Float32Array)?\)')


def array_of(values: list[float]) -> str:
    """Return a JavaScript expression for an array with these values.

    If all values are equal, at most one is written. An array of at most `MAX_WRITTEN` values is written number by
    number. A longer one with at most that many nonzero values is written as these values and their indices. Whole
    numbers whose differences repeat, such as the positions of overlapping frames, are written as one period of the
    differences, and the numbers 0, 1, 2, … divided by a constant as that constant. Any other array is written in
    base64, with 32 bits for each value if that is exact, otherwise with 64.

    >>> array_of([0.5, 1.0])
    'Float64Array.of(0.5, 1)'
    >>> array_of([float(n // 2) for n in range(1000)])
    'engine.accumulate(1000, 0, [0, 1])'
    >>> array_of([0.0] * 999 + [0.5])
    'engine.sparse(1000, [999], [0.5])'
    >>> array_of([n / 8000 for n in range(1000)])
    'engine.ramp(1000, 8000)'
    """
    if not any(values):
        return f"new Float64Array({len(values)})"
    if len(set(values)) == 1:
        return f"new Float64Array({len(values)}).fill({write_number(values[0])})"
    if len(values) <= MAX_WRITTEN:
        return f"Float64Array.of({', '.join(map(write_number, values))})"
    array = np.asarray(values, dtype=np.float64)
    places = np.flatnonzero(array)
    if len(places) <= MAX_WRITTEN:
        numbers = ", ".join(map(write_number, array[places].tolist()))
        return f"engine.sparse({len(values)}, [{', '.join(map(str, places))}], [{numbers}])"
    steps = _repeated_steps(array)
    if steps is not None:
        written = ", ".join(map(write_number, steps))
        return f"engine.accumulate({len(values)}, {write_number(values[0])}, [{written}])"
    divisor = _ramp_divisor(array)
    if divisor is not None:
        return f"engine.ramp({len(values)}, {write_number(divisor)})"
    single = array.astype("<f4")
    if bool(np.array_equal(single.astype(np.float64), array)):
        return f'engine.unpack("{_text(single)}", Float32Array)'
    return f'engine.unpack("{_text(array.astype("<f8"))}")'


def _ramp_divisor(array: NDArray[np.float64]) -> float | None:
    """Return the number d if the array is 0, 1/d, 2/d, …, such as times at the sample rate d; otherwise None."""
    if array[0] != 0 or not 0 < array[1] < np.inf:
        return None
    near = 1 / array[1]
    for divisor in (float(np.rint(near)), float(near)):
        if divisor and bool(np.array_equal(np.arange(len(array)) / divisor, array)):
            return divisor
    return None


def _text(array: NDArray[np.generic]) -> str:
    return base64.b64encode(array.tobytes()).decode()


def _repeated_steps(array: NDArray[np.float64]) -> list[float] | None:
    """Return one period of the differences of successive numbers, or None.

    The result is None unless all numbers are whole, at most `MAX_EXACT` in magnitude, and their differences consist of
    at least four periods of at most `MAX_PERIOD` numbers each.
    """
    if not bool(np.isfinite(array).all()) or bool((array != np.rint(array)).any()):
        return None
    if float(np.abs(array).max()) > MAX_EXACT:
        return None
    steps = np.diff(array)
    starts = np.flatnonzero(steps == steps[0])
    for period in starts[(starts > 0) & (starts <= min(MAX_PERIOD, len(steps) // 4))]:
        if bool(np.array_equal(steps[period : 2 * period], steps[:period])) and bool(
            np.array_equal(steps[period:], steps[:-period])
        ):
            return [float(step) for step in steps[:period]]
    return None


def share_arrays(text: str) -> tuple[str, str]:
    """Return the text with repeated packed arrays replaced by copies of shared ones, and the declarations of these.

    >>> share_arrays('a = engine.unpack("AA=="); b = engine.unpack("AA==");')
    ('a = shared0.slice(); b = shared0.slice();', 'const shared0 = engine.unpack("AA==");')
    """
    counts = Counter(PACKED.findall(text))
    names = {array: f"shared{n}" for n, array in enumerate(array for array, count in counts.items() if count > 1)}
    changed = PACKED.sub(lambda found: f"{names[found[0]]}.slice()" if found[0] in names else found[0], text)
    return changed, "\n".join(f"const {name} = {array};" for array, name in names.items())


def without_packed_arrays(text: str) -> str:
    """Return the text of a program without its arrays in base64.

    >>> without_packed_arrays('a = engine.unpack("AA==");')
    'a = ;'
    """
    return PACKED.sub("", text)


def reset_array(name: str, values: list[float]) -> str:
    """Return the statement that sets the array `name` to its initial `values`, or to zeros if `values` is empty."""
    if len(set(values)) <= 1:
        return f"{name}.fill({write_number(values[0]) if values else 0});"
    return f"{name}.set([{', '.join(map(write_number, values))}]);"

"""`read_target`: the target of a fit from a file, a sound or a curve."""

from __future__ import annotations

import io
import math
import re
from pathlib import PurePath

from fxlab.errors import FileError
from fxlab.signal import Signal, load

Curve = tuple[list[float], list[float]]
"""Frequencies in Hz, and levels in dB."""

CURVE_SUFFIXES = (".csv", ".txt", ".tsv", ".frd")
COMMENT_MARKS = ("#", "*", ";", "%", '"')
MIN_POINTS = 2


def read_target(name: str, file: io.BytesIO) -> Signal | Curve:
    """Return the content of a file: a curve if its name ends with .csv, .txt, .tsv or .frd, else a sound.

    Raises:
        FileError: The file is neither, or a line of the curve has no two numbers.
    """
    file.seek(0)
    if PurePath(name).suffix.lower() in CURVE_SUFFIXES:
        return read_curve(name, file.read())
    return load(file)


def read_curve(name: str, data: bytes) -> Curve:
    r"""Return the curve in a text file: each line has a frequency in Hz, a level in dB, and perhaps more columns.

    Commas, semicolons, tabs or spaces separate the columns; beside semicolons and tabs a comma may be the decimal
    point. Lines without a number at the beginning of the file, such as a heading, are skipped.

    >>> read_curve("curve.csv", b"Hz,dB\n100,-3\n1000,0.5\n")
    ([100.0, 1000.0], [-3.0, 0.5])
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    points: list[tuple[float, float]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        point = _read_point(stripped)
        if point is not None:
            points.append(point)
        elif points and stripped and not stripped.startswith(COMMENT_MARKS):
            raise FileError(
                f"{name!r}: line {number} is {stripped[:60]!r}; it needs a frequency in Hz and a level in dB, "
                "such as 1000,-3.5."
            )
    if len(points) < MIN_POINTS:
        raise FileError(
            f"{name!r} has {len(points)} points; a curve needs at least {MIN_POINTS} lines with a frequency in Hz and "
            "a level in dB, such as 1000,-3.5."
        )
    frequencies, levels = zip(*points, strict=True)
    return list(frequencies), list(levels)


def _read_point(line: str) -> tuple[float, float] | None:
    """Return the first two numbers of a line, or None if it does not begin with two finite numbers."""
    if ";" in line or "\t" in line:
        line = line.replace(",", ".")
    columns = [part for part in re.split(r"[;,\s]+", line) if part]
    try:
        frequency, level = float(columns[0]), float(columns[1])
    except (IndexError, ValueError):
        return None
    return (frequency, level) if math.isfinite(frequency) and math.isfinite(level) else None

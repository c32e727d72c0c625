"""`read_target`: reads the target of a fit, a sound or a curve, from a file."""

from __future__ import annotations

import codecs
import csv
import io
import math
import re
from pathlib import PurePath

from fxlab.errors import FileError
from fxlab.signal import Signal, load
from fxlab.signal.samples import peak

Curve = tuple[list[float], list[float]]
"""Frequencies in Hz, and levels in dB."""

CURVE_SUFFIXES = (".csv", ".txt", ".tsv", ".frd")
COMMENT_MARKS = ("#", "*", ";", "%", '"')
MIN_POINTS = 2
DECIMAL_COMMA = re.compile(r"[-+]?\d+,\d+")
EXAMPLE = "a frequency in Hz and a level in dB, such as 1000,-3.5"


def read_target(name: str, file: io.BytesIO) -> Signal | Curve:
    """Return the content of a file: a curve if its name ends with .csv, .txt, .tsv or .frd, otherwise a sound.

    Raises:
        FileError: The file is not a curve that `read_curve` accepts, or not a sound file, or the sound is silent.
    """
    file.seek(0)
    if PurePath(name).suffix.lower() in CURVE_SUFFIXES:
        return read_curve(name, file.read())
    try:
        sound = load(file)
    except FileError as error:
        raise FileError(
            f"{name!r} is not a target: {_reason(error)} A target is a sound file, or a curve of {EXAMPLE}, in each "
            f"line of a file whose name ends with {', '.join(CURVE_SUFFIXES[:-1])} or {CURVE_SUFFIXES[-1]}."
        ) from error
    if peak(sound.samples) == 0:
        raise FileError(f"{name!r} is silent; a target is the sound as the output of the panel should be.")
    return sound


def _reason(error: FileError) -> str:
    """Return the reason why `load` cannot read a file, without the name of the buffer that was passed to `load`."""
    text = str(error)
    reason = text.partition(" is not a readable sound file: ")[2] or text.removeprefix("load: ")
    return reason[:1].upper() + reason[1:]


def read_curve(name: str, data: bytes) -> Curve:
    r"""Return the curve in a text file: each line has a frequency in Hz, a level in dB, and perhaps more columns.

    Commas, semicolons, tabs or spaces separate the columns, and quotes may enclose them; where commas do not separate
    columns, a comma is the decimal point. Lines before the first point, such as a heading, are skipped, and so are
    empty lines and comments, which begin with `#`, `*`, `;`, `%` or `"`.

    Raises:
        FileError: Another line does not begin with two numbers, a frequency is negative, or there are fewer than two
            points.

    >>> read_curve("curve.csv", b"Hz,dB\n100,-3\n1000,0.5\n")
    ([100.0, 1000.0], [-3.0, 0.5])
    """
    points: list[tuple[float, float]] = []
    skipped = ""
    for number, line in enumerate(_decode(data).splitlines(), start=1):
        stripped = line.strip()
        point = _read_point(stripped)
        if point is not None:
            if point[0] < 0:
                raise FileError(
                    f"{name!r}: the frequency in line {number} is {point[0]:g} Hz; it must be 0 Hz or above. The first "
                    "column is the frequency, and the second the level."
                )
            points.append(point)
        elif points and stripped and not stripped.startswith(COMMENT_MARKS):
            raise FileError(f"{name!r}: line {number} is {stripped[:60]!r}; it needs {EXAMPLE}.")
        elif stripped:
            skipped = f" Line {number} is {stripped[:60]!r}."
    if len(points) < MIN_POINTS:
        count = "1 point" if points else "0 points"
        needed = f"a curve needs at least {MIN_POINTS} lines with {EXAMPLE}"
        raise FileError(f"{name!r} has {count}; {needed}.{'' if points else skipped}")
    frequencies, levels = zip(*points, strict=True)
    return list(frequencies), list(levels)


def _decode(data: bytes) -> str:
    """Decode a text: as UTF-16 if it has a UTF-16 byte order mark, else as UTF-8, or if that fails, as Latin-1."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _read_point(line: str) -> tuple[float, float] | None:
    """Return the first two numbers of a line, or None if it does not begin with two finite numbers."""
    try:
        frequency, level = (float(part.replace(",", ".").replace("\u2212", "-")) for part in _columns(line)[:2])
    except ValueError:
        return None
    return (frequency, level) if math.isfinite(frequency) and math.isfinite(level) else None


def _columns(line: str) -> list[str]:
    """Return the columns of a line as strings; see `read_curve`."""
    if '"' in line:
        mark = next((mark for mark in ";\t" if mark in line), ",")
        return next(csv.reader([line], delimiter=mark))
    if ";" in line or "\t" in line:
        parts = re.split(r"[;\s]+", line)
    elif all("," not in part or DECIMAL_COMMA.fullmatch(part) for part in line.split()) and len(line.split()) > 1:
        parts = line.split()
    else:
        parts = re.split(r"[,\s]+", line)
    return [part for part in parts if part]

"""Sound files in and out: WAV, FLAC, OGG and MP3, through soundfile, which loads when a file is first touched."""

from __future__ import annotations

import difflib
import io
import math
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
import torch

from fxlab.errors import FileError, ParameterError, SignalError
from fxlab.signal.damage import damage_of
from fxlab.signal.formats import FORMATS, Overload, encode
from fxlab.signal.samples import is_number
from fxlab.signal.signal import Signal

if TYPE_CHECKING:
    import soundfile
    from numpy.typing import NDArray

_BLOCK = 4096  # frames; in a damaged file, all of the block at the damage is lost


def load(
    path_or_file: str | os.PathLike[str] | BinaryIO,
    *,
    start: float = 0.0,
    stop: float | None = None,
    dtype: torch.dtype = torch.float32,
    partial: bool = False,
) -> Signal:
    """Read a sound file, or its part from `start` to `stop` seconds, at the file's own rate and channels.

    `path_or_file` is a path or a binary file object, read from its beginning. What it holds decides the format,
    not its name: WAV, FLAC, OGG, MP3, AIFF, and whatever else libsndfile reads. Whole numbers are scaled to ±1,
    floats kept as they are. float32 keeps every bit of files of up to 24; `dtype=torch.float64` keeps those of
    32-bit whole numbers and 64-bit floats.

    Raises:
        FileError: there is no such file, or it is no sound file, empty, damaged or cut short. With
            `partial=True` a damaged or cut-off file gives what can be read of it.
        ParameterError: the part reaches outside the file, or `dtype` is neither float32 nor float64.

    >>> import io
    >>> from fxlab.signal import sine
    >>> file = io.BytesIO()
    >>> sine(440.0, duration=0.5).save(file, format="flac")
    >>> load(file, start=0.1)
    Signal(1 channel, 0.4 s at 44100 Hz, peak -6.0 dBFS)
    """
    import soundfile

    if dtype not in (torch.float32, torch.float64):
        raise ParameterError(f"load: dtype = {dtype} is not read. Choose torch.float32 or torch.float64.")
    name = _name_of(path_or_file)
    source = _opened(path_or_file, name)
    try:
        with soundfile.SoundFile(source) as file:
            rate, (first, last) = file.samplerate, _range(name, file, start, stop)
            samples, trouble = _read(file, first, last, str(dtype).removeprefix("torch."))
            trouble = trouble or damage_of(file, source, first + len(samples), last)
    except soundfile.LibsndfileError as error:
        raise FileError(f"load: {name} is no sound file that can be read: {_reason(source, error)}") from error
    finally:
        if source is not path_or_file:
            source.close()
    if trouble and not partial:
        raise FileError(
            f"load: {name} is damaged: {trouble} Get a whole copy, or load with partial=True what is there."
        )
    if not len(samples):
        raise FileError(f"load: {name} holds no samples.")
    try:
        return Signal(np.ascontiguousarray(samples.T), rate)
    except SignalError as error:
        raise FileError(f"load: {name} holds no sound. {error}") from error


def save(
    signal: Signal,
    path_or_file: str | os.PathLike[str] | BinaryIO,
    *,
    format: str | None = None,
    subtype: str | None = None,
    overload: Overload = "error",
) -> None:
    """Write a signal to a sound file: WAV, FLAC, OGG or MP3, by the name's ending or by `format`.

    WAV holds 32-bit floats unless told otherwise: what is read back is the same to the bit, with no full scale to
    exceed. FLAC holds 24-bit whole numbers (to half of 2^-23), OGG is Vorbis, MP3 is lossy too. `subtype` chooses
    another: WAV `FLOAT DOUBLE PCM_16 PCM_24 PCM_32 PCM_U8 ULAW ALAW`, FLAC `PCM_24 PCM_16 PCM_S8`, OGG `VORBIS
    OPUS`. Whole numbers are rounded with no dither. An existing file is replaced only once the new one is made.

    All but the floats hold samples of -1 to 1. When some lie outside, `overload="error"` refuses, `"scale"` turns
    the whole signal down so that its peak is at 1, and `"clip"` cuts off what is outside.

    Raises:
        FileError: the format is not known, cannot hold the rate, the channels or the level, or the file cannot
            be written.
        ParameterError: `subtype` or `overload` is none of the above.

    >>> import io
    >>> from fxlab.signal import sine
    >>> file = io.BytesIO()
    >>> save(sine(440.0, duration=0.5), file, format="wav", subtype="PCM_16")
    >>> len(file.getvalue())
    44144
    """
    if not isinstance(signal, Signal):
        raise SignalError(f"save: {type(signal).__name__} is no Signal. Write Signal(samples, sample_rate).save(path).")
    name = _name_of(path_or_file)
    data = encode(signal, _format_of(path_or_file, name, format), subtype, overload)
    try:
        if isinstance(path_or_file, str | os.PathLike):
            Path(path_or_file).expanduser().write_bytes(data)
        else:
            path_or_file.write(data)
    except OSError as error:
        raise FileError(f"save: {name} cannot be written: {error.strerror or error}.") from error


def _name_of(path_or_file: object) -> str:
    if isinstance(path_or_file, str | os.PathLike):
        return repr(os.fspath(path_or_file))
    if isinstance(path_or_file, io.TextIOBase):
        raise FileError("the file is open as text. Open it as binary: open(path, 'rb') to load, 'wb' to save.")
    if not hasattr(path_or_file, "read") and not hasattr(path_or_file, "write"):
        raise FileError(f"A {type(path_or_file).__name__} is no file. Give a path, or a file open as binary.")
    return repr(getattr(path_or_file, "name", f"the {type(path_or_file).__name__}"))


def _opened(path_or_file: str | os.PathLike[str] | BinaryIO, name: str) -> BinaryIO:
    if not isinstance(path_or_file, str | os.PathLike):
        if hasattr(path_or_file, "seekable") and path_or_file.seekable():
            path_or_file.seek(0)
            return path_or_file
        return io.BytesIO(path_or_file.read())
    path = Path(path_or_file).expanduser()
    if str(path_or_file).startswith(("http://", "https://")):
        raise FileError(f"load: {name} is a web address. Download it first, with urllib.request.urlretrieve.")
    if path.is_dir():
        raise FileError(f"load: {name} is a folder. Give the path of one file in it.")
    if not path.exists():
        raise FileError(f"load: there is no file {name}{_nearby(path)}")
    if path.suffix.lower() == ".raw":
        raise FileError(
            f"load: {name} has no header that says its rate and type. Read it with "
            "Signal(numpy.fromfile(path, 'float32'), sample_rate), or with the type that you know it has."
        )
    try:
        return path.open("rb")
    except OSError as error:
        raise FileError(f"load: {name} cannot be opened: {error.strerror}.") from error


def _nearby(path: Path) -> str:
    folder = path.parent
    if not folder.is_dir():
        return f": there is no folder {str(folder)!r}."
    near = difflib.get_close_matches(path.name, [entry.name for entry in folder.iterdir()], 3)
    if near:
        return f". Did you mean {' or '.join(map(repr, near))}?"
    return f" (looked in {str(folder.absolute())!r})."


def _reason(source: BinaryIO, error: soundfile.LibsndfileError) -> str:
    source.seek(0)
    head = source.read(48)
    if not head:
        return "it is empty (0 bytes)."
    if head.decode("utf-8", "replace").replace("\n", " ").replace("\r", " ").isprintable() and b"\0" not in head:
        return f"it begins with the text {head[:24].decode('utf-8', 'replace')!r}."
    return f"{error.error_string.rstrip('.')}. WAV, FLAC, OGG, MP3 and AIFF can be read."


def _range(name: str, file: soundfile.SoundFile, start: float, stop: float | None) -> tuple[int, int | None]:
    for keyword, value in (("start", start), ("stop", stop)):
        if value is not None and (not is_number(value) or not math.isfinite(value)):
            raise ParameterError(f"load: {keyword} = {value!r} is not a time. Give a number of seconds.")
    first, last = round(start * file.samplerate), None if stop is None else round(stop * file.samplerate)
    length = file.frames / file.samplerate
    if first < 0 or first >= max(file.frames, 1) or (last is not None and not first < last <= file.frames):
        raise ParameterError(
            f"load: the part from {start} to {length if stop is None else stop} s is not in {name}. "
            f"Choose 0 <= start < stop <= {length:g} s."
        )
    return first, last


def _read(file: soundfile.SoundFile, first: int, last: int | None, dtype: str) -> tuple[NDArray[Any], str]:
    """Return the frames from `first` on, and what went wrong after them."""
    blocks: list[NDArray[Any]] = [np.zeros((0, file.channels), dtype)]
    place, trouble = file.seek(first) if first else 0, ""
    try:
        while last is None or place < last:
            block = file.read(_BLOCK if last is None else min(_BLOCK, last - place), dtype, always_2d=True)
            if not len(block):
                break
            blocks.append(block)
            place += len(block)
    except RuntimeError as error:  # soundfile's own is one
        trouble = f"after {place / file.samplerate:.3f} s, {getattr(error, 'error_string', error)}"
    return np.concatenate(blocks), trouble


def _format_of(path_or_file: object, name: str, format: str | None) -> str:
    ending = Path(path_or_file).suffix[1:].lower() if isinstance(path_or_file, str | os.PathLike) else ""
    chosen = format.lower() if isinstance(format, str) else ending
    if chosen not in FORMATS:
        said = f"format = {format!r}" if format is not None else f"the ending of {name}"
        raise FileError(f"save: {said} is none that can be written. Choose one of {', '.join(FORMATS)}.")
    if ending in FORMATS and ending != chosen:
        raise FileError(f"save: {name} ends in .{ending}, but format = {format!r}. Make them agree.")
    return chosen

"""Decoding of sound files into samples: WAV, FLAC, OGG, MP3 and other formats that libsndfile reads."""

from __future__ import annotations

import difflib
import io
import math
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from fxlab.errors import FileError, ParameterError
from fxlab.signal.chunk_repair import pad_chunks, size_caf
from fxlab.signal.decoder import describe_wide_samples, open_decoder, read_frames, repair_unfinished_wav
from fxlab.signal.file_name import quoted_name
from fxlab.signal.plain_wav import PlainWav
from fxlab.signal.samples import is_number
from fxlab.signal.truncation import describe_truncation

if TYPE_CHECKING:
    import soundfile
    from numpy.typing import NDArray

_OTHER_FORMATS = {
    b"ftyp": "an MP4 file, such as M4A (AAC)",
    b"\x30\x26\xb2\x75\x8e\x66\xcf\x11": "a Windows Media file, such as WMA",
    b"\x1a\x45\xdf\xa3": "a Matroska file, such as WebM",
    b"wvpk": "a WavPack file",
    b"MAC ": "a file of Monkey's Audio",
}
"""Formats that libsndfile does not read, by a sequence of bytes in their first 16 bytes."""

_READ_AT_ONCE = 1 << 20
"""The largest size in bytes of a file that is read completely before it is decoded."""


def read_file(
    path_or_file: str | os.PathLike[str] | BinaryIO,
    *,
    start: float,
    stop: float | None,
    dtype: str,
    partial: bool,
) -> tuple[NDArray[Any], int]:
    """Return the samples of a sound file and its sample rate in Hz, as `load` documents.

    Shape:
        The samples are `(channels, time)`, contiguous, of `dtype`.

    Raises:
        FileError: The file cannot be read or decoded, contains no samples, or is damaged or unfinished and `partial` is
            False.
        ParameterError: `start` or `stop` is not a time within the file, or no sample lies between them.
    """
    name = quoted_name(path_or_file)
    source = _open(path_or_file, name)
    plain = PlainWav.of(source.getvalue()) if type(source) is io.BytesIO else None
    if plain is not None:
        first, last = _frame_range(name, plain.sample_rate, len(plain.stored), start, stop)
        return plain.samples(first, last, dtype), plain.sample_rate
    import soundfile

    try:
        unfinished = repair_unfinished_wav(source)
        source.seek(0)
        if unfinished is not None and not partial:
            raise FileError(
                f"load: {name} was never finished: its header says that it holds no samples, but samples follow, as "
                "after an interrupted recording. Pass partial=True to load them."
            )
        readable = unfinished or _repaired(source, name)
        if wide := describe_wide_samples(readable):
            raise FileError(
                f"load: {name} cannot be decoded: {wide}. Convert it with the program that wrote it, to 32 bits for "
                "example."
            )
        readable.seek(0)
        with open_decoder(readable) as file:
            if (file.format, file.subtype) == ("PAF", "PCM_24") and file.channels not in (1, 2, 4, 8):
                raise FileError(
                    f"load: {name} is a 24-bit PAF file of {file.channels} channels, which libsndfile decodes wrongly. "
                    "Convert it with the program that wrote it, to WAV for example."
                )
            rate = file.samplerate
            first, last = _frame_range(name, rate, file.frames, start, stop)
            samples, problem = read_frames(file, first, last, dtype)
            problem = problem or describe_truncation(file, readable, first + len(samples), last)
    except soundfile.LibsndfileError as error:
        raise FileError(f"load: {name} is not a readable sound file: {_reason(source, error)}") from error
    finally:
        if source is not path_or_file:
            source.close()
    if problem and not partial:
        raise FileError(
            f"load: {name} is damaged: {problem} Get a complete copy, or pass partial=True to load what is readable."
        )
    if not len(samples):
        raise FileError(f"load: {name} contains no samples.")
    return np.ascontiguousarray(samples.T), rate


def file_format(path: str | os.PathLike[str]) -> tuple[str, str]:
    """Return libsndfile's names of the container and of the type of the samples, such as `("WAV", "PCM_16")`.

    `path` is that of a sound file that `read_file` reads.

    Raises:
        FileError: The file cannot be opened.
    """
    name = quoted_name(path)
    with _open(path, name) as source, open_decoder(_repaired(source, name)) as file:
        return file.format, file.subtype


def _repaired(source: BinaryIO, name: str) -> BinaryIO:
    """Return `source`, or a repaired copy if libsndfile would reject its header, positioned at its beginning."""
    readable = pad_chunks(source, name) or size_caf(source) or source
    readable.seek(0)
    return readable


def _open(path_or_file: str | os.PathLike[str] | BinaryIO, name: str) -> BinaryIO:
    if not isinstance(path_or_file, str | os.PathLike):
        if not (path_or_file.readable() if hasattr(path_or_file, "readable") else hasattr(path_or_file, "read")):
            raise FileError(f"load: {name} is open for writing only. Open it for reading: open(path, 'rb').")
        if hasattr(path_or_file, "seekable") and path_or_file.seekable():
            path_or_file.seek(0)
            return path_or_file
        return io.BytesIO(path_or_file.read())
    try:
        path = Path(path_or_file).expanduser()
    except RuntimeError as error:  # there is no such user
        raise FileError(f"load: {name} cannot be found: {error}") from error
    if str(path_or_file).startswith(("http://", "https://")):
        raise FileError(f"load: {name} is a web address. Download it first, with urllib.request.urlretrieve.")
    try:
        file = path.open("rb", buffering=0)
    except OSError as error:
        if path.is_dir():
            raise FileError(f"load: {name} is a folder. Pass the path of one file in it.") from error
        if not path.exists():
            raise FileError(f"load: there is no file {name}{_suggest_path(path)}") from error
        raise FileError(f"load: {name} cannot be opened: {error.strerror}.") from error
    if path.suffix.lower() == ".raw":
        file.close()
        raise FileError(
            f"load: {name} has no header that gives its sample rate and type. Read it with "
            "Signal(numpy.fromfile(path, 'float32'), sample_rate), with the type that the file was written in."
        )
    try:
        # The decoder reads in small blocks and seeks, each of which is a system call.
        if os.fstat(file.fileno()).st_size <= _READ_AT_ONCE:
            with file:
                return io.BytesIO(file.read())
    except OSError as error:
        raise FileError(f"load: {name} cannot be read: {error.strerror}.") from error
    return io.BufferedReader(file)


def _suggest_path(path: Path) -> str:
    folder = path.parent
    if not folder.is_dir():
        return f": there is no folder {str(folder)!r}."
    similar = difflib.get_close_matches(path.name, [entry.name for entry in folder.iterdir()], 3)
    if similar:
        return f". Did you mean {' or '.join(map(repr, similar))}?"
    return f" (looked in {str(folder.absolute())!r})."


def _reason(source: BinaryIO, error: soundfile.LibsndfileError) -> str:
    source.seek(0)
    head = source.read(48)
    if not head:
        return "it is empty (0 bytes)."
    if head.decode("utf-8", "replace").replace("\n", " ").replace("\r", " ").isprintable() and b"\0" not in head:
        return f"it begins with the text {head[:24].decode('utf-8', 'replace')!r}."
    if Path("._").exists():
        # For a stream without a file name, libsndfile reads "._" as its resource fork and reports an error about that.
        return (
            "its format is not recognized, or the file '._' in the working directory is in the way: libsndfile reads "
            "it as a part of this file. Remove '._' and try again."
        )
    for signature, other in _OTHER_FORMATS.items():
        if signature in head[:16]:
            return f"it is {other}. Convert it to WAV or FLAC first, with ffmpeg for example."
    if "internal error" in error.error_string.lower():
        return "its header has values that libsndfile does not read, such as a sample rate of 0."
    return f"{error.error_string.rstrip('.')}. WAV, FLAC, OGG, MP3 and AIFF can be read."


def _frame_range(name: str, rate: int, frames: int, start: float, stop: float | None) -> tuple[int, int | None]:
    for keyword, value in (("start", start), ("stop", stop)):
        if value is not None and (not is_number(value) or not math.isfinite(value)):
            raise ParameterError(f"load: {keyword} = {value!r} is not a time. Pass a number of seconds.")
    first, last = round(start * rate), None if stop is None else round(stop * rate)
    length = frames / rate
    if first < 0 or first >= max(frames, 1) or (last is not None and not first < last <= frames):
        raise ParameterError(
            f"load: the range from {start} to {length if stop is None else stop} s is not within {name}. "
            f"Choose 0 <= start < stop <= {length:g} s."
        )
    return first, last

"""`load` and `save`: reading and writing of sound files."""

from __future__ import annotations

import os
from typing import BinaryIO

import torch

from fxlab.errors import FileError, ParameterError, SignalError
from fxlab.signal.file_name import quoted_name
from fxlab.signal.formats import Overload
from fxlab.signal.reading import read_file
from fxlab.signal.signal import Signal


def load(
    path_or_file: str | os.PathLike[str] | BinaryIO,
    *,
    start: float = 0.0,
    stop: float | None = None,
    dtype: torch.dtype = torch.float32,
    partial: bool = False,
) -> Signal:
    """Return the sound in a file, or its part from `start` to `stop`, with the file's sample rate and channels.

    The format is detected from the content, not from the name: WAV, FLAC, OGG, MP3, AIFF, or another that libsndfile
    reads. Integer samples are scaled to ±1; floating-point samples are only converted to `dtype`.

    Args:
        path_or_file: A path, or a binary file object, which is read from its beginning if it is seekable.
        start: The start of the part in seconds.
        stop: The end of the part in seconds; None for the end of the file.
        dtype: `torch.float32`, which represents integers of up to 24 bits exactly, or `torch.float64`, which also
            represents 32-bit integers and 64-bit floats exactly.
        partial: Whether the readable part of a damaged or truncated file is returned instead of an error.

    Raises:
        FileError: The file does not exist, is not a sound file, or contains no samples or samples that are NaN or
            infinite; or `partial` is False, and the file is damaged or truncated, or contains a second stream.
        ParameterError: The part reaches outside the file or contains no sample, a time is not a finite number, or
            `dtype` is neither float32 nor float64.

    >>> import io
    >>> from fxlab.signal import sine
    >>> file = io.BytesIO()
    >>> sine(440.0, duration=0.5).save(file, format="flac")
    >>> load(file, start=0.1)
    Signal(1 channel, 0.4 s at 44100 Hz, peak -6.0 dBFS)
    """
    if dtype not in (torch.float32, torch.float64):
        raise ParameterError(f"load: dtype = {dtype} is not supported. Choose torch.float32 or torch.float64.")
    samples, sample_rate = read_file(
        path_or_file, start=start, stop=stop, dtype=str(dtype).removeprefix("torch."), partial=partial
    )
    try:
        return Signal._of_channels(samples, sample_rate)
    except SignalError as error:
        raise FileError(f"load: {quoted_name(path_or_file)} does not contain valid samples. {error}") from error


def save(
    signal: Signal,
    path_or_file: str | os.PathLike[str] | BinaryIO,
    *,
    format: str | None = None,
    subtype: str | None = None,
    overload: Overload = "error",
) -> None:
    """Write `signal` to a sound file; `Signal.save` documents the other arguments and the errors.

    Raises:
        SignalError: `signal` is not a `Signal`.

    >>> import io
    >>> from fxlab.signal import sine
    >>> file = io.BytesIO()
    >>> save(sine(440.0, duration=0.5), file, format="wav", subtype="PCM_16")
    >>> len(file.getvalue())
    44144
    """
    if not isinstance(signal, Signal):
        raise SignalError(
            f"save: a {type(signal).__name__} is not a Signal. Write Signal(samples, sample_rate).save(path)."
        )
    signal.save(path_or_file, format=format, subtype=subtype, overload=overload)

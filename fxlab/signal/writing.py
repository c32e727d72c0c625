"""Encoding of samples as WAV, FLAC, OGG or MP3, and writing them to a file."""

from __future__ import annotations

import io
import math
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from fxlab.errors import FileError, ParameterError
from fxlab.signal.file_name import quoted_name
from fxlab.signal.formats import (
    FLOAT_SUBTYPES,
    FORMATS,
    INTEGER_BITS,
    OPUS,
    WAV_SAMPLE_BYTES,
    Format,
    Overload,
    quantize,
)
from fxlab.signal.plain_wav import WRITTEN, plain_wav
from fxlab.signal.samples import describe, peak, to_numpy

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

_BLOCK = 4096  # frames; libvorbis keeps a block on the stack and overflows it if the block is large
_UNCODED_BLOCK = 1 << 18  # frames of a WAV file
_MAX_WAV_BYTES = 2**32 - 2**16  # a WAV file stores its size in 32 bits


def write_file(
    samples: Tensor,
    sample_rate: float,
    path_or_file: str | os.PathLike[str] | BinaryIO,
    *,
    format: str | None = None,
    subtype: str | None = None,
    overload: Overload = "error",
) -> None:
    """Write samples of shape `(channels, time)` to a sound file; see `Signal.save` for the arguments.

    Raises:
        FileError: The format is not known or cannot hold the samples, or the file cannot be written.
        ParameterError: `subtype` or `overload` is not one of the allowed values.
    """
    name = quoted_name(path_or_file)
    data = encode(samples, sample_rate, _choose_format(path_or_file, name, format), subtype, overload)
    try:
        if isinstance(path_or_file, str | os.PathLike):
            Path(path_or_file).expanduser().write_bytes(data)
        else:
            path_or_file.write(data)
    except io.UnsupportedOperation:
        raise FileError(f"save: {name} is open for reading only. Open it for writing: open(path, 'wb').") from None
    except OSError as error:
        raise FileError(f"save: {name} cannot be written: {error.strerror or error}.") from error


def encode(samples: Tensor, sample_rate: float, name: str, subtype: str | None, overload: Overload) -> bytes:
    """Return the bytes of a sound file of the format `name` with samples of shape `(channels, time)`.

    `subtype` None means the default of the format; `overload` is as in `Signal.save`.

    Raises:
        FileError: The format cannot hold the sample rate, the channels, so many samples, or samples beyond full scale.
        ParameterError: `subtype` or `overload` is not one of the allowed values.

    >>> import torch
    >>> encode(torch.zeros(1, 100), 44_100, "flac", None, "error")[:4]
    b'fLaC'
    """
    subtype = _check_subtype(name, subtype)
    if overload not in ("error", "clip", "scale"):
        raise ParameterError(f"save: overload = {overload!r} is not known. Choose 'error', 'clip' or 'scale'.")
    _check_limits(samples, sample_rate, name, OPUS if subtype == "OPUS" else FORMATS[name])
    channels, frames = samples.shape
    if name == "wav" and samples.numel() * WAV_SAMPLE_BYTES[subtype] > _MAX_WAV_BYTES:
        raise FileError(
            f"save: {channels} channels of {frames} samples are over the 4 GB that a WAV file can hold. "
            "Save the signal in parts (.between), or as FLAC."
        )
    array = to_numpy(samples, shared=True).T  # nothing below writes into it
    if subtype not in FLOAT_SUBTYPES:
        array = _limit_to_full_scale(samples, sample_rate, array, f"{name.upper()} ({subtype})", overload)
    if subtype in INTEGER_BITS:
        array = quantize(array, INTEGER_BITS[subtype])
    if name == "wav" and subtype in WRITTEN:
        return plain_wav(array >> 16 if subtype == "PCM_16" else array, int(sample_rate), subtype)
    if subtype not in INTEGER_BITS:
        array = array.astype(np.float32)
    import soundfile

    file = io.BytesIO()
    try:
        with soundfile.SoundFile(
            file, "w", samplerate=sample_rate, channels=channels, format=name.upper(), subtype=subtype
        ) as encoder:
            block = _UNCODED_BLOCK if name == "wav" else _BLOCK
            for start in range(0, frames, block):
                encoder.write(array[start : start + block])
    except soundfile.LibsndfileError as error:
        signal = describe(samples, sample_rate)
        raise FileError(f"{signal} cannot be written as {name} ({subtype}): {error.error_string}") from error
    return file.getvalue()


def _choose_format(path_or_file: object, name: str, format: str | None) -> str:
    extension = Path(path_or_file).suffix[1:].lower() if isinstance(path_or_file, str | os.PathLike) else ""
    chosen = format.lower() if isinstance(format, str) else extension
    if chosen not in FORMATS:
        if format is None and not isinstance(path_or_file, str | os.PathLike):
            raise FileError(f"save: {name} needs a format: pass format=, one of {', '.join(FORMATS)}.")
        source = f"format = {format!r}" if format is not None else f"the extension of {name}"
        raise FileError(f"save: {source} is not a format that can be written. Choose one of {', '.join(FORMATS)}.")
    if extension in FORMATS and extension != chosen:
        raise FileError(f"save: {name} ends in .{extension}, but format = {format!r}. Make them agree.")
    return chosen


def _check_subtype(name: str, subtype: str | None) -> str:
    known = FORMATS[name].subtypes
    if subtype is None:
        return known[0]
    if not isinstance(subtype, str) or subtype.upper() not in known:
        raise ParameterError(f"save: {name} has no subtype {subtype!r}. Choose one of {', '.join(known)}.")
    return subtype.upper()


def _check_limits(samples: Tensor, sample_rate: float, name: str, limits: Format) -> None:
    if not isinstance(sample_rate, int) or not limits.accepts_rate(sample_rate):
        raise FileError(
            f"{describe(samples, sample_rate)} cannot be saved as {name}: it holds {limits.rate_description}, "
            f"not {sample_rate} Hz. Resample the signal to one of these rates, or choose another format."
        )
    if len(samples) > limits.max_channels:
        raise FileError(
            f"{describe(samples, sample_rate)} cannot be saved as {name}, which holds up to {limits.max_channels} "
            "channels. Mix it down (.mono()), or save it as WAV."
        )


def _limit_to_full_scale(
    samples: Tensor, sample_rate: float, array: NDArray[Any], target: str, overload: Overload
) -> NDArray[Any]:
    highest = peak(samples)
    if highest <= 1.0:
        return array
    if overload == "clip":
        return array.clip(-1.0, 1.0)
    if overload == "scale":
        return array / highest
    raise FileError(
        f"{describe(samples, sample_rate)} is {20 * math.log10(highest):.2f} dB over full scale in "
        f"{int((abs(array) > 1).sum())} samples, which {target} cannot hold. Multiply it by "
        f"{math.floor(1e4 / highest) / 1e4} or pass overload='scale' to scale it down, pass overload='clip' to cut "
        "the peaks off, or save it as WAV with subtype='FLOAT'."
    )

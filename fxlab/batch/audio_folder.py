"""`AudioFolder`: the sound files of a folder as a data set for training."""

from __future__ import annotations

import math
import operator
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor

from fxlab.batch.file_list import expand_path, sound_files
from fxlab.batch.file_part import FilePart
from fxlab.errors import ParameterError, SignalError
from fxlab.signal import Signal
from fxlab.signal.samples import is_integer, is_number

LOWEST_RATE, HIGHEST_RATE = 100, 10_000_000
"""The limits of `sample_rate` in Hz, which are those of `Resample`."""

Crop = Literal["start", "center", "random"]


class AudioFolder:
    """The sound files of a folder and its subfolders, sorted, as a data set for `torch.utils.data.DataLoader`.

    `folder[index]` reads one file, or only the part that `duration` selects, and returns a `Signal`, unless `labels` or
    `transform` is given. A DataLoader collates Signals to a tensor `(batch, channels, time)` if they have the same
    rate, channels and length, which `sample_rate`, `channels` and `duration` ensure.

    Args:
        path: The folder.
        sample_rate: The rate in Hz to which files of other rates are resampled, from 100 Hz to 10 MHz; by default each
            file keeps its own.
        channels: 1 mixes all channels to mono; 2 repeats mono in both channels. By default each file keeps its own.
        duration: The length in seconds: longer files are cropped, and shorter ones are padded with silence at the end.
            By default each file keeps its own.
        crop: The part of a longer file that is read: its `"start"`, its `"center"`, or a `"random"` part, which depends
            on `seed`, the index and the epoch (see `set_epoch`), but not on the number of workers.
        labels: Whether items are pairs `(signal, label)`. The label is an index in `classes`, which contains the paths
            of the subfolders of the files relative to `path`: `"dog/a"` for `path/dog/a/1.wav`, and `""` for a file
            directly in `path`.
        transform: A module or function that is called with each Signal, and whose result is the item; None leaves
            the Signals unchanged.
        seed: The seed of random parts.

    Raises:
        FileError: The folder does not exist or has no sound files. At `folder[index]`: the file cannot be read.
        ParameterError: An argument is invalid. At `folder[index]`: the index is not an integer.
        IndexError: At `folder[index]`: there is no file with this index.
        SignalError: At `folder[index]`: the file has another number of channels than `channels`, and can be neither
            mixed to mono nor repeated, or a ratio of its rate to `sample_rate` that cannot be computed.

    >>> import tempfile
    >>> from torch.utils.data import DataLoader
    >>> from fxlab.signal import sine
    >>> with tempfile.TemporaryDirectory() as path:
    ...     sine(440.0, duration=0.5, sample_rate=44_100).save(f"{path}/a.wav")
    ...     sine(440.0, duration=2.0, sample_rate=48_000).save(f"{path}/b.flac")
    ...     folder = AudioFolder(path, sample_rate=16_000, duration=1.0)
    ...     batch = next(iter(DataLoader(folder, batch_size=2)))
    >>> batch.shape
    torch.Size([2, 1, 16000])
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        sample_rate: float | None = None,
        channels: int | None = None,
        duration: float | None = None,
        crop: Crop = "start",
        labels: bool = False,
        transform: Callable[[Signal], Any] | None = None,
        seed: int = 0,
    ) -> None:
        _check_arguments(sample_rate, channels, duration, crop, seed)
        _check_path_and_transform(path, transform)
        self.path = expand_path(path, "AudioFolder")
        self._names = sound_files(path, "AudioFolder")
        self.sample_rate, self.channels, self.duration = sample_rate, channels, duration
        self.crop, self.labels, self.transform, self.seed = crop, labels, transform, seed
        # Shared memory, so that workers that a DataLoader keeps alive see a new epoch.
        self._epoch = _shared_number()
        self.classes: tuple[str, ...] = tuple(sorted({_folder_of(name) for name in self._names})) if labels else ()

    @property
    def files(self) -> list[Path]:
        """The paths of the files, in the order of their indices."""
        return [self.path / name for name in self._names]

    def set_epoch(self, epoch: int) -> None:
        """Select the random parts for an epoch: `epoch` is a whole number that differs for each pass over the data.

        Raises:
            ParameterError: `epoch` is not a whole number that fits in 64 bits.
        """
        if not is_integer(epoch) or not -(2**63) <= epoch < 2**63:
            raise ParameterError(f"AudioFolder: epoch = {epoch!r} is not allowed. Pass a whole number, such as 0.")
        self._epoch.fill_(epoch)

    def __len__(self) -> int:
        return len(self._names)

    def __getitem__(self, index: int) -> Any:
        try:
            index = operator.index(index)
        except TypeError:
            raise ParameterError(
                f"AudioFolder: {index!r} is not an index. Pass a whole number from 0 to {len(self) - 1}; for a part of "
                "the data set, use torch.utils.data.Subset."
            ) from None
        if not -len(self) <= index < len(self):
            raise IndexError(f"{self!r} has no file {index}.")
        index = range(len(self))[index]
        signal = self._read(index)
        item = signal if self.transform is None else self.transform(signal)
        return (item, self.classes.index(_folder_of(self._names[index]))) if self.labels else item

    def __iter__(self) -> Iterator[Any]:
        return (self[index] for index in range(len(self)))

    def __repr__(self) -> str:
        return f"AudioFolder({str(self.path)!r}, {len(self)} files)"

    def _read(self, index: int) -> Signal:
        part = FilePart(self.path / self._names[index], self.sample_rate)
        wanted = part.frames if self.duration is None else max(1, round(self.duration * part.sample_rate))
        start = self._start_of_part(index, part.frames - wanted)
        samples = _with_channels(part.read(start, min(wanted, part.frames)), self.channels, self._names[index])
        missing = wanted - samples.shape[-1]
        padded = torch.nn.functional.pad(samples, (0, missing)) if missing > 0 else samples
        return Signal._of_channels(padded, part.sample_rate)

    def _start_of_part(self, index: int, spare: int) -> int:
        """Return the index of the first sample of the part of file `index` that is read.

        `spare` is the number of samples by which the file is longer than the part.
        """
        if spare <= 0 or self.crop == "start":
            return 0
        if self.crop == "center":
            return spare // 2
        # The hash of whole numbers is the same in every process.
        key = hash((self.seed, int(self._epoch), index))
        generator = torch.Generator().manual_seed(key)
        return int(torch.randint(spare + 1, (), generator=generator))


def _shared_number() -> Tensor:
    number: Tensor = torch.zeros((), dtype=torch.int64).share_memory_()  # type: ignore[no-untyped-call]
    return number


def _folder_of(name: str) -> str:
    return name.rpartition("/")[0]


def _with_channels(samples: Tensor, channels: int | None, name: str) -> Tensor:
    if channels is None or len(samples) == channels:
        return samples
    if channels == 1:
        return samples.mean(0, keepdim=True)
    if len(samples) == 1:
        return samples.expand(channels, -1)
    raise SignalError(
        f"AudioFolder: {name!r} has {len(samples)} channels, which cannot be made {channels}. Pass channels=1 to mix "
        "them to mono, or convert the file."
    )


def _check_arguments(sample_rate: object, channels: object, duration: object, crop: object, seed: object) -> None:
    if sample_rate is not None and not (is_number(sample_rate) and LOWEST_RATE <= sample_rate <= HIGHEST_RATE):
        raise ParameterError(
            f"AudioFolder: sample_rate = {sample_rate!r} is not allowed. Pass a number of Hz from {LOWEST_RATE} to "
            f"{HIGHEST_RATE}."
        )
    if duration is not None and not (is_number(duration) and math.isfinite(duration) and duration > 0):
        raise ParameterError(f"AudioFolder: duration = {duration!r} is not allowed. Pass a number of seconds above 0.")
    if channels not in (None, 1, 2):
        raise ParameterError(f"AudioFolder: channels = {channels!r} is not allowed. Choose 1, 2 or None.")
    if crop not in ("start", "center", "random"):
        raise ParameterError(f"AudioFolder: crop = {crop!r} is not known. Choose 'start', 'center' or 'random'.")
    if not isinstance(seed, int):
        raise ParameterError(f"AudioFolder: seed = {seed!r} is not allowed. Pass a whole number.")


def _check_path_and_transform(path: object, transform: object) -> None:
    if not isinstance(path, str | os.PathLike):
        raise ParameterError(f"AudioFolder: path = {path!r} is not a path. Pass the folder of the sound files.")
    if transform is not None and not callable(transform):
        raise ParameterError(
            f"AudioFolder: transform = {transform!r} cannot be called. Pass a module, or a function of a Signal."
        )

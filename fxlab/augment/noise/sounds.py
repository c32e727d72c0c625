"""`Sounds`: the recordings that an augmentation uses as noises or impulse responses."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from torch import Tensor

from fxlab.engine.resampling.polyphase import convert_rate
from fxlab.errors import FileError, ParameterError, SignalError
from fxlab.signal import Signal, load
from fxlab.signal.folder import EXTENSIONS, scan_folder

KEPT = 64
"""The number of resampled recordings that are kept in memory: the most recently used ones."""

Source = str | os.PathLike[str] | Signal


class Sounds:
    """Recordings, given as Signals, files or folders; each is read and resampled when it is needed.

    A folder stands for the sound files in it and in its subfolders, except files and folders whose names begin with a
    dot. The `KEPT` recordings that were used last stay in memory.

    Args:
        sources: A Signal, a path, or a list of them.
        owner: The name of the augmentation in messages.
        name: The name of its argument in messages.

    Raises:
        ParameterError: `sources` is empty or contains another type, a path does not exist, or a folder has no sound
            files.
        FileError: A folder cannot be read.
    """

    def __init__(self, sources: Source | Iterable[Source], owner: str, name: str) -> None:
        kinds = (str, os.PathLike, Signal)
        is_list = isinstance(sources, Iterable) and not isinstance(sources, (*kinds, Tensor))
        listed: list[Any] = list(sources) if is_list else [sources]  # type: ignore[arg-type]
        for source in listed:
            if not isinstance(source, kinds):
                raise ParameterError(
                    f"{owner}: {name} has {source!r}, which is not a Signal, a path or a list of them. Give Signals, "
                    "sound files or folders."
                )
        self.owner, self.name = owner, name
        self.entries: list[Signal | Path] = []
        for source in listed:
            self.entries += [source] if isinstance(source, Signal) else self._files(Path(source).expanduser())
        if not self.entries:
            raise ParameterError(f"{owner}: {name} is empty; give Signals, sound files or folders that contain some.")
        self._kept: OrderedDict[tuple[int, float], Tensor] = OrderedDict()

    def __len__(self) -> int:
        return len(self.entries)

    def read(self, index: int, sample_rate: float) -> Tensor:
        """Return the mean of the channels of recording `index`, `(1, time)`, at `sample_rate` in Hz, on the CPU.

        The recording is read and resampled unless this has been done before and the result is still in memory.

        Raises:
            FileError: The file cannot be read.
            SignalError: The recording is silent.
        """
        key = index, sample_rate
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        entry = self.entries[index]
        signal = (entry if isinstance(entry, Signal) else load(entry)).mono()
        if not bool(signal.samples.any()):
            raise SignalError(
                f"{self.owner}: {entry} is silent, so no gain gives it the drawn level. Remove it from {self.name}."
            )
        samples = convert_rate(signal.samples.detach().cpu(), signal.sample_rate, sample_rate)
        self._kept[key] = samples
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return samples

    def describe(self) -> list[str]:
        """Return the paths of all recordings as strings, for the description of the augmentation in JSON.

        Raises:
            ParameterError: A recording is a Signal.
        """
        if any(isinstance(entry, Signal) for entry in self.entries):
            raise ParameterError(
                f"{self.owner}: {self.name} holds Signals, which a dictionary cannot. Save them, and give paths."
            )
        return [str(entry) for entry in self.entries]

    def __repr__(self) -> str:
        return repr([str(entry) if isinstance(entry, Path) else entry for entry in self.entries])

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_kept": OrderedDict()}  # a worker process reads its own copies

    def _files(self, path: Path) -> list[Path]:
        if not path.exists():
            raise ParameterError(f"{self.owner}: {self.name} has {str(path)!r}, which does not exist.")
        if not path.is_dir():
            return [path]
        try:
            found = [path / name for name in sorted(scan_folder(path))]
        except OSError as error:
            raise FileError(
                f"{self.owner}: the folder {str(error.filename or path)!r} in {self.name} cannot be read: "
                f"{error.strerror or error}."
            ) from error
        if not found:
            raise ParameterError(
                f"{self.owner}: the folder {str(path)!r} in {self.name} contains no sound files "
                f"({', '.join(sorted(EXTENSIONS))}). Give another folder."
            )
        return found

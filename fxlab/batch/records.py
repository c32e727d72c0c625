"""`Records`: a list of the finished outputs, with the sizes and times of the outputs and of their sources.

Each worker appends to a file of its own in the folder, whose name begins with the number of its shard; `Records.join`
joins them in the file `all`, at the end of a run and at the beginning of the next one.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from itertools import count, takewhile
from pathlib import Path
from typing import Any, NamedTuple

_JOINED = "all"

Stamp = tuple[int, int]
"""The size of a file in bytes, and the time of its last change in ns."""


class Record(NamedTuple):
    """A finished output: its job, the fingerprint of module and options, and the stamps of the source and of itself."""

    job: str
    fingerprint: str
    source: Stamp
    output: Stamp


class Records:
    """The records of the outputs in an output folder, by their paths relative to it; `folder` contains the records."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def append(self, name: str, target: str, record: Record) -> None:
        """Append the record of the output `target`, a relative path, to the file `name` that `begin` created.

        The file is closed, so that other machines see the record.
        """
        # Without Python's file objects, which make several more system calls.
        file = os.open(self.folder / name, os.O_WRONLY | os.O_APPEND)
        try:
            os.write(file, (json.dumps([target, *record]) + "\n").encode("ascii"))
        finally:
            os.close(file)

    def begin(self, number: int) -> str:
        """Create a file for a worker that begins or continues shard `number`, and return its name."""
        for attempt in count():
            name = f"{number:06d}-{attempt}"
            with suppress(FileExistsError), (self.folder / name).open("x"):
                return name
        raise AssertionError

    def of_shard(self, number: int) -> dict[str, Record]:
        """Return the records that workers have appended for shard `number` in this run."""
        paths = (self.folder / f"{number:06d}-{attempt}" for attempt in count())
        return _read(takewhile(Path.exists, paths))

    def join(self) -> dict[str, Record]:
        """Join all files of records into one, and return the latest record of each output."""
        paths = [path for path in self.folder.iterdir() if not path.name.startswith(".")]
        found = _read(paths)
        if [path.name for path in paths] not in ([], [_JOINED]):
            write_records(self.folder / ".new", found)
            (self.folder / ".new").replace(self.folder / _JOINED)
            for path in paths:
                if path.name != _JOINED:
                    path.unlink(missing_ok=True)
        return found


def write_records(path: Path, records: dict[str, Record]) -> None:
    """Write records to a file."""
    with path.open("w", encoding="ascii") as file:
        file.writelines(json.dumps([target, *record]) + "\n" for target, record in records.items())


def read_records(path: Path) -> dict[str, Record]:
    """Return the records in a file, or an empty dictionary if there is no such file."""
    return _read([path] if path.exists() else [])


def stamp_of(path: str | os.PathLike[str]) -> Stamp | None:
    """Return the stamp of a file, or None if it cannot be accessed."""
    try:
        found = os.stat(path)  # noqa: PTH116
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


def _read(paths: Iterable[Path]) -> dict[str, Record]:
    records: dict[str, Record] = {}
    for path in paths:
        for line in path.read_text(encoding="ascii", errors="replace").splitlines():
            try:
                values: list[Any] = json.loads(line)
                target, job, fingerprint, source, output = values
                record = Record(job, fingerprint, (source[0], source[1]), (output[0], output[1]))
            except (ValueError, TypeError, IndexError):  # its worker was killed while it wrote the line
                continue
            if target not in records or records[target].output[1] <= record.output[1]:
                records[target] = record
    return records

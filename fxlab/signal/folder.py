"""The sound files of a folder, found by their extensions."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

EXTENSIONS = frozenset(
    {".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".aifc", ".au", ".snd", ".caf", ".w64", ".rf64"}
)
"""The extensions by which sound files are recognized in a folder."""


def scan_folder(folder: Path, left_out: str | None = None) -> Iterator[str]:
    """Yield the sound files in `folder` and its subfolders, as paths relative to it with `/` as the separator.

    Files and folders whose names begin with a dot, the folder with the real path `left_out` (None for no folder), and
    symbolic links to a folder that contains the link are skipped.

    Raises:
        OSError: A folder cannot be read.
    """
    return _scan(folder, "", (os.path.realpath(folder),), left_out)


def _scan(folder: Path, prefix: str, parents: tuple[str, ...], left_out: str | None) -> Iterator[str]:
    """Yield the paths of the sound files of a folder, each preceded by `prefix`.

    `parents` are the real paths of the folder and of those that contain it; `left_out` is as in `scan_folder`.
    """
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if _is_folder(entry):
                real = os.path.realpath(entry.path)
                if real != left_out and real not in parents:
                    yield from _scan(Path(entry.path), f"{prefix}{entry.name}/", (*parents, real), left_out)
            elif Path(entry.name).suffix.lower() in EXTENSIONS:
                yield prefix + entry.name


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False

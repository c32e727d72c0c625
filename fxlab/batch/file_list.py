"""The sound files of a folder, and the path of the output of each."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from fxlab.errors import FileError, ParameterError
from fxlab.signal.formats import FORMATS

EXTENSIONS = frozenset(
    {".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".aifc", ".au", ".snd", ".caf", ".w64", ".rf64"}
)
"""The extensions by which sound files are recognised in a folder."""


def sound_files(folder: str | os.PathLike[str], what: str) -> list[str]:
    """Return the sound files in `folder` and below it, sorted, as paths relative to it with `/`.

    Files and folders whose names begin with a dot are left out. `what` begins the messages.

    Raises:
        FileError: The folder does not exist, is a file, or contains no sound file.
    """
    root = Path(folder).expanduser()
    if not root.is_dir():
        raise FileError(
            f"{what}: {str(folder)!r} is a file. Pass the folder that contains it."
            if root.exists()
            else f"{what}: there is no folder {str(folder)!r} (looked in {str(Path.cwd())!r})."
        )
    found = sorted(_scan(root, ""))
    if not found:
        kinds = ", ".join(sorted(EXTENSIONS))
        raise FileError(f"{what}: there is no sound file in {str(folder)!r} or below it. It looks for {kinds}.")
    return found


def _scan(folder: Path, prefix: str) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir():
                yield from _scan(Path(entry.path), f"{prefix}{entry.name}/")
            elif Path(entry.name).suffix.lower() in EXTENSIONS:
                yield prefix + entry.name


def pair_with_outputs(
    files: str | os.PathLike[str] | Iterable[str | os.PathLike[str]], out_dir: Path, extension: str | None
) -> list[tuple[str, str]]:
    """Return the absolute path of each file with that of its output.

    The outputs of a folder keep its structure; those of a list are all directly in `out_dir`. With `extension`, such
    as `".flac"`, the outputs have that instead of their own.

    Raises:
        FileError: There is no file, or the output folder is the folder of the files or contains one of them as output.
        ParameterError: Two files would have the same output.
    """
    sources: list[str]
    if isinstance(files, str | os.PathLike):
        root = Path(files).expanduser()
        if root.is_file():
            sources, names = [str(root)], [root.name]
        else:
            names = sound_files(files, "apply_to_files")
            base = root.absolute()
            sources = [f"{base}{os.sep}{name}" for name in names]
    else:
        sources = [os.fspath(path) for path in files]
        names = [Path(path).name for path in sources]
        if not sources:
            raise FileError("apply_to_files: the list of files is empty.")
    real = cache(os.path.realpath)
    taken: dict[str, str] = {}
    pairs = []
    for source, name in zip(sources, names, strict=True):
        # Strings, since Path objects for each of a million files take half a minute.
        full = source if os.path.isabs(source) else str(Path(source).expanduser().absolute())  # noqa: PTH117
        stem = name if extension is None else os.path.splitext(name)[0] + extension  # noqa: PTH122
        target = f"{out_dir}{os.sep}{stem}"
        folders = os.path.dirname(full), os.path.dirname(target)  # noqa: PTH120
        if full[len(folders[0]) :] == target[len(folders[1]) :] and real(folders[0]) == real(folders[1]):
            raise FileError(
                f"apply_to_files: the output of {source!r} would replace it. Choose an out_dir that does not hold the "
                "files themselves."
            )
        key = os.path.normcase(target)  # names that differ by case only are the same on some systems
        if key in taken:
            raise ParameterError(
                f"apply_to_files: {taken[key]!r} and {source!r} would both be written to {target!r}. Pass their "
                "common folder, whose structure is kept, or rename one of them."
            )
        taken[key] = source
        pairs.append((full, target))
    return pairs


def check_format(format: str | None) -> str | None:
    """Return the extension of a format of `FORMATS`; None stands for the extension of each file.

    Raises:
        ParameterError: The format cannot be written.
    """
    if format is None:
        return None
    if not isinstance(format, str) or format.lower().lstrip(".") not in FORMATS:
        raise ParameterError(
            f"apply_to_files: format = {format!r} cannot be written. Choose one of {', '.join(FORMATS)}."
        )
    return f".{format.lower().lstrip('.')}"

"""The sound files of a folder, and the path of the output of each."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

from fxlab.batch.records import Records
from fxlab.errors import FileError, ParameterError
from fxlab.signal.folder import EXTENSIONS, scan_folder
from fxlab.signal.formats import FORMATS

OWN_FOLDER = ".fxlab"
"""The name of the folder for the state of a run, in its output folder."""
OWNER = "apply_to_files"
"""The beginning of error messages."""


_OTHER_EXTENSIONS = frozenset(
    {".m4a", ".mp4", ".aac", ".wma", ".webm", ".mka", ".sd2", ".voc", ".raw", ".nist", ".sph"}
)


def sound_files(folder: str | os.PathLike[str], what: str, leave_out: Path | None = None) -> list[str]:
    """Return the sound files in `folder` and its subfolders, sorted, as relative paths with `/` as the separator.

    Files and folders whose names begin with a dot are left out, and so are the folder `leave_out` and each link to a
    folder that contains the link. Error messages begin with `what`.

    Raises:
        FileError: The folder does not exist, is a file, cannot be read, or contains no sound file, or its path is one
            that `expand_path` refuses.
    """
    root = expand_path(folder, what)
    if not root.is_dir():
        raise FileError(
            f"{what}: {str(folder)!r} is a file. Pass the folder that contains it."
            if root.exists()
            else f"{what}: there is no folder {str(folder)!r} (looked in {str(Path.cwd())!r})."
        )
    left_out = None if leave_out is None else os.path.realpath(leave_out)
    try:
        found = sorted(scan_folder(root, left_out))
    except OSError as error:
        raise FileError(
            f"{what}: the folder {str(error.filename or folder)!r} cannot be read: {error.strerror or error}."
        ) from error
    if not found:
        kinds = ", ".join(sorted(EXTENSIONS))
        raise FileError(f"{what}: there is no sound file in {str(folder)!r} or below it. It looks for {kinds}.")
    return found


def expand_path(path: str | os.PathLike[str], what: str) -> Path:
    """Return `path` with the home directory in place of a `~` at its start. Error messages begin with `what`.

    Raises:
        FileError: There is no such home directory, as for `~nobody/sounds`, or the path contains a null character.
    """
    if "\0" in os.fspath(path):
        raise FileError(f"{what}: the path {str(path)!r} contains a null character, which no path can.")
    try:
        return Path(path).expanduser()
    except RuntimeError as error:  # there is no such user
        raise FileError(f"{what}: {str(path)!r} cannot be found: {error}") from error


def pair_with_outputs(
    files: str | os.PathLike[str] | Iterable[str | os.PathLike[str]], out_dir: Path, extension: str | None
) -> list[tuple[str, str]]:
    """Return, for each file, its absolute path and that of its output.

    `files` is a folder, a file or a list of files. The outputs of a folder keep its structure; those of a list are all
    directly in `out_dir`. An `out_dir` below the folder is not searched for files. With `extension`, such as `".flac"`,
    the outputs have that extension; with None each has that of its file.

    Raises:
        FileError: There is no file, the folder does not exist or cannot be read, or `expand_path` refuses its path; or
            an output would replace one of the files, or a sound file in an `out_dir` below the folder that is not an
            output of an earlier run.
        ParameterError: Two files would have the same output, or `files` contains something that is not a path.
    """
    sources: list[str]
    kept: list[str] = []
    if isinstance(files, str | os.PathLike):
        root = expand_path(files, OWNER)
        if root.is_file():
            sources, names = [str(root)], [root.name]
        else:
            is_below = os.path.realpath(out_dir) != os.path.realpath(root)
            names = sound_files(files, OWNER, out_dir if is_below else None)
            base = root.absolute()
            sources = [f"{base}{os.sep}{name}" for name in names]
            if is_below and out_dir.is_dir():
                kept = _files_not_written(out_dir, base)
    else:
        sources = [os.fspath(path) for path in _checked_list(files)]
        names = [Path(path).name for path in sources]
        if not sources:
            raise FileError("apply_to_files: the list of files is empty.")
    # Strings, since Path objects for each of a million files take half a minute.
    full = [_absolute(path) for path in sources]
    real = cache(os.path.realpath)
    originals = {key: path for path in (*full, *kept) for key in _real_paths(path, real)}
    taken: dict[str, str] = {}
    pairs = []
    for source, path, name in zip(sources, full, names, strict=True):
        target = f"{out_dir}{os.sep}{name if extension is None else _without_extension(name) + extension}"
        replaced = originals.get(_in_real_folder(target, real))
        if replaced is not None:
            which = "it" if replaced == path else f"{replaced!r}, which is a file of the input"
            raise FileError(
                f"apply_to_files: the output of {source!r} would replace {which}. Choose an out_dir that does not hold "
                "the files themselves."
            )
        key = os.path.normcase(target)  # names that differ by case only are the same on some systems
        if key in taken:
            in_one_folder = os.path.dirname(taken[key]) == os.path.dirname(source)  # noqa: PTH120
            hint = "P" if in_one_folder else "Pass their common folder, whose structure is kept, or p"
            raise ParameterError(
                f"apply_to_files: {taken[key]!r} and {source!r} would both be written to {target!r}. {hint}rocess them "
                "in two calls with different out_dir, or rename one of them."
            )
        taken[key] = source
        pairs.append((path, target))
    return pairs


def _absolute(path: str) -> str:
    # `os.path.expanduser` leaves the `~` of an unknown user, so that the file becomes an entry of `report.failed`.
    return path if os.path.isabs(path) else str(Path(os.path.expanduser(path)).absolute())  # noqa: PTH111, PTH117


def _checked_list(files: object) -> list[str | os.PathLike[str]]:
    paths = list(files) if isinstance(files, Iterable) and not isinstance(files, bytes) else None
    if paths is None or not all(isinstance(path, str | os.PathLike) for path in paths):
        wrong = files if paths is None else next(path for path in paths if not isinstance(path, str | os.PathLike))
        raise ParameterError(
            f"apply_to_files: files = {wrong!r} is not a path. Pass a folder, or a list of sound files."
        )
    return paths


def _files_not_written(out_dir: Path, base: Path) -> list[str]:
    """Return the sound files in an output folder that are not outputs of an earlier run.

    The list is empty if the folder is not below `base` or cannot be read.
    """
    folder = os.path.realpath(out_dir)
    if not folder.startswith(os.path.realpath(base) + os.sep):
        return []
    try:
        records = Records(Path(folder) / OWN_FOLDER / "done")
        written = records.join() if records.folder.is_dir() else {}
        names = scan_folder(Path(folder))
        return [f"{folder}{os.sep}{name}" for name in names if name not in written]
    except OSError:  # the error is reported when the outputs are written
        return []


def _in_real_folder(path: str, real: Callable[[str], str]) -> str:
    """Return `path` with links in its folder resolved by `real`; the last part, which may be a link, is kept.

    An output that is renamed to this path replaces the link, and not the file to which it points.
    """
    folder, _, name = path.rpartition(os.sep)
    # A name from a scan has `/` on all systems.
    deeper, slash, name = name.rpartition("/")
    return os.path.normcase(f"{real(folder + slash + deeper)}{os.sep}{name}")


def _real_paths(path: str, real: Callable[[str], str]) -> Iterator[str]:
    yield _in_real_folder(path, real)
    if os.path.islink(path):  # noqa: PTH114
        yield os.path.normcase(os.path.realpath(path))


def _without_extension(name: str) -> str:
    """Return the name without its extension if that is one of a sound file; "take 1.5" is returned unchanged."""
    stem, extension = os.path.splitext(name)  # noqa: PTH122
    return stem if extension.lower() in EXTENSIONS | _OTHER_EXTENSIONS else name


def check_format(format: str | None, subtype: str | None) -> str | None:
    """Return the extension of outputs in `format`; None if the format is None, so that each file keeps its extension.

    Raises:
        ParameterError: The format cannot be written, or does not have `subtype`, a type of samples.
    """
    if format is not None and (not isinstance(format, str) or format.lower().lstrip(".") not in FORMATS):
        raise ParameterError(
            f"apply_to_files: format = {format!r} cannot be written. Choose one of {', '.join(FORMATS)}."
        )
    name = None if format is None else format.lower().lstrip(".")
    known = list(dict.fromkeys(kind for key in ([name] if name else FORMATS) for kind in FORMATS[key].subtypes))
    if subtype is not None and (not isinstance(subtype, str) or subtype.upper() not in known):
        of = f" of the format {name!r}" if name else ""
        raise ParameterError(
            f"apply_to_files: subtype = {subtype!r} is not a type of samples{of}. Choose one of {', '.join(known)}."
        )
    return None if name is None else f".{name}"

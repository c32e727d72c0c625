"""`copy_course`: copies the notebooks of the course to a folder of the student, without overwriting changed ones.

The subfolder `.fxlab-course` contains each notebook as it was copied. A notebook that is still equal to this copy has
not been changed and is replaced by a newer version; otherwise the newer version is saved next to the notebook.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, NamedTuple

from fxlab.errors import FileError

ORIGINALS = ".fxlab-course"


class Copied(NamedTuple):
    """The outcome for one notebook: its name, and a message, which is empty if nothing was done."""

    name: str
    message: str


def course_folder() -> Path:
    """Return the folder of the notebooks: `fxlab/notebooks` in an installed package, `notebooks` in the repository.

    Raises:
        FileError: The notebooks are missing.
    """
    package = Path(__file__).parents[1]
    for folder in (package / "notebooks", package.parent / "notebooks"):
        if any(folder.glob("*.ipynb")):
            return folder
    raise FileError(
        "The notebooks of the course are not installed. Install fxlab again: pip install --force-reinstall fxlab"
    )


def copy_course(source: Path, folder: Path) -> Iterator[Copied]:
    """Copy the notebooks in `source` to `folder`, and yield the outcome for each.

    Raises:
        FileError: The folder is a file, or cannot be written.
    """
    originals = folder / ORIGINALS
    try:
        originals.mkdir(parents=True, exist_ok=True)
        for path in sorted(source.glob("*.ipynb")):
            yield Copied(path.name, _copy(path.read_bytes(), folder / path.name, originals / path.name))
    except (OSError, ValueError) as error:  # ValueError: the name holds a null character
        reason = error.strerror if isinstance(error, OSError) else error
        raise FileError(
            f"The course cannot be copied to {str(folder)!r}: {reason}. Choose another folder: fxlab lab FOLDER"
        ) from error


def _copy(newest: bytes, own: Path, original: Path) -> str:
    """Write `newest` to `own`, or beside it if the user has changed it; return a message, empty if nothing was done.

    `original` is the path of the copy of the version that was written last.
    """
    before = original.read_bytes() if original.exists() else None
    mine = own.read_bytes() if own.exists() else None
    message = ""
    if mine is None:
        _write(own, newest)
        message = "copied" if before is None else "copied again, since it was missing"
    elif newest not in (mine, before):
        changes = "" if before is None else f" ({describe_changes(before, newest)})"
        if mine == before:
            _write(own, newest)
            message = f"updated{changes}; you had not changed it"
        else:
            beside = _write_beside(own, newest)
            reason = "has a newer version" if before is not None else "was here before, and is not that of the course"
            message = f"{reason}{changes}; yours is kept, the version of the course is {beside.name}"
    if before != newest:
        _write(original, newest)
    return message


def _write_beside(own: Path, newest: bytes) -> Path:
    """Write `newest` beside `own` under a free name, unless a file with this content exists there; return its path."""
    number = 1
    while True:
        beside = own.with_name(f"{own.stem}.new{'' if number == 1 else f'-{number}'}.ipynb")
        if not beside.exists():
            _write(beside, newest)
        if beside.read_bytes() == newest:
            return beside
        number += 1


def _write(path: Path, content: bytes) -> None:
    """Write or replace a file atomically, so that a full disk or a stopped process leaves no partial `path`."""
    temporary = path.with_name(f".{path.name}.part")
    temporary.write_bytes(content)
    temporary.replace(path)


def describe_changes(before: bytes, after: bytes) -> str:
    """Return, as text, the numbers of changed, new and removed cells of a notebook, and the headings above these cells.

    `before` may be a damaged notebook.

    >>> one, two = ({"cells": [{"source": ["# Sines"]}, {"source": [line]}]} for line in ("x = 1", "x = 2"))
    >>> describe_changes(json.dumps(one).encode(), json.dumps(two).encode())
    '1 cell changed, in "Sines"'
    >>> describe_changes(b"{", json.dumps(two).encode())
    'the earlier version in .fxlab-course is damaged'
    """
    try:
        old = _cells(before)
    except (ValueError, LookupError, TypeError):
        return f"the earlier version in {ORIGINALS} is damaged"
    new = _cells(after)
    changed, added, removed, headings = 0, 0, 0, dict[str, None]()
    for kind, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        common = min(j - i, m - k)
        changed, added, removed = changed + common, added + m - k - common, removed + j - i - common
        headings |= dict.fromkeys(filter(None, (_heading(new, place) for place in range(k, max(m, k + 1)))))
    counts = [
        f"{count} cell{'s' * (count > 1)} {what}"
        for count, what in ((changed, "changed"), (added, "new"), (removed, "removed"))
        if count
    ]
    where = ", ".join(f'"{heading}"' for heading in headings)
    return f"{', '.join(counts)}, in {where}" if counts and where else ", ".join(counts) or "only its metadata changed"


def _cells(notebook: bytes) -> list[str]:
    content: dict[str, Any] = json.loads(notebook)
    return ["".join(cell["source"]) for cell in content["cells"]]


def _heading(cells: list[str], place: int) -> str:
    """Return the last heading in or above the cell with the index `place`, without `#`; empty if there is none."""
    for cell in reversed(cells[: place + 1]):
        for line in reversed(cell.splitlines()):
            if line.startswith("#") and line.lstrip("#").startswith(" "):
                return line.lstrip("# ")
    return ""

"""`fxlab new-lecture`: writes a notebook to fill in, with a sound, panels and an exercise."""

from __future__ import annotations

import argparse
import json
import re
import unicodedata
from pathlib import Path

from fxlab.cli.lecture_template import lecture_notebook
from fxlab.cli.subcommand import Subcommands, add_subcommand, path
from fxlab.errors import FileError, ParameterError

EXAMPLES = """  fxlab new-lecture "Comb filters"                 writes comb-filters.ipynb
  fxlab new-lecture "Comb filters" --folder week5

The exercise is marked for nbgrader: `nbgrader generate_assignment` strips its solution.
"""


def add(commands: Subcommands) -> None:
    """Add the subcommand `new-lecture` and its arguments to the parser."""
    parser = add_subcommand(commands, "new-lecture", "write a notebook for a lecture of your own", EXAMPLES, run)
    parser.add_argument("title", metavar="TITLE", help="title of the lecture, from which the file has its name")
    parser.add_argument("--folder", metavar="DIR", type=path, default=Path(), help="by default the current folder")


def run(arguments: argparse.Namespace) -> int:
    """Write the notebook; return 0.

    Raises:
        FileError: The file exists already or cannot be written, or the folder is a file.
        ParameterError: The title has no letter from a to z and no digit.
    """
    name = file_name(arguments.title)
    file: Path = arguments.folder / name
    content = json.dumps(lecture_notebook(arguments.title.strip()), indent=1, ensure_ascii=False) + "\n"
    if arguments.folder.exists() and not arguments.folder.is_dir():
        raise FileError(f"--folder {str(arguments.folder)!r} is a file. Pass a folder, which is created if needed.")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8") as opened:
            opened.write(content)
    except FileExistsError:
        raise FileError(f"{str(file)!r} exists already. Choose another title or folder.") from None
    except OSError as error:
        raise FileError(f"{str(file)!r} cannot be written: {error.strerror}.") from error
    print(f"Wrote {file}. Open it: jupyter lab {str(file)!r}")
    return 0


def file_name(title: str) -> str:
    """Return the file name for a lecture with the title `title`.

    Raises:
        ParameterError: The title has no letter from a to z and no digit.

    >>> file_name("Comb filters, part 2"), file_name("Décibels")
    ('comb-filters-part-2.ipynb', 'decibels.ipynb')
    """
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z0-9]+", plain.lower())
    if not words:
        raise ParameterError(
            f"new-lecture: the title {title!r} has no letter from a to z and no digit for a file name."
        )
    return f"{'-'.join(words)}.ipynb"

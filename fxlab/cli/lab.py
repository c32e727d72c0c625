"""`fxlab lab`: copies the course to a folder of the user, and opens it in JupyterLab."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from fxlab.cli.course_copy import copy_course, course_folder
from fxlab.cli.subcommand import Subcommands, add_subcommand, path
from fxlab.errors import FileError

FOLDER = "fxlab-course"
EXAMPLES = """  fxlab lab                       copy the course to ./fxlab-course and open it
  fxlab lab ~/dsp                 another folder
  fxlab lab --no-open             only copy, and show what has changed
  fxlab lab -- --port 8890 --no-browser

What follows -- are options of JupyterLab. Notebooks that you have changed are never
overwritten: a newer version is saved next to yours.
"""


def add(commands: Subcommands) -> None:
    """Add the subcommand `lab` and its arguments to the parser."""
    parser = add_subcommand(
        commands, "lab", "copy the notebooks of the course and open them in JupyterLab", EXAMPLES, run
    )
    parser.add_argument(
        "folder", metavar="FOLDER", nargs="?", type=path, default=Path(FOLDER), help=f"by default {FOLDER}"
    )
    parser.add_argument("--no-open", action="store_true", help="copy the notebooks only")
    parser.usage = "%(prog)s [-h] [--no-open] [FOLDER] [-- OPTION ...]"


def split_options(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the arguments of the command `fxlab`, and the options of JupyterLab, which follow the first `--`.

    Only `fxlab lab` has such options. They are separated here, since argparse would read the first one as the folder.

    >>> split_options(["lab", "--no-open", "--", "--port", "8890"])
    (['lab', '--no-open'], ['--port', '8890'])
    >>> split_options(["info", "--", "-take.wav"])
    (['info', '--', '-take.wav'], [])
    """
    own = list(arguments)
    if own[:1] != ["lab"] or "--" not in own:
        return own, []
    place = own.index("--")
    return own[:place], own[place + 1 :]


def run(arguments: argparse.Namespace) -> int:
    """Copy the course, and run JupyterLab until it ends unless `--no-open` is passed; return the exit code.

    Raises:
        FileError: The course cannot be copied, or JupyterLab is not installed.
    """
    folder: Path = arguments.folder
    told = 0
    for name, message in copy_course(course_folder(), folder):
        if message:
            print(f"{name}: {message}")
            told += 1
    print(f"The course is in {folder.absolute()}{'' if told else ', and nothing has changed'}.", flush=True)
    if arguments.no_open:
        return 0
    if find_spec("jupyterlab") is None:
        raise FileError('JupyterLab is not installed. Install it: pip install "fxlab[lab]"')
    return subprocess.run(jupyterlab_command(folder, arguments.options), check=False).returncode


def jupyterlab_command(folder: Path, options: list[str]) -> list[str]:
    """Return the command that opens the first notebook of the course in JupyterLab, run in `folder` with `options`."""
    first = min(notebook.name for notebook in course_folder().glob("*.ipynb"))
    as_root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []  # such as in a container
    url = f"--LabApp.default_url=/lab/tree/{first}"
    return [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={folder.absolute()}", url, *as_root, *options]

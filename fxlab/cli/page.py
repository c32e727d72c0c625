"""`fxlab page`: saves the panels of a Python script as pages that work without a kernel."""

from __future__ import annotations

import argparse
import runpy
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fxlab.cli.subcommand import Subcommands, add_subcommand, path
from fxlab.errors import FileError, FxlabError, ParameterError

EXAMPLES = """  fxlab page lesson.py                     writes eq.html for `eq = fx.Peak(…).panel(voice)`
  fxlab page lesson.py --out site --separate

Every panel and page in a variable of the script is written, under the name of the variable;
those of a list also with a number.
"""


def add(commands: Subcommands) -> None:
    """Add the subcommand `page` and its arguments to the parser."""
    parser = add_subcommand(
        commands, "page", "save the panels of a Python script as pages that play without a kernel", EXAMPLES, run
    )
    parser.add_argument("script", metavar="SCRIPT", type=path, help="Python script that makes panels")
    parser.add_argument(
        "--out", metavar="DIR", type=path, default=Path(), help="folder for the pages (default: the current one)"
    )
    parser.add_argument(
        "--separate", action="store_true", help="write scripts to files of their own, for a strict server"
    )
    parser.add_argument("--sound", choices=("auto", "flac", "opus"), default="auto", help="the format of the sounds")


def run(arguments: argparse.Namespace) -> int:
    """Run the script, and save its panels and pages; return 0.

    Raises:
        FileError: The script is not a file, or the folder of the pages cannot be created.
        ParameterError: The script leaves no panel or page in a variable.
        FxlabError: A panel cannot become a page, or a page cannot be saved.
        Exception: The script raises an error, which is not caught.
    """
    script: Path = arguments.script
    if not script.is_file():
        raise FileError(f"{str(script)!r} is not a file. Pass a Python script that makes a panel.")
    with _as_main(script):
        variables = runpy.run_path(str(script), run_name="__main__")
    found = pages_of(variables, arguments.sound)
    if not found:
        raise ParameterError(
            f"{str(script)!r} leaves no panel in a variable. Write one such as: eq = fx.Peak(1000.0).panel(sound)"
        )
    out: Path = arguments.out
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"{str(out)!r} cannot be created: {error.strerror}.") from error
    for name, page in found.items():
        print(page.save(out / f"{name}.html", separate=arguments.separate))
    return 0


@contextmanager
def _as_main(script: Path) -> Iterator[None]:
    """Set `sys.path` and `sys.argv` inside the context as `python SCRIPT` does, and restore them afterwards."""
    path, arguments = list(sys.path), list(sys.argv)
    sys.path.insert(0, str(script.resolve().parent))
    sys.argv[:] = [str(script)]
    try:
        yield
    finally:
        sys.path[:], sys.argv[:] = path, arguments


def pages_of(variables: dict[str, Any], sound: Any) -> dict[str, Any]:
    """Return the pages in the variables of a script, and those made from the panels in its variables, by name.

    Variables whose names begin with `_` are left out. Pages from a list or a tuple have the name of the variable with a
    number from 1, such as `panels-1`. `sound` is the format of the sounds in the pages, as in `--sound`.

    Raises:
        FxlabError: A panel cannot become a page; the message begins with its name.
    """
    from fxlab.page.page import Page
    from fxlab.panel import Panel

    found: dict[str, Any] = {}
    for variable, value in variables.items():
        if variable.startswith("_"):
            continue
        values = {variable: value}
        if isinstance(value, (list, tuple)):
            values = {f"{variable}-{number}": part for number, part in enumerate(value, 1)}
        for name, part in values.items():
            if isinstance(part, Page):
                found[name] = part
            elif isinstance(part, Panel):
                try:
                    found[name] = Page(part.module, part.signal, views=part.spec["open_views"], sound=sound)
                except FxlabError as error:
                    raise type(error)(f"{name}: {error}") from error
    return found

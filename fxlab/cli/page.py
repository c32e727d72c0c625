"""`fxlab page`: the panels of a Python script as live pages."""

from __future__ import annotations

import argparse
import runpy
from pathlib import Path
from typing import Any

from fxlab.cli.subcommand import Subcommands, add_subcommand, path
from fxlab.errors import FileError, ParameterError

EXAMPLES = """  fxlab page lesson.py                     writes eq.html for `eq = fx.Peak(…).panel(voice)`
  fxlab page lesson.py --out site --separate

Every panel and page in a variable of the script is written, under the name of the variable.
"""


def add(commands: Subcommands) -> None:
    """Add the subcommand."""
    parser = add_subcommand(
        commands, "page", "save the panels of a Python script as pages that play without a kernel", EXAMPLES, run
    )
    parser.add_argument("script", metavar="SCRIPT", type=path)
    parser.add_argument("--out", metavar="DIR", type=path, default=Path(), help="by default the current folder")
    parser.add_argument(
        "--separate", action="store_true", help="write scripts to files of their own, for a strict server"
    )
    parser.add_argument("--sound", choices=("auto", "flac", "opus"), default="auto", help="the format of the sounds")


def run(arguments: argparse.Namespace) -> int:
    """Run the script, and save its panels and pages."""
    script: Path = arguments.script
    if not script.is_file():
        raise FileError(f"{str(script)!r} is not a file. Pass a Python script that makes a panel.")
    found = pages_of(runpy.run_path(str(script), run_name="__main__"), arguments.sound)
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


def pages_of(variables: dict[str, Any], sound: Any) -> dict[str, Any]:
    """Return the pages of the panels and pages among the variables of a script, by name."""
    from fxlab.page.page import Page
    from fxlab.panel import Panel

    found: dict[str, Any] = {}
    for name, value in variables.items():
        if name.startswith("_"):
            continue
        if isinstance(value, Page):
            found[name] = value
        elif isinstance(value, Panel):
            found[name] = Page(value.module, value.signal, views=value.spec["open_views"], sound=sound)
    return found

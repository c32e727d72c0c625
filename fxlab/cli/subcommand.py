"""`add_subcommand`, which adds a subcommand whose help ends with examples; `Parser` and `path` parse its arguments."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

Subcommands = Any
"""The type of the result of `ArgumentParser.add_subparsers`, whose class is not public."""


class Parser(argparse.ArgumentParser):
    """An argument parser that prints an error on one line."""

    def error(self, message: str) -> NoReturn:
        """Print the message to the standard error, and exit with the code 2, which means wrong arguments."""
        self.exit(2, f"{self.prog}: {' '.join(message.split()).removesuffix('.')}. See {self.prog} --help\n")


def path(name: str) -> Path:
    """Return the argument `name` as a path; a `~` at its start, which not every shell expands, is the home directory.

    Raises:
        argparse.ArgumentTypeError: The home directory is unknown, as in `~nobody/take.wav`.
    """
    try:
        return Path(name).expanduser()
    except RuntimeError as error:
        raise argparse.ArgumentTypeError(f"{name!r}: {error}") from error


def add_subcommand(
    commands: Subcommands, name: str, summary: str, examples: str, run: Callable[[argparse.Namespace], int]
) -> argparse.ArgumentParser:
    """Add the subcommand `name`, which calls `run`, and return its parser.

    Args:
        commands: The subcommands of the main parser.
        name: The name of the subcommand.
        summary: What it does, as a phrase that begins with a small letter.
        examples: Lines of examples, which end the help.
        run: The function that `main` calls with the parsed arguments, and which returns the exit code.
    """
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=summary,
        description=f"{summary[0].upper()}{summary[1:]}.",
        epilog=f"examples:\n{examples}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)
    return parser

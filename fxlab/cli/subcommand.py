"""`add_subcommand`: a subcommand whose help ends with examples."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

Subcommands = Any
"""What `ArgumentParser.add_subparsers` returns; its class is not public."""


def add_subcommand(
    commands: Subcommands, name: str, summary: str, examples: str, run: Callable[[argparse.Namespace], int]
) -> argparse.ArgumentParser:
    """Add a subcommand that calls `run`, and return its parser."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=summary,
        description=f"{summary[0].upper()}{summary[1:]}.",
        epilog=f"examples:\n{examples}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)
    return parser

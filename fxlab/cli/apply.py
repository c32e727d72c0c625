"""`fxlab apply`: runs a chain of filters and effects on sound files."""

from __future__ import annotations

import argparse
import json
import sys
from importlib import import_module
from pathlib import Path

from fxlab.batch import apply_to_files
from fxlab.cli.subcommand import Subcommands, add_subcommand, path
from fxlab.errors import FileError, FxlabError, ParameterError, describe_error
from fxlab.module import Module
from fxlab.signal.formats import FORMATS

EXAMPLES = """  fxlab apply chain.json *.wav --out processed
  fxlab apply chain.json recordings --out processed --format flac --workers 4
  fxlab apply chain.json recordings --out processed --overwrite

The same command again continues a run that was stopped. In Python, write chain.json with
  json.dump(chain.to_dict(), open("chain.json", "w"))
"""


def add(commands: Subcommands) -> None:
    """Add the subcommand `apply` and its arguments to the parser."""
    parser = add_subcommand(commands, "apply", "run a chain of filters and effects on sound files", EXAMPLES, run)
    parser.add_argument("chain", metavar="CHAIN", type=path, help="JSON file with the dictionary of a module")
    parser.add_argument(
        "files", metavar="FILE", nargs="+", type=path, help="sound files, or one folder, with its subfolders"
    )
    parser.add_argument(
        "--out", metavar="DIR", required=True, type=path, help="folder for the outputs, which is created"
    )
    parser.add_argument("--workers", metavar="N", type=int, help="number of processes (default: one per processor)")
    parser.add_argument("--format", choices=tuple(FORMATS), help="format of the outputs (default: that of each file)")
    parser.add_argument("--subtype", metavar="TYPE", help="type of the samples, such as PCM_16 or FLOAT")
    parser.add_argument(
        "--overload",
        choices=("error", "clip", "scale"),
        default="error",
        help="what to do with samples beyond full scale in a format that cannot hold them (default: error)",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace outputs that exist")
    parser.add_argument(
        "--import", metavar="MODULE", dest="imports", action="append", default=[],
        help="import a Python module that defines classes of the chain",
    )  # fmt: skip
    parser.add_argument("--quiet", action="store_true", help="show no progress bar and no summary")


def run(arguments: argparse.Namespace) -> int:
    """Process the files; return 1 if any of them failed, otherwise 0.

    Raises:
        ParameterError: A module of `--import` cannot be imported, the file of the chain does not describe a module, a
            folder is not the only input, or an argument of `apply_to_files` is invalid.
        FileError: The file of the chain, or a file or folder of `apply_to_files`, cannot be read or written.
    """
    for name in arguments.imports:
        try:
            import_module(name)
        except Exception as error:  # an invalid name, a missing module, or whatever its code raises
            raise ParameterError(f"--import {name!r}: {describe_error(error)}") from error
    kinds = (arguments.format,) if arguments.format else tuple(FORMATS)
    subtypes = dict.fromkeys(subtype for kind in kinds for subtype in FORMATS[kind].subtypes)
    if arguments.subtype is not None and arguments.subtype.upper() not in subtypes:
        raise ParameterError(f"--subtype {arguments.subtype!r}: choose one of {', '.join(subtypes)}.")
    folders = [file for file in arguments.files if file.is_dir()]
    if folders and len(arguments.files) > 1:
        raise ParameterError(f"{str(folders[0])!r} is a folder. Pass one folder alone, or only files.")
    try:
        report = apply_to_files(
            read_chain(arguments.chain),
            folders[0] if folders else arguments.files,
            arguments.out,
            workers=arguments.workers,
            format=arguments.format,
            subtype=arguments.subtype,
            overload=arguments.overload,
            overwrite=arguments.overwrite,
            progress=not arguments.quiet and sys.stderr.isatty(),
        )
    except FxlabError as error:
        raise type(error)(in_options(str(error))) from error
    for source, reason in report.failed.items():
        print(f"{source}: {in_options(reason)}", file=sys.stderr)
    if not arguments.quiet:
        print(f"{report.summary}: {report.out_dir}")
    return int(bool(report.failed))


def in_options(reason: str) -> str:
    """Return a message of `apply_to_files` with its arguments replaced by the options of the command.

    >>> in_options("Pass overwrite=True, or choose another out_dir.")
    'Pass --overwrite, or choose another --out.'
    """
    for argument, option in (("overwrite=True", "--overwrite"), ("out_dir", "--out"), ("workers = ", "--workers ")):
        reason = reason.replace(argument, option)
    return reason.removeprefix("apply_to_files: ")


def read_chain(file: Path) -> Module:
    """Return the module that a JSON file describes.

    Raises:
        FileError: The file cannot be read, or does not contain JSON.
        ParameterError: The JSON is not the dictionary of a module.
    """
    try:
        description = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise FileError(f"{str(file)!r} cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise FileError(f"{str(file)!r} is not a JSON file: {error}.") from error
    try:
        return Module.from_dict(description)
    except FxlabError as error:
        raise ParameterError(f"{str(file)!r}: {error}") from error

"""`main`: the command `fxlab`."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version

from fxlab.cli import apply, doctor, info, lab, new_lecture, page, spectrogram
from fxlab.cli.subcommand import Parser
from fxlab.errors import FxlabError, ParameterError, describe_error

FAILED, BAD_ARGUMENTS, INTERRUPTED = 1, 2, 130

EXAMPLES = """examples:
  fxlab lab                                         copy the course to ./fxlab-course and open it
  fxlab page lesson.py --out site                   its panels as pages that play without a kernel
  fxlab info *.wav                                  format, length, level and loudness
  fxlab spectrogram take.wav --out take.png
  fxlab apply chain.json recordings --out processed
  fxlab doctor                                      is everything there?

exit codes: 0 all is well, 1 something failed, 2 the arguments are wrong
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with `arguments`, by default those of the process, and return its exit code.

    Raises:
        SystemExit: The arguments are wrong (code 2), help or the version was printed (code 0), or the script of
            `fxlab page` exits.
        Exception: The script of `fxlab page` raises an error, which is not caught.
    """
    parser = Parser(
        "fxlab",
        description="A DSP laboratory for notebooks, on PyTorch.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"fxlab {version('fxlab')}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for command in (lab, new_lecture, page, doctor, apply, info, spectrogram):
        command.add(commands)
    own, options = lab.split_options(sys.argv[1:] if arguments is None else arguments)
    found = parser.parse_args(own, argparse.Namespace(options=options))
    if isinstance(sys.stdout, io.TextIOWrapper):  # a name that is not UTF-8 would raise an error
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        code: int = found.run(found)
        sys.stdout.flush()
    except KeyboardInterrupt:
        print("fxlab: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the reader of a pipe, such as `head`, has ended
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except ParameterError as error:
        print(f"fxlab: {error}", file=sys.stderr)
        return BAD_ARGUMENTS
    except (FxlabError, OSError, ValueError) as error:
        print(f"fxlab: {describe_error(error)}", file=sys.stderr)
        return FAILED
    return code

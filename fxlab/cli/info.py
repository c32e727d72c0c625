"""`fxlab info`: format, length, level and loudness of sound files."""

from __future__ import annotations

import argparse
import json
import math
import sys
from typing import Any

from fxlab.analysis import loudness
from fxlab.cli.subcommand import Subcommands, add_subcommand
from fxlab.errors import FxlabError, describe_error
from fxlab.signal import load
from fxlab.signal.reading import file_format
from fxlab.signal.samples import peak

EXAMPLES = """  fxlab info take.wav
  fxlab info *.flac
  fxlab info --json *.wav > files.jsonl
"""


def add(commands: Subcommands) -> None:
    """Add the subcommand `info` and its arguments to the parser."""
    parser = add_subcommand(commands, "info", "print format, length, level and loudness of sound files", EXAMPLES, run)
    parser.add_argument("files", metavar="FILE", nargs="+", help="sound files")
    parser.add_argument("--json", action="store_true", help="print a JSON object per line")


def run(arguments: argparse.Namespace) -> int:
    """Print a line for each file; return 1 if one of them cannot be read, otherwise 0."""
    code = 0
    for name in arguments.files:
        try:
            found = describe_file(name)
        except (FxlabError, OSError, ValueError) as error:
            text = str(error) if isinstance(error, FxlabError) else f"{name!r}: {describe_error(error)}"
            print(f"fxlab: {text}", file=sys.stderr)
            code = 1
            continue
        print(json.dumps(found) if arguments.json else _line(found))
    return code


def describe_file(name: str) -> dict[str, Any]:
    """Return the properties of a sound file, by the names that `--json` prints.

    The peak of silence is None. The loudness is None for a sound that is shorter than 0.4 s, has a sample rate below
    2 kHz, or is so quiet that its loudness is not finite.

    Raises:
        FxlabError: The file cannot be read.
    """
    signal = load(name)
    container, subtype = file_format(name)
    highest = peak(signal.samples)
    try:
        integrated: float | None = loudness(signal)
    except FxlabError:
        integrated = None  # shorter than a block of 0.4 s
    if integrated is not None and not math.isfinite(integrated):
        integrated = None
    return {
        "file": name,
        "format": container,
        "subtype": subtype,
        "sample_rate": signal.sample_rate,
        "channels": signal.channels,
        "frames": signal.frames,
        "duration": signal.duration,
        "peak_dbfs": 20 * math.log10(highest) if highest else None,
        "loudness_lufs": integrated,
    }


def _line(found: dict[str, Any]) -> str:
    channels = {1: "mono", 2: "stereo"}.get(found["channels"], f"{found['channels']} channels")
    level = "silent" if found["peak_dbfs"] is None else f"peak {found['peak_dbfs']:.1f} dBFS"
    lufs = "" if found["loudness_lufs"] is None else f", {found['loudness_lufs']:.1f} LUFS"
    kind = f"{found['format']} {found['subtype']}"
    return f"{found['file']}: {kind}, {found['sample_rate']} Hz, {channels}, {found['duration']:.3f} s, {level}{lufs}"

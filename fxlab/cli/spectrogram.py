"""`fxlab spectrogram`: draws the waveform and the spectrogram of a sound file as a PNG."""

from __future__ import annotations

import argparse
from pathlib import Path

from fxlab.cli.subcommand import Subcommands, add_subcommand, path
from fxlab.errors import FileError, ParameterError
from fxlab.signal import load

EXAMPLES = """  fxlab spectrogram take.wav --out take.png
  fxlab spectrogram take.wav --start 10 --stop 12.5 --out part.png
"""


def add(commands: Subcommands) -> None:
    """Add the subcommand `spectrogram` and its arguments to the parser."""
    parser = add_subcommand(
        commands, "spectrogram", "draw waveform and spectrogram of a sound file as a PNG", EXAMPLES, run
    )
    parser.add_argument("file", metavar="FILE", help="sound file")
    parser.add_argument("--out", metavar="PNG", required=True, type=path, help="name of the picture")
    parser.add_argument("--start", metavar="SECONDS", type=float, default=0.0, help="begin here (default: 0)")
    parser.add_argument("--stop", metavar="SECONDS", type=float, help="end here (default: the end of the sound)")
    parser.add_argument("--overwrite", action="store_true", help="replace a picture that exists")


def run(arguments: argparse.Namespace) -> int:
    """Save the waveform and the spectrogram of a file as a picture; return 0.

    Raises:
        ParameterError: The name of the picture does not end in .png, or the part is empty or reaches outside the file.
        FileError: The sound cannot be read, the picture exists and `--overwrite` was not passed, or it cannot be
            written.
    """
    from fxlab.display.cards.signal_card import draw_signal

    out: Path = arguments.out
    if out.suffix.lower() != ".png":
        raise ParameterError(f"--out {str(out)!r}: the picture is a PNG. Let its name end in .png.")
    if out.exists() and not arguments.overwrite:
        raise FileError(f"{str(out)!r} exists already. Choose another name, or pass --overwrite.")
    card = draw_signal(load(arguments.file, start=arguments.start, stop=arguments.stop))
    try:
        out.write_bytes(card.canvas.to_png())
    except OSError as error:
        raise FileError(f"{str(out)!r} cannot be written: {error.strerror}.") from error
    print(f"{out}: {card.description}")
    return 0

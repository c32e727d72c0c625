"""Note values, for rates and delays that follow a tempo."""

from __future__ import annotations

NOTE_VALUES = {
    "2/1": 8.0,
    "1/1": 4.0,
    "1/2": 2.0,
    "1/2T": 4 / 3,
    "1/4.": 1.5,
    "1/4": 1.0,
    "1/4T": 2 / 3,
    "1/8.": 0.75,
    "1/8": 0.5,
    "1/8T": 1 / 3,
    "1/16": 0.25,
    "1/16T": 1 / 6,
    "1/32": 0.125,
}
"""The duration of each note value in quarter notes; a dot lengthens it by half, and T is a triplet."""


def cycles_per_beat(note: str) -> float:
    """Return the number of notes with the value `note` in a quarter note: the cycles per beat of an LFO.

    >>> cycles_per_beat("1/8"), cycles_per_beat("1/2")
    (2.0, 0.5)
    """
    return 1.0 / NOTE_VALUES[note]

"""`AudioRequest`: a page's request for more audio."""

from __future__ import annotations

from dataclasses import dataclass

Loop = tuple[float, float] | None
"""The start and the end of the loop, in seconds; None if the sound plays to its end."""


@dataclass(frozen=True)
class AudioRequest:
    """A page's request for more audio, when little is buffered ahead of its playhead or after a seek.

    All values are in seconds.
    """

    position: float
    """The playhead of the page."""
    loop: Loop
    wet: float
    """The seconds of the newest render that the page has from `position` on."""
    dry: float
    """The seconds of the input that the page has from `position` on."""

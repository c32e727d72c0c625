"""The part of a sound that is sent: the complete sound, or if it is large, some seconds from the playhead on."""

from __future__ import annotations

MAX_FULL_BYTES = 8_000_000  # a sound of at most this size is sent completely, and can be played without a kernel
LOOKAHEAD_SECONDS = 15.0  # the part of a larger sound that is sent, from the playhead on

# Why 8 MB: that is 45 s of stereo at 44.1 kHz, and takes about 7 s at 10 Mbit/s. A page that stores the input, the
# current render, the next render and a reserve for the one after it stays below 40 MB, however long the file is.
# The page's own limit, in browser/src/audio/clip.js, must not be smaller.


def lookahead_frames(frames: int, rate: float, channels: int) -> int | None:
    """Return the number of frames that are sent from the playhead on; None for a sound that is sent completely.

    `frames` is the length of the sound, and `rate` its sample rate in Hz.

    >>> lookahead_frames(441_000, 44_100.0, 2) is None, lookahead_frames(26_460_000, 44_100.0, 2)
    (True, 661500)
    """
    if 2 * channels * frames <= MAX_FULL_BYTES:
        return None
    return min(int(LOOKAHEAD_SECONDS * rate), MAX_FULL_BYTES // (6 * channels))

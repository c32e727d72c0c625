"""Three example sounds that need no network: a voice, a guitar and a drum loop.

`voice()` is a recording that is part of the package; `guitar()` and `drums()` are synthesized on demand, from a seed.
All of them peak at -3 dBFS, and they begin and end in silence or loop without a click.

>>> for sound in (voice(), guitar(), drums()):
...     print(sound)
Signal(1 channel, 3.272 s at 16000 Hz, peak -3.0 dBFS)
Signal(2 channels, 5.5 s at 44100 Hz, peak -3.0 dBFS)
Signal(2 channels, 4.8 s at 44100 Hz, peak -3.0 dBFS)
"""

from __future__ import annotations

import io
from importlib.resources import files

from fxlab.signal.examples.drums import drums
from fxlab.signal.examples.guitar import guitar
from fxlab.signal.files import load
from fxlab.signal.signal import Signal

__all__ = ["drums", "guitar", "voice"]


def voice() -> Signal:
    """Return a woman's voice, mono, sampled at 16 kHz and 3.3 s long.

    It says: "Sound is a wave. Move a slider, and hear it change." It was synthesized by flite 2.2 with its voice slt,
    5 % faster than by default. Frequencies below 40 Hz were then filtered out, the pauses at both ends shortened and
    faded over 20 ms, and the peak set to -3 dBFS. It is stored as 16-bit FLAC. flite and its voices are free software
    of Carnegie Mellon University under a license similar to MIT's; their output may be used and distributed freely, and
    this recording is under fxlab's own MIT license.

    Source:
        A. W. Black and K. A. Lenzo, "Flite: a small fast run-time synthesis engine", ISCA SSW4, 2001. The voice
        was built on the CMU ARCTIC recordings, J. Kominek and A. W. Black, SSW5, 2004.

    >>> voice().sample_rate
    16000
    """
    return load(io.BytesIO(files("fxlab.signal.examples").joinpath("voice.flac").read_bytes()))

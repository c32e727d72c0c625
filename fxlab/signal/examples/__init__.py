"""Three sounds to try things on, which need no network: a voice, a guitar and a drum loop.

`voice()` is kept with the package; `guitar()` and `drums()` are synthesised from a seed when asked for, and are the
same for the same seed. All have their peak at -3 dBFS, and begin and end in silence or loop with no click.

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
from fxlab.signal.reading import load
from fxlab.signal.signal import Signal

__all__ = ["drums", "guitar", "voice"]


def voice() -> Signal:
    """Return a woman's voice: "Sound is a wave. Move a slider, and hear it change." Mono, 16 kHz, 3.3 s.

    It was spoken by the free synthesiser flite 2.2 with its voice slt, 5 % faster than it likes; then what lies
    below 40 Hz was filtered out, the pauses at both ends cut and faded over 20 ms, and the peak set to -3 dBFS. It is
    kept as 16-bit FLAC. flite and its voices are free software of Carnegie Mellon University, under a licence like
    MIT's; what they speak is free to use and pass on, and this recording comes under fxlab's own MIT licence.

    Source:
        A. W. Black and K. A. Lenzo, "Flite: a small fast run-time synthesis engine", ISCA SSW4, 2001. The voice
        was built on the CMU ARCTIC recordings, J. Kominek and A. W. Black, SSW5, 2004.

    >>> voice().sample_rate
    16000
    """
    return load(io.BytesIO(files("fxlab.signal.examples").joinpath("voice.flac").read_bytes()))

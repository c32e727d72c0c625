"""Effects: modules that change a sound other than by filtering it.

- `dynamics/`    compressor, expander, gate
- `level/`       gain
- `modulation/`  effects that change the sound periodically: tremolo, auto-pan, ring modulator, phaser,
                 auto-wah
"""

from fxlab.effects.dynamics.compressor import Compressor
from fxlab.effects.dynamics.expander import Expander, Gate
from fxlab.effects.dynamics.limiter import Limiter
from fxlab.effects.level.gain import Gain
from fxlab.effects.modulation.auto_pan import AutoPan
from fxlab.effects.modulation.auto_wah import AutoWah
from fxlab.effects.modulation.phaser import Phaser
from fxlab.effects.modulation.ring_modulator import RingModulator
from fxlab.effects.modulation.tremolo import Tremolo

__all__ = [
    "AutoPan",
    "AutoWah",
    "Compressor",
    "Expander",
    "Gain",
    "Gate",
    "Limiter",
    "Phaser",
    "RingModulator",
    "Tremolo",
]

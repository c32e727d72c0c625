"""Effects: modules that change the waveform, the level, the timing, the pitch or the position of a sound.

- `common/`      parts that several of them share
- `distortion/`  nonlinear curves, quantization, and a reduced sample rate
- `dynamics/`    compressor, expander, gate, limiter, transient shaper, de-esser, multiband compressor
- `level/`       gain, polarity, fades, normalization, DC offset
- `modulation/`  effects that change the sound periodically: vibrato, chorus, flanger, phaser, tremolo,
                 auto-pan, ring modulator; and the auto-wah, which follows the level
- `pitch/`       sample rate, speed, direction, length and pitch
- `space/`       echoes, reverberation, and the position of a sound
"""

from fxlab.effects.distortion.bit_crush import BitCrush
from fxlab.effects.distortion.decimate import Decimate
from fxlab.effects.distortion.distortion import Distortion
from fxlab.effects.distortion.mu_law import MuLaw
from fxlab.effects.distortion.overdrive import Overdrive
from fxlab.effects.distortion.quantize import Quantize
from fxlab.effects.distortion.wave_shaper import WaveShaper
from fxlab.effects.dynamics.compressor import Compressor
from fxlab.effects.dynamics.de_esser import DeEsser
from fxlab.effects.dynamics.expander import Expander, Gate
from fxlab.effects.dynamics.limiter import Limiter
from fxlab.effects.dynamics.multiband_compressor import MultibandCompressor
from fxlab.effects.dynamics.transient_shaper import TransientShaper
from fxlab.effects.level.dc_offset import DCOffset
from fxlab.effects.level.fade import Fade
from fxlab.effects.level.gain import Gain
from fxlab.effects.level.invert import Invert
from fxlab.effects.level.normalize import Normalize
from fxlab.effects.modulation.auto_pan import AutoPan
from fxlab.effects.modulation.auto_wah import AutoWah
from fxlab.effects.modulation.chorus import Chorus
from fxlab.effects.modulation.flanger import Flanger
from fxlab.effects.modulation.phaser import Phaser
from fxlab.effects.modulation.ring_modulator import RingModulator
from fxlab.effects.modulation.tremolo import Tremolo
from fxlab.effects.modulation.vibrato import Vibrato
from fxlab.effects.pitch.pitch_shift import PitchShift
from fxlab.effects.pitch.resample import Resample
from fxlab.effects.pitch.reverse import Reverse
from fxlab.effects.pitch.speed import Speed
from fxlab.effects.pitch.time_stretch import TimeStretch
from fxlab.effects.space.binaural_pan import BinauralPan
from fxlab.effects.space.convolution_reverb import ConvolutionReverb
from fxlab.effects.space.delay import Delay
from fxlab.effects.space.feedback_delay_network import FeedbackDelayNetwork
from fxlab.effects.space.mid_side import MidSide
from fxlab.effects.space.pan import Pan
from fxlab.effects.space.reverb import Reverb
from fxlab.effects.space.room import Room
from fxlab.effects.space.stereo_width import StereoWidth

__all__ = [
    "AutoPan",
    "AutoWah",
    "BinauralPan",
    "BitCrush",
    "Chorus",
    "Compressor",
    "ConvolutionReverb",
    "DCOffset",
    "DeEsser",
    "Decimate",
    "Delay",
    "Distortion",
    "Expander",
    "Fade",
    "FeedbackDelayNetwork",
    "Flanger",
    "Gain",
    "Gate",
    "Invert",
    "Limiter",
    "MidSide",
    "MuLaw",
    "MultibandCompressor",
    "Normalize",
    "Overdrive",
    "Pan",
    "Phaser",
    "PitchShift",
    "Quantize",
    "Resample",
    "Reverb",
    "Reverse",
    "RingModulator",
    "Room",
    "Speed",
    "StereoWidth",
    "TimeStretch",
    "TransientShaper",
    "Tremolo",
    "Vibrato",
    "WaveShaper",
]

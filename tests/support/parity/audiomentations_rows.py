"""Every name of audiomentations 0.43, and how ours compares with it."""

from __future__ import annotations

import audiomentations as peer

from tests.support.parity.audiomentations_differences import (
    added,
    adjusted,
    bit_crush,
    butterworth,
    clip,
    file,
    first_sample,
    function,
    gain,
    gain_transition,
    loudness,
    normalized,
    padding,
    pitch,
    repeat,
    resampled,
    seven_bands,
    shelf,
    shift,
    short_noise,
    theirs,
    time_mask,
    trim,
)
from tests.support.parity.comparison import RATE, Comparison, largest, ours, tone
from tests.support.parity.draws import choices, composed, counts

ROWS: dict[str, Comparison] = {
    "AddBackgroundNoise": Comparison(
        "AddBackgroundNoise",
        "output",
        lambda: largest(
            ours("AddBackgroundNoise", file("noise"), snr_db=6.0, place=0.0),
            theirs(
                "AddBackgroundNoise",
                file("noise"),
                values={"snr_db": 6.0, "noise_file_path": file("noise"), "offset": 0.0, "duration": 1.0},
            ),
        ),
    ),
    "AddColorNoise": Comparison(
        "AddColoredNoise (`decay` = −dB per octave / 3.01)",
        "level of the noise",
        lambda: added(
            ours("AddColoredNoise", snr_db=6.0, decay=1.0),
            theirs("AddColorNoise", min_snr_db=6.0, max_snr_db=6.0, min_f_decay=-3.01, max_f_decay=-3.01),
        ),
        "dB",
    ),
    "AddGaussianNoise": Comparison(
        "AddGaussianNoise",
        "level of the noise",
        lambda: added(
            ours("AddGaussianNoise", amplitude=0.01),
            theirs("AddGaussianNoise", min_amplitude=0.01, max_amplitude=0.01),
        ),
        "dB",
    ),
    "AddGaussianSNR": Comparison(
        "AddGaussianSNR",
        "level of the noise",
        lambda: added(ours("AddGaussianSNR", snr_db=10.0), theirs("AddGaussianSNR", min_snr_db=10.0, max_snr_db=10.0)),
        "dB",
    ),
    "AddShortNoises": Comparison("AddShortNoises", "output, one noise without fades", short_noise),
    "AdjustDuration": Comparison("AdjustDuration", "output, all kinds of padding", adjusted),
    "AirAbsorption": Comparison(
        "AirAbsorption",
        "output; theirs has a table, ours ISO 9613-1",
        lambda: largest(
            ours("AirAbsorption", temperature=20.0, humidity=50.0, distance=20.0),
            theirs("AirAbsorption", values={"temperature": 20, "humidity": 50, "distance": 20.0}),
        ),
    ),
    "Aliasing": Comparison(
        "Aliasing",
        "output for a tone; theirs stretches the grid by one sample",
        lambda: largest(
            ours("Aliasing", x=tone(100.0), rate=8000.0)[:-4],
            theirs("Aliasing", x=tone(100.0), values={"new_sample_rate": 8000.0})[:-4],
        ),
    ),
    "ApplyImpulseResponse": Comparison(
        "ApplyImpulseResponse",
        "output, both scaled to the same peak",
        lambda: normalized(
            ours("ApplyImpulseResponse", file("response")), theirs("ApplyImpulseResponse", file("response"))
        ),
    ),
    "BandPassFilter": Comparison(
        "BandPass",
        "output",
        lambda: butterworth("BandPassFilter", "BandPass", frequency=1000.0, bandwidth=1.0),
    ),
    "BandStopFilter": Comparison(
        "BandStop",
        "output",
        lambda: butterworth("BandStopFilter", "BandStop", frequency=1000.0, bandwidth=1.0),
    ),
    "BitCrush": Comparison("BitCrush", "output; theirs has another number of steps", bit_crush, "steps"),
    "Clip": Comparison("Compose([fx.wrap(…)])", "output", clip),
    "ClippingDistortion": Comparison(
        "ClippingDistortion",
        "output",
        lambda: largest(
            ours("ClippingDistortion", percentile=20.0),
            theirs("ClippingDistortion", min_percentile_threshold=20, max_percentile_threshold=20),
        ),
    ),
    "Compose": Comparison(
        "Compose",
        "output of three transforms",
        lambda: composed(
            lambda x: peer.Compose([gain(-7.0), peer.PolarityInversion(p=1.0), peer.Normalize(p=1.0)])(x, RATE)
        ),
    ),
    "Gain": Comparison(
        "Gain",
        "output",
        lambda: largest(ours("Gain", gain_db=-7.0), theirs("Gain", min_gain_db=-7.0, max_gain_db=-7.0)),
    ),
    "GainTransition": Comparison("GainTransition", "output", gain_transition),
    "HighPassFilter": Comparison("HighPass", "output", lambda: butterworth("HighPassFilter", "HighPass", cutoff=700.0)),
    "HighShelfFilter": Comparison(
        "HighShelf", "output", lambda: shelf("HighShelfFilter", "HighShelf", "cutoff", 2000.0)
    ),
    "Lambda": Comparison("Compose([fx.wrap(…)])", "output", function),
    "Limiter": Comparison("Limiter", "nothing: it needs numpy-audio-limiter"),
    "LoudnessNormalization": Comparison(
        "LoudnessNormalization", "loudness of the output by pyloudnorm", loudness, "LU"
    ),
    "LowPassFilter": Comparison(
        "LowPass",
        "output, also with zero phase",
        lambda: max(
            butterworth("LowPassFilter", "LowPass", cutoff=700.0),
            butterworth("LowPassFilter", "LowPass", zero_phase=True, cutoff=700.0),
        ),
    ),
    "LowShelfFilter": Comparison("LowShelf", "output", lambda: shelf("LowShelfFilter", "LowShelf", "cutoff", 500.0)),
    "Mp3Compression": Comparison("Mp3Compression", "nothing: it needs fast-mp3-augment, lameenc or pydub"),
    "Normalize": Comparison(
        "PeakNormalization", "output", lambda: largest(ours("PeakNormalization"), theirs("Normalize"))
    ),
    "OneOf": Comparison("OneOf", "distribution of 1000 choices", lambda: choices(gain, peer.OneOf, first_sample), "%"),
    "Padding": Comparison("Padding", "output, all kinds of padding", padding),
    "PeakingFilter": Comparison("Peaking", "output", lambda: shelf("PeakingFilter", "Peaking", "frequency", 1000.0)),
    "PitchShift": Comparison(
        "PitchShift",
        "pitch of a tone; ours is within 0.03 cents of the drawn semitones, theirs up to 5 off",
        lambda: pitch(
            ours("PitchShift", x=tone(), semitones=3.0),
            theirs("PitchShift", x=tone(), min_semitones=3.0, max_semitones=3.0),
        ),
        "cents",
    ),
    "PolarityInversion": Comparison(
        "PolarityInversion", "output", lambda: largest(ours("PolarityInversion"), theirs("PolarityInversion"))
    ),
    "RepeatPart": Comparison("RepeatPart", "output, without crossfades", repeat),
    "Resample": Comparison("Resample", "output for a tone", resampled),
    "Reverse": Comparison("TimeInversion, Reverse", "output", lambda: largest(ours("Reverse"), theirs("Reverse"))),
    "RoomSimulator": Comparison("RoomSimulator", "nothing: it needs pyroomacoustics"),
    "SevenBandParametricEQ": Comparison("SevenBandParametricEQ", "output", seven_bands),
    "Shift": Comparison("Shift", "output, without fades", shift),
    "SomeOf": Comparison(
        "SomeOf", "distribution of 1000 numbers of transforms", lambda: counts(gain, peer.SomeOf, first_sample), "%"
    ),
    "TanhDistortion": Comparison(
        "TanhDistortion",
        "output",
        lambda: largest(
            ours("TanhDistortion", amount=0.3), theirs("TanhDistortion", min_distortion=0.3, max_distortion=0.3)
        ),
    ),
    "TimeMask": Comparison("TimeMask", "output, without fades", time_mask),
    "TimeStretch": Comparison(
        "TimeStretch",
        "pitch of a tone",
        lambda: pitch(
            ours("TimeStretch", x=tone(), rate=0.9), theirs("TimeStretch", x=tone(), min_rate=0.9, max_rate=0.9)
        ),
        "cents",
    ),
    "Trim": Comparison("Trim", "length", trim, "ms"),
    "SpecChannelShuffle": Comparison("SpecChannelShuffle", "nothing: the import of theirs fails"),
    "SpecFrequencyMask": Comparison("SpecFrequencyMask", "nothing: the import of theirs fails"),
}


SPECTROGRAMS = ("SpecChannelShuffle", "SpecFrequencyMask")  # of audiomentations.spec_augmentations


def names() -> set[str]:
    """Return the names of all augmentations that audiomentations has."""
    waveforms = {name for name in dir(peer) if isinstance(getattr(peer, name), type)}
    return waveforms | set(SPECTROGRAMS)

"""Effects that change the length, the pitch, the sample rate or the direction of a sound.

- `resample.py`, `speed.py`   effects that interpolate between the samples
- `time_stretch.py`           an effect with a phase vocoder: `phase_vocoder.py`, with `nearest_peaks.py`,
                              `peak_turns.py` and `unit.py`
- `common_ratio.py`           the parameter `rate`, and the check that all examples share its value
- `pitch_shift.py`            a stretch, and a resampler that undoes the change of length
- `reverse.py`                playback backwards
"""

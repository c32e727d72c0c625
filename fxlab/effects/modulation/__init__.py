"""Effects that change the sound periodically, and `AutoWah`, which follows its level.

- `oscillator.py`     the low-frequency oscillator of the effects: its phase, waveforms and stereo phase
- `oscillating.py`    the base class of effects with an oscillator, and the quantity that it modulates
- `parameters.py`     the parameters that several effects declare
- `stepped_filter.py` filters that are redesigned every 16 samples
- `moving_delay.py`   delay lines whose delay moves

`tremolo.py`, `auto_pan.py` and `ring_modulator.py` modulate the level; `vibrato.py`, `chorus.py` and `flanger.py` a
delay; `phaser.py` and `auto_wah.py` a filter.
"""

"""Effects that change the sound periodically, and `AutoWah`, which follows its level.

- `oscillator.py`     the low-frequency oscillator that they share: its phase, waveforms and stereo phase
- `oscillating.py`    the base class of effects with an oscillator, and the quantity that it modulates
- `parameters.py`     the parameters that they share
- `stepped_filter.py` filters that are redesigned every 16 samples
- `moving_delay.py`   delay lines whose delay moves

The level moves in `tremolo.py`, `auto_pan.py` and `ring_modulator.py`, a delay in `vibrato.py`, `chorus.py` and
`flanger.py`, a filter in `phaser.py` and `auto_wah.py`.
"""

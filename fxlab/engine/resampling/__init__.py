"""Conversion between a sample rate and a whole multiple of it, for processing that needs a higher rate.

Entry point: `oversample.py`, with `upsample`, `downsample` and `oversampling_reach`. `nyquist_taps.py` designs the
filters. `polyphase.py` converts between any two rates.
"""

"""Conversion between a sample rate and a whole multiple of it, for processing that needs a higher rate.

Entry point: `oversample.py`, with `upsample`, `downsample` and `oversampling_reach`. `conversion.py` runs one stage,
and `nyquist_taps.py` designs its filters. `polyphase.py` converts between any two rates.
"""

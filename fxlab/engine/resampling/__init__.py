"""Conversion of the sample rate: oversampling by an integer factor, and conversion between any two rates.

Entry points: `oversample.py`, with `upsample`, `downsample` and `oversampling_reach`, and `polyphase.py`, which
converts between any two rates. `conversion.py` computes one stage of an oversampling, and `nyquist_taps.py` designs its
filters.
"""

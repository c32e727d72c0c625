"""Features that are computed from others: levels in dB, slopes over time, and per-channel energy normalization."""

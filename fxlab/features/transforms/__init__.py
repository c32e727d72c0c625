"""Features that are computed from others: levels in dB, slopes over time, and an automatic gain for each band."""

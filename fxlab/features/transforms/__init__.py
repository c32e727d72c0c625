"""Features of features: levels in dB, differences over time, and an automatic gain for each band."""

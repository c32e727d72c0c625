"""Plots that cards are made of: responses, poles and zeros, spectra, waveforms."""

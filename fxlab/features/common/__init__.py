"""Base classes of the features, and the functions that they share.

- `feature_module.py`     `FeatureModule`: from a sound to a feature
- `feature_transform.py`  `FeatureTransform`: from a feature to another; `Resynthesis`: from a feature to a sound
- `framed.py`             `Framed`: features of successive frames, in one call or a stream; `framing.py` cuts them
- `sample_frames.py`      `SampleFrames`: features of the samples of each frame
- `short_time.py`         `ShortTimeSpectrum`: features of the spectrum of each frame
- `parameters.py`         declarations of parameters that several features share
- `automatic.py`          `AutoCount`, `AutoParam` and `AliasChoice`, which accept None as torchaudio does
- `spectrum_parameters.py`  the parameters of a spectrogram and its inverse
- `triangular_bank.py`    banks of overlapping triangular bands, evenly spaced in mels or in Hz
- `decibels.py`, `safe_math.py`  levels in dB; roots and ratios with finite gradients at 0
- `tiles.py`              the computation of frames in parts, on several threads
- `constants.py`          windows and other constants, kept between calls
- `torchaudio_functions.py`  the function of torchaudio that features call; no other file here imports torchaudio
"""

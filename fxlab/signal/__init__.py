"""Signals: the `Signal` class, generators, example sounds, and reading and writing sound files.

- `signal.py`        `Signal`: samples with their sample rate, immutable
- `samples.py`       validation and conversion of samples and sample rates; `peak`
- `generators.py`    tones, sweeps, impulses, noise and silence, on the `SampleGrid` of `sample_grid.py`
- `examples/`        a voice (`voice.flac`), a guitar (`guitar.py`) and drums (`drums.py`), with the reverberation of
                     `room.py`
- `files.py`         `load` and `save`, on top of `reading.py` and `writing.py`, which do not use `Signal`;
                     `decoder.py` decodes, and repairs unfinished WAV files, `chunk_repair.py` repairs files of
                     chunks that libsndfile rejects, `truncation.py` detects truncated files,
                     `mp3_start.py` finds the first frame of an MP3, `plain_wav.py` reads and writes plain WAV files
                     by NumPy, `wav_chunks.py` lists the chunks of a WAV file, `formats.py` has the limits of each
                     format
- `folder.py`        the sound files of a folder, by their extensions; `file_name.py` their names in error messages
- `compatible.py`    what a Signal can be combined with: the check of another Signal, and numbers as operands
- `frame_range.py`   the samples of a part that is given in seconds
- `collation.py`     batches of Signals in a `DataLoader`
- `min_max.py`       minima and maxima of the parts of a signal, for plots
"""

from fxlab.signal import examples
from fxlab.signal.files import load, save
from fxlab.signal.generators import chirp, impulse, noise, sawtooth, silence, sine, square
from fxlab.signal.signal import Signal

__all__ = ["Signal", "chirp", "examples", "impulse", "load", "noise", "save", "sawtooth", "silence", "sine", "square"]

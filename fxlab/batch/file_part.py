"""`FilePart`: parts of a sound file at another sample rate, without reading the rest."""

from __future__ import annotations

from fractions import Fraction
from math import ceil
from pathlib import Path

from torch import Tensor
from torch.nn.functional import pad

from fxlab.engine.resampling.polyphase import Polyphase, rate_ratio
from fxlab.errors import SignalError
from fxlab.signal import load

MAX_UP = 10_000_000
"""The largest factor by which a rate is raised before it is lowered: that of two whole numbers of Hz up to 10 MHz.

The resampler stores a filter for each sample of the raised rate, which would fill the memory for larger factors.
"""


class FilePart:
    """A sound file, resampled to `sample_rate` in Hz or, if this is None, at its own rate; `read` returns a part of it.

    Apart from rounding, the part equals that of the complete file after resampling, because the samples around it that
    the filter needs are read too. `frames` is the length of the file in samples at the new rate.

    Raises:
        FileError: The file cannot be read.
        SignalError: The ratio of the rates is beyond those that a resampler can have.
    """

    def __init__(self, path: Path, sample_rate: float | None) -> None:
        import soundfile

        self.path = path
        try:
            info = soundfile.info(str(path))
            self._file_rate, self._file_frames = info.samplerate, info.frames
        except soundfile.LibsndfileError:  # `load` can repair some files, and its messages on others are more precise
            whole = load(path)
            self._file_rate, self._file_frames = int(whole.sample_rate), whole.frames
        self.sample_rate: float = self._file_rate if sample_rate is None else sample_rate
        self._ratio: Fraction = rate_ratio(self._file_rate, self.sample_rate)
        if not 1 <= self._ratio.numerator <= MAX_UP:
            raise SignalError(
                f"AudioFolder: {str(path)!r} has a rate of {self._file_rate} Hz, which cannot be changed to "
                f"{self.sample_rate!r} Hz. Pass a whole number of Hz as the sample_rate, and leave out files of "
                "extreme rates."
            )
        self.frames = ceil(self._file_frames * self._ratio)

    def read(self, start: int, frames: int) -> Tensor:
        """Return `frames` samples, `(channels, frames)`, from the sample `start` on, counted at the new rate."""
        up, down = self._ratio.numerator, self._ratio.denominator
        if up == down:
            return self._load(start, start + frames)
        resampler = Polyphase.of(up, down)
        periods = start // up  # a resampler starts at a multiple of `down` input samples, which are `up` output samples
        first = periods * down - resampler.reach
        last = (start + frames) * down // up + resampler.reach + 1
        x = self._load(max(0, first), min(self._file_frames, last))
        return resampler.run(pad(x, (max(0, -first), 0)), start - periods * up, frames)

    def _load(self, first: int, last: int) -> Tensor:
        if first == 0 and last == self._file_frames:
            return load(self.path).samples
        return load(self.path, start=first / self._file_rate, stop=last / self._file_rate).samples

"""`Compressor`: the reduction of the level of loud passages."""

from __future__ import annotations

from torch import Tensor

from fxlab.control.smoothing_times import attack, release
from fxlab.effects.dynamics.dynamics import CurveDynamics, detector, knee, link, rms_time, threshold
from fxlab.effects.dynamics.level_curve import Curve
from fxlab.module import Param


class Compressor(CurveDynamics):
    """A compressor: above `threshold_db` the output level grows by 1 dB per `ratio` dB of input level.

    See `Dynamics` for the arguments `side_chain` and `side_filter`, and for the smoothing of the gain.

    Shape:
        Input and output: `(..., channels, time)`.

    Raises:
        ParameterError: `ratio` is less than 1, or a time or the knee is negative.
        SignalError: The side chain is shorter than the input, has a different sample rate, or with `link=False` has
            several channels, but not as many as the input.

    Source:
        See `Dynamics`.

    >>> import torch
    >>> compressor = Compressor(threshold_db=-20.0, ratio=4.0, knee_db=0.0, attack_ms=0.0)
    >>> compressor.gain_reduction_db(torch.full((1, 3), 1.0), sample_rate=48_000)
    tensor([[15., 15., 15.]])
    """

    threshold_db = threshold(-20.0, "Level above which the gain is reduced.")
    ratio = Param(
        4.0,
        low=1.0,
        high=20.0,
        scale="log",
        at_least=1.0,
        doc="Input dB per output dB above the threshold.",
    )
    attack_ms = attack("Time constant of a growing gain reduction (63 %).")
    release_ms = release("Time constant of a falling gain reduction (63 %).")
    knee_db = knee()
    makeup_db = Param(0.0, low=0.0, high=24.0, unit="dB", doc="Gain after the reduction.")
    detector = detector()
    rms_ms = rms_time()
    link = link()

    def curve(self) -> Curve:
        """Return the static curve: the threshold, the slope `1 − 1 / ratio` above it, and the knee in dB."""
        return Curve(self.threshold_db, 1 - 1 / self.ratio, self.knee_db)

    def make_up(self) -> Tensor:
        """Return the makeup gain in dB."""
        gain: Tensor = self.makeup_db
        return gain

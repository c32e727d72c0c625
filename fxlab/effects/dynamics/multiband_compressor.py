"""`MultibandCompressor`: a compressor for each band of a crossover."""

from __future__ import annotations

from typing import Any, NamedTuple

from torch import Tensor

from fxlab.effects.common.channels import linked_dim
from fxlab.effects.dynamics.gain_autograd import multiply_by_gain
from fxlab.effects.dynamics.gain_reduction import GainReduction, apply_gain_db
from fxlab.effects.dynamics.level_curve import Curve, curve_reduction_db
from fxlab.engine import branching_smoother, smoothing_pole
from fxlab.engine.torch_support.time_tiles import in_time_tiles
from fxlab.engine.torch_support.tracing import needs_derivative
from fxlab.engine.torch_support.worker_pool import without_openmp
from fxlab.errors import ParameterError
from fxlab.filters.banks.crossover import Crossover
from fxlab.module import ArrayParam, Switch


class MultibandState(NamedTuple):
    """The states of the crossover and of the smoother, each None before the first block."""

    bands: Any = None
    smoother: Tensor | None = None


def per_band(default: float, low: float, high: float, doc: str, **options: Any) -> ArrayParam:
    """Declare a parameter with one value for each band, or one for all; `options` are those of `ArrayParam`."""
    return ArrayParam(
        [default],
        shape=("bands",),
        low=low,
        high=high,
        labels=lambda effect, rate: effect.names(rate),
        doc=doc,
        **options,
    )


class MultibandCompressor(GainReduction):
    """A multiband compressor: a crossover splits the sound into bands, and each band has a compressor.

    A loud bass then does not reduce the level of the treble. Each parameter except `link` has one value for each band,
    lowest first, or one for all. The bands of the `Crossover` sum to an all-pass, so that without a gain reduction only
    the phase changes.

    Args:
        crossover: The `Crossover` that splits the sound; by default into three bands, at 200 Hz and 2 kHz.

    Shape:
        Input and output: `(..., channels, time)`. The gain reduction: `(..., channels, bands, time)`, with one channel
        if `link` is true.

    Raises:
        ParameterError: A `ratio` is less than 1, a time or a knee is negative, the number of values is neither 1 nor
            that of the bands, or `crossover` is not a `Crossover`.

    Source:
        U. Zölzer (ed.), DAFX: Digital Audio Effects, 2nd edition, section 4.2. For the parts see `Crossover` and
        `Compressor`.

    >>> from fxlab.signal import sine
    >>> effect = MultibandCompressor(threshold_db=[-40.0, 0.0], crossover=Crossover([500.0]))
    >>> effect.gain_reduction_db(sine(100.0, duration=0.5))[0, :, -1].round().tolist()
    [24.0, 0.0]
    """

    threshold_db = per_band(-20.0, -60.0, 0.0, "Level above which the gain of a band is reduced.", unit="dB")
    ratio = per_band(4.0, 1.0, 20.0, "Input dB per output dB above the threshold.", scale="log", at_least=1.0)
    attack_ms = per_band(
        10.0, 0.1, 200.0, "Time constant of a growing gain reduction.", unit="ms", scale="log", at_least=0.0
    )
    release_ms = per_band(
        100.0, 5.0, 2000.0, "Time constant of a falling gain reduction.", unit="ms", scale="log", at_least=0.0
    )
    knee_db = per_band(
        6.0, 0.0, 24.0, "Width of the range around the threshold in which the curve bends.", unit="dB", at_least=0.0
    )
    makeup_db = per_band(0.0, -24.0, 24.0, "Gain of a band after the reduction.", unit="dB")
    link = Switch(True, doc="Whether all channels get the gains of the loudest, which keeps the stereo image.")

    def __init__(
        self, *args: Any, crossover: Crossover | None = None, sample_rate: float | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if crossover is not None and not isinstance(crossover, Crossover):
            raise ParameterError(
                f"{self._name()}: crossover is {crossover!r}; it must be a Crossover, such as "
                "fx.Crossover([200.0, 2000.0])."
            )
        self.crossover = Crossover() if crossover is None else crossover
        if sample_rate is not None:
            self.sample_rate = sample_rate
            self.check(self._resolve_rate(None))

    def names(self, sample_rate: float | None = None) -> list[str]:
        """Return the name of each band, such as `"below 200 Hz"`."""
        return self.crossover.names(sample_rate)

    @without_openmp
    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Return the output for the next block, and the state after it, a `MultibandState`."""
        reduction, bands, after = self._reduction(x, MultibandState() if state is None else state, sample_rate)
        makeup = self.makeup_db.unsqueeze(-1).to(reduction.dtype)
        if needs_derivative(bands, reduction, makeup):
            return apply_gain_db(bands, reduction, makeup).sum(-2), after
        return in_time_tiles(lambda *parts: multiply_by_gain(*parts).sum(-2), bands, reduction, makeup), after

    def _whole_reduction(self, x: Tensor, rate: float) -> Tensor:
        return self._reduction(x, MultibandState(), rate)[0]

    def _reduction(self, x: Tensor, state: MultibandState, rate: float) -> tuple[Tensor, Tensor, MultibandState]:
        """Return the gain reduction in dB of every band, the bands `(..., channels, bands, time)`, and the state."""
        bands, bands_state = self.crossover.split_block(x, state.bands, rate)
        values = (self.threshold_db, 1 - 1 / self.ratio, self.knee_db)
        curve = Curve(*(value.unsqueeze(-1).to(bands.dtype) for value in values))
        target = curve_reduction_db(bands, curve, linked_dim(bands, self.link and x.ndim > 1, -3))
        poles = [smoothing_pole(time, rate) for time in (self.attack_ms, self.release_ms)]
        reduction, smoother = branching_smoother(target, poles[0], poles[1], state.smoother)
        return reduction.to(bands.dtype), bands, MultibandState(bands_state, smoother)

    def _check(self, sample_rate: float) -> None:
        """Raise a `ParameterError` if a value is invalid, or a parameter has neither one value nor one per band."""
        super()._check(sample_rate)
        if "crossover" not in self._modules:
            return
        bands = self.crossover.values()["cutoffs"].shape[-1] + 1
        for name, value in self.values().items():
            if value.shape[-1] not in (1, bands):
                raise ParameterError(
                    f"{self._name()}: {name} has {value.shape[-1]} values, but there are {bands} bands; give 1 value, "
                    f"or {bands}, one for each band."
                )

    def _arguments(self) -> list[str]:
        given = super()._arguments()
        if repr(self.crossover) != repr(Crossover()):
            given.append(f"crossover={self.crossover!r}")
        return given

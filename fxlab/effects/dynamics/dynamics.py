"""`Dynamics`: the base class of effects that set their gain from the level of a signal."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar, NamedTuple

from torch import Tensor

from fxlab.effects.common.channels import linked_dim
from fxlab.effects.dynamics.gain_reduction import GainReduction, apply_gain_db
from fxlab.effects.dynamics.level_curve import Curve, curve_reduction_db, level_of_key
from fxlab.effects.dynamics.level_detector import mean_square
from fxlab.engine import branching_smoother, smoothing_pole
from fxlab.engine.torch_support.time_tiles import in_time_tiles
from fxlab.engine.torch_support.worker_pool import without_openmp
from fxlab.errors import ParameterError, SignalError
from fxlab.module import Choice, Module, Param, Switch
from fxlab.module.checks import check_side_length, check_side_rate
from fxlab.module.parameters.moving_values import moving_values
from fxlab.module.serialization import Build, set_parts
from fxlab.signal import Signal


class DynamicsState(NamedTuple):
    """The state of a stream: the states of the parts of the effect, and the number of samples processed so far.

    The parts are the RMS detector, the decision of a gate, the smoother and the filter of the side chain. The state of
    a part is None before the first block, or if the effect has no such part.
    """

    rms: Tensor | None = None
    decision: Any = None
    smoother: Tensor | None = None
    side_filter: Any = None
    position: int = 0


def threshold(default: float, doc: str) -> Param:
    """Declare a threshold in dB relative to full scale."""
    return Param(default, low=-60.0, high=0.0, unit="dB", doc=doc)


def knee(default: float = 6.0) -> Param:
    """Declare the width of the knee."""
    return Param(
        default,
        low=0.0,
        high=24.0,
        unit="dB",
        at_least=0.0,
        doc="Width of the range around the threshold in which the curve bends.",
    )


def detector() -> Choice:
    """Declare the kind of level detector."""
    return Choice(
        "peak",
        ("peak", "rms"),
        doc="Level that is measured: the magnitude of each sample, or the smoothed mean square.",
    )


def rms_time() -> Param:
    """Declare the averaging time of the RMS detector."""
    return Param(
        10.0,
        low=1.0,
        high=300.0,
        unit="ms",
        scale="log",
        at_least=0.0,
        only=("detector", ("rms",)),
        doc="Time constant of the mean square.",
    )


def link() -> Switch:
    """Declare whether all channels get the same gain."""
    return Switch(True, doc="Whether all channels get the gain of the loudest, which keeps the stereo image.")


class Dynamics(GainReduction):
    """An effect whose gain depends on the level of its input, or of a side chain.

    The level in dB is mapped by a static curve to a gain reduction in dB, which is then smoothed: with the attack time
    where it grows and with the release time where it falls (for an `Expander` and a `Gate`, the other way around). A
    subclass declares its parameters and defines `static_reduction_db`.

    Args:
        side_chain: A `Signal` whose level sets the gain, with the same sample rate as the input and at least as long.
            None for the input itself.
        side_filter: A module that filters the signal before its level is measured, such as a high-pass against pumping
            caused by the bass; the sound itself does not pass through it. None for no filter.

    Raises:
        ParameterError: `side_chain` is not a `Signal`, or `side_filter` is not a module.
        SignalError: The side chain is shorter than the input, has a different sample rate, or with `link=False` has
            several channels, but not as many as the input.

    Source:
        D. Giannoulis, M. Massberg, J. D. Reiss, "Digital dynamic range compressor design", JAES 60(6), 2012: the
        feed-forward design, in which a smooth branching detector smooths the gain reduction in dB.
    """

    fixed_parameters: ClassVar[dict[str, str]] = dict.fromkeys(
        ("attack_ms", "release_ms", "rms_ms", "hold_ms"), "the smoother has one time constant for the whole signal."
    )
    attack_ms: Any
    release_ms: Any
    detector: Any
    rms_ms: Any
    link: Any

    def __init__(
        self,
        *args: Any,
        side_chain: Signal | None = None,
        side_filter: Module | None = None,
        sample_rate: float | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, sample_rate=sample_rate, **kwargs)
        if side_chain is not None and not isinstance(side_chain, Signal):
            raise ParameterError(
                f"{self._name()}: side_chain is {type(side_chain).__name__}; it must be a Signal. Write "
                "Signal(samples, sample_rate)."
            )
        if side_filter is not None and not isinstance(side_filter, Module):
            raise ParameterError(
                f"{self._name()}: side_filter is {side_filter!r}; it must be a module, such as fx.HighPass(100.0)."
            )
        self.side_chain = side_chain
        self.side_filter = side_filter

    @abstractmethod
    def static_reduction_db(self, level: Tensor) -> Tensor:
        """Return the gain reduction in dB for a constant level in dB; parameters broadcast against `level`."""

    def times(self) -> tuple[Any, Any]:
        """Return the time constants in ms of a growing and of a falling gain reduction: here, attack and release."""
        return self.attack_ms, self.release_ms

    def make_up(self) -> Tensor | float:
        """Return the gain in dB that is added after the reduction; 0 by default."""
        return 0.0

    def _whole_reduction(self, x: Tensor, rate: float) -> Tensor:
        return self._reduction(x, DynamicsState(), rate)[0]

    @without_openmp
    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Return the output for the next block, and the state after it, a `DynamicsState`."""
        reduction, after = self._reduction(x, DynamicsState() if state is None else state, sample_rate)
        return apply_gain_db(x, reduction, self.make_up()), after

    # -- text and dictionary ------------------------------------------------------------------------------------

    def _arguments(self) -> list[str]:
        given = super()._arguments()
        for name in ("side_chain", "side_filter"):
            if getattr(self, name) is not None:
                given.append(f"{name}={getattr(self, name)!r}")
        return given

    def _describe(self) -> dict[str, Any]:
        if self.side_chain is not None:
            raise ParameterError(
                f"{self._name()}: its side chain is a Signal, which a dictionary of parameters cannot hold. Save the "
                "signal as a file, and set side_chain after from_dict."
            )
        return super()._describe()

    @classmethod
    def _rebuild(cls, description: dict[str, Any], build: Build) -> Module:
        own = {name: value for name, value in description.items() if name != "parts"}
        module = super()._rebuild(own, build)
        set_parts(module, description, build, ("side_filter",))
        return module

    # -- internals ----------------------------------------------------------------------------------------------

    def _reduction(self, x: Tensor, state: DynamicsState, rate: float) -> tuple[Tensor, DynamicsState]:
        """Return the gain reduction in dB for the block `x`, and the state after it."""
        key, filter_state = self._key(x, state, rate)
        is_rms = self.detector == "rms"
        rms_state = None
        if is_rms:
            key, rms_state = mean_square(key, per_row(self.rms_ms), rate, state.rms)
        link_dim = linked_dim(key, self.link)
        target, decision = self._target(key, is_rms, link_dim, state.decision, rate)
        poles = [smoothing_pole(per_row(value), rate) for value in self.times()]
        reduction, smoother = branching_smoother(target.to(x.dtype), poles[0], poles[1], state.smoother)
        return reduction, DynamicsState(rms_state, decision, smoother, filter_state, state.position + x.shape[-1])

    def _target(self, key: Tensor, is_power: bool, link_dim: int | None, state: Any, rate: float) -> tuple[Tensor, Any]:
        """Return the gain reduction in dB before smoothing, and the new state of the decision of a gate, else None.

        `key` is the signal whose level is measured, or its mean square if `is_power` is true; `link_dim` is the
        dimension of the linked channels, or None.
        """
        level = level_of_key(key, is_power, link_dim)
        if moving_values(self) is not None:
            return self.static_reduction_db(level), None
        return in_time_tiles(self.static_reduction_db, level, parameters=self.values().values()), None

    def _key(self, x: Tensor, state: DynamicsState, rate: float) -> tuple[Tensor, Any]:
        """Return the signal whose level sets the gain, for the block `x`, and the state of the side filter or None."""
        key = x
        if self.side_chain is not None:
            key = self._side_chain_block(x, state.position, rate)
        if self.side_filter is None:
            return key, None
        return self.side_filter._run_block(key, state.side_filter, rate)

    def _side_chain_block(self, x: Tensor, position: int, rate: float) -> Tensor:
        side = self.side_chain
        assert side is not None
        end, channels = position + x.shape[-1], x.shape[-2] if x.ndim > 1 else 1
        check_side_rate(self._name(), "the side chain", side, rate)
        check_side_length(self._name(), "the side chain", side, end)
        block = side.samples[..., position:end].to(x)
        if not self.link and block.shape[0] not in (1, channels):
            raise SignalError(
                f"{self._name()}: the side chain has {block.shape[0]} channels and the input {channels}; with "
                "link=False the numbers must be equal, or the side chain must be mono. Mix the side chain with "
                "signal.mono(), or set link=True."
            )
        return block[0] if x.ndim == 1 else block


class CurveDynamics(Dynamics):
    """A dynamics processor whose static curve has one slope beyond the threshold, with a knee and possibly a limit."""

    @abstractmethod
    def curve(self) -> Curve:
        """Return the curve of the gain reduction in dB over the level in dB."""

    def static_reduction_db(self, level: Tensor) -> Tensor:
        """Return the gain reduction in dB for a constant level in dB."""
        return self.curve().reduction_db(level)

    def _target(self, key: Tensor, is_power: bool, link_dim: int | None, state: Any, rate: float) -> tuple[Tensor, Any]:
        # A subclass may have another curve.
        if type(self).static_reduction_db is not CurveDynamics.static_reduction_db:
            return super()._target(key, is_power, link_dim, state, rate)
        return curve_reduction_db(key, self.curve(), link_dim, is_power), None


def per_row(value: Tensor) -> Tensor:
    """Return a parameter without its time dimension of size 1, to broadcast against the input's other dimensions."""
    return value.squeeze(-1) if value.ndim else value

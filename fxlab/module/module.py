"""`Module`: the base class of all processors."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, Self, overload

from torch import Tensor
from torch.nn.modules.module import _has_any_global_hook

from fxlab import hooks
from fxlab.engine.torch_support.tracing import is_recorded
from fxlab.errors import FxlabError, ParameterError, SignalError
from fxlab.module.abstract import AbstractBase
from fxlab.module.block_state import BlockState, empty_block, kind_of
from fxlab.module.capabilities import Capabilities
from fxlab.module.checked_values import checked_values
from fxlab.module.checks import check_audio, rate_of_parts, rate_of_signal, validate_rate
from fxlab.module.operators import Operators
from fxlab.module.parameters.active_values import use_values
from fxlab.module.parameters.class_names import find_type
from fxlab.module.parameters.clock import start_sample
from fxlab.module.parameters.freeze_controls import freeze_controls
from fxlab.module.parameters.moving_values import MovingValues
from fxlab.module.parameters.owner import ParameterOwner
from fxlab.module.presentation import Presentation
from fxlab.module.serialization import (
    Build,
    check_constructor,
    describe_parameters,
    describe_parts,
    rebuild,
    rebuild_with_parts,
)
from fxlab.signal import Signal

if TYPE_CHECKING:
    from fxlab.engine.recursion.prepared_sections import PreparedSections
    from fxlab.module.stream import Stream


class Module(AbstractBase, Capabilities, Operators, Presentation, ParameterOwner):
    """An audio processor: a torch module with declared parameters, a card and an interactive panel.

    A subclass declares its parameters (`Param`, `Choice`, `Switch`, `Count`, `ArrayParam`) and defines `forward(self,
    x, sample_rate)` on tensors. Constructor, validation, `repr`, serialization, card and panel are derived from the
    declarations.

    `module(signal)` returns a `Signal`, or a `Feature` if the output is not a sound; `module(tensor, sample_rate=…)`
    returns a tensor. Without a `sample_rate`, a call on a tensor, like methods such as `latency`, uses that of the
    constructor, so that a module works inside `nn.Sequential`. A call does not depend on earlier calls, except in
    random augmentations; a `Stream` carries a state from block to block.

    Shape:
        Input: `(time,)` or `(..., channels, time)`; the output has the same shape unless the subclass states another.

    Raises:
        ParameterError: A keyword is unknown, or a value is invalid.
        SignalError: The input or the output is not valid audio, or there is no sample rate.

    >>> import torch
    >>> from fxlab.module.parameters.param import Param
    >>> class Tremolo(Module):
    ...     rate_hz = Param(5.0, low=0.1, high=20.0, unit="Hz")
    ...     depth = Param(0.5, low=0.0, high=1.0)
    ...     def forward(self, x, sample_rate):
    ...         t = torch.arange(x.shape[-1]) / sample_rate
    ...         return x * (1 - self.depth * torch.sin(torch.pi * self.rate_hz * t) ** 2)
    >>> Tremolo(depth=0.8)
    Tremolo(depth=0.8)
    >>> Tremolo()(torch.ones(1, 4), sample_rate=20.0).round(decimals=3)
    tensor([[1.0000, 0.7500, 0.5000, 0.7500]])
    """

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.has_response is not Module.has_response and not hasattr(cls, "response"):
            raise ParameterError(
                f"{cls.__name__} sets has_response but has no response(frequencies, sample_rate); derive it from "
                "fx.Recursive, fx.Finite or fx.LTI."
            )

    @property
    def has_response(self) -> bool:
        """Whether the module is linear and time-invariant, with a frequency response; see `LinearAnalysis`."""
        return False

    # -- audio --------------------------------------------------------------------------------------------------

    @abstractmethod
    def forward(self, x: Tensor, sample_rate: float) -> Tensor:
        """Return the output for `x`, `(time,)` or `(..., channels, time)`; every subclass must define this method.

        Inside it, the value of a `Param` is a tensor that broadcasts against `x`. `sample_rate` is in Hz.

        Raises:
            NotImplementedError: The base class does not define this method; its subclasses do.
        """
        raise NotImplementedError

    @overload
    def __call__(self, x: Signal, sample_rate: None = None) -> Signal: ...
    @overload
    def __call__(self, x: Tensor, sample_rate: float | None = None) -> Tensor: ...
    def __call__(self, x: Signal | Tensor, sample_rate: float | None = None) -> Signal | Tensor:
        """Return the output for a `Signal`, or for a tensor with `sample_rate` in Hz; `Module` lists the errors."""
        if isinstance(x, Signal):
            rate = rate_of_signal(x, sample_rate, self._name())
            y = self(x.samples, rate)
            try:
                return Signal._of_channels(y, self.output_rate(rate))
            except SignalError as error:
                raise SignalError(f"The output of {self._name()} is not a valid signal: {error}") from None
        rate = self._resolve_rate(sample_rate)
        does_more = is_recorded() or _has_any_global_hook()  # type: ignore[no-untyped-call]
        kept = None if does_more else self._kept_sections(x, rate)
        finite = None if kept is None else kept.filter_finite(x)
        if finite is not None:
            return finite[0]
        self.check_input(x)
        if kept is not None:
            return kept(x)[0]
        with use_values(self, checked_values(self, x, rate)):
            result: Tensor = super().__call__(x, rate)
        return result

    def check_input(self, x: Tensor) -> None:
        """Raise a `SignalError` unless `x` is a valid input: audio, except for modules that process features."""
        check_audio(x, self._name())

    def stream(self, sample_rate: float | None = None, *, settled: bool = False) -> Stream:
        """Return a `Stream`, which processes block after block and carries the state.

        While the parameters stay the same, the outputs of all blocks and of `flush()`, concatenated, are the output of
        one call on the complete input, up to rounding. With `settled` the stream instead starts as if the input had
        always been equal to its first sample, so that a filter starts without a transient. For a filter whose corner
        frequency jumps between blocks, use `StateVariable`; see `Stream`. The first block raises an `FxlabError` if the
        module cannot run in blocks or, with `settled`, has no steady state.

        Raises:
            SignalError: There is no valid sample rate.
        """
        from fxlab.module.stream import Stream

        return Stream(self, self._resolve_rate(sample_rate), settled=settled)

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Raise an `FxlabError`: only a class with its own `forward_block`, such as a `StatefulModule`, can stream."""
        raise FxlabError(
            f"{self._name()} cannot stream: it has no forward_block(self, x, state, sample_rate) -> (y, state). "
            "Write one, or process the whole signal in one call."
        )

    def flush_block(self, state: Any, sample_rate: float) -> Tensor | None:
        """Return the output that remains after the end of the input, or None if there is none."""
        return None

    def latency(self, sample_rate: float | None = None) -> float:
        """Return the delay of the output in samples, by which other signals must be delayed to stay aligned with it.

        It is 0 unless a subclass defines it, as filters with linear phase do. A delay that differs between frequencies,
        such as the group delay of a recursive filter, is not a latency.
        """
        self._resolve_rate(sample_rate)
        return 0.0

    def output_rate(self, sample_rate: float | None = None) -> float:
        """Return the sample rate of the output in Hz: that of the input, except for modules such as `Resample`."""
        return self._resolve_rate(sample_rate)

    def export(self, format: str, sample_rate: float | None = None, *, name: str = "", channels: int = 2) -> str:
        """Return the module as source code that processes blocks of 128 samples, with its parameters.

        Args:
            format: `"c-program"`, C99 with functions that design, reset and process, or `"worklet"`, an AudioWorklet
                module whose parameters are set by messages. `"c"` is `"c-program"` for modules without a response.
            sample_rate: The sample rate in Hz.
            name: The prefix of the names in the code; by default the name of the class in lower case.
            channels: The number of input channels.

        Raises:
            CompileError: The module has an operation that the compiler does not support.
            ParameterError: The format, the name or the number of channels is not valid.
            SignalError: There is no valid sample rate.
        """
        rate, name = self._resolve_rate(sample_rate), name or self._name().lower()
        return str(hooks.resolve("export_program")(self, format, rate, name, channels))

    # -- text ---------------------------------------------------------------------------------------------------

    def __repr__(self) -> str:
        return f"{self._name()}({', '.join(self._arguments())})"

    # -- saving -------------------------------------------------------------------------------------------------

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-compatible dictionary from which `from_dict` can rebuild the module.

        The format is `{"type": …, "params": {…}, "sample_rate": …}`, without `"params"` if there are none and without
        `"sample_rate"` if it is None. The parts of the module are in `"stages"`, `"branches"`, `"module"` or `"parts"`.
        Some classes add entries, such as `"bypassed"` and `"soloed"` of a `Chain`.

        Raises:
            ParameterError: The module has state or arguments that the dictionary cannot represent.
        """
        return self._describe()

    @staticmethod
    def from_dict(description: dict[str, Any]) -> Module:
        """Build the module that `to_dict` described.

        Raises:
            ParameterError: The description is not a dictionary with a type, lacks a part, or contains an unknown type,
                entry, part or parameter, or an invalid value.
            SignalError: A sample rate is not a finite number above 0.
        """
        return rebuild(description, lambda name: find_type(name, Module))

    def _describe(self) -> dict[str, Any]:
        """Return the description of this module; a class whose parts are not attributes overrides this method."""
        check_constructor(self)
        return {**describe_parameters(self), **describe_parts(self)}

    @classmethod
    def _rebuild(cls, description: dict[str, Any], build: Build) -> Module:
        """Build a module of this class from the result of `_describe`; `build` builds its parts."""
        return rebuild_with_parts(cls, description, build)

    def frozen_at(self, seconds: float) -> Self:
        """Return a copy in which each control, in the module and its parts, is replaced by its value after `seconds`.

        The time is counted from the start of the sound.

        Raises:
            ParameterError: A control follows the input, so that its value is not known, or `seconds` is not a finite
                number of at least 0.

        >>> from fxlab.control import Ramp
        >>> from fxlab.filters import LowPass
        >>> round(LowPass(cutoff=Ramp(100.0, 10_000.0, duration=2.0)).frozen_at(1.0).cutoff, 6)
        1000.0
        """
        return freeze_controls(self, seconds)

    # -- internal -----------------------------------------------------------------------------------------------

    def _kept_sections(self, x: Tensor, rate: float) -> PreparedSections | None:
        """Return the cached sections if a call does nothing but run them, else None.

        `x` may be invalid; if it is not a tensor, the result is None.
        """
        return None

    def _run_finite_block(self, x: Tensor, state: Any, rate: float) -> tuple[Tensor, Any] | None:
        """Return the result of `_run_block` if sections are cached and `x` is known to be finite, else None."""
        return None

    def _run_block(self, x: Tensor, state: Any, rate: float) -> tuple[Tensor, Any]:
        """Run `forward_block` with checked parameters; return the output and the `BlockState` after the block."""
        before = BlockState(start=start_sample(rate)) if state is None else state
        active = checked_values(self, x, rate, before.start, before.controls)
        with use_values(self, active):
            y, block_state = self.forward_block(x, self._state_before(x, before.block, rate), rate)
            controls = active.finish() if isinstance(active, MovingValues) else {}
        return y, BlockState(block_state, kind_of(x), before.start + x.shape[-1], controls)

    def _state_before(self, x: Tensor, state: Any, rate: float) -> Any:
        """Return the state to pass to `forward_block` with the block `x`: `state`, which is None at the first block."""
        return state

    def _flush(self, state: Any, rate: float) -> Tensor | None:
        """Return the result of `flush_block` for the `BlockState` after the last block; None if there was no block."""
        if state is None:
            return None
        with use_values(self, checked_values(self, empty_block(state.kind), rate, state.start, state.controls)):
            return self.flush_block(state.block, rate)

    def _name(self) -> str:
        return type(self).__name__

    def _resolve_rate(self, sample_rate: float | None) -> float:
        """Return `sample_rate` in Hz, or that of the module and its parts if it is None.

        Raises:
            SignalError: There is none, it is not a finite number above 0, or those of the parts differ.
        """
        if sample_rate is not None:
            return validate_rate(sample_rate, self._name())
        return rate_of_parts(self, self._name())

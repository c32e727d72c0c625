"""`Module`: what a processor is."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, Self, overload

from torch import Tensor

from fxlab import hooks
from fxlab.errors import FxlabError, ParameterError, SignalError
from fxlab.module.abstract import abstract_methods, refuse_abstract
from fxlab.module.checks import audio_tensor, known_rate, line_up, positive_rate
from fxlab.module.description import (
    Build,
    check_constructor,
    describe_parameters,
    describe_parts,
    find_type,
    rebuild,
    rebuild_with_parts,
)
from fxlab.module.parameters.active_values import use_values
from fxlab.module.parameters.broadcasting import align_to_input
from fxlab.module.parameters.owner import ParameterOwner
from fxlab.module.parameters.parameter import python_literal
from fxlab.signal import Signal

if TYPE_CHECKING:
    from fxlab.module.compose.chain import Chain
    from fxlab.module.compose.sum import Sum
    from fxlab.module.stream import Stream


class Module(ParameterOwner):
    """A sound processor: a torch module that knows its parameters, shows itself and can be played.

    A subclass declares its parameters (`Param`, `Choice`, `Switch`, `Count`, `ArrayParam`) and writes `forward(self, x,
    sample_rate)` on tensors; constructor, validation, `repr`, serialisation, card and panel follow.

    Calling it: `module(signal)` gives a `Signal`, `module(tensor, sample_rate=…)` a tensor. A `sample_rate` given to
    the constructor stands in where a call names none, so that a module works inside `nn.Sequential`. A call is pure:
    the same input gives the same output; state is carried only by `stream`.

    Shape:
        `(time,)` or `(..., channels, time)`, the same out unless the subclass says otherwise.

    Raises:
        ParameterError: An unknown keyword, or a value outside the valid range.
        SignalError: Input that is no sound, or no sample rate at all.

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

    differentiable: bool = True
    """Whether gradients pass through it, to its input and to its parameters: not through whole numbers."""
    has_output: bool = True
    """Whether a panel plays its output; False for a module that only draws."""
    takes_input: bool = True
    """Whether its output depends on its input; False for a module that generates its sound."""
    is_standalone: bool = False
    """Whether it fills a panel by itself and cannot be a stage of a chain there."""
    _is_describable: ClassVar[bool] = True
    """Whether `from_dict` may find the class by its name."""

    _abstract_methods: ClassVar[tuple[str, ...]] = ("forward",)
    """The methods that the class leaves to its subclasses."""
    _abstract_hint: ClassVar[str] = ""
    """What the error for constructing an abstract class says in addition."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._abstract_methods = abstract_methods(cls, cls._abstract_methods)
        if cls.has_response is not Module.has_response and not hasattr(cls, "response"):
            raise ParameterError(
                f"{cls.__name__} sets has_response but has no response(frequencies, sample_rate); derive it from "
                "fx.Recursive, fx.Finite or fx.LTI."
            )

    def __new__(cls, *args: Any, sample_rate: float | None = None, **kwargs: Any) -> Self:  # noqa: ARG004
        """Create the object, unless its class is abstract; the arguments are those of the constructor."""
        if cls.is_abstract():
            refuse_abstract(cls, cls._abstract_methods, cls._abstract_hint)
        return super().__new__(cls)

    @classmethod
    def is_abstract(cls) -> bool:
        """Return whether the class leaves methods, such as `forward` or `design`, to its subclasses.

        Such a class cannot be constructed.

        >>> from fxlab.filters import LowPass
        >>> Module.is_abstract(), LowPass.is_abstract()
        (True, False)
        """
        return bool(cls._abstract_methods)

    @property
    def has_response(self) -> bool:
        """Whether it is linear and time-invariant and has a frequency response; see `LinearAnalysis`."""
        return False

    __array_ufunc__ = None  # so that `array | module` asks the module, not NumPy's elementwise |

    # -- sound --------------------------------------------------------------------------------------------------

    @abstractmethod
    def forward(self, x: Tensor, sample_rate: float) -> Tensor:
        """Process `x` of shape `(..., channels, time)`; what a subclass writes."""
        raise NotImplementedError

    @overload
    def __call__(self, x: Signal, sample_rate: None = None) -> Signal: ...
    @overload
    def __call__(self, x: Tensor, sample_rate: float | None = None) -> Tensor: ...
    def __call__(self, x: Signal | Tensor, sample_rate: float | None = None) -> Signal | Tensor:
        """Process a `Signal`, or a tensor at `sample_rate` in Hz."""
        if isinstance(x, Signal):
            if sample_rate is not None and sample_rate != x.sample_rate:
                raise SignalError(
                    f"{self._name()}: the signal runs at {x.sample_rate:g} Hz, but sample_rate={sample_rate!r} was "
                    "given; leave it out."
                )
            y = self(x.samples, x.sample_rate)
            try:
                return Signal(y, x.sample_rate)
            except SignalError as error:
                raise SignalError(f"{self._name()} gave what is no sound: {error}") from None
        rate = self._rate(sample_rate)
        audio_tensor(x, self._name())
        self.check(rate)
        line_up(self.values(), x, self._name(), self.ranks)
        with use_values(self, align_to_input(self.values(), x, self.ranks)):
            result: Tensor = super().__call__(x, rate)
        return result

    def stream(self, sample_rate: float | None = None) -> Stream:
        """A processor of blocks that carries the state: `s(block)…; s.flush()` concatenated equal one call.

        Raises:
            FxlabError: This module does not say how it runs in blocks.
        """
        from fxlab.module.stream import Stream

        return Stream(self, self._rate(sample_rate))

    def forward_block(self, x: Tensor, state: Any, sample_rate: float) -> tuple[Tensor, Any]:
        """Process the next block, `state` being None at the first: what a subclass writes so that it can stream."""
        raise FxlabError(
            f"{self._name()} cannot stream: it has no forward_block(self, x, state, sample_rate) -> (y, state). "
            "Write one, or process the whole signal in one call."
        )

    def flush_block(self, state: Any, sample_rate: float) -> Tensor | None:
        """What is still to come out when the input ends; None for a module without latency."""
        return None

    # -- joining ------------------------------------------------------------------------------------------------

    def __or__(self, other: Any) -> Chain:
        from fxlab.module.compose.chain import Chain

        if isinstance(other, (Signal, Tensor)):
            raise SignalError(f"A sound stands on the left: write signal | {self!r}.")
        return Chain(self, other)

    def __ror__(self, other: Any) -> Any:
        if isinstance(other, Signal):
            return self(other)
        if callable(other):
            from fxlab.module.compose.chain import Chain

            return Chain(other, self)
        raise SignalError(
            f"{self._name()}: `… | module` takes a Signal, not {type(other).__name__}; "
            "write Signal(samples, sample_rate) | module, or module(tensor, sample_rate=…)."
        )

    def __add__(self, other: Any) -> Sum:
        from fxlab.module.compose.sum import Sum

        if isinstance(other, (Signal, Tensor)) or not (isinstance(other, Module) or callable(other)):
            raise ParameterError(
                f"{self._name()}: `a + b` runs two modules on one sound and adds what they give; the right one must be "
                f"a Module or a callable, not {type(other).__name__}."
            )
        return Sum(self, other)

    # -- showing ------------------------------------------------------------------------------------------------

    def panel(self, signal: Signal, **options: Any) -> Any:
        """Open the interactive panel on `signal`: sliders, sound and plots. See `fxlab.Panel`."""
        return hooks.resolve("panel")(self, signal, **options)

    def panel_views(self) -> dict[str, Any]:
        """Return the views that its panel shows in addition, `fxlab.panel.views.View` by name: none by default."""
        return {}

    def panel_code(self) -> str | None:
        """Return the Python code that `Panel.code` gives for it, or None to have it generated from its `repr`."""
        return None

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        return hooks.resolve("module_bundle")(self, include=include, exclude=exclude)

    def __repr__(self) -> str:
        return f"{self._name()}({', '.join(self._arguments())})"

    def _arguments(self) -> list[str]:
        """The constructor's arguments as Python source, without those that have their default value."""
        given = []
        for name, declaration in self.declarations.items():
            text = declaration.source(getattr(self, name))
            if text != declaration.source(declaration.default):
                given.append(f"{declaration.keyword}={text}")
        if self.sample_rate is not None:
            given.append(f"sample_rate={python_literal(self.sample_rate)}")
        return given

    # -- saving -------------------------------------------------------------------------------------------------

    def to_dict(self) -> dict[str, Any]:
        """Return a description in plain numbers, strings and lists, fit for JSON; `from_dict` builds the module again.

        It is `{"type": …, "params": {…}}`, with `"stages"`, `"branches"`, `"module"` or `"parts"` for other modules in
        it.

        Raises:
            ParameterError: The module holds something that a description has no place for.
        """
        return self._describe()

    @staticmethod
    def from_dict(description: dict[str, Any]) -> Module:
        """Build the module that `to_dict` described.

        Raises:
            ParameterError: The description names a type, a parameter or a value that is not known.
        """
        return rebuild(description, lambda name: find_type(name, Module))

    def _describe(self) -> dict[str, Any]:
        """Return the description of this module; a class whose parts are not attributes overrides it."""
        check_constructor(self)
        return {**describe_parameters(self), **describe_parts(self)}

    @classmethod
    def _rebuild(cls, description: dict[str, Any], build: Build) -> Module:
        """Build a module of this class from what `_describe` returned, and its parts with `build`."""
        return rebuild_with_parts(cls, description, build)

    # -- within -------------------------------------------------------------------------------------------------

    def _advance(self, x: Tensor, state: Any, rate: float) -> tuple[Tensor, Any]:
        """`forward_block` on checked parameters that are shaped for `x`."""
        self.check(rate)
        line_up(self.values(), x, self._name(), self.ranks)
        held = None if state is None else state[0]
        with use_values(self, align_to_input(self.values(), x, self.ranks)):
            y, held = self.forward_block(x, self._state_before(x, held, rate), rate)
        return y, (held, x.new_empty((*x.shape[:-1], 0)))

    def _state_before(self, x: Tensor, state: Any, rate: float) -> Any:
        """Return the state to hand to `forward_block` with the block `x`: what the block before returned, or None."""
        return state

    def _drain(self, state: Any, rate: float) -> Tensor | None:
        """`flush_block` on parameters that are shaped like those of the last block."""
        if state is None:
            return None
        held, like = state
        with use_values(self, align_to_input(self.values(), like, self.ranks)):
            return self.flush_block(held, rate)

    def _name(self) -> str:
        return type(self).__name__

    def _rate(self, sample_rate: float | None) -> float:
        if sample_rate is not None:
            return positive_rate(sample_rate, self._name())
        return known_rate(self, self._name())

"""`Exploration`: a module that wraps a plain function, with the arguments as parameters."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from torch import Tensor

from fxlab.errors import FxlabError, SignalError
from fxlab.labs.returned_values import FunctionResult, convert_returned_value
from fxlab.module import Module, Param
from fxlab.module.parameters.parameter_declaration import ParameterDeclaration
from fxlab.module.slider_inference import LiteralChoice
from fxlab.panel.views import Drawing, Scene, View
from fxlab.signal import Signal


class Exploration(Module):
    """A module, created by `explore`, that calls a function with signals and with the values of the parameters."""

    function: ClassVar[Callable[..., Any]]
    signals: ClassVar[dict[str, Signal | None]]
    """Signal arguments by name; None for the signal that the panel plays."""
    panel_expression: ClassVar[str]
    """Python expression that returns the panel."""
    required_names: ClassVar[dict[str, str]]
    """The names that `panel_expression` uses, with a description of each."""
    page_program: ClassVar[str] = ""
    """Name of the function of the page's engine that creates the program of a page; if empty, `function` is traced."""
    is_standalone = True
    _last: tuple[Any, FunctionResult, Tensor] | None = None

    @property
    def uses_panel_signal(self) -> bool:
        """Whether an argument of the function is the signal that the panel plays."""
        return None in self.signals.values()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        reason = "the function is called with numbers, once for the whole sound."
        cls.fixed_parameters = dict.fromkeys(cls.continuous, reason)

    def forward(self, x: Tensor, sample_rate: float) -> Tensor:
        """Return the samples of the signal that the function returns, or the input if it returns none.

        Raises:
            ParameterError: The returned value can be neither played nor drawn, or contains two Signals.
            SignalError: The sample rate of the returned signal is not `sample_rate`.
        """
        signal, _ = self.evaluate(x, sample_rate)
        if signal is not None and signal.sample_rate != sample_rate:
            raise SignalError(
                f"{type(self).__name__} returned a signal at {signal.sample_rate:g} Hz, but the panel plays at "
                f"{sample_rate:g} Hz; return signals of one sample rate."
            )
        return x if signal is None else signal.samples.to(x.device)

    def evaluate(self, x: Tensor, rate: float) -> FunctionResult:
        """Return the signal, or None, and the drawings that the function returns for the current parameter values.

        The function is called only if a parameter value, the tensor `x` or the sample rate differs from the previous
        call; otherwise the previous result is returned.

        Args:
            x: The samples of the signal that the panel plays, `(channels, time)`; they must not be changed in place.
            rate: The sample rate of `x` in Hz.

        Raises:
            ParameterError: The returned value can be neither played nor drawn, or contains two Signals.
        """
        values = {name: self._value(name, declaration) for name, declaration in self.declarations.items()}
        key = (tuple(values.values()), x.data_ptr(), tuple(x.shape), rate)
        if self._last is None or self._last[0] != key:
            playing = Signal._of_channels(x, rate)
            signals = {name: signal or playing for name, signal in self.signals.items()}
            result = convert_returned_value(type(self).function(**signals, **values), type(self).__name__)
            # `x` is kept too: otherwise another tensor could be allocated at its address and match the key.
            self.__dict__["_last"] = (key, result, x)
            # A view stays available even if this call returns no drawing for it.
            known_kinds = self.__dict__.get("_kinds", {})
            self.__dict__["_kinds"] = {**known_kinds, **{name: item.kind for name, item in result[1].items()}}
        assert self._last is not None
        return self._last[1]

    def panel_code(self) -> str:
        """Return Python code that rebuilds the panel and `module`, with all values that differ from the defaults."""
        values = ((d.keyword, d.source(getattr(self, name)), d) for name, d in self.declarations.items())
        assignments = [f"module.{name} = {text}" for name, text, d in values if text != d.source(d.default)]
        body = [f"panel = {self.panel_expression}", "module = panel.module", *assignments]
        torch_import = ["import torch"] if "torch." in "".join(assignments) else []
        requirements = [f"# {name} has to be in scope: {what}." for name, what in self.required_names.items()]
        return "\n".join(["import fxlab as fx", *torch_import, *requirements, "", *body])

    def _value(self, name: str, declaration: ParameterDeclaration) -> Any:
        """Return the value of a parameter in the type that the function expects."""
        if isinstance(declaration, Param):
            return float(self.values()[name].detach())
        stored = self.__dict__["_discrete"][name]
        return declaration.value_of[stored] if isinstance(declaration, LiteralChoice) else stored

    def card_drawings(self, signal: Signal) -> dict[str, Any]:
        """Return the drawings of the function for `signal` by name, each a tuple of kind, fields and vectors."""
        _, drawings = self.evaluate(signal.samples, signal.sample_rate)
        return {name: (item.kind, *item.drawing()) for name, item in drawings.items()}

    def panel_views(self) -> dict[str, View]:
        """Return a view for each drawing that the function has returned so far, by name."""
        kinds: dict[str, str] = self.__dict__.get("_kinds", {})
        return {name: View(name, name, kind, lambda _: True, partial(draw_view, name)) for name, kind in kinds.items()}


def draw_view(name: str, scene: Scene) -> Drawing:
    """Return the current drawing of the view `name` of the exploration in `scene`.

    Raises:
        FxlabError: The function returned no drawing of this name for these values.
        ParameterError: The drawing is not valid; see `Plot.drawing` and `Picture.drawing`.
    """
    assert isinstance(scene.module, Exploration)
    _, drawings = scene.module.evaluate(scene.x, scene.rate)
    if name not in drawings:
        raise FxlabError(f"{type(scene.module).__name__} returned no {name!r} for these values.")
    return drawings[name].drawing()

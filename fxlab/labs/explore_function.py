"""`explore`: a panel with a slider for each argument of a plain function."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import torch

from fxlab.errors import ParameterError
from fxlab.labs.exploration import Exploration
from fxlab.module import Module
from fxlab.module.parameters.parameter_declaration import ParameterDeclaration
from fxlab.module.slider_inference import parameter_from_argument
from fxlab.panel import Panel
from fxlab.signal import Signal

FXLAB_CLASSES = (kind for kind in Exploration.__mro__ if kind.__module__.startswith("fxlab"))
RESERVED_NAMES = frozenset(name for kind in FXLAB_CLASSES for name in vars(kind) | kind.__annotations__) | {"training"}
"""Names that an argument cannot have, since they are attributes of the module whose parameter it becomes."""
DEFAULT_RATE, SILENCE_FRAMES = 44_100, 4096


def explore(
    function: Callable[..., Any],
    signal: Signal | None = None,
    *,
    views: str | Sequence[str] | None = None,
    device: str | torch.device | None = None,
    **signals: Signal,
) -> Panel:
    """Return a panel that has a slider for each argument of a plain function, and plays and draws the results.

    An argument with a `float` default above 0 has a slider from 0 to 1, or from 0 to four times the default if the
    default is above 1. If the default is 0 or below, or the name ends in `_db`, the range includes negative values. An
    `int` has a slider of integers from 1, or from the default if that is lower, to four times the default, or to 8 if
    that is higher. A `bool` becomes a switch, and `typing.Literal["a", "b"]` a choice. `Param`, `Count`, `Choice` and
    `Switch`, as the default or in `typing.Annotated`, set range, unit and scale. The first argument of type `Signal`
    that is not passed by name is the signal that the panel plays.

    A `Signal` that the function returns is played; without one, the signal of the panel is. Vectors, alone or in a
    dictionary of vectors or of pairs `(x, y)`, are drawn as curves in one tab, and a matrix as a picture. An `fx.Plot`
    or an `fx.Picture` has a tab of its own, which is named after its key in a dictionary. A tuple may contain several
    of these, but only one `Signal`, whose sample rate must be that of the panel.

    Args:
        function: Called with the values of the sliders by name; equal values must give equal results.
        signal: The signal that the panel plays: the value of the first argument of type `Signal` that is not in
            `signals`. Default: None, for a function whose signals are all in `signals` or have defaults.
        views: Names of the tabs that are open initially. Default: the first two.
        device: Device on which the function runs. Default: that of the signal.
        signals: Values of other arguments of type `Signal`, by name.

    Raises:
        ParameterError: `function` is a class, a module or not callable, an argument has a reserved name or cannot have
            a slider, a signal is missing, superfluous or not a `Signal`, the function returns two Signals, something
            that can be neither played nor drawn, or a drawing named `Curves` beside curves, whose tab has this name, or
            a view or the device does not exist.

    >>> import fxlab as fx
    >>> def tone(frequency: float = 440.0, level_db: float = -12.0) -> fx.Signal:
    ...     return fx.sine(frequency, 1.0, level_db=level_db)
    >>> explore(tone).module
    tone()
    """
    if not callable(function) or isinstance(function, type):
        raise ParameterError(f"explore: the first argument must be a function, not {function!r}.")
    if isinstance(function, Module):
        raise ParameterError(f"explore: {function!r} is a module; open its own panel: {function!r}.panel(…).")
    name = getattr(function, "__name__", "")
    name = name if name.isidentifier() else "Function"
    named_arguments = arguments(function)
    found: dict[str, ParameterDeclaration | None] = {}
    for key, parameter in named_arguments.items():
        try:
            found[key] = parameter_from_argument(key, parameter)
        except ParameterError as error:
            raise ParameterError(f"explore: {_title(function)}, argument {key!r}: {error}") from None
    bound_signals = _bind_signals(function, [key for key, what in found.items() if what is None], signal, signals)
    parts = {key: what for key, what in found.items() if what is not None}
    if reserved := next((key for key in found if key in RESERVED_NAMES), None):
        raise ParameterError(f"explore: an argument of {name} cannot be named {reserved!r}; choose another name.")
    takes_input = None in bound_signals.values()
    attributes = {
        "function": staticmethod(callable_by_name(function, named_arguments)),
        "signals": bound_signals,
        "takes_input": takes_input,
    }
    attributes["__doc__"] = inspect.getdoc(function) or ""
    # Presets identify the class by module and name, since a function may have the name of a class of fxlab.
    attributes["__module__"] = getattr(function, "__module__", None) or "__main__"
    module: Exploration = type(name, (Exploration,), {**parts, **attributes})()
    function_name = _title(function)
    required_names = {function_name: "the function that was passed to fx.explore"}
    if takes_input:
        required_names["signal"] = "the signal that the panel plays, panel.signal"
    required_names |= dict.fromkeys(signals, "the other signal that was passed")
    given = [function_name, *(["signal"] if "signal" in required_names else []), *(f"{key}={key}" for key in signals)]
    set_panel_code(module, f"fx.explore({', '.join(given)})", required_names)
    input_signal = signal
    if not takes_input:  # The function generates its signal: the first result sets the length and the sample rate.
        silence = torch.zeros(1, SILENCE_FRAMES)
        sound, _ = module.evaluate(silence, DEFAULT_RATE if signal is None else signal.sample_rate)
        type(module).has_output = sound is not None
        input_signal = Signal(silence, DEFAULT_RATE) if sound is None else Signal(sound.samples * 0, sound.sample_rate)
    assert input_signal is not None
    sound, drawings = module.evaluate(input_signal.samples, input_signal.sample_rate)
    if sound is None and not drawings:
        raise ParameterError(f"{name} returned nothing to play or to draw.")
    if sound is None:  # The function only analyses the signal that plays.
        type(module).takes_input = False
    return Panel(module, input_signal, device=device, views=views or tuple(drawings)[:2] or None)


def arguments(function: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """Return the arguments of `function` by name, without `*args` and `**options`, which cannot have sliders.

    Raises:
        ParameterError: The function has no signature, an annotation that cannot be read, or only `*args` or
            `**options`.
    """
    title = _title(function)
    wrapper_hint = f"write a function that calls it, such as def demo(x=0.5): return {title}(x)"
    try:
        inspect.signature(function)
    except (TypeError, ValueError):  # Some built-in functions have no signature.
        raise ParameterError(f"explore: {title} has no signature; {wrapper_hint}.") from None
    try:
        found = inspect.signature(function, eval_str=True).parameters
    except Exception as error:  # An annotation in quotes can hold any expression.
        raise ParameterError(f"explore: an annotation of {title} cannot be read: {error}.") from None
    open_ended = [str(each) for each in found.values() if each.kind in (each.VAR_KEYWORD, each.VAR_POSITIONAL)]
    named = {key: each for key, each in found.items() if str(each) not in open_ended}
    if open_ended and not named:
        listed = " and ".join(text.partition(":")[0] for text in open_ended)
        raise ParameterError(f"explore: {title} takes {listed}, which have no names for sliders; {wrapper_hint}.")
    return named


def callable_by_name(function: Callable[..., Any], given: dict[str, inspect.Parameter]) -> Callable[..., Any]:
    """Return a function that accepts all arguments of `function` by name, also positional-only ones.

    `given` are the arguments by name. Without positional-only ones, the result is `function` itself.
    """
    first = [key for key, each in given.items() if each.kind is each.POSITIONAL_ONLY]
    if not first:
        return function
    return lambda **values: function(*[values.pop(key) for key in first], **values)


def _title(function: Any) -> str:
    name = getattr(function, "__name__", "")
    return name if name.isidentifier() else "function"


def set_panel_code(module: Module, expression: str, required_names: dict[str, str]) -> None:
    """Set the Python expression that returns the panel of an exploration, which `panel.code()` shows.

    It is stored in the class of `module`, an `Exploration`. `required_names` are the names that the expression uses,
    with a description of each.
    """
    assert isinstance(module, Exploration)
    type(module).panel_expression, type(module).required_names = expression, required_names


def _bind_signals(
    function: Any, names: list[str], signal: Signal | None, signals: dict[str, Signal]
) -> dict[str, Signal | None]:
    """Return the signal for each argument in `names`, or None for the argument that is the signal that the panel plays.

    Raises:
        ParameterError: A value is not a Signal, there is no argument for it, or an argument has no signal.
    """
    title = _title(function)
    for name, given in {"signal": signal, **signals}.items():
        if given is not None and not isinstance(given, Signal):
            raise ParameterError(f"explore: {name} must be a Signal, not {type(given).__name__}.")
    if unknown := [name for name in signals if name not in names]:
        listed = ", ".join(names) or "none"
        raise ParameterError(f"explore: {title} has no signal {unknown[0]!r}; its signals are: {listed}.")
    if signal is not None and not names:
        raise ParameterError(f"explore: {title} takes no signal; leave it out, or give an argument the type fx.Signal.")
    played = next((name for name in names if name not in signals), None) if signal is not None else None
    defaults = inspect.signature(function).parameters
    found: dict[str, Signal | None] = {}
    for name in names:
        default = defaults[name].default
        if name == played:
            found[name] = None
        elif name in signals or isinstance(default, Signal):
            found[name] = signals.get(name, default)
        else:
            how = f"fx.explore({title}, voice)" if name == names[0] else f"fx.explore({title}, voice, {name}=…)"
            raise ParameterError(f"explore: {title} needs a signal for {name!r}; write {how}.")
    return found

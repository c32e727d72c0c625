"""`explore`: the panel of a plain function."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import torch

from fxlab.errors import ParameterError
from fxlab.labs.exploration import Exploration, declared
from fxlab.module import Module
from fxlab.module.parameters.parameter import ParameterDeclaration
from fxlab.panel import Panel
from fxlab.signal import Signal

OWN = (kind for kind in Exploration.__mro__ if kind.__module__.startswith("fxlab"))
TAKEN = frozenset(name for kind in OWN for name in vars(kind) | kind.__annotations__) | {"training"}
"""What an argument cannot be called: the module that it becomes a parameter of has these names."""
SILENT_RATE, SILENT_FRAMES = 44_100, 4096


def explore(
    function: Callable[..., Any],
    signal: Signal | None = None,
    *,
    views: str | Sequence[str] | None = None,
    device: str | torch.device | None = None,
    **signals: Signal,
) -> Panel:
    """A panel of a plain function: a slider for each argument, and what it returns to hear and to see.

    An argument with a number as its default has a slider: from 0 to 1 for a default up to 1, else to four times the
    default, whole numbers for an `int`. A `bool` is a switch, `typing.Literal["a", "b"]` a choice. `Param`, `Count`,
    `Choice` and `Switch` say more: as the default, or in `typing.Annotated`. An argument of type `Signal` is the sound
    that the panel plays; others are given by name.

    What it returns: a `Signal` is played, and without one what it was given; a vector, a dictionary of vectors or of
    pairs `(x, y)`, an `fx.Plot` or an `fx.Picture` is drawn, in a tab of its key's name; a tuple holds several of
    these.

    Args:
        function: Called with the values of the sliders by name; the same values must give the same.
        signal: For its first argument of type `Signal`.
        views: What to show at first: the names of the tabs.
        device: Where to run.
        signals: For its other arguments of type `Signal`.

    Raises:
        ParameterError: An argument that has no slider, a signal that is missing, or something returned that can be
            neither heard nor seen.

    >>> import fxlab as fx
    >>> def tone(frequency: float = 440.0, level_db: float = -12.0) -> fx.Signal:
    ...     return fx.sine(frequency, 1.0, level_db=level_db)
    >>> explore(tone).module
    tone()
    """
    if not callable(function) or isinstance(function, type):
        raise ParameterError(f"explore: the first argument must be a function, not {function!r}.")
    if isinstance(function, Module):
        raise ParameterError(f"explore: {function!r} is a module, which has a panel of its own: {function!r}.panel(…).")
    name = getattr(function, "__name__", "")
    name = name if name.isidentifier() else "Function"
    taken_by = arguments(function)
    found: dict[str, ParameterDeclaration | None] = {}
    for key, parameter in taken_by.items():
        try:
            found[key] = declared(key, parameter)
        except ParameterError as error:
            raise ParameterError(f"explore: {_title(function)}, argument {key!r}: {error}") from None
    sounds = _sounds(function, [key for key, what in found.items() if what is None], signal, signals)
    parts = {key: what for key, what in found.items() if what is not None}
    if taken := next((key for key in found if key in TAKEN), None):
        raise ParameterError(f"explore: an argument of {name} cannot be called {taken!r}; choose another name.")
    takes = None in sounds.values()
    about = {"function": staticmethod(by_name(function, taken_by)), "sounds": sounds, "takes_input": takes}
    about["__doc__"] = inspect.getdoc(function) or ""
    # Presets know it by this: a function of yours may have the name of one of fxlab's classes.
    about["__module__"] = getattr(function, "__module__", None) or "__main__"
    module: Exploration = type(name, (Exploration,), {**parts, **about})()
    called = _title(function)
    needs = {called: "the function that fx.explore was given"}
    if takes:
        needs["signal"] = "the sound that the panel plays, panel.signal"
    needs |= dict.fromkeys(signals, "the other sound that it was given")
    given = [called, *(["signal"] if "signal" in needs else []), *(f"{key}={key}" for key in signals)]
    describe(module, f"fx.explore({', '.join(given)})", needs)
    playing = signal
    if not takes:  # it makes its sound itself: what it makes first says how long and at what rate
        silence = torch.zeros(1, SILENT_FRAMES)
        sound, _ = module.outcome(silence, SILENT_RATE if signal is None else signal.sample_rate)
        type(module).has_output = sound is not None
        playing = Signal(silence, SILENT_RATE) if sound is None else Signal(sound.samples * 0, sound.sample_rate)
    assert playing is not None
    sound, drawn = module.outcome(playing.samples, playing.sample_rate)
    if sound is None and not drawn:
        raise ParameterError(f"{name} returned nothing to hear or to see.")
    if sound is None:  # it looks at what plays, and does nothing to it
        type(module).takes_input = False
    return Panel(module, playing, device=device, views=views or tuple(drawn)[:2] or None)


def arguments(function: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """Those that can have a slider; what `*args` and `**options` would hold has none."""
    title = _title(function)
    around = f"write a function around it, such as def demo(x=0.5): return {title}(x)"
    try:
        found = inspect.signature(function, eval_str=True).parameters
    except NameError as error:
        raise ParameterError(f"explore: an annotation of {title} cannot be read: {error}.") from None
    except (TypeError, ValueError):  # some built-in functions do not say
        raise ParameterError(f"explore: {title} does not say which arguments it takes; {around}.") from None
    open_ended = [str(each) for each in found.values() if each.kind in (each.VAR_KEYWORD, each.VAR_POSITIONAL)]
    named = {key: each for key, each in found.items() if str(each) not in open_ended}
    if open_ended and not named:
        listed = " and ".join(text.partition(":")[0] for text in open_ended)
        raise ParameterError(f"explore: {title} takes {listed}, which have no names for sliders; {around}.")
    return named


def by_name(function: Callable[..., Any], given: dict[str, inspect.Parameter]) -> Callable[..., Any]:
    """The function, to be called by the names of all its arguments."""
    first = [key for key, each in given.items() if each.kind is each.POSITIONAL_ONLY]
    if not first:
        return function
    return lambda **values: function(*[values.pop(key) for key in first], **values)


def _title(function: Any) -> str:
    name = getattr(function, "__name__", "")
    return name if name.isidentifier() else "function"


def describe(module: Module, opened: str, needs: dict[str, str]) -> None:
    """Say how the panel of an exploration is opened in Python, and what that needs, for `panel.code()`."""
    assert isinstance(module, Exploration)
    type(module).opened, type(module).needs = opened, needs


def _sounds(
    function: Any, names: list[str], signal: Signal | None, signals: dict[str, Signal]
) -> dict[str, Signal | None]:
    """The signal for each argument that is one; None for that which the panel plays."""
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

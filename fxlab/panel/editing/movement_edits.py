"""`MovementEdits`: replaces the value of a parameter by an LFO or an automation, and by a number again."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from fxlab.control import LFO, Automation
from fxlab.errors import FxlabError, ParameterError
from fxlab.module import Module, Param
from fxlab.module.parameters.control import Control
from fxlab.panel.controls.movement_spec import can_move
from fxlab.signal import Signal

REACH = 0.2
"""How far a new LFO moves the slider to each side of the current value, as a fraction of the slider's length."""


class MovementEdits:
    """The edits that set and remove the controls of parameters.

    The last number and the last control of each class are stored for each parameter, so that switching to another
    movement and back restores them.
    """

    def __init__(self) -> None:
        self._remembered: WeakKeyDictionary[Module, dict[tuple[str, str | None], Any]] = WeakKeyDictionary()

    def set(self, module: Module, path: str, kind: str | None, signal: Signal) -> None:
        """Replace the value of the parameter at `path` by a control of the class `kind`, or by a number.

        Nothing happens if the value is of this kind already.

        Args:
            module: The panel's module.
            path: The path of the parameter in `module`, such as `"0.cutoff"`.
            kind: `"LFO"` or `"Automation"`; None sets a number.
            signal: The panel's input: a new automation lasts as long, and values must be valid at its sample rate.

        Raises:
            ParameterError: There is no such parameter or no such control, or the parameter cannot move.
            FxlabError: The module rejects the new value; the previous one is kept.
        """
        owner, declaration = find_parameter(module, path)
        name, present = declaration.name, getattr(owner, declaration.name)
        present_kind = type(present).__name__ if isinstance(present, Control) else None
        if kind == present_kind:
            return
        remembered = self._remembered.setdefault(owner, {})
        remembered[name, present_kind] = present
        value = remembered.get((name, kind))
        if value is None:
            number = remembered.get((name, None))
            start = float(declaration.stored(owner).detach().flatten()[0] if number is None else number)
            value = start if kind is None else new_control(kind, declaration, start, signal)
        setattr(owner, name, value)
        try:
            owner.check(signal.sample_rate)
        except FxlabError:
            setattr(owner, name, present)
            raise


def find_parameter(module: Module, path: str) -> tuple[Module, Param]:
    """Return the owner and the declaration of the parameter at `path`.

    Raises:
        ParameterError: There is no such parameter, or it cannot move.
    """
    for where, owner, declaration in module.walk():
        if where == path and isinstance(owner, Module):
            if isinstance(declaration, Param) and can_move(owner, declaration):
                return owner, declaration
            reason = owner.fixed_parameters.get(declaration.name, "Only a single number can.")
            raise ParameterError(f"Panel: {path} of {type(owner).__name__} cannot move: {reason}")
    raise ParameterError(f"Panel: there is no parameter {path!r}.")


def new_control(kind: str, declaration: Param, value: float, signal: Signal) -> Control:
    """Return a control for a parameter whose value is `value`: an LFO around it, or an automation that stays there.

    The LFO has a rate of 1 Hz, and the automation has a point at the start and at the end of `signal`.

    Raises:
        ParameterError: `kind` is neither `"LFO"` nor `"Automation"`.
    """
    if kind == LFO.__name__:
        return LFO(1.0, *reach(declaration, value, signal.sample_rate))
    if kind == Automation.__name__:
        return Automation(times=[0.0, signal.duration], values=[value, value])
    raise ParameterError(f"Panel: there is no control {kind!r}; there are LFO and Automation.")


def reach(declaration: Param, value: float, rate: float) -> tuple[float, float]:
    """Return the lowest and the highest value of a new LFO around `value`, at the sample rate `rate` in Hz.

    They are rounded to three significant digits and limited to the slider's range.
    """
    position = min(max(declaration.to_slider(value, rate), 0.0), 1.0)
    ends = max(position - REACH, 0.0), min(position + REACH, 1.0)
    low, high = (declaration.from_slider(end, rate) for end in ends)
    bottom, top = declaration.span(rate)
    return min(max(_rounded(low), bottom), top), min(max(_rounded(high), bottom), top)


def _rounded(value: float) -> float:
    return float(f"{value:.3g}")

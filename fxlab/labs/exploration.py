"""`Exploration`: a plain function as a module, its arguments as declared parameters."""

from __future__ import annotations

import copy
import inspect
import math
from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Annotated, Any, ClassVar, Literal, get_args, get_origin

import numpy as np
import torch
from torch import Tensor

from fxlab.errors import FxlabError, ParameterError, SignalError
from fxlab.labs.plot import Picture, Plot
from fxlab.module import Choice, Count, Module, Param, Switch
from fxlab.module.parameters.parameter import ParameterDeclaration
from fxlab.panel.views import Drawing, Scene, View
from fxlab.signal import Signal

UNITS = {"db": "dB", "hz": "Hz", "ms": "ms"}
"""What the last part of a name says of the unit."""
Outcome = tuple[Signal | None, dict[str, Plot | Picture]]


class Literally(Choice):
    """A choice as `typing.Literal` has it, of numbers too: `meant` has what each of the names stands for."""

    def __init__(self, default: Any, values: tuple[Any, ...]) -> None:
        super().__init__(str(default), [str(value) for value in values])
        self.meant = dict(zip(self.choices, values, strict=True))


class Exploration(Module):
    """A function of declared parameters, and of signals; made by `explore`."""

    function: ClassVar[Callable[..., Any]]
    sounds: ClassVar[dict[str, Signal | None]]
    """Its signals by name; None for the one that the panel plays."""
    opened: ClassVar[str]
    """The Python that opened its panel."""
    needs: ClassVar[dict[str, str]]
    """What has to be in scope for that, and what it is."""
    is_standalone = True
    _last: tuple[Any, Outcome, Tensor] | None = None

    def forward(self, x: Tensor, sample_rate: float) -> Tensor:
        """The sound that the function gives, or what went in."""
        sound, _ = self.outcome(x, sample_rate)
        if sound is not None and sound.sample_rate != sample_rate:
            raise SignalError(
                f"{type(self).__name__} gave a sound at {sound.sample_rate:g} Hz where the panel plays "
                f"{sample_rate:g} Hz; keep to one sample rate."
            )
        return x if sound is None else sound.samples.to(x.device)

    def outcome(self, x: Tensor, rate: float) -> Outcome:
        """What the function gives for the values as they are; it runs once for each."""
        values = {name: self._value(name, declaration) for name, declaration in self.declarations.items()}
        key = (tuple(values.values()), x.data_ptr(), tuple(x.shape), rate)
        if self._last is None or self._last[0] != key:
            playing = Signal(x, rate)
            given = {name: sound or playing for name, sound in self.sounds.items()}
            found = sorted_out(type(self).function(**given, **values), type(self).__name__)
            # The sound is kept too, so that no other comes to lie where it was.
            self.__dict__["_last"] = (key, found, x)
            # A view stays, also while a call gives nothing for it.
            known = self.__dict__.get("_kinds", {})
            self.__dict__["_kinds"] = {**known, **{name: thing.kind for name, thing in found[1].items()}}
        assert self._last is not None
        return self._last[1]

    def panel_code(self) -> str:
        """Return Python code that builds it again as `module`, with the values that are not the defaults."""
        values = ((d.keyword, d.source(getattr(self, name)), d) for name, d in self.declarations.items())
        moved = [f"module.{name} = {text}" for name, text, d in values if text != d.source(d.default)]
        body = [f"panel = {self.opened}", "module = panel.module", *moved]
        torch_too = ["import torch"] if "torch." in "".join(moved) else []
        needs = [f"# {name} has to be in scope: {what}." for name, what in self.needs.items()]
        return "\n".join(["import fxlab as fx", *torch_too, *needs, "", *body])

    def _value(self, name: str, declaration: ParameterDeclaration) -> Any:
        """What the function is given."""
        if isinstance(declaration, Param):
            return float(self.values()[name].detach())
        held = self.__dict__["_discrete"][name]
        return declaration.meant[held] if isinstance(declaration, Literally) else held

    def panel_views(self) -> dict[str, View]:
        """A view for each thing that it draws, or has drawn."""
        kinds: dict[str, str] = self.__dict__.get("_kinds", {})
        return {name: View(name, name, kind, lambda _: True, partial(drawing, name)) for name, kind in kinds.items()}


def drawing(name: str, scene: Scene) -> Drawing:
    """What the view of that name draws now."""
    assert isinstance(scene.module, Exploration)
    _, drawn = scene.module.outcome(scene.x, scene.rate)
    if name not in drawn:
        raise FxlabError(f"{type(scene.module).__name__} gave no {name!r} for these values.")
    return drawn[name].drawing()


def sorted_out(result: Any, name: str) -> Outcome:
    """What a function returned: a sound, or none, and what is to be drawn by the names of the tabs."""
    sound: Signal | None = None
    drawn: dict[str, Plot | Picture] = {}
    curves: dict[str, Any] = {}

    def free(label: str, taken: dict[str, Any]) -> str:
        """So that of two that have no name of their own none is lost."""
        return label if label not in taken else next(n for k in count(2) if (n := f"{label} {k}") not in taken)

    for part in result if isinstance(result, tuple) else (result,):
        if isinstance(part, Signal):
            if sound is not None:
                raise ParameterError(f"{name} gave two sounds; return one Signal, and the other as a curve.")
            sound = part
        elif isinstance(part, (Plot, Picture)):
            drawn[free("Plot" if isinstance(part, Plot) else "Picture", drawn)] = part
        elif isinstance(part, dict):
            things = {key: value for key, value in part.items() if isinstance(value, (Plot, Picture))}
            drawn |= things
            curves |= {str(key): value for key, value in part.items() if key not in things}
        elif isinstance(part, (Tensor, np.ndarray, list)):
            array = numbers(part, name)
            if array.ndim == 2:
                known = array[array.isfinite()]
                depth = float(known.max() - known.min()) if len(known) else 0.0
                drawn[free("Picture", drawn)] = Picture(array, unit="", depth=depth or 1.0)
            else:
                curves[free("Value", curves)] = array
        else:
            raise ParameterError(
                f"{name} returned {type(part).__name__}; return a Signal to hear it, a vector or a dict of vectors to "
                "draw them, an fx.Plot or fx.Picture with units, or a tuple of these."
            )
    return sound, {"Curves": Plot(curves), **drawn} if curves else drawn


def numbers(part: Any, name: str) -> Tensor:
    """What a function returned to be drawn, as a tensor of real numbers."""
    try:
        found = torch.as_tensor(part)
    except (TypeError, ValueError, RuntimeError) as error:
        raise ParameterError(
            f"{name} returned a {type(part).__name__} that is no vector of numbers ({error}); return one, or several "
            "by name in a dict."
        ) from error
    if found.is_complex():
        raise ParameterError(f"{name} returned complex numbers; return their .abs(), .angle(), .real or .imag.")
    return found.double()


def declared(name: str, parameter: inspect.Parameter) -> ParameterDeclaration | None:
    """The parameter that an argument declares; None for a signal."""
    hint, default = parameter.annotation, parameter.default
    if get_origin(hint) is Annotated:
        hint = next((extra for extra in get_args(hint) if isinstance(extra, ParameterDeclaration)), get_args(hint)[0])
    for said in (default, hint):
        if isinstance(said, ParameterDeclaration):
            found = copy.copy(said)
            if said is hint and default is not parameter.empty:
                found.default = found.validate(default, name)
                found.default = float(default) if isinstance(found, Param) else found.default
            return found
    if hint is Signal or isinstance(default, Signal):
        return None
    if default is parameter.empty:
        raise ParameterError(
            f"what is it? Give it a default ({name}=0.5), a declaration ({name}=fx.Param(0.5, low=0.0, high=1.0)), "
            f"or say that it is a sound ({name}: fx.Signal)."
        )
    return guessed(name, default, hint)


def guessed(name: str, default: Any, hint: Any) -> ParameterDeclaration:
    """From a plain default: 0 to 1 holds a share, from 0 to four times the default any other number."""
    unit = UNITS.get(name.rpartition("_")[2].lower(), "")
    if isinstance(default, np.generic):
        default = default.item()
    if isinstance(default, bool):
        return Switch(default)
    if get_origin(hint) is Literal:
        return Literally(default, get_args(hint))
    if isinstance(default, int):
        return Count(default, low=min(default, 1), high=max(4 * default, 8), at_least=min(default, 1), unit=unit)
    if isinstance(default, float) and math.isfinite(default):
        if unit == "dB":
            return Param(default, low=min(-24.0, 2 * default), high=max(24.0, 2 * default), unit=unit)
        if default <= 0:
            return Param(default, low=4 * default or -1.0, high=-4 * default or 1.0, unit=unit)
        return Param(default, low=0.0, high=1.0 if default <= 1 else 4 * default, unit=unit)
    raise ParameterError(
        f"{name}={default!r} has no slider; a default is a finite number, True or False, a name with "
        "typing.Literal[…], a Signal, or a Param, Count, Choice or Switch."
    )

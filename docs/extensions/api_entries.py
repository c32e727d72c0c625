"""Sphinx object descriptions of public names, and tables of the parameters of processors."""

from __future__ import annotations

import base64
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docstring import markdown
from examples import example, source

import fxlab as fx
from fxlab import augment
from fxlab.module import LinearAnalysis, ParameterDeclaration

# Methods that a subclass implements for fxlab; users do not call them.
IMPLEMENTED_BY_SUBCLASSES = {
    "forward",
    "forward_block",
    "flush_block",
    "state_shape",
    "design",
    "layout",
    "coefficients",
}
IMPLEMENTED_BY_AUGMENTATIONS = {
    "augment",
    "augment_targets",
    "augmented_rate",
    "change",
    "check_draw",
    "draw",
    "draw_plan",
    "edges",
    "evaluate",
    "evaluated_rate",
    "run",
    "sections",
}


def class_entry(name: str, thing: type, *, brief: bool = False) -> str:
    """Describe a class with its public methods; `brief` omits those that all processors share."""
    lines = [f"::::::{{py:class}} {name}{signature(thing)}", "", markdown(thing), ""]
    for member in methods(thing, brief=brief):
        lines += [member, ""]
    if issubclass(thing, LinearAnalysis) and thing is not fx.LTI:
        lines += ["Its response, delays, poles and zeros are the methods of {py:class}`fxlab.LTI`.", ""]
    return "\n".join([*lines, "::::::"])


def function_entry(name: str, thing: Any) -> str:
    """Describe a function."""
    return "\n".join([f"::::::{{py:function}} {name}{signature(thing)}", "", markdown(thing), "", "::::::"])


def value_entry(name: str) -> str:
    """Describe a constant."""
    return f"::::::{{py:data}} {name}\n::::::"


def methods(thing: type, *, brief: bool) -> Iterator[str]:
    """Yield the public methods and properties of `thing`, including those of bases without a page of their own."""
    own = {name: member for base in reversed(_without_page(thing)) for name, member in vars(base).items()}
    implemented = IMPLEMENTED_BY_SUBCLASSES
    if issubclass(thing, augment.Augmentation):
        implemented = implemented | IMPLEMENTED_BY_AUGMENTATIONS
    for name, member in own.items():
        if name.startswith("_") or isinstance(member, ParameterDeclaration) or (brief and name in implemented):
            continue
        target = member.__func__ if isinstance(member, (staticmethod, classmethod)) else member
        text = markdown(target)
        if isinstance(target, property):
            yield f":::::{{py:property}} {name}\n\n{text}\n\n:::::"
        elif inspect.isfunction(target) and text:
            option = {staticmethod: ":staticmethod:\n", classmethod: ":classmethod:\n"}.get(type(member), "")
            yield f":::::{{py:method}} {name}{signature(target, bound=True)}\n{option}\n{text}\n\n:::::"


def _without_page(thing: type) -> list[type]:
    """Return `thing` and its bases whose methods no other page describes; `LinearAnalysis` is described with `LTI`."""
    bases = [base for base in thing.__mro__[1:] if base.__module__.startswith("fxlab.")]
    public = [base for base in bases if any(getattr(package, base.__name__, None) is base for package in (fx, augment))]
    described = {base for page in public for base in page.__mro__}
    if thing is not fx.LTI:
        described.add(LinearAnalysis)
    return [thing, *(base for base in bases if base not in described)]


def signature(thing: Any, *, bound: bool = False) -> str:
    """Return the signature without annotations, such as `(cutoff=1000.0, *, sample_rate=None)`."""
    try:
        found = inspect.signature(thing)
    except (TypeError, ValueError):
        return ""
    parameters = list(found.parameters.values())
    if bound and parameters and parameters[0].name in ("self", "cls"):
        parameters = parameters[1:]
    parameters = [p.replace(annotation=inspect.Parameter.empty, default=_short_default(p.default)) for p in parameters]
    return str(found.replace(parameters=parameters, return_annotation=inspect.Signature.empty))


class _Literal:
    """A default value with a given `repr`."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


def _short_default(default: Any) -> Any:
    if default is inspect.Parameter.empty:
        return default
    return _Literal(f"{default:.6g}" if isinstance(default, float) and not default.is_integer() else repr(default))


def parameter_table(thing: type[fx.Module]) -> list[str]:
    """Return a table with one row per parameter, from its declaration."""
    if not thing.declarations:
        return ["It has no parameters."]
    rows = ["| Parameter | Default | Slider | Unit | Valid | Description |", "|---|---|---|---|---|---|"]
    for declared in thing.declarations.values():
        default = declared.default if not isinstance(declared.default, float) else f"{declared.default:.6g}"
        unit = declared.unit or "–"
        columns = [f"`{declared.keyword}`", f"`{default}`", slider(declared), unit, declared.allowed(), declared.doc]
        rows.append("| " + " | ".join(column.replace("|", "\\|") for column in columns) + " |")
    return rows


def slider(declared: Any) -> str:
    """Return the range and the scale of the slider of a parameter, on one line."""
    if declared.kind in ("number", "count") or (declared.kind == "numbers" and declared.has_sliders):
        ends = f"{declared.low:g} … {declared.high:g}".replace("-", "−")
        text = ends + (" log" if declared.scale == "log" else "") + (", each" if declared.kind == "numbers" else "")
    else:
        text = {"choice": "a list", "switch": "a box to tick"}.get(declared.kind, "–")
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def picture(thing: type[fx.Module], path: Path) -> str:
    """Save the card of the example of a filter or effect; return its source, or `""` for other processors."""
    if thing.__module__.split(".")[1] not in ("filters", "effects"):
        return ""
    bundle = example(thing)._repr_mimebundle_()
    data = (bundle[0] if isinstance(bundle, tuple) else bundle)["image/png"]
    path.write_bytes(base64.b64decode(data) if isinstance(data, str) else data)
    return source(thing)

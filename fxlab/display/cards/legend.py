"""What stands in words in a module's picture: its title line, the facts, and which pen draws what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from fxlab.display.canvas import colors
from fxlab.display.canvas.canvas import Canvas, fitted
from fxlab.display.canvas.colors import Pen
from fxlab.display.cards import number_format
from fxlab.filters import Bank
from fxlab.module import ArrayParam, Chain, Module, Param, ParameterDeclaration, Sum

_LINE = 16


class Entry(NamedTuple):
    """A line of the legend: words with the pen or the mark that they explain."""

    words: str
    pen: Pen | None = None
    mark: str = ""
    hue: str = colors.TEXT


def title(module: Module) -> str:
    """The name of a module, and of those that it is made of.

    >>> from fxlab.filters import HighPass, LowPass
    >>> title(HighPass() | LowPass())
    'HighPass | LowPass'
    """
    if type(module) is Chain and len(module):
        return " | ".join(f"({title(stage)})" if isinstance(stage, Sum) else title(stage) for stage in module)
    if isinstance(module, Sum):
        return " + ".join(f"({title(branch)})" if isinstance(branch, Chain) else title(branch) for branch in module)
    inner = dict(module.named_children()).get("module")
    if isinstance(inner, Module):  # Mix, ZeroPhase
        return f"{type(module).__name__}({title(inner)})"
    return type(module).__name__


def settings(module: Module) -> list[str]:
    """The module's own parameters, as `"cutoff 1000 Hz"`."""
    held = {name: (declaration, getattr(module, name)) for name, declaration in module.in_use().items()}
    return [_setting(declaration, value) for declaration, value in held.values() if value is not None]


def _counts(declaration: ParameterDeclaration) -> bool:
    """Whether its value names it already: "7 taps"."""
    return isinstance(declaration, ArrayParam) and declaration.keyword in declaration.shape


def _setting(declaration: ParameterDeclaration, held: object) -> str:
    words = number_format.value(declaration, held)
    if _counts(declaration):
        return words
    return f"{'Q' if declaration.name == 'q' else declaration.label.lower()} {words}"


def stage_entries(sheet: Canvas, module: Module, room: float, *, drawn: int) -> list[Entry]:
    """The stages of a chain, with their pens where curves of them are drawn, as many as `drawn`."""
    if isinstance(module, Bank) and drawn:
        return [Entry(f"{drawn} bands, in two colours", colors.stage_pen(0)), Entry("their sum", Pen(colors.MAIN))]
    if not isinstance(module, (Chain, Sum)) or len(module) < 2:
        return []
    room -= 24 if drawn else 0
    return [
        Entry(briefly(sheet, f"{number} {title(stage)}", stage, room), colors.stage_pen(number) if drawn else None)
        for number, stage in enumerate(module)
    ]


def example_entries(module: Module, count: int) -> list[Entry]:
    """The examples of a batch, each with its value where one parameter tells them apart."""
    varied = [
        (declaration, declaration.stored(owner).detach().flatten())
        for _, owner, declaration in module.walk()
        if isinstance(declaration, Param) and declaration.applies(owner) and declaration.stored(owner).numel() > 1
    ]
    if len(varied) == 1 and len(varied[0][1]) >= count:
        names = [number_format.value(varied[0][0], value) for value in varied[0][1][:count]]
    else:
        names = ["" for _ in range(count)]
    return [Entry(f"{number}  {name}".strip(), colors.example_pen(number)) for number, name in enumerate(names)]


def draw_title(sheet: Canvas, left: float, module: Module, at: str) -> None:
    """Write the name, its settings as far as there is room, and on the right the sample rate."""
    right = sheet.width - 4
    sheet.text(right, 12, at, align="right")
    room = right - sheet.width_of(at) - 16 - left
    name = title(module)
    if sheet.width_of(name, size=13, bold=True) > room:
        name = fitted(sheet, name.split(" | "), room * 0.9, joint=" | ", size=14)
    sheet.text(left, 12, name, size=13, bold=True)
    taken = sheet.width_of(name, size=13, bold=True) + 14
    own = settings(module)
    if own and room - taken > 60:
        sheet.text(left + taken, 12, fitted(sheet, own, room - taken))


def draw_entries(sheet: Canvas, left: float, top: float, entries: Sequence[Entry]) -> None:
    """Write the lines one below another, as many as the sheet has room for."""
    room = int((sheet.height - 8 - top) // _LINE) + 1
    kept = list(entries[:room])
    if len(entries) > room:
        kept[-1] = Entry(f"… and {len(entries) - room + 1} more", Pen("#00000000"))
    for number, entry in enumerate(kept):
        height, place = top + number * _LINE, left
        if entry.mark:
            sheet.marks([left + 5], [height], entry.mark, colors.MAIN)  # type: ignore[arg-type]
            place += 16
        if entry.pen is not None:
            sheet.line([left, left + 18], [height, height], entry.pen, width=1.6)
            place += 24
        sheet.text(place, height, entry.words, entry.hue, bold=entry.hue == colors.ALARM)


def briefly(sheet: Canvas, name: str, stage: Module, room: float) -> str:
    """A stage and as many of its values as there is room for."""
    values = [
        f"{'' if declaration.unit or _counts(declaration) else declaration.label} "
        f"{number_format.value(declaration, getattr(stage, key))}".strip()
        for key, declaration in stage.in_use().items()
    ]
    for count in range(len(values), 0, -1):
        words = f"{name}  {', '.join(values[:count])}"
        if sheet.width_of(words) <= room:
            return words
    return fitted(sheet, [name], room)

"""The reference, written from the code: one page a room, one page a processor with the table of its parameters.

Before Sphinx reads its sources, everything public is written as Markdown to `docs/api/generated/`. A public name
without a docstring, or a parameter without its sentence, is a warning, and so an error.
"""

from __future__ import annotations

import inspect
import shutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from api_entries import class_entry, function_entry, parameter_table, picture, value_entry
from docstring import first_line, markdown
from sphinx.application import Sphinx
from sphinx.util import logging

import fxlab as fx
from fxlab import engine

# The rooms in the order of the house; what is not named here comes after, by name.
TITLES = {
    "filters": "Filters",
    "effects": "Effects",
    "augment": "Augmentations",
    "features": "Features",
    "signal": "Signals",
    "module": "Modules and parameters",
    "panel": "The panel",
    "analysis": "Analysis",
    "learn": "Learning",
    "engine": "The engine",
    "errors": "Errors",
}
logger = logging.getLogger(__name__)


def room_of(thing: Any) -> str:
    """The folder of the house in which `thing` is defined."""
    name = thing.__name__ if isinstance(thing, ModuleType) else thing.__module__
    return str(name).split(".")[1]


def is_processor(thing: Any) -> bool:
    """Whether `thing` is a module to be used as it is, rather than built upon."""
    if not (inspect.isclass(thing) and issubclass(thing, fx.Module)) or room_of(thing) == "module":
        return False
    return not thing.is_abstract()


def public() -> dict[str, dict[str, Any]]:
    """Room → public name → what it names."""
    rooms: dict[str, dict[str, Any]] = {}
    for name in sorted(fx.__all__, key=str.lower):
        thing = getattr(fx, name)
        if not isinstance(thing, str):
            rooms.setdefault(room_of(thing), {})[f"fxlab.{name}"] = thing
    for name in engine.__all__:
        rooms.setdefault("engine", {})[f"fxlab.engine.{name}"] = getattr(engine, name)
    order = [room for room in TITLES if room in rooms] + sorted(set(rooms) - set(TITLES))
    # Classes before functions, and these before what a submodule holds.
    return {room: dict(sorted(rooms[room].items(), key=lambda item: _rank(item[1]))) for room in order}


def _rank(thing: Any) -> int:
    return 0 if inspect.isclass(thing) else 2 if isinstance(thing, ModuleType) else 1


def entry(name: str, thing: Any) -> str:
    """The reference of one public name that is no processor."""
    if isinstance(thing, ModuleType):
        members = [f"{name}.{member}" for member in getattr(thing, "__all__", [])]
        parts = [entry(member, getattr(thing, member.rpartition(".")[2])) for member in members]
        return "\n\n".join([markdown(thing), *parts])
    if inspect.isclass(thing):
        return class_entry(name, thing)
    return function_entry(name, thing) if callable(thing) else value_entry(name)


def room_page(room: str, things: dict[str, Any]) -> str:
    """The page of a room: what it is, its processors in a table, everything else in full."""
    package = import_module(f"fxlab.{room}")
    processors = {name: thing for name, thing in things.items() if is_processor(thing)}
    lines = [f"# {TITLES.get(room, room.capitalize())}", "", markdown(package), ""]
    if processors:
        lines += ["| Processor | What it does |", "|---|---|"]
        for name, thing in processors.items():
            short = name.rpartition(".")[2]
            lines.append(f"| [{short}]({room}/{short}.md) | {cell(first_line(thing))} |")
        lines += ["", ":::{toctree}", ":hidden:", ""]
        lines += [f"{room}/{name.rpartition('.')[2]}" for name in processors] + [":::", ""]
    for name, thing in things.items():
        if name not in processors:
            lines += [entry(name, thing), ""]
    return "\n".join(lines)


def processor_page(name: str, thing: type[fx.Module], folder: Path) -> str:
    """The page of a processor: what it is, what it looks like, its parameters."""
    short = name.rpartition(".")[2]
    lines = [f"# {short}", "", class_entry(name, thing, brief=True), "", *parameter_table(thing), ""]
    shown = picture(thing, folder / f"{short}.png")
    if shown:
        lines += [f"`fx.{shown}` alone in a cell shows:", ""]
        lines += [f"```{{image}} {short}.png", f":alt: the card of {shown}", ":width: 720px", "```", ""]
    return "\n".join(lines)


def cell(text: str) -> str:
    """`text` inside a table."""
    return text.replace("|", "\\|")


def gaps(things: dict[str, Any]) -> Iterator[str]:
    """What is public and says nothing of itself."""
    for name, thing in things.items():
        if callable(thing) and not inspect.getdoc(thing):
            yield f"{name} has no docstring"
        if is_processor(thing):
            for declaration in thing.declarations.values():
                if not declaration.doc:
                    yield f"{name}.{declaration.name} has no doc="


def write_pages(app: Sphinx) -> None:
    """Write everything; called when the builder is there and nothing has been read yet."""
    folder = Path(app.srcdir) / "api" / "generated"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    rooms = public()
    for room, things in rooms.items():
        for gap in gaps(things):
            logger.warning("the reference has a gap: %s", gap)
        (folder / f"{room}.md").write_text(room_page(room, things), encoding="utf-8")
        for name, thing in things.items():
            if is_processor(thing):
                (folder / room).mkdir(exist_ok=True)
                page = processor_page(name, thing, folder / room)
                (folder / room / f"{name.rpartition('.')[2]}.md").write_text(page, encoding="utf-8")
    # Included by docs/api/index.md, so the names are as seen from there.
    listed = "\n".join(f"generated/{room}" for room in rooms)
    (folder / "contents.md").write_text(
        f":::{{toctree}}\n:maxdepth: 2\n:includehidden:\n\n{listed}\n:::\n", encoding="utf-8"
    )


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("builder-inited", write_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

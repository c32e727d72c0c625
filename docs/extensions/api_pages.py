"""Generated API reference: one page per subpackage, and one per processor with a table of its parameters.

Before Sphinx reads its sources, all public names are documented as Markdown in `docs/api/generated/`. A public name
without a docstring, or a parameter without `doc=`, is a warning, which fails the build.
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
from live import live_panel
from sphinx.application import Sphinx
from sphinx.util import logging

import fxlab as fx
from fxlab import augment, engine

# Subpackages in the order of the reference; all others follow, sorted by name.
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


def subpackage_of(thing: Any) -> str:
    """Return the name of the subpackage of fxlab that defines `thing`."""
    name = thing.__name__ if isinstance(thing, ModuleType) else thing.__module__
    return str(name).split(".")[1]


def is_processor(thing: Any) -> bool:
    """Return whether `thing` is a concrete module, not a base class."""
    if not (inspect.isclass(thing) and issubclass(thing, fx.Module)) or subpackage_of(thing) == "module":
        return False
    return not thing.is_abstract()


def public_objects() -> dict[str, dict[str, Any]]:
    """Return a dictionary from subpackage to public name to object."""
    subpackages: dict[str, dict[str, Any]] = {}
    for name in sorted(fx.__all__, key=str.lower):
        thing = getattr(fx, name)
        if not isinstance(thing, str):
            subpackages.setdefault(subpackage_of(thing), {})[f"fxlab.{name}"] = thing
    for subpackage, package in (("engine", engine), ("augment", augment)):
        for name in package.__all__:
            subpackages.setdefault(subpackage, {})[f"fxlab.{subpackage}.{name}"] = getattr(package, name)
    order = [subpackage for subpackage in TITLES if subpackage in subpackages] + sorted(set(subpackages) - set(TITLES))
    # Classes come first, then functions, then submodules.
    return {
        subpackage: dict(sorted(subpackages[subpackage].items(), key=lambda item: _rank(item[1])))
        for subpackage in order
    }


def _rank(thing: Any) -> int:
    return 0 if inspect.isclass(thing) else 2 if isinstance(thing, ModuleType) else 1


def entry(name: str, thing: Any) -> str:
    """Return the reference entry of a public name that is not a processor."""
    if isinstance(thing, ModuleType):
        members = [f"{name}.{member}" for member in getattr(thing, "__all__", [])]
        parts = [entry(member, getattr(thing, member.rpartition(".")[2])) for member in members]
        return "\n\n".join([markdown(thing), *parts])
    if inspect.isclass(thing):
        return class_entry(name, thing)
    return function_entry(name, thing) if callable(thing) else value_entry(name)


def subpackage_page(subpackage: str, objects: dict[str, Any]) -> str:
    """Return the page of a subpackage: its docstring, a table of its processors, and all other names in full."""
    package = import_module(f"fxlab.{subpackage}")
    processors = {name: thing for name, thing in objects.items() if is_processor(thing)}
    lines = [f"# {TITLES.get(subpackage, subpackage.capitalize())}", "", markdown(package), ""]
    if processors:
        lines += ["| Processor | Description |", "|---|---|"]
        for name, thing in processors.items():
            short = name.rpartition(".")[2]
            lines.append(f"| [{short}]({subpackage}/{short}.md) | {cell(first_line(thing))} |")
        lines += ["", ":::{toctree}", ":hidden:", ""]
        lines += [f"{subpackage}/{name.rpartition('.')[2]}" for name in processors] + [":::", ""]
    for name, thing in objects.items():
        if name not in processors:
            lines += [entry(name, thing), ""]
    return "\n".join(lines)


def processor_page(name: str, thing: type[fx.Module], folder: Path) -> str:
    """Return the page of a processor: its docstring, parameters and card."""
    short = name.rpartition(".")[2]
    lines = [f"# {short}", "", class_entry(name, thing, brief=True), "", *parameter_table(thing), ""]
    source = picture(thing, folder / f"{short}.png")
    if source:
        lines += [f"`{source}` in a cell shows:", ""]
        lines += [f"```{{image}} {short}.png", f":alt: the card of {source}", ":width: 720px", "```", ""]
        lines += ["## Live", "", *live_panel(thing)]
    return "\n".join(lines)


def fixed_parameters_table() -> str:
    """Return a table of the continuous parameters that cannot be controls, with the reason of each.

    Augmentations are left out, since they draw all of their parameters.
    """
    reasons: dict[tuple[str, str], list[str]] = {}
    for subpackage, objects in public_objects().items():
        for name, thing in objects.items():
            short = name.rpartition(".")[2]
            if not is_processor(thing) or subpackage == "augment":
                continue
            for parameter, reason in thing.fixed_parameters.items():
                if parameter in thing.continuous:
                    reasons.setdefault((f"`{short}`", reason), []).append(f"`{parameter}`")
            if thing.refuses_moving_parts:
                reasons[f"`{short}`", thing.refuses_moving_parts] = ["all parameters of its parts"]
    rows = [
        f"| {owner} | {', '.join(parameters)} | {cell(reason[:1].upper() + reason[1:])} |"
        for (owner, reason), parameters in sorted(reasons.items())
    ]
    return "\n".join(["| Module | Parameters | Reason |", "|---|---|---|", *rows, ""])


def cell(text: str) -> str:
    """Escape `text` for a table cell."""
    return text.replace("|", "\\|")


def missing_docs(objects: dict[str, Any]) -> Iterator[str]:
    """Yield a message for each public name without a docstring and each parameter without `doc=`."""
    for name, thing in objects.items():
        if callable(thing) and not inspect.getdoc(thing):
            yield f"{name} has no docstring"
        if is_processor(thing):
            for declaration in thing.declarations.values():
                if not declaration.doc:
                    yield f"{name}.{declaration.name} has no doc="


def write_pages(app: Sphinx) -> None:
    """Write all pages; called after the builder is created and before any source is read."""
    folder = Path(app.srcdir) / "api" / "generated"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    subpackages = public_objects()
    for subpackage, objects in subpackages.items():
        for message in missing_docs(objects):
            logger.warning("API reference: %s", message)
        (folder / f"{subpackage}.md").write_text(subpackage_page(subpackage, objects), encoding="utf-8")
        for name, thing in objects.items():
            if is_processor(thing):
                (folder / subpackage).mkdir(exist_ok=True)
                page = processor_page(name, thing, folder / subpackage)
                (folder / subpackage / f"{name.rpartition('.')[2]}.md").write_text(page, encoding="utf-8")
    # docs/api/index.md includes this file, so the paths are relative to docs/api/.
    toctree = "\n".join(f"generated/{subpackage}" for subpackage in subpackages)
    (folder / "contents.md").write_text(
        f":::{{toctree}}\n:maxdepth: 2\n:includehidden:\n\n{toctree}\n:::\n", encoding="utf-8"
    )
    (folder / "fixed-parameters.md").write_text(fixed_parameters_table(), encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension with Sphinx."""
    app.connect("builder-inited", write_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

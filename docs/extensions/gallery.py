"""The gallery: each filter and effect with its card, a sound before and after, and the lines that make it.

The pages are written before Sphinx reads its sources, after the API reference, whose pictures they show. The sounds are
MP3 files beside the pages.
"""

from __future__ import annotations

import math
import shutil
from pathlib import Path
from typing import Any

from api_pages import is_processor, public_objects
from docstring import first_line
from examples import example, excerpt, sound, source
from live import live_panel
from sphinx.application import Sphinx

import fxlab as fx

TITLES = {"filters": "Gallery of filters", "effects": "Gallery of effects"}
INTRODUCTION = """Each entry has the card that the module shows in a notebook cell, a sound before and after it, the
code, and a panel that runs in the page: move a slider and hear it, without a kernel.

"""


def save_sound(signal: fx.Signal, path: Path) -> str:
    """Save a sound as MP3; return a remark if it had to be made quieter, since a file holds at most ±1."""
    peak = float(signal.samples.abs().max())
    if peak <= 1:
        signal.save(path)
        return ""
    (signal | fx.Gain(-20 * math.log10(peak))).save(path)
    return f", {20 * math.log10(peak):.1f} dB quieter than it is"


def player(label: str, file: str) -> str:
    """Return a player of a sound as HTML."""
    return (
        f'<figure class="sound"><figcaption>{label}</figcaption>'
        f'<audio controls preload="none" src="{file}" aria-label="{label}"></audio></figure>'
    )


def entry(thing: type[fx.Module], folder: Path, subpackage: str) -> list[str]:
    """Return the lines of an entry of the gallery, and write its sound."""
    name, of = thing.__name__, sound(thing)
    note = save_sound(excerpt(of) | example(thing), folder / f"{name}.mp3")
    variable = name.lower()
    page = f"../api/generated/{subpackage}/{name}.md"
    return [
        f"## {name}",
        "",
        f"{first_line(thing)} [All parameters]({page})",
        "",
        f"```{{image}} ../api/generated/{subpackage}/{name}.png",
        f":alt: the card of {name}",
        ":width: 560px",
        ":loading: lazy",
        "```",
        "",
        "```{raw} html",
        f'<div class="sounds">{player("Before", f"{of}.mp3")}{player(f"After{note}", f"{name}.mp3")}</div>',
        "```",
        "",
        "```python",
        f"{of} = fx.examples.{of}()",
        f"{variable} = {source(thing)}",
        f"{of} | {variable}",
        "```",
        "",
        *live_panel(thing, button=f"Open the panel of {name}"),
    ]


def write_gallery(app: Sphinx) -> None:
    """Write the pages and sounds of the gallery."""
    folder = Path(app.srcdir) / "gallery"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name in ("voice", "guitar", "drums"):
        save_sound(excerpt(name), folder / f"{name}.mp3")
    objects = public_objects()
    for subpackage, title in TITLES.items():
        things: list[Any] = [thing for thing in objects[subpackage].values() if is_processor(thing)]
        lines = [f"# {title}", "", INTRODUCTION]
        for thing in things:
            lines += entry(thing, folder, subpackage)
        (folder / f"{subpackage}.md").write_text("\n".join(lines), encoding="utf-8")


def copy_sounds(app: Sphinx, exception: Exception | None) -> None:
    """Copy the sounds beside the pages, since Sphinx copies only what a directive names."""
    if exception is None:
        target = Path(app.outdir) / "gallery"
        target.mkdir(exist_ok=True)
        for file in (Path(app.srcdir) / "gallery").glob("*.mp3"):
            shutil.copy2(file, target)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension with Sphinx."""
    app.connect("builder-inited", write_gallery, priority=600)
    app.connect("build-finished", copy_sounds)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

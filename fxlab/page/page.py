"""`Page`: a panel that runs without a kernel, as HTML."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Literal

from fxlab.augment.audition import Audition
from fxlab.augment.pitch.pitch import Resample as RandomResample
from fxlab.effects.pitch.resample import Resample
from fxlab.errors import CompileError, FileError, ParameterError, SignalError
from fxlab.labs.exploration import Exploration
from fxlab.module import Module
from fxlab.page.compiler import CompiledModule, compile_module
from fxlab.page.description import describe
from fxlab.page.document import document, packed_scripts, panel_html, separate_script
from fxlab.page.samples import rendered_positions
from fxlab.page.sound import Format, page_sound
from fxlab.page.still import still_picture
from fxlab.panel.controls.spec import title as panel_title
from fxlab.panel.rendering.sounding_part import sounding_part
from fxlab.panel.views import initial_views
from fxlab.signal import Signal

HEIGHT = 640
"""The height of a page in a notebook, in CSS pixels."""

OTHER_RATE = "An output of another sample rate is converted to the {:g} Hz of the sound and played."
"""The note of a page whose module changes the sample rate."""

SUFFIXES = (".html", ".htm")


class Page:
    """A panel as an HTML page that runs its module in the browser, without a kernel, a server or a network.

    `module.page(signal)` returns one, and `panel.save(path)` writes one to a file. A notebook displays it as the result
    of a cell.

    Args:
        module: The module, which is compiled to JavaScript with its current values.
        signal: The `Signal` to play.
        title: The heading of the page; by default the name of the module.
        views: The views that are open initially, as for a panel.
        sound: The format of the sound: `"flac"`, with 16 bits per sample; `"opus"`, compressed with losses; or
            `"auto"`, which chooses by the size of the file, but always `"flac"` for a function of `explore`.
        fallback: What a page does if the module cannot be compiled: with `"samples"` it plays renders at a set of
            positions of the first slider. With None there is no page, and an error is raised.

    Raises:
        CompileError: The module cannot be compiled, and `fallback` is None.
        ParameterError: The module has no such view, the title is blank or not text, `sound` or `fallback` is not one of
            the values above, or the fallback is used and the module has no slider.
        SignalError: `signal` is not a `Signal`.
        FileError: The sample rate of the signal is not a whole number, or the signal has more than 8 channels.
    """

    def __init__(
        self,
        module: Module,
        signal: Signal,
        *,
        title: str | None = None,
        views: str | Sequence[str] | None = None,
        sound: Format = "auto",
        fallback: Literal["samples"] | None = None,
    ) -> None:
        if not isinstance(signal, Signal):
            raise SignalError(
                f"page: the first argument must be a Signal, not {type(signal).__name__}; "
                "use fx.Signal(tensor, sample_rate=...) or fx.load(path)."
            )
        if title is not None and not (isinstance(title, str) and title.strip()):
            raise ParameterError(
                f"page: title = {title!r}; it must be text that is not blank, or None for the name of the module."
            )
        self.title = panel_title(module) if title is None else title
        if isinstance(module, Exploration) and sound == "auto":
            sound = "flac"  # a function may measure what a codec changes
        encoded, note = page_sound(signal, sound)
        if isinstance(module, Exploration) and not module.uses_panel_signal:
            note = ""
        compiled, compiler_notes = self._compile(module, signal, fallback)
        description = describe(module, signal, compiled, encoded, views=initial_views(views, module))
        # An Ogg file has a random number in it, so that the same sound has other data each time.
        text = f"{compiled.javascript}{json.dumps({**description, 'sound': encoded['name']})}"
        self.id = description["id"] = hashlib.sha256(text.encode()).hexdigest()[:12]
        self.programs = {self.id: compiled.javascript}
        self.notes = (
            "This page computes everything in your browser, without a kernel: made with fxlab.",
            *([note] if note else []),
            *compiler_notes,
            *description["notes"],
        )
        self.description, self.still = description, still_picture(module, signal)

    def _compile(self, module: Module, signal: Signal, fallback: str | None) -> tuple[CompiledModule, list[str]]:
        """Return the program, and sentences about it for the notes of the page.

        Raises:
            ParameterError: `fallback` is neither None nor "samples", or the module needs it and has no slider.
            CompileError: `fallback` is None, and the module cannot be compiled.
        """
        if fallback not in (None, "samples"):
            raise ParameterError(f"page: fallback = {fallback!r} is not known. Choose None or 'samples'.")
        player = sounding_part(module)
        own = signal.sample_rate
        notes = [OTHER_RATE.format(own)] if _has_other_rate(player, own) else []
        try:
            compiled = compile_module(
                player,
                own,
                signal.channels,
                frames=signal.frames,
                bypass=True,
                heard=True,
                movement=True,
            )
            return compiled, notes
        except CompileError:
            if fallback is None:
                raise
        compiled, note = rendered_positions(player, signal)
        return compiled, [note]

    def panel(self, heading_level: int, title: str = "") -> str:
        """Return the HTML of the panel alone.

        Args:
            heading_level: The level of the headings of the panel's stages.
            title: The heading that the document has above the panel; the panel does not repeat an equal title.
        """
        return panel_html(self.description, self.still, heading_level, title)

    @property
    def html(self) -> str:
        """The page as the text of one HTML file."""
        return document(self.title, self.panel(2, self.title), self.notes, packed_scripts(self.programs))

    def save(self, path: str | os.PathLike[str], *, separate: bool = False) -> Path:
        """Write the page, and return its path.

        Args:
            path: The HTML file, whose name ends with .html or .htm.
            separate: Whether to write the scripts to a second file, `lesson.js` beside `lesson.html`, for a server
                whose Content-Security-Policy allows no scripts within HTML.

        Raises:
            FileError: `path` is not a path, has another ending or names a folder, or a file cannot be written.
        """
        target = _html_file(path)
        files = {target: self.html}
        if separate:
            script = target.with_suffix(".js")
            tag = f'<script src="{escape(script.name)}" defer></script>'
            files = {
                target: document(self.title, self.panel(2, self.title), self.notes, tag),
                script: separate_script(self.programs),
            }
        for file, text in files.items():
            try:
                file.write_text(text, encoding="utf-8")
            except (OSError, ValueError) as error:  # ValueError: the name or the title holds no valid text
                reason = getattr(error, "strerror", None) or error
                raise FileError(f"{str(file)!r} cannot be written: {reason}.") from error
        return target

    def _repr_html_(self) -> str:
        """Return the page in an `iframe`, whose sandbox gives it no access to the notebook."""
        return (
            f'<iframe title="{escape(self.title)}" srcdoc="{escape(self.html)}" allow="autoplay" '
            f'sandbox="allow-scripts allow-downloads" style="width:100%;height:{HEIGHT}px;border:0"></iframe>'
        )

    def __repr__(self) -> str:
        return f"Page({self.title!r})"


def _has_other_rate(module: Module, rate: float) -> bool:
    """Return whether the sample rate of the output differs from `rate`, or may differ after a change in the page."""
    resamples = isinstance(module, Resample)
    if isinstance(module, Audition):
        resamples = any(isinstance(part, RandomResample) for part in module.modules())
    return resamples or module.output_rate(rate) != rate


def _html_file(path: object) -> Path:
    """Return the path of a page, if a page can be written there.

    Raises:
        FileError: `path` is not a path, names a folder, has a suffix that is not in `SUFFIXES`, or its folder does not
            exist.
    """
    if not isinstance(path, str | os.PathLike):
        kind = type(path).__name__
        raise FileError(f"save: path = {path!r} is a {kind}; give the path of an HTML file, such as 'lesson.html'.")
    target = Path(path).expanduser()
    if os.path.isdir(target):  # noqa: PTH112 — False for a name that is too long, for which `is_dir` raises
        raise FileError(f"{str(target)!r} is a folder; give the name of a file in it: {str(target / 'lesson.html')!r}.")
    if target.suffix.lower() not in SUFFIXES:
        raise FileError(
            f"{str(target)!r} is not the name of a page, which ends with {' or '.join(SUFFIXES)}, so that a browser "
            f"opens it: {str(target.with_suffix('.html'))!r}."
        )
    if not os.path.isdir(target.parent):  # noqa: PTH112
        raise FileError(
            f"{str(target)!r} cannot be written: there is no folder {str(target.parent)!r}. Create it first."
        )
    return target

"""`Presentation`: the card, the panel and the live page of a module, drawn by other packages; see `fxlab.hooks`."""

from __future__ import annotations

from typing import Any

from fxlab import hooks
from fxlab.signal import Signal


class Presentation:
    """The base class of objects with a card in a notebook, an interactive panel and a live page."""

    def panel(self, signal: Signal, **options: Any) -> Any:
        """Return the interactive panel for `signal`, with sliders, sound and plots; for options see `fxlab.Panel`."""
        return hooks.resolve("panel")(self, signal, **options)

    def page(self, signal: Signal, **options: Any) -> Any:
        """Return a panel as an HTML page that needs no Python kernel: `module.page(signal).save("lesson.html")`.

        See `fxlab.page.page.Page` for the options.
        """
        return hooks.resolve("page")(self, signal, **options)

    def panel_views(self) -> dict[str, Any]:
        """Return additional views for the panel by name, each an `fxlab.panel.views.View`; by default none."""
        return {}

    def card_drawings(self, signal: Signal) -> dict[str, Any]:
        """Return plots of `signal` for the card by name; by default none.

        Each is a tuple with the fields of `fxlab.display.plots.drawing.Drawing`.
        """
        return {}

    def panel_code(self) -> str | None:
        """Return the Python code for `Panel.code`, or None if it is to be generated from the `repr`."""
        return None

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        return hooks.resolve("module_bundle")(self, include=include, exclude=exclude)

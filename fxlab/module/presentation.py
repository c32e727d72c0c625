"""`Presentation`: the card, the panel and the live page of a module, which later packages draw; see `fxlab.hooks`."""

from __future__ import annotations

from typing import Any

from fxlab import hooks
from fxlab.signal import Signal


class Presentation:
    """The base of objects that show themselves in a notebook and open a panel."""

    def panel(self, signal: Signal, **options: Any) -> Any:
        """Open the interactive panel on `signal`: sliders, sound and plots. See `fxlab.Panel`."""
        return hooks.resolve("panel")(self, signal, **options)

    def page(self, signal: Signal, **options: Any) -> Any:
        """Return a panel that runs in a browser without a kernel, as HTML: `module.page(signal).save("lesson.html")`.

        See `fxlab.page.page.Page` for the options.
        """
        return hooks.resolve("page")(self, signal, **options)

    def panel_views(self) -> dict[str, Any]:
        """Return additional views for the panel, each a `fxlab.panel.views.View`, by name; empty by default."""
        return {}

    def card_drawings(self, signal: Signal) -> dict[str, Any]:
        """Return plots for the card by name, each a type, fields and vectors like a panel's view; empty by default."""
        return {}

    def panel_code(self) -> str | None:
        """Return the Python code for `Panel.code`, or None if it is to be generated from the `repr`."""
        return None

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        return hooks.resolve("module_bundle")(self, include=include, exclude=exclude)

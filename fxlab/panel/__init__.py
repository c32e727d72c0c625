"""The live panel: what to draw (`spec`), what to play (`render`), who does it (`worker`), and the widget itself."""

from fxlab.panel.panel import Panel

__all__ = ["Panel"]

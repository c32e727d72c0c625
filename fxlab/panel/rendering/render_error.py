"""`RenderError`: why a render failed."""

from __future__ import annotations


class RenderError(Exception):
    """An error of a render, in words for the panel, with the path of the parameter that caused it, if one did."""

    def __init__(self, message: str, path: str | None = None) -> None:
        super().__init__(message)
        self.path = path

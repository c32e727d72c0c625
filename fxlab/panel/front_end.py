"""The front end as it was built: what a widget carries, and what is sent to a page once."""

from __future__ import annotations

import gzip
import hashlib
from functools import cache
from importlib.resources import files


@cache
def built(name: str) -> str:
    """The text of a built front-end file."""
    return files("fxlab").joinpath("browser", "dist", name).read_text(encoding="utf-8")


@cache
def packed(name: str) -> bytes:
    """The same as it travels: a third of the bytes."""
    return gzip.compress(built(name).encode(), mtime=0)


@cache
def fingerprint() -> str:
    """What tells one build of the panel's code from another."""
    return hashlib.sha256(built("panel.js").encode()).hexdigest()[:16]

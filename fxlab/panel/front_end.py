"""The built front end: the loader that every widget contains, and the code that is sent once to each page."""

from __future__ import annotations

import gzip
import hashlib
from functools import cache
from importlib.resources import files


@cache
def built_file(name: str) -> str:
    """Return the text of a built file of the front end."""
    return files("fxlab").joinpath("browser", "dist", name).read_text(encoding="utf-8")


@cache
def built_file_gzipped(name: str) -> bytes:
    """Return a built file of the front end, gzipped to about a third of its size for sending."""
    return gzip.compress(built_file(name).encode(), mtime=0)


@cache
def bundle_hash() -> str:
    """Return the hash that identifies this build of `panel.js`."""
    return hashlib.sha256(built_file("panel.js").encode()).hexdigest()[:16]

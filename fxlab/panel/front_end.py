"""The built front end: the loader that every widget contains, and the code that is sent once to each page."""

from __future__ import annotations

import gzip
import hashlib
from functools import cache
from importlib.resources import files


@cache
def built_file(name: str) -> str:
    """Return the text of the file `name` in the folder of the built front end."""
    return files("fxlab").joinpath("browser", "dist", name).read_text(encoding="utf-8")


@cache
def built_file_gzipped(name: str) -> bytes:
    """Return the file `name` of the built front end, compressed with gzip."""
    return gzip.compress(built_file(name).encode(), mtime=0)


@cache
def bundle_hash() -> str:
    """Return the first 16 hexadecimal digits of the SHA-256 hash of `panel.js`, which identify this build."""
    return hashlib.sha256(built_file("panel.js").encode()).hexdigest()[:16]

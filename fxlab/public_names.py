"""The public names of fxlab, for code in its subpackages, which must not import `fxlab` itself."""

from typing import Any

PUBLIC_NAMES: dict[str, Any] = {}
"""Everything in `fxlab.__all__` that is imported with fxlab, by name; `fxlab/__init__.py` fills it."""

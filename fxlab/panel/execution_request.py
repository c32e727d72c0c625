"""`can_show_widgets`: whether the front end that sent the current cell can show a widget."""

from __future__ import annotations

import os
from typing import Any

from IPython.core.getipython import get_ipython


def can_show_widgets() -> bool:
    """Return whether the cell was sent by a front end with a page, and not by a program that executes notebooks.

    Outside a Jupyter kernel the result is True.

    nbconvert, papermill, Quarto, jupyter-cache and others execute a notebook without a user. They cannot answer
    `input()`, and their requests say so in the field `allow_stdin`. Voilà executes its notebooks in the same way, but
    then shows their widgets; it is recognized by the variables that it sets in the environment of its kernels.
    """
    # Only the shell of a Jupyter kernel has requests.
    request: dict[str, Any] = getattr(get_ipython(), "get_parent", dict)()
    allows_input: bool = request.get("content", {}).get("allow_stdin", True)
    return allows_input or any(name.startswith("VOILA_") for name in os.environ)

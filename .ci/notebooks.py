"""Remove outputs and ids of cells from notebooks: `python .ci/notebooks.py [--check] a.ipynb …`.

Ids say nothing, and a front end makes new ones for copied cells; version 4.4 of the format has none. The tags
and the metadata of nbgrader are kept.

Without `--check` the files are cleaned in place. With `--check` they are not changed; notebooks that are not clean are
listed, and the exit status is then 1.
"""

import json
import sys
from pathlib import Path
from typing import Any

KEPT_METADATA = ("tags", "nbgrader")


def cleaned(notebook: dict[str, Any]) -> dict[str, Any]:
    """Return the notebook without outputs, execution counts, ids, widget state and metadata of front ends."""
    cells = []
    for cell in notebook["cells"]:
        kept = {**cell, "metadata": {k: v for k, v in cell["metadata"].items() if k in KEPT_METADATA}}
        kept.pop("id", None)
        if cell["cell_type"] == "code":
            kept |= {"execution_count": None, "outputs": []}
        cells.append(kept)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return {**notebook, "cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 4}


def main(arguments: list[str]) -> int:
    """Clean or check every named file; return 1 if `--check` found one that is not clean, otherwise 0."""
    check = "--check" in arguments
    dirty = []
    for path in [Path(argument) for argument in arguments if argument != "--check"]:
        text = path.read_text(encoding="utf-8")
        clean = json.dumps(cleaned(json.loads(text)), indent=1, ensure_ascii=False) + "\n"
        if clean != text:
            dirty.append(path)
            if not check:
                path.write_text(clean, encoding="utf-8")
    for path in dirty:
        print(f"{path}: {'has outputs, ids or front-end metadata; run make format' if check else 'cleaned'}")
    return int(bool(dirty and check))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

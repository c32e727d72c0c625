"""Keep outputs out of the repository: `python .ci/notebooks.py [--check] a.ipynb …`.

Without `--check` the files are cleaned in place; with it they are left alone and named, and the exit status is 1.
"""

import json
import sys
from pathlib import Path
from typing import Any


def cleaned(notebook: dict[str, Any]) -> dict[str, Any]:
    """The notebook without outputs, counts, widget state and whatever a front end noted about its reader."""
    cells = []
    for cell in notebook["cells"]:
        kept = {**cell, "metadata": {k: v for k, v in cell["metadata"].items() if k == "tags"}}
        if cell["cell_type"] == "code":
            kept |= {"execution_count": None, "outputs": []}
        cells.append(kept)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return {**notebook, "cells": cells, "metadata": metadata}


def main(arguments: list[str]) -> int:
    """Clean or check every file named; the number of those that are not clean, at most 1."""
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
        print(f"{path}: {'holds outputs or notes of a front end; make format' if check else 'cleaned'}")
    return int(bool(dirty and check))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

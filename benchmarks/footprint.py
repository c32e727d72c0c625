"""Import time of fxlab compared with torch, and the saved size of the first notebook.

python -m benchmarks.footprint [rounds]
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.report import MISSED, machine, table

NOTEBOOK = Path(__file__).parent.parent / "notebooks" / "01-first-filter.ipynb"


def seconds(code: str) -> float:
    """Return the time that a new interpreter needs for `code`."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - start


def saved_size() -> int:
    """Return the size in bytes of the first notebook, executed with nbconvert, which also saves the widgets' state."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["jupyter", "nbconvert", "--to", "notebook", "--execute", "--output-dir", folder, str(NOTEBOOK)]
        subprocess.run([sys.executable, "-m", *command], check=True, capture_output=True)
        return (Path(folder) / NOTEBOOK.name).stat().st_size


def main(rounds: int = 9) -> int:
    """Print the table; return `MISSED` if a target is missed."""
    pairs = [(seconds("import torch"), seconds("import fxlab")) for _ in range(rounds)]
    ratio = statistics.median(with_fxlab / torch_alone for torch_alone, with_fxlab in pairs)
    size = saved_size()
    print(machine())
    rows = [
        ("import fxlab / import torch", f"{ratio:.3f}", "≤ 1.15"),
        ("notebooks/01-first-filter.ipynb, saved with its outputs", f"{size / 1000:.0f} kB", "≤ 200 kB"),
    ]
    print(table(("", "measured", "target"), rows))
    return MISSED if ratio > 1.15 or size > 200_000 else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))

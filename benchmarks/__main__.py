"""Run all benchmarks one after the other, print their tables and write them to docs/benchmarks.md.

python -m benchmarks
"""

from __future__ import annotations

import datetime
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.report import machine

PARTS = {
    "Being there": "benchmarks.footprint",
    "The panel": "benchmarks.panel",
    "What panels leave behind": "benchmarks.memory",
    "The engine": "benchmarks.engine_recursion",
}
PEERS = ("numpy", "scipy", "torchaudio", "julius", "torchfx", "jupyterlab", "ipywidgets")
PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"

HEAD = """# Benchmarks

What `make bench` measured, written by it. Every peer ran in the same run, in turns; times are medians. *Times ours* is
how many times as long a peer took, so more is better for fxlab; what was asked for stands beside it.

{machine}; {versions}; {day}.
"""


def versions() -> str:
    """Return the names and versions of the installed peers."""
    found = []
    for name in PEERS:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"no {name}")
    return ", ".join(found)


def main() -> int:
    """Run the parts; return 1 if one of them missed a target."""
    page = [HEAD.format(machine=machine(), versions=versions(), day=datetime.date.today().isoformat())]
    missed = 0
    for title, module in PARTS.items():
        print(f"\n{title}\n", flush=True)
        run = subprocess.run([sys.executable, "-m", module], stdout=subprocess.PIPE, text=True, check=False)
        print(run.stdout, flush=True)
        # The first line describes the machine; the page has it once, at the top.
        page += [f"## {title}", run.stdout.split("\n", 1)[-1].strip().replace("\n## ", "\n### ").lstrip()]
        missed |= int(run.returncode != 0)
    PAGE.write_text("\n\n".join(page) + "\n", encoding="utf-8")
    return missed


if __name__ == "__main__":
    sys.exit(main())

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
    "Import time and notebook size": "benchmarks.footprint",
    "Panel latency": "benchmarks.panel",
    "Pictures of features": "benchmarks.feature_panel",
    "Memory after closing panels": "benchmarks.memory",
    "Engine": "benchmarks.engine_recursion",
    "Module calls": "benchmarks.module_calls",
    "Parameters that move": "benchmarks.moving_parameters",
    "Dynamics and distortion": "benchmarks.effects_dynamics",
    "Files by the thousand": "benchmarks.files",
    "Learning": "benchmarks.learning",
    "Augmentations": "benchmarks.augmentations",
}
PEERS = (
    "numpy",
    "scipy",
    "torchaudio",
    "julius",
    "torchfx",
    "fluxion-dsp",
    "philtorch",
    "torchlpc",
    "pedalboard",
    "torchcomp",
    "dasp-pytorch",
    "audiomentations",
    "torch-audiomentations",
    "jupyterlab",
    "ipywidgets",
)
PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"

HEAD = """# Benchmarks

`make bench` writes this page. All libraries were measured alternately in one run; times are medians. *SciPy / fxlab* is
the time of SciPy divided by that of fxlab, so a larger number is better for fxlab. Targets stand beside the figures.

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
        page += [f"## {title}", run.stdout.split("\n", 1)[-1].strip().replace("## ", "### ")]
        missed |= int(run.returncode != 0)
    PAGE.write_text("\n\n".join(page) + "\n", encoding="utf-8")
    return missed


if __name__ == "__main__":
    sys.exit(main())

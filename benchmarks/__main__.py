"""Run benchmarks one after the other, print their tables and write them to docs/benchmarks.md after each part.

python -m benchmarks                          all of them
python -m benchmarks engine_recursion panel   two of them; the others keep their sections
"""

from __future__ import annotations

import datetime
import re
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.report import MISSED

PARTS = {
    "Import time and notebook size": "benchmarks.footprint",
    "Panel latency": "benchmarks.panel",
    "Programs of live pages": "benchmarks.live_page",
    "Pictures of features": "benchmarks.feature_panel",
    "Live page in a browser": "benchmarks.live_page_browser",
    "Memory after closing panels": "benchmarks.memory",
    "Engine": "benchmarks.engine_recursion",
    "Forward and backward": "benchmarks.gradients",
    "Module calls": "benchmarks.module_calls",
    "Parameters that move": "benchmarks.moving_parameters",
    "Dynamics and distortion": "benchmarks.effects_dynamics",
    "Files by the thousand": "benchmarks.files",
    "Learning": "benchmarks.learning",
    "Augmentations": "benchmarks.augmentations",
    "Features": "benchmarks.features",
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
    "librosa",
    "nnAudio",
    "jupyterlab",
    "ipywidgets",
)
PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"

HEAD = """# Benchmarks

`make bench` writes this page. All libraries were measured alternately in one run; times are medians. *SciPy / fxlab* is
the time of SciPy divided by that of fxlab, so a larger number is better for fxlab. Targets stand beside the figures.

{versions}."""


def versions() -> str:
    """Return the names and versions of the peers that are installed."""
    found = []
    for name in PEERS:
        with suppress(PackageNotFoundError):
            found.append(f"{name} {version(name)}")
    return ", ".join(found)


def main(names: Sequence[str]) -> int:
    """Run the named parts, or all of them; return 1 if one of them failed or missed a target.

    The page is written after each part. The sections of parts that fail or are not named stay as they are, each with
    its own machine and date.
    """
    chosen = {title: module for title, module in PARTS.items() if not names or module.split(".")[1] in names}
    unknown = set(names) - {module.split(".")[1] for module in PARTS.values()}
    if unknown:
        print(f"There is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS.values())}.")
        return 2
    sections, wrong = previous_sections(), []
    for title, module in chosen.items():
        print(f"\n{title}\n", flush=True)
        run = subprocess.run([sys.executable, "-m", module], stdout=subprocess.PIPE, text=True, check=False)
        print(run.stdout, flush=True)
        if run.returncode:
            wrong.append(f"{title} {'missed a target' if run.returncode == MISSED else 'failed, its section stays'}")
        if run.returncode in (0, MISSED):
            where, _, tables = run.stdout.partition("\n")
            date = datetime.date.today().isoformat()
            sections[title] = f"{where}; {date}.\n\n{tables.strip().replace('## ', '### ')}"
            write_page(sections)
    print(*wrong, sep="\n")
    return int(bool(wrong))


def write_page(sections: dict[str, str]) -> None:
    """Write the sections, by title, to the page in the order of `PARTS`."""
    page = [HEAD.format(versions=versions())]
    page += [f"## {title}\n\n{sections[title]}" for title in PARTS if title in sections]
    PAGE.write_text("\n\n".join(page) + "\n", encoding="utf-8")


def previous_sections() -> dict[str, str]:
    """Return the sections of the page by title."""
    parts = re.split(r"^## (.*)\n\n", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {title: text.strip() for title, text in zip(parts[1::2], parts[2::2], strict=True)}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Writes the table of docs/live-page-equality.md: python -m tests.support.equality_page."""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.conftest import FLAGS, browser_path
from tests.support.c_programs import run_c
from tests.support.page_programs import RATE, error_db, run_programs, run_programs_in_chromium
from tests.support.page_specimens import IN_CHROMIUM, NOT_COMPILED, SOUND, Specimen, errors_db, run_specimens
from tests.support.specimens import specimens

PAGE = Path(__file__).parents[2] / "docs" / "live-page-equality.md"
WITHOUT_C = ("Fade",)
"""Modules that need the end of the sound, which a program in C does not know."""

HEAD = """# Live pages and torch compared

`python -m tests.support.equality_page` writes this page, and `tests/page/compiler/test_every_module.py` checks its
bounds. Each module ran under Node, compiled, on 1320 samples of stereo noise, at its first values and at random ones.
The figures are the largest difference from torch relative to the largest sample of the output, in dB: at most −140 dB
to torch in float64, and −100 dB in float32. Rounding in float64 is about −300 dB. *Chromium* is the difference in
float64 of ten modules that ran in a worker of a page there (`tests/browser/test_page_equality.py`). *C* is that of the
same program exported as C, compiled by gcc; it exists for modules that run block by block.

*Live* modules run block by block on the audio thread. Others compute the complete sound: `ZeroPhase`, `Normalize`,
`Reverse` and the phase vocoders `PitchShift` and `TimeStretch` need later samples, and `Resample` and `Speed` change
their number. *Fixed* parameters keep the value that they had when the page was made, because the operations of the
module depend on it; choices and counts that need too many variants are not listed.

| module | live | float64 | float32 | Chromium | C | fixed |
|---|---|---|---|---|---|---|
"""


def in_chromium() -> dict[str, Specimen]:
    """Run the modules that are compared in Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=FLAGS)
        found, _ = run_specimens(lambda jobs: run_programs_in_chromium(browser, jobs), IN_CHROMIUM)
        browser.close()
    return found


def c_error(name: str, specimen: Specimen) -> str:
    """Return the difference of the program in C from torch in dB, or nothing if there is no such program."""
    if name in WITHOUT_C or not specimen.program.live:
        return ""
    with tempfile.TemporaryDirectory() as folder:
        outputs = run_c(specimen.modules[0], specimen.modules, SOUND, Path(folder))
    pairs = zip(specimen.modules, outputs, strict=True)
    return f"{max(error_db(y, module(SOUND, RATE)) for module, y in pairs):.0f}"


def main() -> None:
    """Write the page."""
    chromium = {name: f"{errors_db(specimen)[0]:.0f}" for name, specimen in in_chromium().items()}
    with tempfile.TemporaryDirectory() as folder:
        found, _ = run_specimens(lambda jobs: run_programs(jobs, Path(folder)), specimens())
    rows = []
    for name, specimen in sorted(found.items()):
        double, single = errors_db(specimen)
        fixed = [path for path, why in specimen.program.fixed.items() if "too many variants" not in why]
        names = ", ".join(f"`{path}`" for path in fixed)
        live = "yes" if specimen.program.live else "no"
        figures = f"{double:.0f} | {single:.0f} | {chromium.get(name, '')} | {c_error(name, specimen)}"
        rows.append(f"| {name} | {live} | {figures} | {names} |".replace("-", "−"))
    text = HEAD + "\n".join(rows) + "\n"
    if NOT_COMPILED:
        missing = "\n".join(f"- `{name}`: {why}." for name, why in NOT_COMPILED.items())
        text += f"\nThese modules raise a `CompileError`:\n\n{missing}\n"
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

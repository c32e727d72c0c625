"""Writes the table of docs/live-page-equality.md: python -m tests.support.equality_page."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.support.page_programs import RATE, error_db
from tests.support.page_specimens import NOT_COMPILED, SOUND, run_specimens

PAGE = Path(__file__).parents[2] / "docs" / "live-page-equality.md"
HEAD = """# Live pages and torch compared

`python -m tests.support.equality_page` writes this page, and `tests/page/compiler/test_every_module.py` checks its
bounds. Each module ran under Node, compiled, on 1320 samples of stereo noise, at its first values and at random ones.
The figures are the largest difference from torch relative to the largest sample of the output, in dB: at most −140 dB
to torch in float64, and −100 dB in float32. Rounding in float64 is about −300 dB.

*Live* modules run block by block on the audio thread; others compute the complete sound. *Fixed* parameters keep the
value that they had when the page was made, because the operations of the module depend on it; choices and counts that
need too many variants are not listed.

| module | live | float64 | float32 | fixed |
|---|---|---|---|---|
"""


def main() -> None:
    """Write the page."""
    with tempfile.TemporaryDirectory() as folder:
        found, _ = run_specimens(Path(folder))
    rows = []
    for name, specimen in sorted(found.items()):
        pairs = list(zip(specimen.modules, specimen.outputs, strict=True))
        double = max(error_db(output, module(SOUND, RATE)) for module, output in pairs)
        single = max(error_db(output, module(SOUND.float(), RATE).double()) for module, output in pairs)
        fixed = [path for path, why in specimen.program.fixed.items() if "too many variants" not in why]
        names = ", ".join(f"`{path}`" for path in fixed)
        live = "yes" if specimen.program.live else "no"
        rows.append(f"| {name} | {live} | {double:.0f} | {single:.0f} | {names} |".replace("-", "−"))
    missing = "\n".join(f"- `{name}`: {why}." for name, why in NOT_COMPILED.items())
    text = HEAD + "\n".join(rows) + f"\n\nThese modules raise a `CompileError`:\n\n{missing}\n"
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

"""The code of the README runs unchanged, and the links of all pages lead to existing files."""

import re
from pathlib import Path

import pytest
import torch

import fxlab as fx

ROOT = Path(__file__).parents[2]
PAGES = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", *sorted(p.relative_to(ROOT) for p in ROOT.glob("docs/*.md"))]


def code_blocks(page: Path) -> list[str]:
    """Return the source of the Python code blocks of a page."""
    return re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def test_the_first_ten_lines_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    first, custom_module = code_blocks(ROOT / "README.md")
    assert len([line for line in first.splitlines() if line]) == 10
    names: dict = {}
    exec(first, names)
    assert names["y"].shape == (8, 2, 44_100)
    assert fx.load("muffled.wav").frames == fx.examples.voice().frames
    exec(custom_module, names)
    constant = fx.Signal(torch.ones(1, 4001), sample_rate=8000)
    modulated = constant | names["Wobble"](rate_hz=4.0)
    # The gain is cos²(pi · rate · t): 0 after an eighth of a second, 1 after a quarter.
    assert modulated.samples[0, [0, 1000, 2000, 3000]].tolist() == pytest.approx([1.0, 0.0, 1.0, 0.0], abs=1e-6)


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_links_lead_to_existing_files(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:\s]+)[^):]*\)", text):
        place = (ROOT / page).parent / target
        # The notebooks are copied to docs/ only when the documentation is built.
        exists = place.exists() or (ROOT / target).exists()
        assert exists, f"{page}: {target}"

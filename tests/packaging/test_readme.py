"""What the README promises: its code runs as it stands, and its links lead somewhere."""

import re
from pathlib import Path

import pytest
import torch

import fxlab as fx

ROOT = Path(__file__).parents[2]
PAGES = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", *sorted(p.relative_to(ROOT) for p in ROOT.glob("docs/*.md"))]


def code(page: Path) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def test_the_first_ten_lines_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    first, own = code(ROOT / "README.md")
    assert len([line for line in first.splitlines() if line]) == 10
    names: dict = {}
    exec(first, names)
    assert names["y"].shape == (8, 2, 44_100)
    assert fx.load("muffled.wav").frames == fx.examples.voice().frames
    exec(own, names)
    steady = fx.Signal(torch.ones(1, 4001), sample_rate=8000)
    swinging = steady | names["Tremolo"](rate_hz=4.0)
    # cos²(pi · rate · t): closed at an eighth of a second, open again at a quarter.
    assert swinging.samples[0, [0, 1000, 2000, 3000]].tolist() == pytest.approx([1.0, 0.0, 1.0, 0.0], abs=1e-6)


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_links_lead_somewhere(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:\s]+)[^):]*\)", text):
        place = (ROOT / page).parent / target
        # The copies of the notebooks are made when the documentation is built.
        known = place.exists() or (ROOT / target).exists()
        assert known, f"{page}: {target}"

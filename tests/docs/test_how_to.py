"""The code of docs/how-to.md runs, block after block."""

import re
from pathlib import Path

import fxlab as fx

PAGE = Path(__file__).parents[2] / "docs" / "how-to.md"


def test_every_block_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert len(blocks) > 6
    names: dict = {}
    for block in blocks:
        exec(block, names)
    assert names["part"].frames == 24_000
    assert names["again"][1].gain_db == 4.0
    assert sum(block.shape[-1] for block in names["blocks"]) + names["last"].shape[-1] == 4800
    assert fx.load("out/recording.wav").frames == 48_000
    names["panel"].close()

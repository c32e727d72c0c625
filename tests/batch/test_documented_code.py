"""The code of docs/files.md runs as it is written, except for the address of a cluster."""

import re
from pathlib import Path

import fsspec
import pytest

import fxlab as fx
from tests.support.batch_modules import write_files

PAGE = Path(__file__).parents[2] / "docs" / "files.md"


def test_the_code_of_the_page(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    data_set, apply, _cluster, object_store = re.findall(
        r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    write_files(tmp_path / "sounds", 3)
    names: dict = {}
    exec(data_set.replace("num_workers=2", "num_workers=0"), names)
    assert names["y"].shape == (3, 1, 32_000)

    fx.noise(duration=0.1).save("sounds/long.wav")
    (tmp_path / "sounds").rename(tmp_path / "recordings")
    (tmp_path / "recordings" / "take-7.wav").write_text("no sound")
    assert "workers" not in apply
    exec(apply.replace('format="flac"', 'format="flac", workers=0, progress=False'), names)
    assert (len(names["report"].done), len(names["report"].failed)) == (4, 1)
    assert fx.load("processed/00.flac").sample_rate == 8000

    exec(object_store, names)
    store = fsspec.filesystem("memory")
    store.pipe_file("/in/a.wav", (tmp_path / "recordings" / "00.wav").read_bytes())
    store.pipe_file("/in/b.wav", b"no sound")
    failed = names["process_shard"](["a.wav", "b.wav"], fx.Gain(-6.0), "memory:///in", "memory:///out")
    assert list(failed) == ["b.wav"]
    assert store.ls("/out", detail=False) == ["/out/a.flac"]
    with store.open("/out/a.flac", "rb") as file:
        samples = fx.load(file).samples
    assert samples.abs().max().item() == pytest.approx(0.001 * 10 ** (-6 / 20), abs=2**-23)

"""The directive `.. fxlab::` in a small site."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch

import fxlab as fx
from fxlab.page.sphinx import evaluate
from fxlab.panel.panel import LIVE_OUTPUTS

sphinx_application = pytest.importorskip("sphinx.application")

INDEX = """
Site
====

.. toctree::

   week/one

.. fxlab:: fx.LowPass(1000.0)
   :signal: fx.sine(440.0, 0.1)
   :views: magnitude, phase
"""
ONE = """
One
===

.. fxlab::
   :show-code:

   import fxlab as fx
   tone = fx.sine(440.0, 0.1)
   fx.HighPass(200.0).panel(tone)

.. fxlab:: 1 + 1

.. raw:: html
   :file: output.html

.. raw:: html
   :file: refused.html
"""


class Reader(fx.Module):
    """Reads a value of the sound."""

    def forward(self, x: torch.Tensor, sample_rate: float) -> torch.Tensor:
        return x * float(x.abs().max())


def test_panels_of_a_site_share_their_scripts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of a directive, and those in the outputs of a notebook, whose kernel the variable reaches."""
    monkeypatch.setenv(LIVE_OUTPUTS, "1")
    (tmp_path / "week").mkdir()
    (tmp_path / "conf.py").write_text('extensions = ["fxlab.page.sphinx"]\n')
    (tmp_path / "index.rst").write_text(INDEX)
    (tmp_path / "week" / "one.rst").write_text(ONE)
    for name, module in (("output", fx.Peak(1000.0, gain_db=6.0)), ("refused", Reader())):
        panel = module.panel(fx.sine(440.0, 0.1))
        bundle = panel._repr_mimebundle_()
        panel.close()
        assert bundle is not None
        (tmp_path / "week" / f"{name}.html").write_text(bundle[0]["text/html"])
    out, warnings = tmp_path / "out", (tmp_path / "warnings.txt").open("w")
    app = sphinx_application.Sphinx(tmp_path, tmp_path, out, tmp_path / "trees", "html", status=None, warning=warnings)
    app.build()
    warnings.close()

    index = (out / "index.html").read_text(encoding="utf-8")
    one = (out / "week" / "one.html").read_text(encoding="utf-8")
    folder = out / "_static" / "fxlab"
    for page, script, titles in (
        (index, "_static/fxlab/page.js", ["LowPass"]),
        (one, "../_static/fxlab/page.js", ["HighPass", "Peak"]),
    ):
        assert page.count(f'src="{script}') == 1
        ids = re.findall(r'data-fxlab-live="(\w+)"', page)
        scripts = [(folder / f"{id}.js").read_text(encoding="utf-8") for id in ids]
        assert [re.findall(r'"title":"(\w+)"', script)[0] for script in scripts] == titles
        assert max(map(len, scripts)) < 20_000
        assert len(page) < 200_000
    assert [path.name[:6] for path in sorted(folder.iterdir())].count("sound-") == 1
    assert len(list(folder.iterdir())) == 3 + 2
    (lowpass,) = (text for path in folder.iterdir() if '"title":"LowPass"' in (text := path.read_text()))
    assert '"open_views":["magnitude","phase"]' in lowpass
    assert "HighPass(200.0).panel(tone)" in re.sub(r"<[^>]+>", "", one)
    assert re.search(r"This panel needs a kernel: test_sphinx\.py, line \d+ \(return x \* float", one)
    assert "the code gives int, not a module, a panel or a page" in (tmp_path / "warnings.txt").read_text()


def test_the_last_line_is_the_value() -> None:
    assert evaluate("a = 2\nb = a * 3\na + b", {}) == 8
    assert isinstance(evaluate("fx.LowPass()", {"fx": fx}), fx.LowPass)
    with pytest.raises(Exception, match="not an expression"):
        evaluate("a = 2", {})

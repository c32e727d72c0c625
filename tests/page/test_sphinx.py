"""The directive `.. fxlab::` in a small site."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import fxlab as fx
from fxlab.page.sphinx import evaluate

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
"""


def test_panels_of_a_site_share_their_script(tmp_path: Path) -> None:
    (tmp_path / "week").mkdir()
    (tmp_path / "conf.py").write_text('extensions = ["fxlab.page.sphinx"]\n')
    (tmp_path / "index.rst").write_text(INDEX)
    (tmp_path / "week" / "one.rst").write_text(ONE)
    out, warnings = tmp_path / "out", (tmp_path / "warnings.txt").open("w")
    app = sphinx_application.Sphinx(tmp_path, tmp_path, out, tmp_path / "trees", "html", status=None, warning=warnings)
    app.build()
    warnings.close()

    index = (out / "index.html").read_text(encoding="utf-8")
    one = (out / "week" / "one.html").read_text(encoding="utf-8")
    for page, name in ((index, "LowPass"), (one, "HighPass")):
        assert page.count("data-fxlab-live=") == 1
        assert f'"title":"{name}"' in page
    scripts = re.findall(r'src="((?:\.\./)?_static/fxlab/[^"]+)"', index) + [
        script.removeprefix("../") for script in re.findall(r'src="(\.\./_static/fxlab/[^"]+)"', one)
    ]
    assert len(set(scripts)) == 3
    assert all((out / script).is_file() for script in scripts)
    assert '"open_views":["magnitude","phase"]' in index
    assert "HighPass(200.0).panel(tone)" in re.sub(r"<[^>]+>", "", one)
    assert "the code gives int, not a module, a panel or a page" in (tmp_path / "warnings.txt").read_text()


def test_the_last_line_is_the_value() -> None:
    assert evaluate("a = 2\nb = a * 3\na + b", {}) == 8
    assert isinstance(evaluate("fx.LowPass()", {"fx": fx}), fx.LowPass)
    with pytest.raises(Exception, match="not an expression"):
        evaluate("a = 2", {})

"""Compiled modules in Chromium compute what torch computes."""

from __future__ import annotations

from playwright.sync_api import Browser

from tests.support.page_programs import RATE, run_programs_in_chromium
from tests.support.page_specimens import IN_CHROMIUM, SOUND, errors_db, run_specimens


def test_ten_modules_in_a_worker_equal_torch(browser: Browser) -> None:
    """The bounds are those of `tests/page/compiler/test_every_module.py`, which runs every module under Node."""
    found, _ = run_specimens(lambda jobs: run_programs_in_chromium(browser, jobs), IN_CHROMIUM)
    assert set(found) == set(IN_CHROMIUM)
    for name, specimen in found.items():
        for module, output in zip(specimen.modules, specimen.outputs, strict=True):
            assert output.shape == module(SOUND, RATE).shape, name
        double, single = errors_db(specimen)
        assert double < -140.0, name
        assert single < -100.0, name

"""The table in docs/filters.md is correct and names every filter."""

from __future__ import annotations

import pytest

import fxlab as fx
from fxlab import filters
from tests.support.filter_families import FAMILIES
from tests.support.filters_page import number, row, written

ROWS = written()


@pytest.mark.slow
@pytest.mark.parametrize("name", FAMILIES)
def test_documented_row_matches_the_measurement(name):
    family = FAMILIES[name]
    assert name in ROWS, "run: python -m tests.support.filters_page"
    error = ROWS[name].split("|")[4].strip()
    assert ROWS[name] == row(name, family, error)
    assert "NO" not in ROWS[name]
    # The digits depend slightly on the processor.
    assert family.error() <= number(error) * (1.05 if family.unit else 10)
    assert number(error) <= (0.25 if family.unit else 1e-6)


def test_every_filter_is_in_the_table():
    found = {name: getattr(filters, name) for name in filters.__all__}
    kinds = {name: kind for name, kind in found.items() if isinstance(kind, type) and issubclass(kind, fx.Module)}
    concrete = {name for name, kind in kinds.items() if not kind.is_abstract()}
    named = {part.split(" ")[0] for name in FAMILIES for part in name.split(", ")}
    assert concrete <= named, concrete - named
    assert set(ROWS) == set(FAMILIES)

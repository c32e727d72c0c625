"""Every row of docs/migration.md is run; where both calls mean the same calculation, their outputs are equal."""

import pytest

from tests.support.migration.row import difference
from tests.support.migration_page import PAGE, TOOLS, page

CASES = [pytest.param(tool, i, id=f"{tool}-{i}") for tool, (rows, _) in TOOLS.items() for i in range(len(rows.ROWS))]


@pytest.fixture(scope="module")
def peers():
    return {tool: peer_names() for tool, (_, peer_names) in TOOLS.items()}


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize(("tool", "index"), CASES)
def test_row(peers, tool, index):
    row = TOOLS[tool][0].ROWS[index]
    found = difference(row, peers[tool])
    assert found is None or found <= row.tolerance, (row.theirs, row.ours)


def test_page_is_up_to_date():
    assert page(PAGE.read_text()) == PAGE.read_text(), "run python -m tests.support.migration_page"

"""The table of docs/filters.md: `python -m tests.support.filters_page` writes it, and `test_families.py` checks it."""

from __future__ import annotations

import itertools
import math
import re
from pathlib import Path
from typing import Any

import torch

import fxlab as fx
from tests.support.filter_families import FAMILIES
from tests.support.filter_family import RATE, Family

PAGE = Path(__file__).parents[2] / "docs" / "filters.md"
START, END = "<!-- table: python -m tests.support.filters_page -->", "<!-- end of table -->"


def gradient(family: Family) -> str:
    """Return the table's cell on whether the gradients of all continuous parameters agree with finite differences."""
    checked = False
    for make in family.members:
        made = make()
        if not made.differentiable:
            return "none: whole numbers have none"
        paths = [
            path for path, owner, d in made.walk() if isinstance(d, (fx.Param, fx.ArrayParam)) and d.applies(owner)
        ]
        state = {path: value for path, value in made.state_dict().items() if path in paths and value.numel()}
        state = {path: value.double() for path, value in state.items() if not value.is_complex()}
        if not state:
            continue
        x = torch.randn(1, 40, dtype=torch.float64, generator=torch.Generator().manual_seed(1))

        def run(
            *values: torch.Tensor, made: fx.Module = made, state: dict[str, Any] = state, x: torch.Tensor = x
        ) -> Any:
            # The step is relative to each value, since a bandwidth fraction and a cutoff in Hz differ by orders.
            perturbed = {
                path: state[path] + step * torch.where(state[path] == 0, 1.0, state[path].abs())
                for path, step in zip(state, values, strict=True)
            }
            return torch.func.functional_call(made, perturbed, (x,), {"sample_rate": RATE})

        leaves = [torch.zeros_like(value).requires_grad_() for value in state.values()]
        if not torch.autograd.gradcheck(run, leaves, eps=1e-6, atol=1e-6, rtol=1e-3, raise_exception=False):
            return "NO"
        checked = True
    return "checked" if checked else "nothing continuous"


def streams(family: Family) -> str:
    """Return the table's cell on whether blocks of odd sizes have the same output as the complete sound."""
    x = torch.randn(2, 500, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    for make in family.members:
        made = make()
        complete = made(x, sample_rate=RATE)
        stream, edges = made.stream(RATE), (0, 1, 130, 131, 500)
        try:
            blocks = [stream(x[:, a:b]) for a, b in itertools.pairwise(edges)]
        except fx.FxlabError:
            return "no: it looks ahead"
        y = torch.cat([*blocks, stream.flush()], -1)
        if not torch.allclose(y, complete, rtol=1e-9, atol=1e-9 * float(complete.abs().max())):
            return "NO"
    return "yes"


def bound(error: float, unit: str) -> str:
    """Return the text of an error: rounded up to a power of ten, or to hundredths of its unit."""
    if unit:
        return f"{math.ceil(100 * error) / 100:.2f} {unit}"
    return f"1e{max(-15, math.ceil(math.log10(max(error, 1e-300))))}"


def number(cell: str) -> float:
    """Return the error that a cell of the table allows."""
    return float(re.match(r"[0-9.e-]+", cell)[0])  # type: ignore[index]


def row(name: str, family: Family, error: str) -> str:
    """Return a row of the table."""
    names = ", ".join(f"`{part}`" for part in name.split(", "))
    return f"| {names} | {family.kinds} | {family.reference} | {error} | {gradient(family)} | {streams(family)} |"


def table() -> str:
    """Measure all errors; return the complete table."""
    header = (
        "| family | kinds | reference agreed with | largest error | gradient | streams |\n|---|---|---|---|---|---|"
    )
    rows = [row(name, family, bound(family.error(), family.unit)) for name, family in FAMILIES.items()]
    return "\n".join([header, *rows])


def written() -> dict[str, str]:
    """Return the rows of the table on the page, by their first cell."""
    body = PAGE.read_text(encoding="utf-8").split(START)[1].split(END)[0]
    lines = [line for line in body.splitlines() if line.startswith("| `")]
    return {line.split("|")[1].strip().replace("`", ""): line for line in lines}


if __name__ == "__main__":
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(START)
    PAGE.write_text(f"{before}{START}\n\n{table()}\n\n{END}{rest.split(END)[1]}", encoding="utf-8")

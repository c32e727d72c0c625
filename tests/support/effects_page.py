"""The table of docs/effects.md: `python -m tests.support.effects_page` writes it.

`tests/effects/test_effects_page.py` checks it. The times are those of the last run of
`python -m benchmarks.effects_table`.
"""

from __future__ import annotations

from pathlib import Path

import torch

import fxlab as fx
from fxlab.errors import FxlabError
from fxlab.panel.controls.movement_spec import can_move
from tests.support.effect_references import RATE, noise
from tests.support.effect_references_nonlinear import REFERENCES
from tests.support.filters_page import bound
from tests.support.specimens import FACTORIES

PAGE = Path(__file__).parents[2] / "docs" / "effects.md"
START, END = "<!-- table: python -m tests.support.effects_page -->", "<!-- end of table -->"
HEAD = "| effect | parameters | streams | gradient | may move | agrees with | largest difference | 10 s of stereo |"
NO_TIME = "–"
SLOW_RATE, SLOW_COUNT = 16_000, 13_000
"""The sample rate in Hz and the number of samples for derivatives: an echo comes twice, and all corners are valid."""
STEP = 1e-8
"""The step of a numerical derivative, relative to the value. Moving delays have kinks at every whole sample."""


def make(name: str) -> fx.Module:
    """Return an effect with its default values."""
    module: fx.Module = FACTORIES.get(name, getattr(fx, name))()
    return module


def listed(names: list[str]) -> str:
    """Return names as Markdown."""
    return ", ".join(f"`{name}`" for name in names)


def parameters(module: fx.Module) -> str:
    """Return the cell with the keywords of the parameters."""
    return listed([declaration.keyword for declaration in module.declarations.values()]) or "none"


def streams(module: fx.Module) -> str:
    """Return the cell on streams: whether blocks are processed, and by how many samples they are late."""
    x = noise(2, RATE)
    try:
        stream = module.stream(RATE)
        now = stream(x).shape[-1]
    except FxlabError:
        return "no: needs the complete sound"
    later = stream.flush().shape[-1]
    return f"yes, {later} samples late" if later > 0 and now < x.shape[-1] else "yes"


def may_move(module: fx.Module) -> str:
    """Return the cell on the parameters whose value may be a control, such as an LFO."""
    continuous = [d for d in module.declarations.values() if isinstance(d, (fx.Param, fx.ArrayParam))]
    moving = [d.keyword for d in continuous if can_move(module, d)]
    fixed = [d.keyword for d in continuous if not can_move(module, d)]
    if not continuous:
        return "nothing continuous"
    if not moving:
        return "none"
    return f"all but {listed(fixed)}" if fixed else "all"


def gradient(module: fx.Module) -> str:
    """Return the cell on the derivatives of the output with respect to the continuous parameters.

    They are compared with central differences over bursts of noise. A derivative of 0 may be right: of a
    parameter that is rounded, or that has no effect at these values.
    """
    if "gradient" in module.declarations:
        return "straight through, or 0"
    names = [name for name, d in module.in_use().items() if isinstance(d, (fx.Param, fx.ArrayParam))]
    if not names:
        return "of the input"
    bursts = (torch.arange(SLOW_COUNT) // 1600 % 2).double() + 0.02
    x = noise(2, SLOW_COUNT) * bursts
    weight = torch.randn(1, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    state = {name: odd_value(module, name) for name in names}

    def loss(values: dict[str, torch.Tensor]) -> torch.Tensor:
        y = torch.func.functional_call(module, values, (x,), {"sample_rate": SLOW_RATE})
        ramp = torch.linspace(0.5, 1.5, y.shape[-1], dtype=torch.float64)
        result: torch.Tensor = (y * (weight + ramp) * torch.cos(40 * ramp)).sum()
        return result

    zero = []
    for name in names:
        leaf = state[name].clone().requires_grad_()
        total = loss({**state, name: leaf})
        exact = torch.autograd.grad(total, leaf, allow_unused=True)[0] if total.requires_grad else None
        found = 0.0 if exact is None else float(exact.sum())
        step = STEP * max(1.0, float(state[name].abs().max()))

        ends = [float(loss({**state, name: state[name] + sign * step})) for sign in (1, -1)]
        slope = (ends[0] - ends[1]) / (2 * step)
        if found == 0.0:
            zero.append(name)
        elif abs(found - slope) > 1e-3 * abs(slope) + 1e-5:
            return f"NO: {name} {found:g}, not {slope:g}"
    if len(zero) == len(names):
        return "of the input"
    return "exact" + (f"; 0 for {listed(zero)}" if zero else "")


def odd_value(module: fx.Module, name: str) -> torch.Tensor:
    """Return the default of a parameter or a value near it that is no round number, where a curve may have a kink."""
    declaration, value = module.declarations[name], module.values()[name].detach().double()
    if isinstance(declaration, fx.Param):
        for odd in (1.0137 * value + 0.0037, 0.9863 * value - 0.0037):
            try:
                declaration.check(odd, name, SLOW_RATE)
            except FxlabError:
                continue
            return odd
    return value


def row(name: str, error: str, time: str) -> str:
    """Return a row of the table."""
    module = make(name)
    cells = [f"`{name}`", parameters(module), streams(module), gradient(module), may_move(module)]
    return "| " + " | ".join([*cells, REFERENCES[name].text, error, time]) + " |"


def written() -> dict[str, list[str]]:
    """Return the cells of the rows of the table on the page, by the name of the effect."""
    body = PAGE.read_text(encoding="utf-8").split(START)[1].split(END)[0]
    rows = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in body.splitlines() if "| `" in line]
    return {cells[0].strip("`"): cells for cells in rows}


def write(times: dict[str, str] | None = None) -> None:
    """Write the table; the times of effects that are not in `times` are kept."""
    known = {name: cells[-1] for name, cells in written().items()} | (times or {})
    rows = []
    for name, reference in REFERENCES.items():
        rows.append(row(name, bound(reference.error(), reference.unit), known.get(name, NO_TIME)))
    table = "\n".join([HEAD, "|" + "---|" * (HEAD.count("|") - 1), *rows])
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(START)
    PAGE.write_text(f"{before}{START}\n\n{table}\n\n{END}{rest.split(END)[1]}", encoding="utf-8")


if __name__ == "__main__":
    write()

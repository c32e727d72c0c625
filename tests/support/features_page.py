"""The table of docs/features.md: `python -m tests.support.features_page` writes it; `test_contract.py` checks it."""

from __future__ import annotations

import itertools
import math
import time
from pathlib import Path
from typing import Any

import torch

import fxlab as fx
from tests.support.feature_families import FEATURES, FeatureFamily, librosa_difference, torchaudio_difference

PAGE = Path(__file__).parents[2] / "docs" / "features.md"
START, END = "<!-- table: python -m tests.support.features_page -->", "<!-- end of table -->"
INEXACT = {("GriffinLim", "momentum")}
"""The parameters whose gradient has a rounding error that grows with each pass."""


def has_exact_gradients(family: FeatureFamily) -> bool:
    """Return whether the gradients of the input and of all continuous parameters agree with finite differences."""
    made = family.make(**(family.streams or {}))
    x = family.input(torch.float64)
    x = (x[..., :1500] if x.ndim == 2 else x[:1, :, :5]).clone()
    if made.takes_sound and x.shape[-1] < 2048:
        x = torch.cat([x, x.flip(-1)], -1)
    name = type(made).__name__
    state = {
        key: made.state_dict()[key].double()
        for key, d in made.continuous.items()
        if (name, key) not in INEXACT
        and key not in made.rounded_parameters
        and d.applies(made)
        and float(made.state_dict()[key]) != 0
    }

    def run(samples: torch.Tensor, *steps: torch.Tensor) -> Any:
        values = {key: state[key] * (1 + step) for key, step in zip(state, steps, strict=True)}
        y = torch.func.functional_call(made, values, (samples,), {"sample_rate": family.rate})
        return torch.view_as_real(y) if y.is_complex() else y

    leaves = [x.requires_grad_(), *(torch.zeros(()).double().requires_grad_() for _ in state)]
    return bool(torch.autograd.gradcheck(run, leaves, eps=1e-7, atol=1e-5, rtol=1e-3, fast_mode=True))


def stream_difference(family: FeatureFamily) -> float:
    """Return the largest difference of blocks of odd sizes from one call, relative to the largest value."""
    made, x = family.make(**(family.streams or {})), family.input(torch.float64)
    complete = made(x, sample_rate=family.rate)
    stream, size = made.stream(family.rate), x.shape[-1]
    edges = (0, 1, size // 3, size // 3 + 1, size // 3 + 1, size)
    blocks = [stream(x[..., a:b]) for a, b in itertools.pairwise(edges)]
    y = torch.cat([*blocks, stream.flush()], -1)
    assert y.shape == complete.shape, (y.shape, complete.shape)
    return float((y - complete).abs().max() / complete.abs().max())


def bound(error: float) -> str:
    """Return an error rounded up to a power of ten."""
    return f"1e{max(-15, math.ceil(math.log10(max(error, 1e-300))))}"


def milliseconds(family: FeatureFamily) -> float:
    """Return the least of several times for 10 s of mono at 16 kHz."""
    x = torch.randn(1, 160_000, generator=torch.Generator().manual_seed(0))
    made = getattr(fx, type(family.make()).__name__)()
    if not made.takes_sound:
        power = None if type(made).__name__ == "InverseSpectrogram" else 2.0
        x = fx.Spectrogram(power=power)(x, sample_rate=16_000)
    times = []
    with torch.no_grad():
        for _ in range(8):
            begin = time.perf_counter()
            made(x, sample_rate=family.rate)
            times.append(time.perf_counter() - begin)
    return 1000 * min(times)


def row(name: str, family: FeatureFamily) -> str:
    """Measure a feature; return its row of the table."""
    differences = []
    cells = []
    for reference, difference, grid in (
        (family.torchaudio, torchaudio_difference, family.grid),
        (family.librosa, librosa_difference, family.librosa_grid),
    ):
        worst = max(difference(family, options, torch.float64) for options in grid) if reference else 0.0
        cells.append(bound(worst) if reference else "")
        differences.append(worst)
    gradient = family.gradient
    if gradient == "checked" and not has_exact_gradients(family):
        gradient = "NO"
    if family.streams is None:
        streams = "no"
    else:
        condition = ", ".join(f"`{key}={value}`" for key, value in family.streams.items())
        is_equal = stream_difference(family) < 1e-10
        streams = ("yes" + (f", with {condition}" if condition else "")) if is_equal else "NO"
    columns = [f"`{name}`", *cells, bound(max(differences)), gradient, streams, f"{milliseconds(family):.2g} ms"]
    return f"| {' | '.join(columns)} |"


def table() -> str:
    """Measure everything; return the complete table."""
    names = ("feature", "torchaudio", "librosa", "largest difference", "gradient", "streams", "time")
    header = f"| {' | '.join(names)} |\n|{'---|' * len(names)}"
    return "\n".join([header, *(row(name, family) for name, family in FEATURES.items())])


def written() -> dict[str, str]:
    """Return the rows of the table on the page, by the name of the feature."""
    body = PAGE.read_text(encoding="utf-8").split(START)[1].split(END)[0]
    lines = [line for line in body.splitlines() if line.startswith("| `")]
    return {line.split("`")[1]: line for line in lines}


if __name__ == "__main__":
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(START)
    PAGE.write_text(f"{before}{START}\n\n{table()}\n\n{END}{rest.split(END)[1]}", encoding="utf-8")

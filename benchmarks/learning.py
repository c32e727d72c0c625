"""Learning: fits from beginning to end, and training steps beside other libraries, alternately in one run.

    python -m benchmarks.learning [rounds]

A training step is a forward pass in float32, the backward pass to the parameters of the filters, and no optimizer.
Peers get the sections of the same chain, as tensors that need a gradient. dasp filters by frequency sampling, in which
the end of an impulse response wraps around; a truncated FIR filter convolves with its first 4096 samples.
"""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec

import torch
from torch import Tensor

import fxlab as fx
from benchmarks.engine_peers import PHILTORCH, RATE, TORCHLPC, installed, philtorch_cascade, torchlpc_cascade
from benchmarks.engine_rounds import Jobs, interleaved
from benchmarks.report import machine, table
from fxlab import engine

EXAMPLES, SECONDS, SECTIONS, FIR_LENGTH = 8, 2, 8, 4096
CORNERS = [(2000.0, 1.5), (150.0, 4.0), (9000.0, 0.5)]


def hidden_low_pass() -> list[list[str]]:
    """Return a row for each hidden low-pass that 20 starts look for."""
    noise = fx.noise(duration=0.25, sample_rate=RATE, seed=1)
    rows = []
    for cutoff, q in CORNERS:
        target = noise | fx.LowPass(cutoff, q)
        begin = time.perf_counter()
        found = fx.fit(fx.LowPass().learn(), noise, target, starts=20, steps=150, progress=False)
        seconds = time.perf_counter() - begin
        error = max(abs(found.module.cutoff.item() / cutoff - 1), abs(found.module.q.item() / q - 1))
        reached = int((found.losses.amin(0) < 1e-4).sum())
        name = f"low-pass at {cutoff:g} Hz, q {q:g}, from 20 starts"
        rows.append([name, f"{seconds:.1f} (≤ 5)", f"{100 * error:.3f} % (≤ 1), {reached} of 20 starts"])
    return rows


def ten_bands() -> list[str]:
    """Return the row of a ten-band equalizer that is matched in the time domain."""
    noise = fx.noise(duration=0.5, sample_rate=RATE, seed=1)
    hidden = fx.GraphicEQ([6, -9, 3, 0, 8, -7, 1, 2, -3, 5])
    hz = torch.logspace(1.5, 4.3, 200, dtype=torch.float64)
    begin = time.perf_counter()
    found = fx.fit(fx.GraphicEQ().learn(), noise, noise | hidden, steps=150, progress=False)
    seconds = time.perf_counter() - begin
    levels = [20 * eq.response(hz, RATE).detach().abs().log10() for eq in (found.module, hidden)]
    error = (levels[0] - levels[1]).abs().mean().item()
    return ["ten-band EQ from noise in and out", f"{seconds:.1f} (≤ 10)", f"{error:.4f} dB (≤ 0.04)"]


def truncated_fir(x: Tensor, sos: Tensor) -> Tensor:
    """Filter with the first samples of the impulse response, which the sections compute in float64."""
    impulse = torch.zeros(FIR_LENGTH, dtype=torch.float64)
    impulse[0] = 1.0
    return engine.convolve(x, engine.sosfilt(impulse, sos)[0].to(x.dtype))


def torchaudio_cascade(x: Tensor, sos: Tensor) -> Tensor:
    lfilter = importlib.import_module("torchaudio.functional").lfilter
    for section in sos.to(x.dtype):
        x = lfilter(x, section[3:], section[:3], clamp=False)
    return x


def dasp_cascade(x: Tensor, sos: Tensor) -> Tensor:
    sosfilt = importlib.import_module("dasp_pytorch.signal").sosfilt_via_fsm
    y: Tensor = sosfilt(sos[None].to(x.dtype).expand(len(x), *sos.shape), x)
    return y


def peers() -> dict[str, Callable[[Tensor, Tensor], Tensor]]:
    """Return the installed libraries that filter with sections and have gradients."""
    known = installed()
    found: dict[str, Callable[[Tensor, Tensor], Tensor]] = {"torchaudio": torchaudio_cascade}
    found |= {
        name: lambda x, sos, run=run: run(x.flatten(0, 1), sos.to(x.dtype)).view_as(x)  # type: ignore[misc]
        for name, run in ((PHILTORCH, philtorch_cascade), (TORCHLPC, torchlpc_cascade))
        if name in known
    }
    if find_spec("dasp_pytorch"):
        found["dasp (frequency sampling)"] = dasp_cascade
    found[f"FIR of {FIR_LENGTH} samples (fxlab)"] = truncated_fir
    return found


def chain() -> fx.Chain:
    return fx.Chain(*[fx.Peak(60.0 * 2.2**k, gain_db=3.0 * (-1) ** k, q=1.0) for k in range(SECTIONS)])


def training_steps(rounds: int) -> tuple[list[list[str]], float]:
    """Return a row for each library, and the memory that a step adds, as a multiple of the input."""
    x = torch.randn(EXAMPLES, 1, SECONDS * RATE, generator=torch.Generator().manual_seed(0))
    learned = chain().learn()
    exact = chain()(x.double(), sample_rate=RATE)
    errors = {"fxlab": learned(x, sample_rate=RATE).detach()}

    def ours() -> None:
        learned(x, sample_rate=RATE).square().mean().backward()

    jobs: Jobs = {"fxlab": ours}
    for name, run in peers().items():
        sos = chain().sos(RATE).requires_grad_()

        def step(run: Callable[[Tensor, Tensor], Tensor] = run, sos: Tensor = sos) -> None:
            run(x, sos).square().mean().backward()

        with torch.no_grad():
            errors[name] = run(x, sos)
        jobs[name] = step
    times = interleaved(jobs, rounds, warm=True)
    rows = []
    for name, ms in times.items():
        error = (errors[name].double() - exact).square().mean() / exact.square().mean()
        rows.append(
            [name, f"{ms:.1f}", f"{ms / times['fxlab']:.1f}", f"{10 * error.clamp(min=1e-30).log10().item():.0f} dB"]
        )
    return rows, saved_memory(learned, x)


def saved_memory(module: fx.Module, x: Tensor) -> float:
    """Return the bytes of the tensors that a forward pass keeps for the backward pass, as a multiple of the input."""
    seen: dict[int, int] = {}

    def note(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        seen[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        y = module(x, sample_rate=RATE)
    total = sum(seen.values()) + y.untyped_storage().nbytes()
    return total / x.untyped_storage().nbytes()


def long_decay() -> list[list[str]]:
    """Return the errors of the three methods for a resonance that rings longer than the signal or the FIR filter."""
    sos = fx.BandPass(50.0, q=100.0).sos(RATE)
    x = torch.randn(1, 1, RATE, generator=torch.Generator().manual_seed(0))
    exact, _ = engine.sosfilt(x.double(), sos)
    runs = {"exact recursion (fxlab)": lambda: engine.sosfilt(x, sos)[0]} | {
        name: lambda run=run: run(x, sos) for name, run in peers().items() if "FIR" in name or "dasp" in name
    }
    rows = []
    for name, run in runs.items():
        error = ((run().double() - exact).square().mean() / exact.square().mean()).clamp(min=1e-30)
        rows.append([name, f"{10 * error.log10().item():.0f} dB"])
    return rows


def main() -> None:
    """Print the tables."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    print(machine())
    print("\n## Fits\n")
    print(table(["fit", "seconds", "error"], [*hidden_low_pass(), ten_bands()]), end="\n\n")
    steps, memory = training_steps(rounds)
    print(f"## A training step\n\n{EXAMPLES} × {SECONDS} s at 44.1 kHz through a chain of {SECTIONS} peaks.\n")
    print(table(["library", "ms", "÷ fxlab", "error of the output"], steps))
    print(f"\nA step of fxlab keeps {memory:.1f} times the memory of the input, the output included (≤ 6).")
    print("\n## A long decay\n\nOne second of noise through a band-pass at 50 Hz with a q of 100, float32.\n")
    print(table(["method", "error of the output"], long_decay()))


if __name__ == "__main__":
    main()

"""Convolution compared with other libraries, alternately in one run.

    python -m benchmarks.engine_convolution [rounds] [costs]

60 s of stereo at 44.1 kHz in float32 with 101, 511 and 2047 taps, and 10 s with an impulse response of 3 s; the memory
needed for ten minutes; an impulse response of 3 s, streamed in blocks of 512; and, with `costs`, the costs by frame
length from which `fxlab.engine.convolution.frame_plan` chooses.
"""

from __future__ import annotations

import sys
import time
from functools import partial
from types import ModuleType

import julius
import scipy.signal
import torch
import torchaudio

from benchmarks.engine_memory import added_memory
from benchmarks.engine_rounds import Jobs, interleaved, ratios
from benchmarks.report import machine, table
from fxlab.engine import StreamingConvolver, convolve
from fxlab.engine.convolution.frame_plan import TILE, FramePlan
from fxlab.engine.convolution.overlap_save import convolve_into, overlap_save_convolve

RATE = 44_100


def peers(taps: int, channels: int = 2, seconds: int = 60, torchfx: ModuleType | None = None) -> Jobs:
    """Return a job for each library that convolves one signal and kernel."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(channels, seconds * RATE, generator=generator)
    h = torch.randn(taps, generator=generator) / taps**0.5
    x_np, h_np = x.numpy(), h.numpy()
    wide = x[:, None], h.flip(0)[None, None]
    jobs: Jobs = {
        "fxlab": lambda: convolve(x, h),
        "SciPy oaconvolve": lambda: scipy.signal.oaconvolve(x_np, h_np[None], axes=-1),
        "julius fft_conv1d": lambda: julius.fft_conv1d(*wide, padding=taps - 1),
        "torchaudio fftconvolve": lambda: torchaudio.functional.fftconvolve(x, h.expand(channels, -1)),
        "copy": x.clone,
    }
    if torchfx is not None:
        jobs["TorchFX"] = partial(torchfx.filter.FIR(h.tolist()), x)
    return jobs


def streaming(blocks: int = 400) -> tuple[float, float]:
    """Return the median and the largest milliseconds for a stereo block of 512 with an impulse response of 3 s."""
    stream = StreamingConvolver(torch.randn(2, 3 * RATE) / 100)
    block = torch.randn(2, 512)
    stream(block)
    each = []
    for _ in range(blocks):
        begin = time.perf_counter()
        stream(block)
        each.append((time.perf_counter() - begin) * 1e3)
    each.sort()
    return each[blocks // 2], each[-1]


def costs(rounds: int) -> list[list[str]]:
    """Measure nanoseconds per sample of a frame by frame length and type, the source of FFT_COST and DIRECT_COST."""
    x = torch.randn(1, 16 * TILE)
    out = torch.empty_like(x)
    jobs: Jobs = {}
    samples: dict[str, float] = {}
    for bits in range(6, 20):
        plan = FramePlan((1 << (bits - 1)) + 1, 1 << (bits - 1), 1 << bits)
        name = f"FFT 2^{bits}"
        h = torch.randn(1, plan.taps)
        jobs[name] = lambda plan=plan, h=h: convolve_into(out, x, h, 0, plan)
        samples[name] = x.numel() / plan.block * plan.n_fft
    for block in (16, 32, 64):
        for taps in (2, block // 2, block + 1):
            plan = FramePlan(taps, block, 0)
            name = f"direct {block}, {taps} taps"
            h = torch.randn(1, taps)
            jobs[name] = lambda plan=plan, h=h: convolve_into(out, x, h, 0, plan)
            samples[name] = x.numel()
    times = interleaved(jobs, rounds)
    return [[name, f"{times[name] * 1e6 / samples[name]:.2f}"] for name in jobs]


def short(rounds: int) -> list[list[str]]:
    """Time short signals, for which the overhead of a call matters."""
    rows = []
    for length, taps in ((512, 5), (512, 101), (512, 2047), (44_100, 101), (44_100, 44_100)):
        x, h = torch.randn(2, length), torch.randn(taps)
        rows.append(
            [
                f"{length}",
                f"{taps}",
                f"{interleaved({'': lambda x=x, h=h: overlap_save_convolve(x, h, 0)}, rounds * 3)['']:.3f}",
            ]
        )
    return rows


def main(rounds: int, with_costs: bool) -> None:
    """Print the tables."""
    print(machine(), end="\n\n")
    torch.set_grad_enabled(False)
    for taps, seconds in ((101, 60), (511, 60), (2047, 60), (3 * RATE, 10)):
        print(f"{seconds} s stereo, {taps} taps", end="\n\n")
        times = interleaved(peers(taps, seconds=seconds), rounds)
        print(table(["", "ms", "time / fxlab"], ratios(times, "fxlab")), end="\n\n")
    rows = [
        [str(taps), f"{added_memory(partial(convolve, taps=torch.randn(taps))):.2f}"]
        for taps in (5, 101, 2047, 3 * RATE)
    ]
    print(table(["taps", "peak memory added by 10 min stereo, relative to the input"], rows), end="\n\n")
    median, largest = streaming()
    print(f"512-sample stereo block, 3 s response: median {median:.2f} ms, largest {largest:.2f} ms", end="\n\n")
    print(table(["samples", "taps", "ms per call"], short(rounds)), end="\n\n")
    if with_costs:
        torch.set_num_threads(1)
        print(table(["frame", "ns per sample, one core"], costs(rounds)))


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:] if word.isdigit()]
    main(numbers[0] if numbers else 9, "costs" in sys.argv[1:])

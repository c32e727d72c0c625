"""Programs of live pages under Node: the time of a block of 128 samples, and the time to compile.

python -m benchmarks.live_page
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import fxlab as fx
from benchmarks.report import MISSED, machine, table
from fxlab.page.compiler import compile_module

RATE = 44_100.0
QUANTUM_MS = 128_000 / RATE
ENGINE = Path(__file__).parents[1] / "fxlab" / "browser" / "dist" / "engine.js"

SCRIPT = """
const { readFileSync } = require("node:fs");
const [engineFile, programFile] = process.argv.slice(2);
const engine = new Function(`${readFileSync(engineFile, "utf8")}; return fxlabEngine;`)();
const program = new Function(`return ${readFileSync(programFile, "utf8")}`)()(engine);
const processor = program.createProcessor(), coefficients = program.design({});
const noise = () => Float64Array.from({ length: 128 }, () => Math.random() - 0.5);
const block = (count) => Array.from({ length: count }, noise);
const input = block(program.channels), output = block(program.outputChannels), rounds = [];
for (let round = 0; round < 30; round++) {
  const start = performance.now();
  for (let i = 0; i < 100; i++) processor.process(input, output, coefficients);
  rounds.push((performance.now() - start) / 100);
}
console.log(JSON.stringify(rounds.slice(10)));
"""


def eight_stages() -> fx.Chain:
    """Return a chain of filters and effects."""
    dynamics = fx.Compressor() | fx.Distortion() | fx.Chorus() | fx.Delay() | fx.Reverb()
    return fx.HighPass() | fx.Peak() | dynamics | fx.LowPass()


def block_ms(module: fx.Module, *, bypass: bool = True) -> float:
    """Return the median time of a block of stereo in ms; with `bypass`, each stage of a chain can be left out."""
    with tempfile.TemporaryDirectory() as folder:
        script, program = Path(folder) / "run.cjs", Path(folder) / "program.js"
        script.write_text(SCRIPT)
        program.write_text(compile_module(module, RATE, 2, live=True, variants=False, bypass=bypass).javascript)
        command = ["node", str(script), str(ENGINE), str(program)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    return statistics.median(json.loads(done.stdout))


def compile_seconds(module: fx.Module, rounds: int = 5) -> float:
    """Return the median time to compile a module."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        compile_module(module, RATE, 2, live=True, variants=False)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main() -> int:
    """Print the table; return `MISSED` if a target is missed."""
    compile_module(fx.Bessel(), RATE, live=True, variants=False)  # imports SciPy
    equalizer = block_ms(fx.GraphicEQ([6, -9, 3, 0, 12, -12, 1, 2, -3, 5])) / QUANTUM_MS
    ten_stages = eight_stages() | fx.Tremolo() | fx.Limiter(lookahead_ms=0.0)
    # The same chain with and without the choice, in turn: their difference is small.
    pairs = [(block_ms(ten_stages), block_ms(ten_stages, bypass=False)) for _ in range(3)]
    chain, fixed = (statistics.median(times) / QUANTUM_MS for times in zip(*pairs, strict=True))
    elliptic, eight = compile_seconds(fx.Elliptic(2000.0, 12)), compile_seconds(eight_stages())
    print(machine())
    rows = [
        ("ten-band equalizer, stereo, of a block of 2.9 ms", f"{equalizer:.1%}", "≤ 15 %"),
        ("chain of ten filters and effects, stereo, of a block", f"{chain:.1%}", "≤ 40 %"),
        ("the same chain if no stage can be bypassed", f"{fixed:.1%}", ""),
        ("compile an elliptic filter of order 12", f"{elliptic:.2f} s", "≤ 1 s"),
        ("compile a chain of eight stages", f"{eight:.2f} s", "≤ 3 s"),
    ]
    print(table(("", "measured", "target"), rows))
    return MISSED if equalizer > 0.15 or chain > 0.4 or elliptic > 1 or eight > 3 else 0


if __name__ == "__main__":
    sys.exit(main())

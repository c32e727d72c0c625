"""Memory and processor time of 1, 5 and 20 kernels with a panel each, side by side on one machine.

    python -m benchmarks.classroom [count …]

Each kernel runs what the first notebook does first: it imports fxlab, loads the voice, draws the card of a filter and
opens its panel. Then every kernel at once moves a slider 40 times without a pause, which no class does; the page is
imitated, so that the browser, which runs on the student's computer, is not measured.

The memory is the proportional set size: pages that several kernels share, such as PyTorch's code, are divided among
them.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import KernelManager

from benchmarks.report import machine, table

START = """
import fxlab as fx
voice = fx.examples.voice()
lowpass = fx.LowPass(cutoff=800.0)
lowpass._repr_mimebundle_()
panel = lowpass.panel(voice)
from tests.support.panel_driver import PanelDriver
driver = PanelDriver(panel)
"""
MOVES = 40
MOVE = f"""
import time
cpu, start = time.process_time(), time.perf_counter()
for step in range({MOVES}):
    driver.set_values(**{{"cutoff": 400.0 + 20 * step}})
print("RESULT", (time.process_time() - cpu) / {MOVES}, (time.perf_counter() - start) / {MOVES})
"""


class Kernel:
    """A kernel and the connection to it."""

    def __init__(self) -> None:
        self.manager = KernelManager()
        self.manager.start_kernel()
        self.client: BlockingKernelClient = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=120)
        self.output: list[str] = []

    def send(self, code: str) -> str:
        request: str = self.client.execute(code)
        return request

    def wait(self, request: str) -> str:
        """Wait until the code has run; return what it printed."""
        printed = ""
        while True:
            message: dict[str, Any] = self.client.get_iopub_msg(timeout=120)
            if message["parent_header"].get("msg_id") != request:
                continue
            content = message["content"]
            if message["msg_type"] == "error":
                raise RuntimeError("\n".join(content["traceback"]))
            if message["msg_type"] == "stream":
                printed += content["text"]
            if message["msg_type"] == "status" and content["execution_state"] == "idle":
                return printed

    def memory(self) -> tuple[float, float]:
        """Return the proportional and the resident set size in MB."""
        path = Path(f"/proc/{self.manager.provisioner.pid}/smaps_rollup")
        fields = {line.split(":")[0]: line.split()[1] for line in path.read_text().splitlines()[1:]}
        return int(fields["Pss"]) / 1000, int(fields["Rss"]) / 1000

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


def main() -> None:
    """Print the table."""
    counts = [int(argument) for argument in sys.argv[1:]] or [1, 5, 20]
    kernels: list[Kernel] = []
    rows = []
    try:
        for count in counts:
            added = [Kernel() for _ in range(count - len(kernels))]
            kernels += added
            start = time.perf_counter()
            requests = [kernel.send(START) for kernel in added]
            for kernel, request in zip(added, requests, strict=True):
                kernel.wait(request)
            opened = time.perf_counter() - start
            requests = [kernel.send(MOVE) for kernel in kernels]
            printed = [kernel.wait(request).split() for kernel, request in zip(kernels, requests, strict=True)]
            cpu, latency = ([float(words[place]) for words in printed] for place in (1, 2))
            memory = [kernel.memory() for kernel in kernels]
            rows.append(
                [
                    f"{count}",
                    f"{sum(pss for pss, _ in memory) / count:.0f}",
                    f"{sum(pss for pss, _ in memory) / 1000:.1f}",
                    f"{max(rss for _, rss in memory):.0f}",
                    f"{opened:.1f}",
                    f"{1000 * sum(cpu) / count:.1f}",
                    f"{1000 * sorted(latency)[count // 2]:.0f}",
                ]
            )
    finally:
        for kernel in kernels:
            kernel.close()
    head = ["kernels", "MB each", "GB in all", "resident MB", "s to open", "CPU ms per move", "ms per move, all moving"]
    print(f"{machine()}\n\n{table(head, rows)}")


if __name__ == "__main__":
    main()

"""What a new process imports, step by step: `import fxlab` imports little, and the rest waits for its first use."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

STEPS = {
    "torch": "import torch",
    "fxlab": "import fxlab as fx",
    "threads": """
from concurrent.futures import ThreadPoolExecutor
names = ["sine", "LFO", "Chain", "Signal", "Ramp", "noise", "Param", "Sum"]
with ThreadPoolExecutor(8) as pool:
    results["threads"] = [thing.__name__ for thing in pool.map(lambda name: getattr(fx, name), names)]""",
    "dictionary": """
from fxlab.module import Module
control = {"type": "LFO", "params": {"rate_hz": 2.0, "low": 200.0, "high": 900.0}}
description = {"type": "LowPass", "params": {"cutoff": {"control": control}}}
results["dictionary"] = repr(Module.from_dict(description))""",
    "filters": """
chain = fx.HighPass(100.0) | fx.Peak(800.0, 6.0)
y = fx.Mix(chain)(torch.randn(1, 500), sample_rate=8000)
chain.response([100.0], 8000), chain.group_delay([100.0], 8000), chain.zeros(8000), chain.to_dict()
(chain + fx.LowPass()).zeros(8000), chain.stream(8000)(y)
fx.square(), fx.chirp(), fx.noise("pink")""",
    "collation": """
from torch.utils.data import default_collate
results["collation"] = list(default_collate([fx.Signal([0.0, 1.0], 8000)] * 2).shape)""",
    "files": """
import io
file = io.BytesIO()
fx.sine().save(file, format="flac")
results["files"] = fx.load(file).duration""",
    "display": "import fxlab.display",
    "cards": "fx.LowPass()._repr_mimebundle_(), fx.sine(440.0, duration=0.1)._repr_mimebundle_()",
    "workers": """
from fxlab.engine.torch_support.worker_pool import run_parts
results["workers"] = run_parts(abs, [-1, -2, -3], 3)""",
}
NOTEBOOK = {"matplotlib", "IPython", "ipywidgets", "anywidget", "traitlets", "PIL"}
FILES = {"soundfile", "scipy", "torchaudio"}


class Process:
    """What a new Python process had imported after each of the `STEPS`, and what they gave."""

    def __init__(self) -> None:
        record = "loaded[{!r}] = sorted(sys.modules)"
        steps = [f"{code}\n{record.format(step)}" for step, code in STEPS.items()]
        script = ["import json, sys", "loaded, results = {}, {}", *steps, "print(json.dumps([loaded, results]))"]
        run = subprocess.run(
            [sys.executable, "-c", "\n".join(script)], capture_output=True, text=True, timeout=120, check=False
        )
        assert (run.returncode, run.stderr) == (0, "")
        loaded, self.results = json.loads(run.stdout)
        self.loaded = {step: set(modules) for step, modules in loaded.items()}

    def added(self, step: str) -> set[str]:
        """What the step imported first, except the modules of fxlab."""
        before = self.loaded[list(STEPS)[list(STEPS).index(step) - 1]]
        return {name for name in self.loaded[step] - before if name.split(".")[0] != "fxlab"}


@pytest.fixture(scope="module")
def process() -> Process:
    return Process()


def test_importing_fxlab_imports_its_engine_and_nothing_else(process):
    packages = {name for name in process.loaded["fxlab"] if name.startswith("fxlab.") and name.count(".") == 1}
    assert packages == {"fxlab.engine", "fxlab.errors", "fxlab.hooks", "fxlab.public_names"}
    assert not process.loaded["fxlab"] & (NOTEBOOK | FILES)


def test_threads_may_look_up_names_at_the_same_time(process):
    assert process.results["threads"] == ["sine", "LFO", "Chain", "Signal", "Ramp", "noise", "Param", "Sum"]


def test_a_dictionary_is_rebuilt_before_the_classes_that_it_names_were_used(process):
    assert "fxlab.filters" not in process.loaded["threads"]
    assert process.results["dictionary"] == "LowPass(cutoff=LFO(rate_hz=2.0, low=200.0, high=900.0))"


def test_filters_and_generators_import_no_package_for_notebooks_or_files(process):
    assert not process.loaded["filters"] & (NOTEBOOK | FILES)


def test_the_collation_of_signals_waits_for_torch_utils_data(process):
    # Whether torch imports torch.utils.data itself depends on its version; fxlab must not.
    assert ("torch.utils.data" in process.loaded["filters"]) == ("torch.utils.data" in process.loaded["torch"])
    assert process.results["collation"] == [2, 1, 2]


def test_soundfile_is_imported_with_the_first_compressed_file(process):
    assert process.results["files"] == 1.0
    assert "soundfile" in process.added("files")
    assert not process.loaded["files"] & NOTEBOOK


def test_matplotlib_is_imported_with_the_first_card_and_pyplot_never(process):
    assert not [name for name in process.loaded["display"] if name.startswith("matplotlib")]
    assert "matplotlib.figure" in process.added("cards")
    assert "matplotlib.pyplot" not in process.loaded["cards"]
    assert "sympy" not in process.loaded["cards"], "a card loads sympy, as parts of PyTorch do"


def test_the_interpreter_exits_with_idle_workers(process):
    assert process.results["workers"] == [1, 2, 3]  # and the process has ended without an error

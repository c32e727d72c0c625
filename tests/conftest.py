"""Settings of all tests: fixed random seeds, no deadlines in hypothesis, and the order of files in parallel runs."""

import gc
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.jupyter.kernels.python3.start_kernel import NAME

BROWSER_WORKER = "gw0"
"""The worker of a parallel run that starts with the browser tests."""
LONG_BROWSER_FILES = (
    "long_sounds",
    "listening_modes",
    "front_ends",
    "files",
    "slider_to_sound",
    "many_panels",
    "course",
)
LONG_FILES = (
    *(f"tests/browser/test_{name}.py" for name in LONG_BROWSER_FILES),
    *("notebooks/", "tests/notebooks/", "tests/module/", "tests/learn/"),
)
"""The files that a parallel run starts with: they take longest, and none should be left to one worker at the end."""


def pytest_configure(config: pytest.Config) -> None:
    """Set up PyTorch and hypothesis, except in the process that only distributes the tests of a parallel run."""
    if sys.platform == "linux" and NAME not in os.environ:
        # The kernels of all workers are forked from one process, which has imported PyTorch (see start_kernel.py).
        os.environ[NAME] = f"fxlab-test-kernels-{os.urandom(8).hex()}-{os.getpid()}"
        folders = [str(Path(__file__).parent / "support" / "jupyter"), os.environ.get("JUPYTER_PATH")]
        os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, folders))
    if getattr(config.option, "dist", "no") != "no" and not hasattr(config, "workerinput"):
        return
    parallel = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")) > 1
    if parallel:
        # With several workers, waiting threads of OpenMP would spin and take half of the processor time. Kernels and
        # other processes that the tests start inherit this.
        os.environ.setdefault("OMP_NUM_THREADS", "1")
    import torch
    from hypothesis import settings

    settings.register_profile("fxlab", max_examples=20, deadline=None, derandomize=True, print_blob=True)
    settings.load_profile("fxlab")
    if parallel:
        torch.set_num_threads(1)
    # The browser tests of the first worker take longest and mostly wait; the others take only what they leave.
    if os.environ.get("PYTEST_XDIST_WORKER", BROWSER_WORKER) != BROWSER_WORKER and hasattr(os, "nice"):
        os.nice(5)


def pytest_collection_finish() -> None:
    """Leave what exists before the first test out of garbage collections, which would otherwise take half a second."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Schedule complete files: the first worker starts with the browser tests, the others with the longest files."""
    from xdist.scheduler import LoadFileScheduling

    class BrowserFirstScheduling(LoadFileScheduling):
        def _assign_work_unit(self, node: Any) -> None:
            prefers_browser = node.gateway.id == BROWSER_WORKER
            own = [file for file in self.workqueue if file.startswith("tests/browser/") == prefers_browser]
            long = [file for start in LONG_FILES for file in own if file.startswith(start)]
            if long or own:
                self.workqueue.move_to_end((long or own)[0], last=False)
            super()._assign_work_unit(node)

    return BrowserFirstScheduling(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.fixture(autouse=True)
def _seed(request: pytest.FixtureRequest) -> None:
    import torch

    if "gpu" in request.keywords:
        torch.manual_seed(0)
    else:  # manual_seed takes a millisecond for the generators of all other devices
        torch.default_generator.manual_seed(0)

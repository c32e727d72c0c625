"""Runs compiled programs under Node or in Chromium, many in one process, and compares them with the modules."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import fxlab as fx
from fxlab.page.compiler.export import ENGINE
from fxlab.page.document import program_script
from fxlab.panel.plots.frequency_grid import frequency_grid

RATE = 48_000.0
RUNNER = Path(__file__).parent / "run_programs.mjs"
RUN_JOB = Path(__file__).parent / "run_job.js"


def _encode(values: Any) -> str:
    return base64.b64encode(np.ascontiguousarray(values, np.float64).tobytes()).decode()


def _decode(text: str) -> torch.Tensor:
    return torch.from_numpy(np.frombuffer(base64.b64decode(text), np.float64).copy())


def run_programs(jobs: list[dict[str, Any]], folder: Path) -> list[dict[str, Any]]:
    """Run jobs `{"program", "runs": [{"values", "input"}]}`, and return for each its runs or its error.

    The input is a tensor `(channels, time)`; a run has the tensor `output` and `responses`, the coefficients by path. A
    job may also have a query `moments`, made by `moments_query`; its result then has the answer, with `values` and
    `levels` as tensors.
    """
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node is not installed")
    (folder / "jobs.json").write_text(json.dumps([{**job, "runs": _packed(job)} for job in jobs]))
    command = [node, str(RUNNER), str(folder / "jobs.json"), str(folder / "results.json")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    results: list[dict[str, Any]] = json.loads((folder / "results.json").read_text())
    for result in results:
        _unpack(result.get("runs", ()))
        for name in ("values", "levels") if result.get("moments") else ():
            result["moments"][name] = _decode(result["moments"][name])
    return results


def moments_query(module: fx.Module, sound: torch.Tensor, rate: float, start: float, seconds: float) -> dict[str, Any]:
    """Return the query for the values that move during a part of `sound`, and for the responses on the page's grid."""
    frequencies = _encode(frequency_grid(rate))
    channels = [_encode(row) for row in sound]
    query = {"values": values_of(module), "sound": channels, "frequencies": frequencies}
    return {**query, "start": start, "seconds": seconds}


def _packed(job: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the runs of a job with their input as text."""
    return [{"values": run["values"], "input": [_encode(row) for row in run["input"]]} for run in job["runs"]]


def _unpack(runs: Any) -> None:
    """Make the text of runs tensors."""
    for run in runs:
        run["output"] = torch.stack([_decode(row) for row in run["output"]])
        for drawing in run["drawings"]:
            drawing["vectors"] = {name: _decode(values) for name, values in drawing["vectors"].items()}
        run["responses"] = {part["path"]: _decode(part["values"]) for part in run["responses"]}


IN_WORKER = """
onmessage = ({ data }) => {
  const results = data.map((runs, number) => runJob(globalThis.fxlabPrograms[number](fxlabEngine), runs));
  postMessage(results);
};
"""
RUN_WORKER = """([text, runs]) => new Promise((done, failed) => {
  const worker = new Worker(URL.createObjectURL(new Blob([text], { type: "text/javascript" })));
  worker.onerror = ({ message, lineno }) => failed(new Error(`${message}, line ${lineno}`));
  worker.onmessage = ({ data }) => done(data);
  worker.postMessage(runs);
})"""


def run_programs_in_chromium(browser: Any, jobs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Run jobs as `run_programs` does, with the built engine and the scripts of a page, in one worker of one page."""
    scripts = [program_script(str(number), job["program"]) for number, job in enumerate(jobs)]
    text = "\n".join([ENGINE.read_text(), *scripts, RUN_JOB.read_text().replace("export ", ""), IN_WORKER])
    page = browser.new_page()
    page.goto("about:blank")
    results: list[Any] = page.evaluate(RUN_WORKER, [text, [_packed(job) for job in jobs]])
    page.close()
    for runs in results:
        _unpack(runs)
    return [{"runs": runs} for runs in results]


def values_of(module: fx.Module) -> dict[str, Any]:
    """Return the values of all parameters by path, as the page passes them to `design`."""

    def plain(value: Any) -> Any:
        if not isinstance(value, torch.Tensor):
            return value
        return (torch.view_as_real(value) if value.is_complex() else value).flatten().tolist()

    return {
        path: plain(getattr(owner, declaration.name))
        for path, owner, declaration in module.walk()
        if not isinstance(getattr(owner, declaration.name), torch.nn.Module)
    }


def error_db(got: torch.Tensor, expected: torch.Tensor) -> float:
    """Return the largest difference relative to the largest sample, in dB."""
    size = expected.abs().max().clamp(min=1e-9)
    return float(20 * torch.log10(((got - expected).abs().max() / size).clamp(min=1e-17)))

"""Runs compiled programs under Node, many in one process, and compares them with the modules."""

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

RATE = 48_000.0
RUNNER = Path(__file__).parent / "run_programs.mjs"


def _encode(values: Any) -> str:
    return base64.b64encode(np.ascontiguousarray(values, np.float64).tobytes()).decode()


def _decode(text: str) -> torch.Tensor:
    return torch.from_numpy(np.frombuffer(base64.b64decode(text), np.float64).copy())


def run_programs(jobs: list[dict[str, Any]], folder: Path) -> list[dict[str, Any]]:
    """Run jobs `{"program", "runs": [{"values", "input"}]}`, and return for each its runs or its error.

    The input is a tensor `(channels, time)`; a run has the tensor `output` and `responses`, the coefficients by path.
    """
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node is not installed")
    packed = [
        {
            "program": job["program"],
            "runs": [{"values": r["values"], "input": [_encode(row) for row in r["input"]]} for r in job["runs"]],
        }
        for job in jobs
    ]
    (folder / "jobs.json").write_text(json.dumps(packed))
    command = [node, str(RUNNER), str(folder / "jobs.json"), str(folder / "results.json")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    results: list[dict[str, Any]] = json.loads((folder / "results.json").read_text())
    for result in results:
        for run in result.get("runs", ()):
            run["output"] = torch.stack([_decode(row) for row in run["output"]])
            run["responses"] = {part["path"]: _decode(part["values"]) for part in run["responses"]}
    return results


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

"""Binder's environment contains the requirements of `pyproject.toml`, from conda-forge, and nothing else."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# PyPI's names of the packages that have another name on conda-forge.
CONDA = {"torch": "pytorch-cpu", "soundfile": "pysoundfile", "matplotlib": "matplotlib-base"}


def name_and_bound(requirement: str) -> tuple[str, str]:
    name, bound = re.fullmatch(r"([A-Za-z0-9_.-]+)\s*(.*)", requirement).groups()
    return name, bound


@pytest.fixture(scope="module")
def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def environment() -> dict[str, str]:
    text = (ROOT / "binder" / "environment.yml").read_text(encoding="utf-8")
    listed = re.findall(r"^  - (.+)$", text.partition("dependencies:")[2], re.MULTILINE)
    assert listed
    return dict(name_and_bound(line) for line in listed)


def test_every_requirement_has_the_same_bound(project, environment):
    required = project["dependencies"] + project["optional-dependencies"]["lab"]
    for requirement in required:
        name, bound = name_and_bound(requirement)
        assert environment.get(CONDA.get(name, name)) == bound, requirement


def test_nothing_else_is_installed(project, environment):
    required = project["dependencies"] + project["optional-dependencies"]["lab"]
    names = {CONDA.get(name, name) for name, _ in map(name_and_bound, required)}
    assert set(environment) - names == {"python", "pip"}


def test_python_is_new_enough(project, environment):
    oldest = tuple(int(part) for part in project["requires-python"].removeprefix(">=").split("."))
    used = tuple(int(part) for part in environment["python"].removeprefix("=").split("."))
    assert used >= oldest


def test_the_readme_opens_the_first_notebook_on_binder():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    opened = re.search(r"mybinder\.org/v2/gh/[\w.-]+/[\w.-]+/HEAD\?urlpath=lab/tree/(\S+?\.ipynb)", readme)
    assert opened, "README.md has no Binder badge"
    assert (ROOT / opened.group(1)).is_file()

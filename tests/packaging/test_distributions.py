"""The contents of the wheel and of the source distribution."""

import email
import hashlib
import json
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """Build the source distribution, and from it the wheel, as an installer would; return their folder."""
    out = tmp_path_factory.mktemp("dist")
    # Without isolation the build needs no network: hatchling is installed with the extra `test`.
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(ROOT)]
    process = subprocess.run(command, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stdout + process.stderr
    return out


@pytest.fixture(scope="module")
def wheel(built):
    (path,) = built.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        yield archive


@pytest.fixture(scope="module")
def sdist(built):
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        yield archive


def sources(suffix: str) -> set[str]:
    """Return the paths of the files in `fxlab/` with that suffix."""
    return {p.relative_to(ROOT).as_posix() for p in (ROOT / "fxlab").rglob(f"*{suffix}") if p.is_file()}


def test_wheel_is_for_every_platform(built):
    (path,) = built.glob("*.whl")
    assert path.name.endswith("-py3-none-any.whl")


def test_wheel_holds_every_module(wheel):
    assert sources(".py") <= set(wheel.namelist())


def test_wheel_holds_the_browser_bundle_as_committed(wheel):
    bundle = sorted((ROOT / "fxlab" / "browser" / "dist").glob("*.js"))
    assert {"panel.js", "loader.js", "page.js"} <= {path.name for path in bundle}
    for path in bundle:
        inside = wheel.read(f"fxlab/browser/dist/{path.name}")
        assert hashlib.sha256(inside).digest() == hashlib.sha256(path.read_bytes()).digest(), path.name


def test_wheel_holds_nothing_of_the_front_end_but_the_bundle(wheel):
    """The JavaScript sources and the configuration of their tools are needed only to rebuild the bundle."""
    front_end = [name for name in wheel.namelist() if name.startswith("fxlab/browser/")]
    names = ("engine.js", "loader.js", "page.js", "panel.js")
    assert sorted(front_end) == [f"fxlab/browser/dist/{name}" for name in names]


def test_wheel_holds_the_example_sounds(wheel):
    sounds = sources(".flac")
    assert sounds
    for name in sounds:
        assert name in wheel.namelist()
        assert wheel.read(name)[:4] == b"fLaC"


def test_wheel_holds_the_course_and_the_command_that_copies_it(wheel):
    notebooks = {f"fxlab/notebooks/{path.name}" for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert notebooks
    assert notebooks == {name for name in wheel.namelist() if name.endswith(".ipynb")}
    (name,) = (n for n in wheel.namelist() if n.endswith(".dist-info/entry_points.txt"))
    assert "fxlab = fxlab.cli.main:main" in wheel.read(name).decode()


def test_wheel_is_marked_as_typed(wheel):
    assert "fxlab/py.typed" in wheel.namelist()


def test_wheel_metadata(wheel):
    (name,) = (n for n in wheel.namelist() if n.endswith(".dist-info/METADATA"))
    metadata = email.message_from_bytes(wheel.read(name))
    assert metadata["Name"] == "fxlab"
    assert metadata["License-Expression"] == "MIT"
    assert metadata["Requires-Python"] == ">=3.11"
    assert {"lab", "cluster", "test", "docs", "dev"} <= set(metadata.get_all("Provides-Extra"))
    licence = name.replace("METADATA", "licenses/LICENSE")
    assert wheel.read(licence).startswith(b"MIT License")


def test_wheel_is_small_and_holds_nothing_else(wheel):
    packed = sum(info.compress_size for info in wheel.infolist())
    assert packed < 3_000_000
    strays = [n for n in wheel.namelist() if not n.startswith(("fxlab/", "fxlab-")) or "node_modules" in n]
    assert strays == []


def test_wheel_has_the_version_of_the_package(wheel):
    import fxlab

    (name,) = (n for n in wheel.namelist() if n.endswith(".dist-info/METADATA"))
    assert email.message_from_bytes(wheel.read(name))["Version"] == fxlab.__version__


def test_sdist_holds_documents_tests_and_notebooks(sdist):
    names = {name.partition("/")[2] for name in sdist.getnames()}
    for required in ("README.md", "CHANGELOG.md", "LICENSE", "pyproject.toml", "fxlab/browser/dist/panel.js"):
        assert required in names
    assert any(name.startswith("tests/") for name in names)
    assert not [name for name in names if "node_modules" in name or name.startswith(".venv")]
    assert "notebooks/01-first-filter.ipynb" in names


def test_sdist_holds_the_sources_of_the_bundle_and_their_tools(sdist):
    """The bundle can be rebuilt from the source distribution, after `npm ci` has installed the locked tools."""
    browser = ROOT / "fxlab" / "browser"
    tools = ["biome.json", "build.mjs", "package-lock.json", "package.json", "tsconfig.json", "vitest.config.mjs"]
    source_files = [path for path in (browser / "src").rglob("*") if path.is_file()]
    assert {path.suffix for path in source_files} == {".css", ".js", ".ts"}
    names = {name.partition("/")[2] for name in sdist.getnames()}
    assert {path.relative_to(ROOT).as_posix() for path in source_files} <= names
    assert {f"fxlab/browser/{tool}" for tool in tools} <= names
    assert not [name for name in names if "node_modules" in name.split("/")]


def test_front_end_tools_are_locked():
    lock = json.loads((ROOT / "fxlab" / "browser" / "package-lock.json").read_text(encoding="utf-8"))
    requested = json.loads((ROOT / "fxlab" / "browser" / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    assert lock["packages"][""]["devDependencies"] == requested
    assert all("integrity" in entry for path, entry in lock["packages"].items() if path)

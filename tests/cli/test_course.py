"""`fxlab lab`, `new-lecture` and `doctor`."""

import json
import os
import stat
from pathlib import Path

import nbformat
import pytest

import fxlab as fx
from fxlab.cli import doctor, lab
from fxlab.cli.course_copy import course_folder
from fxlab.cli.main import main
from tests.cli.test_files import failure

ROOT = Path(__file__).parents[2]


def notebook(*sources: str) -> bytes:
    cells = [{"cell_type": "markdown", "metadata": {}, "source": [source]} for source in sources]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}).encode()


@pytest.fixture
def course(tmp_path, monkeypatch) -> Path:
    """Stand-ins for the notebooks of the course, which the test may change; the working directory is empty."""
    source = tmp_path / "course"
    source.mkdir()
    (source / "1.ipynb").write_bytes(notebook("# Sines", "one"))
    (source / "2.ipynb").write_bytes(notebook("# Noise", "two"))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setattr(lab, "course_folder", lambda: source)
    return source


def copy(capsys, *arguments: str) -> list[str]:
    """Run `fxlab lab --no-open`, and return what it says, without the last line."""
    assert main(["lab", "--no-open", *arguments]) == 0
    *lines, last = capsys.readouterr().out.splitlines()
    assert last.startswith("The course is in ")
    return lines


def test_the_real_course_is_copied(tmp_path, capsys):
    lines = copy(capsys, str(tmp_path / "a" / "course"))
    names = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
    assert lines == [f"{name}: copied" for name in names]
    for name in names:
        assert (tmp_path / "a" / "course" / name).read_bytes() == (ROOT / "notebooks" / name).read_bytes()
    assert course_folder() == ROOT / "notebooks"


def test_a_newer_notebook_replaces_one_that_was_not_changed(course, capsys):
    assert copy(capsys) == ["1.ipynb: copied", "2.ipynb: copied"]
    assert copy(capsys) == []
    (course / "1.ipynb").write_bytes(notebook("# Sines", "one, better", "more"))
    assert copy(capsys) == ['1.ipynb: updated (1 cell changed, 1 cell new, in "Sines"); you had not changed it']
    assert Path("fxlab-course", "1.ipynb").read_bytes() == (course / "1.ipynb").read_bytes()
    assert copy(capsys) == []


def test_the_work_of_a_student_is_kept_and_the_newer_notebook_put_beside_it(course, capsys):
    copy(capsys)
    own = Path("fxlab-course", "1.ipynb")
    own.write_bytes(notebook("# Sines", "my answer"))
    assert copy(capsys) == []
    versions = [notebook("# Sines", "one", f"version {number}") for number in (2, 3)]
    for version, name in zip(versions, ("1.new.ipynb", "1.new-2.ipynb"), strict=True):
        (course / "1.ipynb").write_bytes(version)
        (line,) = copy(capsys)
        assert line.startswith("1.ipynb: has a newer version (1 cell ")
        assert line.endswith(f"yours is kept, the version of the course is {name}")
        assert (own.parent / name).read_bytes() == version
        assert copy(capsys) == []
    assert own.read_bytes() == notebook("# Sines", "my answer")


def test_a_deleted_notebook_is_copied_again_and_files_that_were_there_stay(course, capsys):
    folder = Path("mine")
    folder.mkdir()
    (folder / "1.ipynb").write_bytes(b"something else")
    (folder / "notes.txt").write_text("mine")
    first, second = copy(capsys, "mine")
    assert first.startswith("1.ipynb: was here before, and is not that of the course; yours is kept")
    assert (folder / "1.new.ipynb").read_bytes() == (course / "1.ipynb").read_bytes()
    assert second == "2.ipynb: copied"
    (folder / "2.ipynb").unlink()
    assert copy(capsys, "mine") == ["2.ipynb: copied again, since it was missing"]
    assert (folder / "1.ipynb").read_bytes() == b"something else"
    assert (folder / "notes.txt").read_text() == "mine"


def test_a_copy_that_was_stopped_leaves_no_part_of_a_notebook(course, capsys, monkeypatch):
    copy(capsys)
    own, rename = Path("fxlab-course", "1.ipynb"), Path.replace
    own.unlink()
    Path("fxlab-course", "2.ipynb").write_bytes(notebook("# Noise", "my answer"))
    (course / "2.ipynb").write_bytes(notebook("# Noise", "two, better"))

    def stopped(path, target):
        if target in (own, own.with_name("2.new.ipynb")):
            raise KeyboardInterrupt
        return rename(path, target)

    monkeypatch.setattr(Path, "replace", stopped)
    assert main(["lab", "--no-open"]) == 130
    assert not own.exists()
    own.write_bytes((course / "1.ipynb").read_bytes())
    assert main(["lab", "--no-open"]) == 130
    assert not own.with_name("2.new.ipynb").exists()
    monkeypatch.setattr(Path, "replace", rename)
    capsys.readouterr()
    (line,) = copy(capsys)
    assert line.startswith("2.ipynb: has a newer version (1 cell changed")


@pytest.mark.parametrize("damaged", [b"", b'{"cells": [', b"[]", b"\xff", b'{"cells": [1]}'])
def test_a_damaged_original_counts_as_changed(course, capsys, damaged):
    copy(capsys)
    Path("fxlab-course", ".fxlab-course", "1.ipynb").write_bytes(damaged)
    (course / "1.ipynb").write_bytes(notebook("# Sines", "one, better"))
    (line,) = copy(capsys)
    assert line.startswith("1.ipynb: has a newer version (the earlier version in .fxlab-course is damaged); yours is")
    assert Path("fxlab-course", "1.ipynb").read_bytes() == notebook("# Sines", "one")
    assert copy(capsys) == []


def test_folders_that_cannot_be_used(course, capsys, monkeypatch):
    Path("file").touch()
    assert "cannot be copied to 'file'" in failure(capsys, "lab", "file", "--no-open")
    assert "null" in failure(capsys, "lab", "a\0b", "--no-open")
    locked = Path("locked")
    locked.mkdir()
    locked.chmod(stat.S_IRUSR | stat.S_IXUSR)
    if not os.access(locked, os.W_OK):  # root may write everywhere
        assert "Permission denied. Choose another folder" in failure(capsys, "lab", "locked", "--no-open")
    monkeypatch.setattr(lab, "find_spec", lambda name: None)
    assert main(["lab"]) == 1
    assert 'pip install "fxlab[lab]"' in capsys.readouterr().err


def test_jupyterlab_opens_the_first_notebook_with_the_options(course, capsys, monkeypatch):
    commands = []

    class Finished:
        returncode = 3

    monkeypatch.setattr(lab.subprocess, "run", lambda command, check: commands.append(command) or Finished)
    assert main(["lab", "mine", "--", "--port=8890"]) == 3
    (command,) = commands
    assert main(["lab", "--", "--port", "8890"]) == 3
    assert commands[1][-2:] == ["--port", "8890"]
    assert f"--ServerApp.root_dir={Path('fxlab-course').absolute()}" in commands[1]
    assert main(["lab", "--no-open", "--", "--port", "1"]) == main(["lab", "mine", "--no-open", "--", "--x"]) == 0
    assert sorted(path.name for path in Path().iterdir()) == ["fxlab-course", "mine"]
    assert command[1:3] == ["-m", "jupyterlab"]
    assert f"--ServerApp.root_dir={Path('mine').absolute()}" in command
    assert "--LabApp.default_url=/lab/tree/1.ipynb" in command
    assert command[-1] == "--port=8890"


def test_a_new_lecture_is_a_clean_notebook_that_runs(tmp_path, monkeypatch, capsys):
    import importlib.util

    monkeypatch.chdir(tmp_path)
    assert main(["new-lecture", "Comb filters", "--folder", "week5"]) == 0
    path = tmp_path / "week5" / "comb-filters.ipynb"
    content = nbformat.read(path, as_version=4)
    nbformat.validate(content)
    specification = importlib.util.spec_from_file_location("cleaning", ROOT / ".ci" / "notebooks.py")
    cleaning = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(cleaning)
    assert cleaning.main(["--check", str(path)]) == 0
    assert content.cells[0].source.startswith("# Comb filters")
    names: dict = {}
    grades = []
    for cell in content.cells:
        if cell.cell_type == "code":
            exec(cell.source, names)
            grades += [mark.grade for mark in [cell.metadata.get("nbgrader")] if mark]
    assert grades == [False, True]
    # The test fails an answer that is none.
    names["answer"] = fx.Gain(-6.0)
    with pytest.raises((AssertionError, AttributeError, fx.FxlabError)):
        exec(content.cells[-2].source, names)
    capsys.readouterr()
    assert "exists already" in failure(capsys, "new-lecture", "comb FILTERS", "--folder", "week5")
    assert "has no letter" in failure(capsys, "new-lecture", "…", code=2)
    Path("a.wav").touch()
    message = failure(capsys, "new-lecture", "A", "--folder", "a.wav")
    assert message == "fxlab: --folder 'a.wav' is a file. Pass a folder, which is created if needed."
    assert "cannot be written" in failure(capsys, "new-lecture", "A", "--folder", "a.wav/b")


@pytest.mark.slow
def test_the_doctor_finds_this_installation_well_and_says_how_to_mend_another(capsys, monkeypatch):
    assert main(["doctor"]) == 0
    text = capsys.readouterr().out
    assert text.endswith("All is well.\n")
    for subject in ("python", "torch ", "torchaudio", "files", "filters", "panel", "course", "gpu", "browser", "sound"):
        assert f" {subject}" in text
    monkeypatch.setattr(doctor, "REQUIRED", ("numpy", "no-such-package"))

    def broken():
        raise OSError("no such library")
        yield

    monkeypatch.setattr(doctor, "_files", broken)
    assert main(["doctor"]) == 1
    text = capsys.readouterr().out
    assert " bad  no-such-package is not installed\n" in text
    assert "-> pip install no-such-package" in text
    assert "OSError: no such library" in text
    assert text.endswith("2 problems.\n")

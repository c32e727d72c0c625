"""`apply_to_files` in processes: a run that is killed and continued, and a file that crashes its process."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

import fxlab as fx
from tests.support.batch_modules import Crashing, Waiting, have_equal_samples, write_files

pytestmark = pytest.mark.slow

COUNT, STOP = 12, 7

DRIVER = """
import sys
import fxlab as fx
from tests.support.batch_modules import Waiting

source, target, folder = sys.argv[1:]
module = Waiting()
module.folder = folder
fx.apply_to_files(module, source, target, workers=2, shard_size=2, progress=False)
"""


def wait_until(condition, process=None) -> None:
    """Wait for an event; the time limit of the tests ends what waits for ever."""
    while not condition():
        assert process is None or process.poll() is None, process.stderr.read()
        time.sleep(0.01)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
def test_a_killed_run_continues_without_losing_or_repeating_a_file(tmp_path):
    write_files(tmp_path / "in", COUNT, STOP)
    out = tmp_path / "out"
    command = [sys.executable, "-c", DRIVER, *map(str, (tmp_path / "in", out, tmp_path))]
    with subprocess.Popen(command, cwd=Path(__file__).parents[2], stderr=subprocess.PIPE, text=True) as driver:
        # One worker waits in the middle of a file; the other has finished all others.
        waiting = tmp_path / "waiting"
        try:
            wait_until(lambda: waiting.exists() and waiting.read_text(), driver)
            wait_until(lambda: len(list(out.glob("*.wav"))) == COUNT - 1, driver)
            worker = int(waiting.read_text())
        finally:
            driver.kill()
    wait_until(lambda: not psutil.pid_exists(worker))
    assert len(list((out / ".fxlab" / "unfinished").glob("*/*"))) == 1
    # A finished output is lost as well: both are made again, and no other.
    (out / "02.wav").unlink()
    times = {path.name: path.stat().st_mtime_ns for path in out.glob("*.wav")}
    (tmp_path / "go").touch()
    module = Waiting()
    module.folder = str(tmp_path)
    report = fx.apply_to_files(module, tmp_path / "in", out, workers=0, progress=False)
    assert (len(report.done), report.found, report.failed) == (COUNT, COUNT - 2, {})
    assert {path.name for path in out.glob("*.wav")} == {f"{index:02}.wav" for index in range(COUNT)}
    assert all((out / name).stat().st_mtime_ns == time for name, time in times.items())
    assert have_equal_samples(report)
    assert not list((out / ".fxlab").glob("unfinished"))


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_file_that_crashes_its_process_fails_alone(tmp_path):
    files = write_files(tmp_path / "in", COUNT, STOP)
    report = fx.apply_to_files(Crashing(), tmp_path / "in", tmp_path / "out", workers=2, shard_size=4, progress=False)
    assert list(report.failed) == [files[STOP]]
    assert "ended abruptly" in report.failed[files[STOP]]
    assert (len(report.done), report.found) == (COUNT - 1, 0)
    assert len(list((tmp_path / "out").glob("*.wav"))) == COUNT - 1

"""`apply_to_files` on a Dask cluster: a scheduler and two worker processes on loopback, one of which is killed."""

import os
import signal

import pytest

import fxlab as fx
from tests.batch.test_processes import wait_until
from tests.support.batch_modules import Waiting, have_equal_samples, write_files

COUNT = 24

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")]


def test_every_file_is_there_once_after_a_worker_was_killed(tmp_path):
    import threading

    from distributed import Client, LocalCluster

    files = write_files(tmp_path / "in", COUNT, stop_at=10)
    out = tmp_path / "out"
    module = Waiting()
    module.folder = str(tmp_path)
    cluster = LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None,
        local_directory=str(tmp_path / "dask"),
    )  # fmt: skip
    reports = []
    with cluster, Client(cluster) as client:
        executor = client.get_executor()
        thread = threading.Thread(
            target=lambda: reports.append(
                fx.apply_to_files(module, tmp_path / "in", out, executor=executor, shard_size=3, progress=False)
            )
        )
        thread.start()
        # One worker waits in the middle of a file; the other has finished all other shards.
        wait_until(lambda: len(list(out.glob("*.wav"))) >= COUNT - 3 and (tmp_path / "waiting").exists())
        os.kill(int((tmp_path / "waiting").read_text()), signal.SIGKILL)
        (tmp_path / "go").touch()
        thread.join()
    (report,) = reports
    assert (len(report.done), report.found, report.failed) == (COUNT, 0, {})
    assert sorted(path.name for path in out.glob("*.wav")) == [path.name for path in files]
    assert have_equal_samples(report)

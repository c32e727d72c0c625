"""The CPU quota of control groups, read from files like those of Linux."""

import os

import pytest

from fxlab.engine.torch_support import cpu_limits
from fxlab.engine.torch_support.cpu_limits import available_cpus, cpu_quota


@pytest.fixture
def system(tmp_path):
    """Return a function that writes files below /proc/self and /sys/fs/cgroup, and returns these two directories."""

    def write(files: dict[str, str]):
        proc, cgroups = tmp_path / "proc", tmp_path / "cgroup"
        for name, text in files.items():
            path = proc / "cgroup" if name == "proc" else cgroups / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return proc, cgroups

    return write


@pytest.mark.parametrize(
    ("files", "quota"),
    [
        ({"proc": "0::/\n", "cpu.max": "150000 100000\n"}, 1.5),  # inside a container, version 2
        ({"proc": "0::/\n", "cpu.max": "max 100000\n"}, None),
        ({"proc": "0::/a/b\n", "a/b/cpu.max": "max 100000\n", "a/cpu.max": "50000 100000\n"}, 0.5),
        ({"proc": "0::/a/b\n", "a/b/cpu.max": "400000 100000\n", "a/cpu.max": "200000 100000\n"}, 2.0),
        ({"proc": "0::/../../docker/1f\n", "cpu.max": "300000 100000\n"}, 3.0),
        ({"proc": "4:cpu,cpuacct:/docker/1f\n0::/\n", "cpu,cpuacct/cpu.cfs_quota_us": "250000\n",
          "cpu,cpuacct/cpu.cfs_period_us": "100000\n"}, 2.5),  # version 1: the path is that of the host
        ({"proc": "4:cpu:/job\n", "cpu/job/cpu.cfs_quota_us": "-1\n", "cpu/job/cpu.cfs_period_us": "100000\n"}, None),
        ({"proc": "4:cpu:/job\n", "cpu/job/cpu.cfs_quota_us": "100000\n", "cpu/job/cpu.cfs_period_us": "50000\n"}, 2.0),
        ({"proc": "4:cpuset:/job\n", "cpuset/job/cpu.cfs_quota_us": "1\n"}, None),
        ({"proc": "0::/\n", "cpu.max": "nonsense\n"}, None),
        ({}, None),  # no control groups, as on macOS
    ],
)  # fmt: skip
def test_quota(system, files, quota):
    assert cpu_quota(*system(files)) == quota


@pytest.mark.parametrize(("quota", "count"), [(None, 6), (1.5, 2), (0.2, 1), (4.0, 4), (64.0, 6)])
def test_available_cpus_are_the_quota_rounded_up_within_the_affinity(monkeypatch, quota, count):
    monkeypatch.setattr(cpu_limits, "cpu_quota", lambda: quota)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(6)), raising=False)
    assert available_cpus() == count


def test_available_cpus_follow_a_change_of_the_affinity():
    if not hasattr(os, "sched_setaffinity"):
        pytest.skip("this system has no processor affinity")
    allowed = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(allowed)})
        assert available_cpus() == 1
    finally:
        os.sched_setaffinity(0, allowed)

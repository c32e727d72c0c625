"""The number of processors that this process may use, which in a container is often lower than that of the machine."""

from __future__ import annotations

import os
from functools import lru_cache
from math import ceil
from pathlib import Path, PurePosixPath

CGROUPS = Path("/sys/fs/cgroup")
PROC = Path("/proc/self")


def available_cpus() -> int:
    """Return the number of processors that this process may use: those of its affinity, limited by its CPU quota.

    On a system without affinity (`taskset`), all processors of the machine are counted. The quota is that of Linux
    control groups, versions 1 and 2, as set by Docker, Kubernetes and systemd. It is read once. A quota of 1.5
    processors counts as 2.
    """
    if hasattr(os, "sched_getaffinity"):
        count = len(os.sched_getaffinity(0))
    else:
        count = os.cpu_count() or 1
    quota = cpu_quota()
    return max(1, count if quota is None else min(count, ceil(quota)))


@lru_cache(maxsize=8)
def cpu_quota(proc: Path = PROC, cgroups: Path = CGROUPS) -> float | None:
    """Return the smallest CPU quota of this process's control groups, in processors; None if there is none.

    Args:
        proc: The directory of the process in `/proc`.
        cgroups: The directory where the control groups are mounted.
    """
    quotas = []
    for line in _lines(proc / "cgroup"):
        _, controllers, path = line.split(":", 2)
        if not controllers:  # version 2
            quotas += [_quota_v2(group) for group in _with_parents(cgroups, path)]
            quotas += [_quota_v2(group) for group in _with_parents(cgroups / "unified", path)]
        elif "cpu" in controllers.split(","):
            for mount in dict.fromkeys((controllers, "cpu", "cpu,cpuacct")):
                quotas += [_quota_v1(group) for group in _with_parents(cgroups / mount, path)]
    return min((quota for quota in quotas if quota is not None), default=None)


def _with_parents(mount: Path, path: str) -> list[Path]:
    """Return the directory of a control group and those of its parents, whose quotas also apply, up to `mount`."""
    # In a container the path may be that of the host; then only the mount itself exists.
    parts = PurePosixPath(path).parts[1:]
    return [mount.joinpath(*parts[:count]) for count in range(len(parts), -1, -1)]


def _quota_v2(group: Path) -> float | None:
    """Return the quota of a control group in processors, or None if it has no file `cpu.max` or no limit.

    The file contains the quota, or "max", and the period, both in microseconds.
    """
    fields = " ".join(_lines(group / "cpu.max")).split()
    return _ratio(*fields) if len(fields) == 2 else None


def _quota_v1(group: Path) -> float | None:
    """Return the quota of a control group in processors, or None if it has no limit.

    The quota is the number in the file `cpu.cfs_quota_us` divided by that in `cpu.cfs_period_us`. Without these files
    there is no limit.
    """
    quota, period = ("".join(_lines(group / f"cpu.cfs_{name}_us")) for name in ("quota", "period"))
    return _ratio(quota, period)


def _ratio(quota: str, period: str) -> float | None:
    if not (quota.isdigit() and period.isdigit()) or int(period) == 0 or int(quota) == 0:
        return None
    return int(quota) / int(period)


def _lines(path: Path) -> list[str]:
    """Return the lines of a file, or an empty list if it cannot be read."""
    try:
        return path.read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError):
        return []

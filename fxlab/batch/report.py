"""`Report`: the outputs of a run of `apply_to_files`, and the failures with their reasons."""

from __future__ import annotations

import html
import os
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")
_SHOWN = 20


class PathMap(dict[Path, Value], Generic[Value]):
    """A dictionary whose keys are absolute paths, which can be looked up by strings and relative paths too.

    >>> reasons = PathMap({"/folder/a.wav": "it is empty"})
    >>> reasons["/folder/a.wav"], Path("/folder/a.wav") in reasons
    ('it is empty', True)
    """

    def __init__(self, items: Mapping[str, Value]) -> None:
        super().__init__({Path(key): value for key, value in items.items()})

    def __missing__(self, key: Any) -> Value:
        path = _as_path(key)
        if path == key or not super().__contains__(path):
            raise KeyError(key)
        return self[path]

    def __contains__(self, key: object) -> bool:
        return super().__contains__(_as_path(key))

    def get(self, key: Any, default: Any = None) -> Any:
        """Return the value for a path, or `default` if there is none."""
        return super().get(_as_path(key), default)


def _as_path(key: Any) -> Any:
    return Path(os.path.expanduser(key)).absolute() if isinstance(key, str | os.PathLike) else key  # noqa: PTH111


class Report:
    """The result of `apply_to_files`; a notebook shows it as a table of the files that failed.

    `done` maps the path of each file whose output is complete to the path of the output, and `failed` maps the path of
    each other file to the reason. The keys of both are absolute paths, which can be looked up by strings and relative
    paths too. `found` is the number of outputs in `done` that an earlier run had already written, and `out_dir` is the
    folder of the outputs. `len(report)` is the number of all files.
    """

    def __init__(self, pairs: Iterable[tuple[str, str]], failed: dict[str, str], found: int, out_dir: Path) -> None:
        self._pairs, self._failed = list(pairs), failed
        self.found = found
        self.out_dir = out_dir

    @cached_property
    def done(self) -> PathMap[Path]:
        """The paths of the outputs that are complete, by the paths of their sources."""
        return PathMap({source: Path(target) for source, target in self._pairs if source not in self._failed})

    @cached_property
    def failed(self) -> PathMap[str]:
        """The reasons why files failed, by their paths."""
        return PathMap(self._failed)

    def __len__(self) -> int:
        return len(self._pairs)

    def __bool__(self) -> bool:
        return True

    @property
    def summary(self) -> str:
        """The numbers of all files, of those done now and earlier, and of those that failed, in one line."""
        earlier = f" ({self.found} by an earlier run)" if self.found else ""
        failed = len(self._failed)
        return f"{len(self) - failed} of {len(self)} files done{earlier}, {failed} failed"

    def __repr__(self) -> str:
        return f"Report({self.summary})"

    def __str__(self) -> str:
        """Return the summary, and a line for each of the first 20 files that failed."""
        lines = [self.summary, *(f"  {os.fspath(path)}: {reason}" for path, reason in self._first_failed())]
        return "\n".join([*lines, *([f"  … and {more} more"] if (more := len(self.failed) - _SHOWN) > 0 else [])])

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td style='text-align:left'>{html.escape(path.name)}</td>"
            f"<td style='text-align:left'>{html.escape(reason)}</td></tr>"
            for path, reason in self._first_failed()
        )
        more = len(self.failed) - _SHOWN
        note = f"<p>… and {more} more: see <code>report.failed</code>.</p>" if more > 0 else ""
        table = f"<table><tr><th>file that failed</th><th>reason</th></tr>{rows}</table>" if rows else ""
        return f"<p>{html.escape(self.summary)}: {html.escape(str(self.out_dir))}</p>{table}{note}"

    def _first_failed(self) -> list[tuple[Path, str]]:
        return list(self.failed.items())[:_SHOWN]

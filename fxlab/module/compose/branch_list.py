"""`BranchList`: the base class of `Sum` and `Send`, whose modules are a list of parallel branches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Self

from fxlab.module.compose.parallel import Parallel
from fxlab.module.lti.linear_analysis import LinearAnalysis, has_response
from fxlab.module.module import Module
from fxlab.module.serialization import Build, decode_parameters, describe_parameters, listed_entries


class BranchList(Parallel):
    """The base class of sums whose branches are the positional arguments of the constructor, in any number."""

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[Module]:
        return iter(self._modules.values())  # type: ignore[arg-type]

    def __getitem__(self, index: int) -> Module:
        branches = list(self)
        try:
            return branches[index]
        except IndexError:
            number = "1 branch" if len(branches) == 1 else f"{len(branches)} branches"
            raise IndexError(f"{self._name()} has {number}; there is no branch {index}.") from None

    def _numbered_parts(self, rate: float) -> list[tuple[int, LinearAnalysis]]:
        return [(index, branch) for index, branch in enumerate(self) if has_response(branch)]

    def _describe(self) -> dict[str, Any]:
        return {**describe_parameters(self), "branches": [branch._describe() for branch in self]}

    @classmethod
    def _rebuild(cls, description: dict[str, Any], build: Build) -> Self:
        return cls(*map(build, listed_entries(description, "branches")), **decode_parameters(cls, description))

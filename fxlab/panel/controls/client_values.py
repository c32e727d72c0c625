"""`ClientValues`: what each page shows, so that a move is told from a value that a page only repeats."""

from __future__ import annotations

from typing import Any

KEPT = 16  # revisions: a page that is further behind is told everything anew
_NEVER = object()  # no value equals it


class ClientValues:
    """A page sends all its values with each move, and the number of the revision of values that it was told last.

    What differs from what it showed at that revision was moved by a hand; the rest it only repeats, and what Python, an
    undo or another page has set meanwhile stays. Values of an revision from before the stages changed mean nothing now.
    """

    def __init__(self, values: dict[str, Any]) -> None:
        self.revision = 0
        self.refused: dict[str, Any] | None = None
        """The values of a page, as they came, that could not be heard: nobody holds them."""
        self._told = {0: values}
        self._pages: dict[str, tuple[int, dict[str, Any]]] = {}

    def moved(self, client: str, revision: int | None, values: dict[str, Any]) -> dict[str, Any]:
        """Those of a page's values that its hand has changed."""
        now = self.revision if revision is None else revision
        if now not in self._told:
            self._pages[client] = (self.revision, {})
            return {}
        before, page = self._pages.get(client, (-1, {}))
        known = [self._told[now]]
        if revision is None:  # a page that does not say may be at either
            known.append(page)
        elif before == now:
            known = [page]
        self._pages[client] = (now, values)
        return {
            path: value for path, value in values.items() if value not in (held.get(path, _NEVER) for held in known)
        }

    def retry(self, client: str, paths: dict[str, Any]) -> None:
        """What was moved there could not be: with the page's next message it counts as moved again."""
        revision, values = self._pages.get(client, (self.revision, {}))
        self.refused = values
        self._pages[client] = (revision, {path: value for path, value in values.items() if path not in paths})

    def strays(self, held: dict[str, Any]) -> dict[str, Any]:
        """Those of the values as they are that some page does not show; all are taken to be told of them."""
        pages = [page for _, page in self._pages.values()]
        news = {path: value for path, value in held.items() if any(page.get(path, _NEVER) != value for page in pages)}
        if news:
            self.tell(held)
        return news

    def tell(self, held: dict[str, Any], *, anew: bool = False) -> int:
        """The values are told to every page, under the number returned; `anew` where the stages are others now."""
        if anew:
            self._told, self._pages = {}, {}
        self.revision += 1
        self._told[self.revision] = held
        self._told.pop(self.revision - KEPT, None)
        return self.revision

    def forget(self, client: str) -> None:
        """A page went away."""
        self._pages.pop(client, None)

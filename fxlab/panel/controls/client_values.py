"""`ClientValues`: the values that each page shows, to distinguish changes by the user from repeated values."""

from __future__ import annotations

from typing import Any

MAX_REVISIONS = 16
"""How many revisions are kept; a page that is further behind is sent all values again."""
_NEVER = object()
"""It differs from every value."""


class ClientValues:
    """The values that were published to the pages, by revision, and the values that each page sent last.

    A page sends all values each time, with the revision that it received last. Those that differ from what it showed
    at that revision were changed by its user; it only repeats the rest, so what Python, undo or another page has set
    meanwhile stays. Values of a revision from before the stages changed have no meaning any more.
    """

    def __init__(self, values: dict[str, Any]) -> None:
        self.revision = 0
        self.refused: dict[str, Any] | None = None
        """The values of a page, as they came, that could not be applied, so that the module does not hold them."""
        self._published = {0: values}
        self._pages: dict[str, tuple[int, dict[str, Any]]] = {}

    def changed_by_user(self, client: str, revision: int | None, values: dict[str, Any]) -> dict[str, Any]:
        """Return those of a page's values that its user has changed, and keep all of them as what it shows."""
        current = self.revision if revision is None else revision
        if current not in self._published:
            self._pages[client] = (self.revision, {})
            return {}
        last_revision, last_values = self._pages.get(client, (-1, {}))
        shown = [self._published[current]]
        if revision is None:  # a page that sends no revision may show either
            shown.append(last_values)
        elif last_revision == current:
            shown = [last_values]
        self._pages[client] = (current, values)
        return {
            path: value for path, value in values.items() if value not in (held.get(path, _NEVER) for held in shown)
        }

    def retry(self, client: str, values: dict[str, Any]) -> None:
        """Note that changed values could not be applied: with the page's next message they count as changed again."""
        revision, shown = self._pages.get(client, (self.revision, {}))
        self.refused = shown
        self._pages[client] = (revision, {path: value for path, value in shown.items() if path not in values})

    def unpublished(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return those of the module's `values` that some page does not show, and publish all if there are any."""
        pages = [shown for _, shown in self._pages.values()]
        news = {
            path: value for path, value in values.items() if any(shown.get(path, _NEVER) != value for shown in pages)
        }
        if news:
            self.publish(values)
        return news

    def publish(self, values: dict[str, Any], *, reset: bool = False) -> int:
        """Note that `values` are sent to every page; return their revision.

        With `reset`, because the stages have changed, earlier revisions and the values of the pages are forgotten.
        """
        if reset:
            self._published, self._pages = {}, {}
        self.revision += 1
        self._published[self.revision] = values
        self._published.pop(self.revision - MAX_REVISIONS, None)
        return self.revision

    def forget(self, client: str) -> None:
        """Forget a page that was closed."""
        self._pages.pop(client, None)

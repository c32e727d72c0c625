"""`ClientValues`: the values that each page shows, to distinguish changes by the user from repeated values."""

from __future__ import annotations

from typing import Any

MAX_REVISIONS = 1024
"""The maximum number of revisions that are kept; a page with an older revision is sent all values again.

A fit publishes thirty revisions a second, and a slow page receives them seconds later. What its user changes before
that must not be lost.
"""
_NEVER = object()
"""A sentinel that differs from every value."""


class ClientValues:
    """The values that were published to the pages, by revision, and the values that each page sent last.

    A page sends all of its values at once, with the revision that it received last. The values that differ from those
    shown at that revision were changed by its user. The page only repeats the others, so they do not overwrite values
    that Python, undo or another page has set meanwhile. Values that belong to a revision before a change of the stages
    are ignored.
    """

    def __init__(self, values: dict[str, Any]) -> None:
        self.revision = 0
        self.refused: dict[str, Any] | None = None
        """All values of the last message whose changed values could not be applied; None if there is none."""
        self._published = {0: values}
        self._pages: dict[str, tuple[int, dict[str, Any]]] = {}

    def changed_by_user(self, client: str, revision: int | None, values: dict[str, Any]) -> dict[str, Any]:
        """Return the values that the user of a page has changed, and store that the page shows `values`.

        Args:
            client: The random string that identifies the page.
            revision: The revision of the values that the page received last; None, for a page that does not send it,
                means the current one.
            values: All values that the page shows, by parameter path.

        Returns:
            The changed values by path. If the values of `revision` are no longer stored, the result is empty, and
            `values` are not stored.
        """
        current = self.revision if revision is None else revision
        if current not in self._published:
            self._pages[client] = (self.revision, {})
            return {}
        last_revision, last_values = self._pages.get(client, (-1, {}))
        shown = [self._published[current]]
        if revision is None:  # a page that sends no revision may show either set of values
            shown.append(last_values)
        elif last_revision == current:
            shown = [last_values]
        self._pages[client] = (current, values)
        return {
            path: value for path, value in values.items() if value not in (held.get(path, _NEVER) for held in shown)
        }

    def retry(self, client: str, values: dict[str, Any]) -> None:
        """Record that the changed `values` of the page `client` could not be applied.

        They count as changed again in the next message of the page.
        """
        revision, shown = self._pages.get(client, (self.revision, {}))
        self.refused = shown
        self._pages[client] = (revision, {path: value for path, value in shown.items() if path not in values})

    def unpublished(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return those of the module's `values` that at least one page does not show; if there are any, call `publish`.

        Without a page that has sent its values, the result is empty.
        """
        pages = [shown for _, shown in self._pages.values()]
        news = {
            path: value for path, value in values.items() if any(shown.get(path, _NEVER) != value for shown in pages)
        }
        if news:
            self.publish(values)
        return news

    def publish(self, values: dict[str, Any], *, reset: bool = False) -> int:
        """Record that `values` are sent to every page; return their revision.

        With `reset`, as required after a change of the stages, the earlier revisions and the values that the pages show
        are forgotten.
        """
        if reset:
            self._published, self._pages = {}, {}
        self.revision += 1
        self._published[self.revision] = values
        self._published.pop(self.revision - MAX_REVISIONS, None)
        return self.revision

    def forget(self, client: str) -> None:
        """Forget the page `client`, which was closed."""
        self._pages.pop(client, None)

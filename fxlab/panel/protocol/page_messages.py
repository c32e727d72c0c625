"""The messages from a page to the kernel."""

from typing import Any, Literal, NotRequired, TypedDict

from fxlab.panel.protocol.spec import Playhead


class AxisRange(TypedDict, total=False):
    """The part of an axis that a page shows.

    If the limits are missing, the page shows the full range; if the scale is missing, the view determines it.
    """

    low: float
    high: float
    scale: Literal["log", "linear"]


Axes = dict[str, AxisRange]
"""The visible ranges by the unit of the axis, `"Hz"` or `"ms"`."""

ViewOptions = dict[str, dict[str, Any]]
"""The options of each view, by the name of the view."""


class BundleRequest(TypedDict):
    """A request for `panel.js`, sent if the loader does not have the file with the hash in the trait `bundle`.

    It is repeated at intervals of 2, 4, 8, 16 and then 30 s until it is answered.
    """

    type: Literal["bundle"]


class ReadyMessage(Playhead):
    """A request for all that a page displays, sent when its first view opens, and repeated until the kernel answers."""

    type: Literal["ready"]
    client: str
    views: list[str]
    options: ViewOptions
    axes: Axes


class AxesMessage(TypedDict):
    """New visible ranges of the axes; answered by the curves and the views for these ranges."""

    type: Literal["axes"]
    client: str
    axes: Axes


class AckMessage(TypedDict):
    """The acknowledgment of audio messages, sent within 50 ms of their arrival unless new `Params` acknowledge them."""

    type: Literal["ack"]
    client: str
    received: list[int]
    """The ids of the messages."""
    ack_delays: list[float]
    """The milliseconds between the arrival of each message and the acknowledgment."""


class BufferedMessage(Playhead):
    """A request for more sound, because little is buffered after the playhead or the user has moved the playhead."""

    type: Literal["buffered"]
    client: str
    wet: float | None
    """The seconds of the newest render that the page has from `position` on; None if it has the complete render."""
    dry: float | None
    """The seconds of the input that the page has from `position` on; None if it has the complete input."""


class ViewsMessage(TypedDict):
    """New open views, or new options of a view; answered by the drawings of the views in `changed`, or of all views."""

    type: Literal["views"]
    client: str
    views: list[str]
    options: ViewOptions
    axes: Axes
    changed: NotRequired[list[str]]
    """The names of the views that are new or have new options; missing if all views are to be drawn."""


class ClosedMessage(TypedDict):
    """The notice that a page has closed its last view of this panel."""

    type: Literal["closed"]
    client: str


class PingMessage(TypedDict):
    """A test of whether the kernel responds, sent if it has not answered a message for 5 s.

    The kernel answers at once with a `PongMessage`, even during a render.
    """

    type: Literal["ping"]
    client: str


class CommandMessage(Playhead):
    """A command, which changes the module or the signal; the fields of each command are in `requests.py`."""

    type: Literal["command"]
    client: str
    name: str
    seq: int
    """The sequence number of the command and of the render that follows, counted together with those of `Params`."""


class QueryMessage(TypedDict):
    """A query, always answered by an `AnswerMessage`; the fields of each query are in `requests.py`."""

    type: Literal["query"]
    client: str
    name: str
    request: str
    """A random string, repeated in the answer."""


PageMessage = (
    BundleRequest
    | ReadyMessage
    | AxesMessage
    | AckMessage
    | BufferedMessage
    | ViewsMessage
    | ClosedMessage
    | PingMessage
    | CommandMessage
    | QueryMessage
)

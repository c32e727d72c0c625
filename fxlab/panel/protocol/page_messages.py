"""The messages from a page to the kernel."""

from typing import Any, Literal, NotRequired, TypedDict

from fxlab.panel.protocol.spec import Playhead


class AxisRange(TypedDict, total=False):
    """The part of an axis that a page shows; what is missing is the full range, on the axis's own scale."""

    low: float
    high: float
    scale: Literal["log", "linear"]


Axes = dict[str, AxisRange]
"""The visible ranges by the unit of the axis, `"Hz"` or `"ms"`."""

ViewOptions = dict[str, dict[str, Any]]
"""The options of each view, by the name of the view."""


class BundleRequest(TypedDict):
    """The loader has no `panel.js` of the trait `bundle`'s hash yet. Repeated after 2 s, 4 s, … 30 s."""

    type: Literal["bundle"]


class ReadyMessage(Playhead):
    """A page opened its first view of this panel and requests everything it displays; repeated until it is answered."""

    type: Literal["ready"]
    client: str
    views: list[str]
    options: ViewOptions
    axes: Axes


class AxesMessage(TypedDict):
    """The visible ranges of the axes changed; answered by the curves and the views for them."""

    type: Literal["axes"]
    client: str
    axes: Axes


class AckMessage(TypedDict):
    """Audio messages arrived, at most 50 ms ago, and no `Params` has acknowledged them since."""

    type: Literal["ack"]
    client: str
    received: list[int]
    ack_delays: list[float]


class BufferedMessage(Playhead):
    """Little sound is buffered after the playhead, or the user has moved it: the kernel sends more."""

    type: Literal["buffered"]
    client: str
    wet: float | None
    """The seconds of the newest render that the page has from `position` on; None: all of it."""
    dry: float | None
    """The same for the input."""


class ViewsMessage(TypedDict):
    """The open views, or the options of one, changed; answered by the drawings of the `changed` ones, or of all."""

    type: Literal["views"]
    client: str
    views: list[str]
    options: ViewOptions
    axes: Axes
    changed: NotRequired[list[str]]


class ClosedMessage(TypedDict):
    """The last view of this panel in the page went away."""

    type: Literal["closed"]
    client: str


class PingMessage(TypedDict):
    """The kernel has not answered for 5 s; answered at once by `PongMessage`, whatever is being rendered."""

    type: Literal["ping"]
    client: str


class CommandMessage(Playhead):
    """A change of what is played, other than by values; the command has its own fields, see `requests.py`."""

    type: Literal["command"]
    client: str
    name: str
    seq: int


class QueryMessage(TypedDict):
    """A question, always answered by an `AnswerMessage`; the query has its own fields."""

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

"""The traits of the widget: `spec`, from which the page draws the panel, and `params`, the values of all controls."""

from typing import Any, Literal, NotRequired, TypedDict

Points = list[list[float]]
"""The points of an automation: the time in seconds and the value of each."""

Value = float | int | str | bool | Points
"""The value of a parameter, in its unit."""

Values = dict[str, Value]
"""Values by parameter path, such as `"0.cutoff"`."""


class ShownWhen(TypedDict):
    """The condition under which a parameter has an effect and is shown: a choice has one of some values."""

    path: str
    """The path of a choice."""
    values: list[str]
    """The values of that choice with which the parameter is shown."""


class Param(TypedDict):
    """One parameter of a stage: a control, or a coordinate of a pole or zero, which has no control."""

    path: str
    """Its path: `"0.cutoff"` in a chain, `"cutoff"` in a module alone, `"0.gains_db.3"` for one number of an array."""
    name: str
    label: str
    kind: Literal["number", "count", "draw", "choice", "switch", "coordinate", "points", "fixed"]
    """The kind of its value. `"draw"` is a count with a button that adds 1; `"fixed"` cannot be changed in the page."""
    value: Any
    default: Any
    unit: str
    role: str | None
    """`"frequency"`, `"gain"`, `"q"`, `"mix"`, `"pole"` or `"zero"`; None: none of them."""
    index: int | None
    """Its index in an array; None outside an array."""
    has_center_frequency: bool
    """Whether it acts at a frequency that the page cannot set, but reads in `CurvesMessage.center_frequencies`."""
    doc: str
    step: float | None
    """The step of the number field, in the unit; None: any."""
    shown_when: ShownWhen | None
    """When it is shown; None: always."""
    movable: bool
    """Whether its value can be a control, such as an LFO."""
    movement: "Movement | None"
    """The control that is its value; None: it does not move."""
    low: NotRequired[float]
    """The lower end of the slider, already limited to what the sample rate allows."""
    high: NotRequired[float]
    """The upper end of the slider."""
    scale: NotRequired[Literal["log", "linear"]]
    zero_is_automatic: NotRequired[bool]
    """Whether 0 stands for a value computed from other parameters, and is shown as "auto"; missing: it does not."""
    choices: NotRequired[list[str]]
    """The names to choose from, for the kind `"choice"`."""


class Movement(TypedDict):
    """The control that is the value of a parameter; its own parameters have paths such as `"0.cutoff.rate_hz"`."""

    kind: str
    """The name of the control's class: `"LFO"`, `"Automation"`, …."""
    params: list[Param]
    """The parameters of the control."""
    more: list[Param]
    """The parameters that are shown on request."""
    holds: ShownWhen | None
    """The choice with which the value of a point holds until the next one; None: it has no points."""
    clicks: ShownWhen | None
    """The choice with which the value jumps, so that the filter clicks; None: it does not click."""


class Stage(TypedDict):
    """The parameters of one part of the module, under one heading."""

    path: str
    name: str
    """The name of its class."""
    number: int | None
    """The number in front of the name and on its handle; None where there is only one stage."""
    index: int | None
    """Its index in the chain, for commands; None: it is not a stage of the edited chain."""
    id: int | None
    """An identifier that stays the same when other stages move; None as for `index`."""
    color: int | None
    """The number of its color, which its curve has too; None where there is only one."""
    params: list[Param]


class ViewTab(TypedDict):
    """One tab above the plots, which opens and closes a view."""

    name: str
    label: str
    kind: str
    """The type of the drawing: `"magnitude"`, `"trace"`, `"image"`, `"plane"`, `"waveform"` or `"levels"`."""


class Spec(TypedDict):
    """The trait `spec`, from which the page draws the panel. It changes when the stages change."""

    version: int
    title: str
    rate: float
    """The sample rate of the input in Hz."""
    channels: int
    frames: int
    lti: bool
    """Whether there is an exact response to draw."""
    frequency_range: list[float]
    """The lowest and the highest frequency of the curves, in Hz."""
    has_output: bool
    """Whether there is sound to play; otherwise the page shows no player."""
    takes_input: bool
    """Whether it processes an input, with which the page can compare the output."""
    standalone: bool
    """Whether it has views of its own and cannot become a stage of a chain."""
    has_taps: bool
    """Whether there is a finite impulse response to draw."""
    views: list[ViewTab]
    """The tabs."""
    open_views: list[str]
    """The names of the views that are open initially, side by side."""
    projector: bool
    """Whether the type is large and the contrast high initially."""
    devices: list[str]
    device: str
    stages: list[Stage]
    preview: list[float] | None
    """The magnitude response in dB for a page without a kernel, evenly spaced on a log axis over `frequency_range`."""
    revision: NotRequired[int | None]
    """The revision of the values in it; not in the first spec."""


class Playhead(TypedDict):
    """The position at which a page plays, and its loop."""

    position: float
    """In seconds."""
    loop: list[float] | None
    """The start and the end of the loop in seconds; None: it plays to the end."""
    playing: bool


class Params(Playhead):
    """The trait `params`: set by the page at most once per animation frame, with `echo_update=False`."""

    seq: int
    """Its sequence number, counted up by 1; a render has the number of the `Params` that it is made for."""
    client: str
    """A random string for each page and panel."""
    values: Values
    """The values of all parameters."""
    revision: int
    """The revision of the values that the page received last: differences from them are changes by the user."""
    device: str
    views: list[str]
    """The names of the open views."""
    received: list[int]
    """The ids of the last 16 audio messages that arrived.

    All of them are sent each time, because ipywidgets drops a value of `params` that a newer one overtakes."""
    ack_delays: list[float]
    """For each of them, the milliseconds between its arrival and this message."""

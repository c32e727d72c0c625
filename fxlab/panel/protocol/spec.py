"""The traits of the widget: `spec`, from which the page draws the panel, and `params`, the state of the page."""

from typing import Any, Literal, NotRequired, TypedDict

Points = list[list[float]]
"""The points of an automation: the time in seconds and the value of each."""

Value = float | int | str | bool | Points
"""The value of a parameter, in its unit."""

Values = dict[str, Value]
"""Values by parameter path, such as `"0.cutoff"`."""


class ShownWhen(TypedDict):
    """The condition that a choice has one of certain values, for example for a parameter to have an effect."""

    path: str
    """The path of a choice."""
    values: list[str]
    """The values of that choice that meet the condition."""


class Param(TypedDict):
    """One parameter of a stage or of a control.

    A parameter of the kind `"fixed"` and a coordinate of a pole or zero have no control in the list of the stage.
    """

    path: str
    """Its path: `"0.cutoff"` in a chain, `"cutoff"` in a single module, `"0.gains_db.3"` for an element of an array."""
    name: str
    label: str
    kind: Literal["number", "count", "draw", "choice", "switch", "coordinate", "points", "fixed"]
    """The kind of its value. `"draw"` is a count with a button that adds 1; `"fixed"` cannot be changed in the page."""
    value: Any
    default: Any
    unit: str
    role: str | None
    """`"frequency"`, `"gain"`, `"q"`, `"mix"`, `"pole"` or `"zero"`; None if it is none of them."""
    index: int | None
    """Its index in an array; None if it is not an element of an array."""
    has_center_frequency: bool
    """Whether it acts at a frequency that the page cannot set, but reads in `CurvesMessage.center_frequencies`."""
    doc: str
    step: float | None
    """The step of the number field, in the unit of the parameter; None for any value."""
    shown_when: ShownWhen | None
    """The condition under which it is shown; None if it is always shown."""
    movable: bool
    """Whether its value can be a control, such as an LFO."""
    movement: "Movement | None"
    """The control that is its value; None if it does not move."""
    low: NotRequired[float]
    """The lower end of the slider, already limited to what the sample rate allows."""
    high: NotRequired[float]
    """The upper end of the slider."""
    scale: NotRequired[Literal["log", "linear"]]
    zero_is_automatic: NotRequired[bool]
    """Whether 0 stands for a value computed from other parameters, and is shown as "auto"; missing if it does not."""
    choices: NotRequired[list[str]]
    """The names to choose from, for the kind `"choice"`."""


class Movement(TypedDict):
    """The control that is the value of a parameter; its own parameters have paths such as `"0.cutoff.rate_hz"`."""

    kind: str
    """The name of the control's class, such as `"LFO"` or `"Automation"`."""
    params: list[Param]
    """The parameters of the control that are always shown."""
    more: list[Param]
    """The parameters of the control that are shown on request."""
    holds: ShownWhen | None
    """The condition under which the value of each point is kept until the next one; None if there are no points."""
    clicks: ShownWhen | None
    """The condition under which the value jumps, so that the filter clicks; None if it does not click."""


class Stage(TypedDict):
    """The parameters of one part of the module, under one heading."""

    path: str
    name: str
    """The name of its class, or that of an augmentation, such as `"random(LowPass)"`."""
    number: int | None
    """The number in front of the name and on its handle; None for the only stage of a module that is not a chain."""
    index: int | None
    """Its index in the chain, for commands; None if it is not a stage of the panel's chain."""
    id: int | None
    """An identifier that does not change when other stages move; None if `index` is None."""
    color: int | None
    """The index of its color, which is also that of its curve; None if it has no color of its own."""
    params: list[Param]


class ViewTab(TypedDict):
    """One tab above the plots, which opens and closes a view."""

    name: str
    """The name of the view."""
    label: str
    """The text of the tab."""
    kind: str
    """The type of the drawing: `"magnitude"`, `"trace"`, `"image"`, `"plane"`, `"waveform"` or `"levels"`."""


class Spec(TypedDict):
    """The trait `spec`, from which the page draws the panel.

    The kernel replaces it when anything but the values of parameters, their defaults and the preview has changed; new
    values are sent in a `ValuesMessage`.
    """

    version: int
    """The version of this format."""
    title: str
    rate: float
    """The sample rate of the input in Hz."""
    channels: int
    """The number of channels of the input."""
    frames: int
    """The length of the input, in frames."""
    lti: bool
    """Whether there is an exact response to draw."""
    frequency_range: list[float]
    """The lowest and the highest frequency of the curves, in Hz."""
    has_output: bool
    """Whether there is sound to play; otherwise the page shows no player."""
    takes_input: bool
    """Whether the module processes an input, with which the page can compare the output."""
    standalone: bool
    """Whether the module has views of its own and cannot become a stage of a chain."""
    has_taps: bool
    """Whether there is a finite impulse response to draw."""
    views: list[ViewTab]
    """The tabs, from left to right."""
    open_views: list[str]
    """The names of the views that are open initially, side by side."""
    projector: bool
    """Whether the type is large and the contrast high initially."""
    devices: list[str]
    """The names of the devices on which the module can run."""
    device: str
    """The name of the device on which the module runs."""
    stages: list[Stage]
    preview: list[float] | None
    """The magnitude response in dB for a page without a kernel, evenly spaced on a log axis over `frequency_range`.

    It is None if there is no response, or if it cannot be computed."""
    revision: NotRequired[int | None]
    """The revision of the values in `stages`; missing in the first specification."""


class Playhead(TypedDict):
    """The position at which a page plays, and its loop."""

    position: float
    """The position in seconds."""
    loop: list[float] | None
    """The start and the end of the loop in seconds; None if the page plays to the end of the sound."""
    playing: bool


class Params(Playhead):
    """The trait `params`: set by the page at most once per animation frame, with `echo_update=False`."""

    seq: int
    """The sequence number, counted up by 1; a render has the number of the `Params` whose values it uses."""
    client: str
    """A random string that identifies a page and a panel in it."""
    values: Values
    """The values of all controls."""
    revision: int
    """The revision of the values that the page received last: differences from them are changes by the user."""
    device: str
    """The name of the device on which the module shall run."""
    views: list[str]
    """The names of the open views."""
    received: list[int]
    """The ids of the last 16 audio messages that arrived.

    All of them are sent each time, because ipywidgets drops a value of `params` that a newer one overtakes."""
    ack_delays: list[float]
    """For each of these audio messages, the milliseconds between its arrival and this message."""

"""The fields of a `ViewMessage`, by the kind of the view."""

from typing import Literal, NotRequired, TypedDict


class NoDrawing(TypedDict, total=False):
    """A view without a drawing: it has nothing to draw, or cannot be drawn."""

    error: str
    """Why it cannot be drawn."""


AxisScale = Literal["log", "linear", "mel"]


class Axis(TypedDict):
    """One axis of a plot; without `low` and `high` the page chooses the range."""

    unit: str
    scale: NotRequired[AxisScale]
    low: NotRequired[float]
    high: NotRequired[float]
    steps: NotRequired[list[float]]
    """The distances that tick marks may have."""
    labels: NotRequired[list[str]]
    """The names of the numbers 0, 1, 2 …, which replace the numbers of the ticks and the legend of the lines."""


LineStyle = Literal["line", "stem", "dashed"]


class TraceLine(TypedDict):
    """One line of a plot; NaN is a gap."""

    x: str
    """The name of the vector along the horizontal axis."""
    y: str
    label: str
    style: NotRequired[LineStyle]
    color: NotRequired[str]


class TraceDot(TypedDict):
    """A dot that moves while the sound plays."""

    y: str
    """The vector of the line on which it moves."""
    follows: Literal["levels", "peak", "trough", "phase"]
    """The value that it follows. `levels`: x and y are the levels in dB of input and output, where a sine of peak 1 has
    0 dB. `peak`: the point of the line at which x is the highest sample of the input. `trough`: the point at the
    negative of that. `phase`: the point of the line at the current phase."""
    color: NotRequired[str]
    time: NotRequired[str]
    """The vector of times in s for `phase`; straight lines lead from one value to the next."""
    phase: NotRequired[str]
    """The vector of phases in the unit of the horizontal axis, which is one cycle long."""


class TraceForm(TypedDict):
    """One of the forms in which a view can show its data, such as linear and dB."""

    label: str
    x: NotRequired[Axis]
    """The horizontal axis, if it differs from that of the view."""
    y: Axis
    lines: list[TraceLine]
    diagonal: NotRequired[bool]
    """Whether the diagonal, where output equals input, is drawn for comparison."""
    closed: NotRequired[bool]
    """Whether the line is a closed curve, which has several values at one place."""
    dots: NotRequired[list[TraceDot]]


class TraceFields(TypedDict):
    """The kind `trace`: lines over a common axis."""

    x: Axis
    forms: list[TraceForm]
    note: NotRequired[str]
    """A sentence that is shown with the plot."""


class ViewChoice(TypedDict):
    """A choice in a view, which the page sends back in `ViewOptions` under its name."""

    name: str
    label: str
    value: str
    values: list[str]


class ImageFields(TypedDict):
    """The kind `image`: the vector `levels`, uint8, row by row from the top; 0 is `level.low`, 255 is `level.high`."""

    x: Axis
    y: Axis
    level: Axis
    rows: int
    columns: int
    note: str
    x_is_time: bool
    """Whether the horizontal axis is the time of the sound, so that the page shows its playhead."""
    choices: NotRequired[list[ViewChoice]]
    spans_all_levels: NotRequired[bool]
    """Whether the colors always span `level`; missing: the page offers smaller ranges of levels in dB."""


RootKind = Literal["pole", "zero"]


class RootControls(TypedDict, total=False):
    """The parameters that move a root that is not stored in an array."""

    frequency: str
    """The path of the parameter that moves it along the angle."""
    q: str
    """The path of the parameter that moves it along the radius."""
    width: Literal["cookbook", "exact", "octaves"]
    """How q determines the bandwidth, see `fxlab.filters.common.BandWidth`; missing: q is that of the analog filter."""


class Root(RootControls):
    """A pole or zero, or with `pair` two conjugates, of which the upper one is given."""

    kind: RootKind
    stage: str
    """The name of its stage."""
    re: float
    im: float
    pair: bool
    path: NotRequired[str]
    """The path of its coordinates, if these are parameters that can be set."""


class RootArray(TypedDict):
    """An array of poles or zeros, to which `add_root` can add."""

    path: str
    kind: RootKind


class PlaneFields(TypedDict):
    """The kind `plane`: poles and zeros."""

    roots: list[Root]
    rate: float
    stable: bool
    arrays: list[RootArray]


class WaveformFields(TypedDict):
    """The kind `waveform`: a part of input and output; no fields if the page's own overview is as detailed.

    Its vectors are `dry` and `wet`, or `dry_low`, `dry_high`, `wet_low` and `wet_high`. Its options are `start` and
    `stop` in seconds.
    """

    start: float
    """In seconds."""
    step: float
    """Seconds between two values."""
    samples: bool
    """Whether the vectors hold the samples of the first channel, and not the lowest and the highest of each step."""


class LevelsFields(TypedDict):
    """The kind `levels`: measurements of the complete input and output; None if one does not exist."""

    input: float | None
    """The integrated loudness of the input in LUFS."""
    output: float | None
    input_range: float | None
    """The loudness range of the input in LU; None below 3 s."""
    output_range: float | None
    input_peak: float | None
    """The highest peak of the input in dBFS."""
    output_peak: float | None
    input_true_peak: float | None
    """The highest peak of the input between the samples, in dBTP."""
    output_true_peak: float | None


ViewFields = NoDrawing | TraceFields | ImageFields | PlaneFields | WaveformFields | LevelsFields
"""The fields of one view."""

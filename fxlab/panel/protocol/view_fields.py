"""The fields of a `ViewMessage`, by the kind of the view."""

from typing import Literal, NotRequired, TypedDict


class NoDrawing(TypedDict, total=False):
    """The fields of a view without a drawing, which has nothing to draw or cannot be drawn."""

    error: str
    """The reason why it cannot be drawn; missing if there is nothing to draw."""


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
    """The labels of the values 0, 1, 2 …. They are shown at the ticks in place of numbers, and replace the legend."""


LineStyle = Literal["line", "stem", "dashed"]


class TraceLine(TypedDict):
    """One line of a plot; the line is interrupted where a value is NaN."""

    x: str
    """The name of the vector along the horizontal axis."""
    y: str
    """The name of the vector along the vertical axis."""
    label: str
    style: NotRequired[LineStyle]
    color: NotRequired[str]
    """The name of a color of the page, such as `"accent"` or `"stage-1"`."""


class TraceDot(TypedDict):
    """A dot that moves while the sound plays."""

    y: str
    """The name of the vector of the line on which it moves."""
    follows: Literal["levels", "peak", "trough", "phase"]
    """The value that it follows. `levels`: x and y are the current levels in dB of input and output, where a sine of
    peak 1 has 0 dB. `peak`: the point of the line at which x is the current peak of the input. `trough`: the point at
    which x is the negative of this peak. `phase`: the point of the line at the current phase."""
    color: NotRequired[str]
    time: NotRequired[str]
    """The name of the vector of times in s at which `phase` is given; between them, it is interpolated linearly."""
    phase: NotRequired[str]
    """The name of the vector of phases, in the unit of the horizontal axis, which is one cycle long."""


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
    """Whether the line is a closed curve, which has several values at the same x."""
    dots: NotRequired[list[TraceDot]]


class TraceFields(TypedDict):
    """The fields of a view of the kind `trace`: lines over a common axis."""

    x: Axis
    forms: list[TraceForm]
    note: NotRequired[str]
    """A sentence that is shown with the plot."""


class ViewChoice(TypedDict):
    """A choice in a view; the page sends the selected value in `ViewOptions`, under the name of the choice."""

    name: str
    label: str
    value: str
    """The selected value."""
    values: list[str]
    """The values to choose from."""


class ImageFields(TypedDict):
    """The fields of a view of the kind `image`, which has the vector `levels` of uint8, row by row from the top.

    The value 0 stands for the level `level.low`, and 255 for `level.high`.
    """

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
    """Whether the colors always span the range of `level`; if not, the page offers smaller ranges in dB."""


RootKind = Literal["pole", "zero"]


class RootControls(TypedDict, total=False):
    """The parameters that move a root that is not stored in an array."""

    frequency: str
    """The path of the parameter that moves it along the angle."""
    q: str
    """The path of the parameter that moves it along the radius."""
    width: Literal["cookbook", "exact", "octaves"]
    """How q determines the bandwidth; see `fxlab.filters.common.BandWidth`.

    If it is missing, q is that of the analog filter."""


class Root(RootControls):
    """A pole or zero, or a pair of conjugates, of which the upper one is given."""

    kind: RootKind
    stage: str
    """The name of its stage."""
    re: float
    im: float
    pair: bool
    """Whether it is a pair of conjugates."""
    path: NotRequired[str]
    """The path of its coordinates, such as `"0.p.2"` for `"0.p.2.re"`, if these are parameters that can be set."""


class RootArray(TypedDict):
    """An array of poles or zeros, to which the command `add_root` can add roots."""

    path: str
    kind: RootKind


class PlaneFields(TypedDict):
    """The fields of a view of the kind `plane`: poles and zeros."""

    roots: list[Root]
    rate: float
    """The sample rate in Hz."""
    stable: bool
    """Whether the module is stable."""
    arrays: list[RootArray]
    """The arrays to which roots can be added."""


class WaveformFields(TypedDict):
    """The fields of a view of the kind `waveform`: a part of the input and of the output.

    Its vectors are `dry` and `wet`, or `dry_low`, `dry_high`, `wet_low` and `wet_high`. Its options are `start` and
    `stop` in seconds. There are no fields if the page is to draw its own overview.
    """

    start: float
    """The time of the first value, in seconds."""
    step: float
    """Seconds between two values."""
    samples: bool
    """Whether the vectors are the samples of the first channel, and not the lowest and the highest of each step."""


class LevelsFields(TypedDict):
    """The fields of a view of the kind `levels`: measurements of the complete input and output.

    A level that is undefined, such as that of silence, is None. The levels of the output have the same units as those
    of the input.
    """

    input: float | None
    """The integrated loudness of the input in LUFS."""
    output: float | None
    input_range: float | None
    """The loudness range of the input in LU; None if the input is shorter than 3 s."""
    output_range: float | None
    input_peak: float | None
    """The peak of the input in dBFS."""
    output_peak: float | None
    input_true_peak: float | None
    """The true peak of the input in dBTP."""
    output_true_peak: float | None


ViewFields = NoDrawing | TraceFields | ImageFields | PlaneFields | WaveformFields | LevelsFields
"""The fields of one view."""

"""The messages from the kernel to the pages."""

from typing import Literal, NotRequired, TypedDict

from fxlab.panel.protocol.requests import AnswerMessage
from fxlab.panel.protocol.spec import Values

RenderState = Literal["idle", "rendering", "error"]


class BundleMessage(TypedDict):
    """The code of the panel; the buffer is `panel.js`, UTF-8, gzipped."""

    type: Literal["bundle"]
    hash: str


class PongMessage(TypedDict):
    """The answer to a `PingMessage`."""

    type: Literal["pong"]


class ValuesMessage(TypedDict):
    """Values that the module holds and the page does not show."""

    type: Literal["values"]
    seq: int
    values: Values
    revision: int
    request_params: bool
    """Whether the page is to answer with `Params`, so that the sound is rendered from where it plays."""


class EditorState(TypedDict):
    """The state of the buttons that edit the module as a whole."""

    can_undo: bool
    can_redo: bool
    selected: str
    """The letter of the settings that play."""
    used: list[str]
    """The letters that hold settings."""
    presets: list[str]
    bypassed: list[int]
    """Indices of stages."""
    soloed: list[int]
    is_chain: bool
    """Whether the module is a chain, so that stages can be edited."""


class EditorMessage(EditorState):
    """The `EditorState`, sent when one of its fields has changed."""

    type: Literal["editor"]


class LearningState(TypedDict):
    """The target of a fit, and the progress or the result of the fit."""

    running: bool
    target: str
    """The name of the target; empty: there is none."""
    about: str
    """A description of the target, such as the length of a sound; may be empty."""
    message: str
    """How far the fit is, or how the last one ended; empty: there was none."""
    failed: bool
    """Whether `message` is an error."""


class LearningMessage(LearningState):
    """The `LearningState`, sent when one of its fields has changed."""

    type: Literal["learning"]


class StatusMessage(TypedDict):
    """The state of a render."""

    type: Literal["status"]
    seq: int
    state: RenderState
    message: str
    """The error."""
    path: str | None
    """The path of the parameter whose value is invalid; None for other errors, and without an error."""
    progress: NotRequired[float | None]
    """While `"rendering"`: from 0 to 1; None: not known."""


class StageInfo(TypedDict):
    """The color and the label of the curve of one stage."""

    color: int
    label: str
    inactive: NotRequired[bool]
    """Whether it is bypassed, or another stage is soloed; missing: it is active."""


class CurveNotes(TypedDict, total=False):
    """The fields of a `CurvesMessage` beside its curves; the page keeps its value of a field that is missing."""

    lti: bool
    stage_info: list[StageInfo]
    """In the order of `CurvesMessage.stage_paths`."""
    center_frequencies: dict[str, float]
    """The frequencies in Hz at which numbers of arrays act, by parameter path."""
    tap_count: int
    measurement_level: float
    """The peak level in dBFS of the sweep behind the curve `measured`."""


class CurvesMessage(CurveNotes):
    """Curves over one frequency grid: one float32 buffer per name, then one per stage, in dB.

    `frequency` is the grid in Hz and `taps` the impulse response itself; with more than 2048 taps, only
    the minimum and the maximum of each group of taps, alternately. `measured` is NaN where nothing was measured, and so
    are `target`, the response to be learned, and `target_spectrum`, the spectrum of the sound to be learned, in dBFS.
    """

    type: Literal["curves"]
    seq: int
    names: list[str]
    """Any of `frequency`, `response`, `input`, `output`, `measured`, `taps`, `target`, `target_spectrum`."""
    stage_paths: list[str] | None
    """The paths of the stages with a curve; None: the curves of the stages stay as they were."""


class ViewMessage(TypedDict):
    """The drawing of an open view; the fields of its kind, such as `TraceFields`, are beside these.

    One buffer per name: uint8 for the names in `uint8_names`, float32 for the others.
    """

    type: Literal["view"]
    seq: int
    view: str
    names: list[str]
    uint8_names: list[str]
    error: NotRequired[str]
    """Why the view cannot be drawn; the fields of its kind are then missing."""


class MatchGain(TypedDict, total=False):
    """The loudness match of a render, if it is known when the message is sent."""

    match_gain_db: float | None
    """The gain that makes the render as loud as the input; None: there is none; missing: a `MatchMessage` follows."""


class ClipChunk(MatchGain):
    """The position of a chunk in its sound, and the render to which the sound belongs."""

    seq: int
    """The number of the render."""
    clip: int
    """The number of the sound: chunks of the same clip belong together."""
    dry: bool
    """Whether it is the input."""
    rate: float
    frames: int
    """The length of the whole sound."""
    start: int
    """The first frame of the chunk."""
    last: bool
    """Whether no further chunk of this sound is sent for now."""


class AudioMessage(ClipChunk):
    """A chunk of sound; the buffer is int16, `channels × count`, and a sample is its integer times `scale`."""

    type: Literal["audio"]
    id: int
    """To be acknowledged in `Params` or an `AckMessage`."""
    channels: int
    count: int
    """The frames in the chunk."""
    scale: float


class OverviewMessage(TypedDict):
    """The waveform of a long sound: two float32 buffers, the lowest and the highest sample of 1200 equal parts."""

    type: Literal["overview"]
    seq: int
    dry: bool
    rate: float
    frames: int


class MatchMessage(TypedDict):
    """The loudness match of a render whose chunks did not carry it."""

    type: Literal["match"]
    seq: int
    match_gain_db: float | None
    """The gain that makes the render as loud as the input; None: there is none."""


KernelMessage = (
    BundleMessage
    | PongMessage
    | ValuesMessage
    | EditorMessage
    | LearningMessage
    | AnswerMessage
    | StatusMessage
    | CurvesMessage
    | ViewMessage
    | AudioMessage
    | OverviewMessage
    | MatchMessage
)


class BatchMessage(TypedDict):
    """Several messages as one, because each costs the page, the server and the kernel some milliseconds."""

    type: Literal["batch"]
    messages: list[KernelMessage]
    buffer_counts: list[int]
    """How many of the buffers belong to each message, in order."""

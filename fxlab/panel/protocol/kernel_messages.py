"""The messages from the kernel to the pages."""

from typing import Literal, NotRequired, TypedDict

from fxlab.panel.protocol.requests import AnswerMessage
from fxlab.panel.protocol.spec import Values

RenderState = Literal["idle", "rendering", "error"]


class BundleMessage(TypedDict):
    """The JavaScript of the panel: the buffer is `panel.js` in UTF-8, compressed with gzip."""

    type: Literal["bundle"]
    hash: str
    """The hash of `panel.js`, as in the trait `bundle`."""


class PongMessage(TypedDict):
    """The answer to a `PingMessage`."""

    type: Literal["pong"]


class ValuesMessage(TypedDict):
    """New values of the module, which the page has to show."""

    type: Literal["values"]
    seq: int
    """The sequence number of the newest request; a page that has sent a higher one ignores the message."""
    values: Values
    revision: int
    """The number of this set of values, which the page sends back in `Params`."""
    request_params: bool
    """Whether the page is to answer with `Params`, so that the sound is rendered from its playhead on."""


class EditorState(TypedDict):
    """The state of the buttons that edit the module as a whole."""

    can_undo: bool
    can_redo: bool
    selected: str
    """The letter of the settings that play."""
    used: list[str]
    """The letters of the settings that have been used."""
    presets: list[str]
    """The names of the presets."""
    bypassed: list[int]
    """The indices of the bypassed stages."""
    soloed: list[int]
    """The indices of the soloed stages."""
    is_chain: bool
    """Whether the module is a chain, so that stages can be edited."""


class EditorMessage(EditorState):
    """The `EditorState`, sent when one of its fields has changed or a page has opened."""

    type: Literal["editor"]


class LearningState(TypedDict):
    """The target of a fit, and the progress or the result of the fit."""

    running: bool
    target: str
    """The name of the target; empty if there is none, or if it is a function."""
    about: str
    """A description of the target, such as the length of a sound; may be empty."""
    message: str
    """The progress of the fit, or how the last fit ended; empty if there was no fit."""
    failed: bool
    """Whether `message` is an error."""


class LearningMessage(LearningState):
    """The `LearningState`, sent when one of its fields may have changed or a page has opened."""

    type: Literal["learning"]


class StatusMessage(TypedDict):
    """The state of a render."""

    type: Literal["status"]
    seq: int
    state: RenderState
    message: str
    """The error message; empty if there is no error."""
    path: str | None
    """The path of the parameter whose value is invalid; None for other errors, and if there is no error."""
    progress: NotRequired[float | None]
    """The fraction that is done, from 0 to 1, or None if it is not known; only in the state `"rendering"`."""


class StageInfo(TypedDict):
    """The color and the label of the curve of one stage."""

    color: int
    """The index of the color, as in `Stage.color`."""
    label: str
    inactive: NotRequired[bool]
    """Whether the stage is bypassed, or only other stages are soloed; missing if it is active."""


class CurveNotes(TypedDict, total=False):
    """The fields of a `CurvesMessage` besides its curves; the page keeps the last value of a field that is missing."""

    lti: bool
    """Whether the module has a known response."""
    stage_info: list[StageInfo]
    """One entry for each of `CurvesMessage.stage_paths`, in the same order."""
    center_frequencies: dict[str, float]
    """The center frequency in Hz of each array element that has one, by parameter path."""
    tap_count: int
    """The number of taps of the finite impulse response; 0 if there is none."""
    measurement_level: float
    """The peak level in dBFS of the sweep with which the curve `measured` was measured."""


class CurvesMessage(CurveNotes):
    """Curves over one frequency grid: one float32 buffer per name, then one per stage, in dB.

    Two of the curves are not in dB: `frequency` contains the frequencies of the grid in Hz, and `taps` the impulse
    response itself, or if it has more than 2048 taps, the minimum and the maximum of each group of taps, alternately.
    `measured` is NaN where nothing was measured. `target` is the response to be learned, and `target_spectrum` the
    spectrum of the sound to be learned in dBFS; both are NaN where they are not known.
    """

    type: Literal["curves"]
    seq: int
    names: list[str]
    """Any of `frequency`, `response`, `input`, `output`, `measured`, `taps`, `target`, `target_spectrum`."""
    stage_paths: list[str] | None
    """The paths of the stages that have a curve; None if the page shall keep the curves of the stages."""


class ViewMessage(TypedDict):
    """The drawing of an open view; the message also has the fields of the view's kind, such as `TraceFields`.

    There is one buffer for each of `names`: uint8 for those in `uint8_names`, float32 for the others.
    """

    type: Literal["view"]
    seq: int
    view: str
    names: list[str]
    uint8_names: list[str]
    error: NotRequired[str]
    """The reason why the view cannot be drawn; the fields of its kind are then missing."""


class MatchGain(TypedDict, total=False):
    """The loudness match of a render, if it is known when the message is sent."""

    match_gain_db: float | None
    """The gain in dB that makes the render as loud as the input, or None if there is none.

    It is missing in chunks of the input, and in chunks of a render that a `MatchMessage` follows."""


class ClipChunk(MatchGain):
    """The position of a chunk in its sound, and the render to which the sound belongs."""

    seq: int
    """The sequence number of the render."""
    clip: int
    """The number of the sound: chunks of the same clip belong together."""
    dry: bool
    """Whether the sound is the input."""
    rate: float
    """The sample rate in Hz."""
    frames: int
    """The length of the complete sound, in frames."""
    start: int
    """The first frame of the chunk."""
    last: bool
    """Whether no further chunk of this sound is sent for now."""


class AudioMessage(ClipChunk):
    """A chunk of sound; the buffer contains `channels × count` integers of 16 bits, one channel after the other."""

    type: Literal["audio"]
    id: int
    """The number of the message, which the page acknowledges in `Params` or an `AckMessage`."""
    channels: int
    count: int
    """The number of frames in the chunk."""
    scale: float
    """The factor by which the integers are multiplied to obtain the samples."""


class OverviewMessage(TypedDict):
    """The waveform of a long sound: two float32 buffers, the lowest and the highest sample of each of 1200 equal parts.

    The samples are those of all channels.
    """

    type: Literal["overview"]
    seq: int
    """The sequence number of the render."""
    dry: bool
    """Whether the sound is the input."""
    rate: float
    """The sample rate in Hz."""
    frames: int
    """The length of the sound, in frames."""


class MatchMessage(TypedDict):
    """The loudness match of a render, if its chunks did not contain it."""

    type: Literal["match"]
    seq: int
    match_gain_db: float | None
    """The gain in dB that makes the render as loud as the input; None if there is none."""


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
    """The number of buffers of each message; the buffers of all messages are in the same order."""

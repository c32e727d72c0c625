"""The fields of each command and query, and the answer to a query."""

from typing import Literal, NotRequired, TypedDict


class AddStage(TypedDict):
    """`add_stage`: adds a module of the class `kind` to the chain, or creates a chain of it and the present module."""

    kind: str
    index: NotRequired[int | None]
    """The index of the stage before which the module is added; if missing or None, the module is added at the end."""


class StageRef(TypedDict):
    """`remove_stage`: a reference to one stage of the chain."""

    index: int
    """The index of the stage in the `Spec` of the page."""
    id: NotRequired[int | None]
    """The `Stage.id` of the stage, by which it is found after other stages have moved."""


class MoveStage(StageRef):
    """`move_stage`: moves a stage to another index."""

    to: int
    """The index of the stage after the move."""


class SetStageState(StageRef):
    """`set_stage_state`: bypasses or solos a stage, or ends the bypass or solo."""

    state: Literal["bypassed", "soloed"]
    on: bool
    """True to bypass or solo the stage, False to end the bypass or solo."""


class RootRef(TypedDict):
    """`add_root`: the path of an array of poles or zeros; `remove_root`: the path of one root in such an array."""

    path: str


class SetMovement(TypedDict):
    """`set_movement`: replaces the value of the parameter at `path` by a control, or by a number again."""

    path: str
    kind: str | None
    """`"LFO"` or `"Automation"`; None for a number, with which the parameter does not move."""


class MomentsRequest(TypedDict):
    """`moments`: requests the values of the moving parameters, and the responses, during a part of the sound."""

    start: float
    """The beginning of the part, in seconds."""
    seconds: float
    """The duration of the part, in seconds."""


class SettingsRef(TypedDict):
    """`select_settings`: the settings to select, A to D; `copy_settings`: the target of a copy of the selected ones."""

    letter: str


class PresetRef(TypedDict):
    """`recall_preset`, `save_preset` and `delete_preset`: the name of a preset."""

    preset: str


class PlayUpload(TypedDict):
    """`play_upload`: replaces the sound of the panel by a sound file that was uploaded."""

    upload: float
    """The number of the upload, as in its `UploadPart` messages."""


class UploadPart(TypedDict):
    """`upload_sound` and `upload_target`: a part of a file, at most 4 MB, in the buffer; the last part completes it."""

    file: str
    """The name of the file."""
    upload: float
    """A number that identifies the upload."""
    first: bool
    """Whether it is the first part of the file."""
    last: bool
    """Whether it is the last part of the file."""


class Download(TypedDict):
    """`download`: one part of the output as a file."""

    format: Literal["wav", "flac"]
    part: int
    """The index of the part, counted from 0."""
    download: float
    """A number that identifies the download."""


class CatalogEntry(TypedDict):
    """A module that can be added by its name."""

    name: str
    """The name of its class."""
    family: str
    """The heading under which it is listed."""
    doc: str
    """The first line of its documentation."""


class Moments(TypedDict):
    """The values of the moving parameters and the frequency responses at several moments of a part of the sound.

    The first buffer is float32: the values of each of `paths` at `count` moments, one parameter after the other. The
    second is int16, in hundredths of a decibel: for each of `curve_count` moments, the response of the module (if
    `has_response` is true) and that of each of `stage_paths`, at the frequencies of the last `CurvesMessage`.
    """

    start: float
    """The beginning of the part, in seconds."""
    step: float
    """Seconds between two values."""
    count: int
    paths: list[str]
    """The paths of the parameters that move."""
    limits: list[list[float]]
    """The lowest and the highest value of each of `paths`."""
    curve_step: float
    """Seconds between two responses."""
    curve_count: int
    has_response: bool
    stage_paths: list[str]
    """The paths of the stages that contain a moving parameter and have a response."""


class AnswerFields(TypedDict, total=False):
    """The fields of the answers to all queries; an answer has those of its query, or `error`."""

    error: str
    """The reason why the query could not be answered."""
    text: str
    """The Python code that builds the module, in the answer to `code`."""
    stages: list[CatalogEntry]
    """The modules that can be added, in the answer to `module_catalog`."""
    note: str
    """A note that the user should read before playing an uploaded sound, in the answer to the last part of
    `upload_sound`; it may be empty."""
    mime: str
    """The MIME type of the file, in the answer to `download`."""
    more: bool
    """Whether the file has more parts, in the answer to `download`."""
    moments: Moments
    """The layout of the two buffers, in the answer to `moments`."""


class AnswerMessage(AnswerFields):
    """The answer to a `QueryMessage`; in the answer to `download`, the buffer contains the bytes of the part."""

    type: Literal["answer"]
    request: str
    """The random string of the query."""

"""The fields of each command and query, and the answer to a query."""

from typing import Literal, NotRequired, TypedDict


class AddStage(TypedDict):
    """`add_stage`: adds a module of the class `kind`; a module that is not a chain becomes the first stage of one."""

    kind: str
    index: NotRequired[int | None]
    """The index of the stage before which it is inserted; without it, the module is added at the end."""


class StageRef(TypedDict):
    """`remove_stage`: a reference to one stage of the chain."""

    index: int
    """Its index in the `Spec` of the page."""
    id: NotRequired[int | None]
    """Its `Stage.id`, by which it is found after other stages have moved."""


class MoveStage(StageRef):
    """`move_stage`: moves a stage to another index."""

    to: int


class SetStageState(StageRef):
    """`set_stage_state`: bypasses or solos a stage, or ends the bypass or solo."""

    state: Literal["bypassed", "soloed"]
    on: bool


class RootRef(TypedDict):
    """`add_root`: the path of an array of poles or zeros; `remove_root`: the path of one root in such an array."""

    path: str


class SetMovement(TypedDict):
    """`set_movement`: replaces the value of the parameter at `path` by a control, or by a number again."""

    path: str
    kind: str | None
    """`"LFO"` or `"Automation"`; None: it does not move."""


class MomentsRequest(TypedDict):
    """`moments`: requests the values of the moving parameters, and the responses, during a part of the sound."""

    start: float
    """In seconds."""
    seconds: float


class SettingsRef(TypedDict):
    """`select_settings`: the settings to select, A to D; `copy_settings`: the target of a copy of the selected ones."""

    letter: str


class PresetRef(TypedDict):
    """`recall_preset`, `save_preset` and `delete_preset`: the name of a preset."""

    preset: str


class PlayUpload(TypedDict):
    """`play_upload`: a sound file that was uploaded, by the number of its `UploadPart`s."""

    upload: float


class UploadPart(TypedDict):
    """`upload_sound` and `upload_target`: a part of a file, at most 4 MB, in the buffer; the last part completes it."""

    file: str
    """The name of the file."""
    upload: float
    """A number that identifies the upload."""
    first: bool
    last: bool


class Download(TypedDict):
    """`download`: one part of the output as a file."""

    format: Literal["wav", "flac"]
    part: int
    """Counted from 0."""
    download: float
    """A number that identifies the download."""


class CatalogEntry(TypedDict):
    """A module that can be added by its name."""

    name: str
    family: str
    doc: str


class Moments(TypedDict):
    """The values of the moving parameters during a part of the sound, and the frequency responses during it.

    The first buffer is float32: the values of each of `paths` at `count` moments, one parameter after the other. The
    second is int16, in hundredths of a decibel: at each of `curve_count` moments the response over the grid of the
    curves, if `has_response`, and then that of each of `stage_paths`.
    """

    start: float
    """In seconds."""
    step: float
    """Seconds between two values."""
    count: int
    paths: list[str]
    """The paths of the parameters that move."""
    limits: list[list[float]]
    """The lowest and the highest value of each."""
    curve_step: float
    """Seconds between two responses."""
    curve_count: int
    has_response: bool
    stage_paths: list[str]
    """The stages whose response moves."""


class AnswerFields(TypedDict, total=False):
    """The fields of the answers to all queries; an answer has those of its query, or `error`."""

    error: str
    """Why the query could not be answered."""
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
    """The answer to a `QueryMessage`; the buffer of a download holds the bytes of the part."""

    type: Literal["answer"]
    request: str

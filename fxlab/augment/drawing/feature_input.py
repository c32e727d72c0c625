"""Checks of the inputs of augmentations, and of their outputs for Signals."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from fxlab.augment.drawing.batch import SOUNDS, SPECTROGRAMS
from fxlab.errors import SignalError
from fxlab.module import Module
from fxlab.module.checks import check_audio, check_audio_type
from fxlab.signal import Signal


def check_input(x: Any, takes: str, owner: str, *, later: bool = False) -> None:
    """Raise a `SignalError` if `check_audio` does not accept `x`, which may be complex unless `takes` is `SOUNDS`.

    With `later`, `x` must be real, and its samples are not checked, because the augmentation checks them. `owner` is
    the name in the message.
    """
    if later:
        check_audio_type(x, owner)
        return
    is_spectrum = takes != SOUNDS and isinstance(x, Tensor) and x.is_complex()
    check_audio(torch.view_as_real(x.resolve_conj()) if is_spectrum else x, owner)


def check_signal(takes: str, owner: str) -> None:
    """Raise a `SignalError` if an augmentation that is called with a Signal needs spectrograms.

    `takes` is the kind of input of the augmentation, and `owner` its name in the message.
    """
    if takes == SPECTROGRAMS:
        raise SignalError(
            f"{owner} augments spectrograms, not sounds: write signal | fx.MelSpectrogram() | {owner}(…)."
        )


def check_feature(augmentation: Module, takes: str, keeps_axes: type[Module]) -> None:
    """Raise a `SignalError` unless an augmentation accepts spectrograms and keeps the axes of a Feature.

    `takes` is the kind of input of the augmentation. It keeps the axes if all fxlab modules in it are of the class
    `keeps_axes`.
    """
    owner = augmentation._name()
    if takes == SOUNDS:
        raise SignalError(f"{owner} augments sounds, not features. Put it before: signal | {owner}(…) | feature.")
    for part in augmentation.modules():
        if isinstance(part, Module) and not isinstance(part, keeps_axes):
            raise SignalError(
                f"{owner} holds {part._name()}, after which the axes of a Feature are not known. Write feature | "
                f"{part._name()}(…) beside it, or pass feature.data."
            )


def as_signal(y: Tensor, sample_rate: float, owner: str) -> Signal:
    """Return the output `y` as a Signal, or raise a `SignalError` if it is not `(channels, time)` but a spectrogram."""
    if y.ndim == 2:
        return Signal._of_channels(y, sample_rate)
    raise SignalError(
        f"{owner} makes a spectrogram of a sound, here {tuple(y.shape)}, which no Signal can hold. Pass "
        "signal.samples and its rate, or augment the feature: signal | fx.MelSpectrogram() | fx.augment.SpecTimeMask()."
    )

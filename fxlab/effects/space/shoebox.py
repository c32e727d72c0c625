"""The impulse response of a rectangular room, by the method of images."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from fxlab.engine.delay.fractional_delay import lagrange_taps
from fxlab.engine.torch_support.known_values import unwrap_transforms

SPEED_OF_SOUND = 343.0  # m/s, at 20 °C
NEAREST = 0.1  # m; closer to the source the level does not rise further
INTERPOLATION = 3  # the order of the interpolation between samples


class Images(NamedTuple):
    """The images of a source, one row each."""

    flips: Tensor
    """Whether the position is mirrored on each axis, 0 or 1, `(images, 3)`."""
    rooms: Tensor
    """The displacement on each axis, in units of twice the dimension of the room, `(images, 3)`."""
    reflections: Tensor
    """The number of reflections of the sound, on the walls of all axes together, `(images,)`."""


def images(order: int) -> Images:
    """Return all images of at most `order` reflections.

    Shape:
        flips, rooms: `(images, 3)`. reflections: `(images,)`. All are int64.

    >>> len(images(0).reflections), len(images(1).reflections)  # the source itself, and one image behind each wall
    (1, 7)
    """
    rooms = torch.arange(-(order + 1) // 2, (order + 1) // 2 + 1)
    axis = torch.cartesian_prod(torch.tensor([0, 1]), rooms)
    count = (axis[:, 1] - axis[:, 0]).abs() + axis[:, 1].abs()
    axis, count = axis[count <= order], count[count <= order]
    total = count[:, None] + count
    first, second = torch.nonzero(total <= order, as_tuple=True)
    pairs = total[first, second]
    which, third = torch.nonzero(pairs[:, None] + count <= order, as_tuple=True)
    index = torch.stack([first[which], second[which], third], -1)
    return Images(axis[index, 0], axis[index, 1], count[index].sum(-1))


def shoebox_response(  # noqa: PLR0917
    room: Tensor, source: Tensor, listener: Tensor, absorption: Tensor, order: int, rate: float
) -> Tensor:
    """Return the impulse response of a room with six walls of equal absorption, differentiable in all tensors.

    An image at the distance of d meters has the level 1 / d, times √(1 − absorption) for each reflection; below 0.1 m,
    d counts as 0.1 m. Times of arrival between two samples are rendered by polynomial interpolation. `order` is the
    largest number of reflections, and `rate` the sample rate in Hz.

    Shape:
        room, source and listener: `(..., 3)` in m. absorption: `(...)`. Returns `(..., taps)`, float64.

    Source:
        J. B. Allen, D. A. Berkley, "Image method for efficiently simulating small-room acoustics", JASA 65(4), 1979.

    >>> room = torch.tensor([4.0, 3.0, 2.5]).double()
    >>> h = shoebox_response(room, room * 0.25, room * 0.75, torch.tensor(0.3).double(), 2, 8000.0)
    >>> h.shape  # as long as the longest path with two reflections
    torch.Size([240])
    """
    mirrored = images(order)
    flips, rooms = (value.to(room) for value in (mirrored.flips, mirrored.rooms))
    reflections = mirrored.reflections.to(room)
    place = (1 - 2 * flips) * source[..., None, :] + 2 * rooms * room[..., None, :]
    distance = (place - listener[..., None, :]).square().sum(-1).clamp(min=NEAREST**2).sqrt()
    level = (1 - absorption)[..., None] ** (reflections / 2) / distance
    taps = lagrange_taps(distance / SPEED_OF_SOUND * rate, INTERPOLATION, torch.float64, first=0)
    length = int(unwrap_transforms(taps.whole).max()) + INTERPOLATION + 1
    total = level.new_zeros(*level.shape[:-1], length)
    whole = taps.whole.expand(level.shape)
    for number, weight in enumerate(taps.weights):
        total = total.scatter_add(-1, whole + number, weight * level)
    return total

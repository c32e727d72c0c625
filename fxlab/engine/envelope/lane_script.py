"""The steps of an envelope follower on all lanes, a function that TorchScript compiles (`torch_support/script.py`)."""

# ruff: noqa: PLR0917

import torch
from torch import Tensor


def run_lanes(samples: Tensor, envelope: Tensor, attack: Tensor, release: Tensor, choice: int, is_peak: bool) -> None:
    """Fill `envelope[1:]` from `envelope[0]`, advancing all lanes one step at a time.

    `samples` is `(steps, lanes)`, the poles are `(lanes,)`. The next value is the larger of the attack's and of the
    release's if `choice` is 0, the smaller if it is 1, and otherwise the attack's where the sample is above the
    envelope. If `is_peak` is true the release leads to 0, and not to the sample.
    """
    attack_weight, release_weight = 1 - attack, 1 - release
    released = torch.empty_like(release)
    inputs, outputs = samples.unbind(0), envelope.unbind(0)
    for n in range(len(inputs)):
        x, y, after = inputs[n], outputs[n], outputs[n + 1]
        torch.lerp(y, x, attack_weight, out=after)
        if is_peak:
            torch.mul(y, release, out=released)
        else:
            torch.lerp(y, x, release_weight, out=released)
        if choice == 0:
            torch.maximum(after, released, out=after)
        elif choice == 1:
            torch.minimum(after, released, out=after)
        else:
            after.copy_(torch.where(x > y, after, released))

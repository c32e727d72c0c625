"""Tests of `ChunkScheduler`: the choice between the render and the input, and what a request adds."""

from __future__ import annotations

import threading
from itertools import pairwise

import pytest

import fxlab as fx
from fxlab.panel.streaming.audio_request import AudioRequest
from fxlab.panel.streaming.chunk_scheduler import RENDER_HEAD_START, ChunkScheduler, ScheduledSound
from fxlab.panel.streaming.lookahead import LOOKAHEAD_SECONDS
from fxlab.panel.streaming.outbox import Outbox

RATE = 8000
Sent = tuple[bool, float, float]
"""Whether a chunk is of the input, and its start and end in seconds."""


@pytest.fixture
def scheduler() -> ChunkScheduler:
    return ChunkScheduler(Outbox(lambda *_: None, threading.Condition()))


def send_next(scheduler: ChunkScheduler) -> Sent | None:
    """Mark the chosen chunk as sent, and return it."""
    sound = scheduler.next_sound(lambda *_: True)
    if sound is None:
        return None
    chunk = sound.next_chunk(1e9)
    assert chunk is not None
    start = sound.chunks.mark_sent(chunk[1])
    return sound.dry, start / RATE, (start + chunk[1]) / RATE


def send_all(scheduler: ChunkScheduler) -> list[Sent]:
    return list(iter(lambda: send_next(scheduler), None))


def test_the_render_is_sent_ahead_of_the_input_and_both_completely(scheduler: ChunkScheduler) -> None:
    scheduler.start_render(fx.silence(30.0, sample_rate=RATE), 1, 0.0, None, dry=True)
    sent = send_all(scheduler)
    for dry in (False, True):
        covered = [(begin, end) for is_dry, begin, end in sent if is_dry is dry]
        assert covered[0][0] == 0
        assert covered[-1][1] == 30
        assert all(end == begin for (_, end), (begin, _) in pairwise(covered))
    ends = {False: 0.0, True: 0.0}
    for is_dry, _, end in sent:
        if is_dry:
            # The input is due when the render has its head start, or has been sent to its end.
            assert ends[False] >= min(ends[True] + RENDER_HEAD_START, 30.0)
        ends[is_dry] = end


def test_a_sound_whose_next_chunk_is_not_rendered_is_skipped(scheduler: ChunkScheduler) -> None:
    scheduler.start_render(fx.silence(5.0, sample_rate=RATE), 1, 0.0, None, dry=True)

    def is_rendered(sound: ScheduledSound, start: int, count: int) -> bool:
        return sound.dry

    assert scheduler.next_sound(is_rendered) is scheduler.dry
    assert scheduler.next_sound(lambda *_: False) is None


def test_a_new_render_replaces_the_previous_one(scheduler: ChunkScheduler) -> None:
    signal = fx.silence(5.0, sample_rate=RATE)
    scheduler.start_render(signal, 1, 0.0, None, dry=True)
    assert scheduler.wet is not None
    assert scheduler.dry is not None
    first, input_id = scheduler.wet.clip_id, scheduler.dry.clip_id
    scheduler.start_render(signal, 2, 3.0, None, dry=True)
    assert scheduler.wet.clip_id != first
    assert scheduler.dry.clip_id == input_id, "the page keeps the chunks of the same input"
    dry, begin, _ = send_next(scheduler) or (True, 0.0, 0.0)
    assert not dry
    assert begin == pytest.approx(3.0, abs=0.03)


def test_a_request_adds_what_the_page_lacks_ahead_of_its_playhead(scheduler: ChunkScheduler) -> None:
    """Ten minutes are sent up to the lookahead; after it, only a request adds chunks."""
    scheduler.start_render(fx.silence(600.0, sample_rate=RATE), 1, 100.0, None, dry=False)
    first = send_all(scheduler)
    assert first[0][1] == pytest.approx(100.0, abs=0.03)
    assert first[-1][2] == pytest.approx(100.0 + LOOKAHEAD_SECONDS, abs=0.03)
    scheduler.handle_request(AudioRequest(108.0, None, LOOKAHEAD_SECONDS - 8.0, 0.0))
    second = send_all(scheduler)
    assert second[0][1] == pytest.approx(100.0 + LOOKAHEAD_SECONDS)
    assert second[-1][2] == pytest.approx(108.0 + LOOKAHEAD_SECONDS)
    scheduler.handle_request(AudioRequest(108.0, None, LOOKAHEAD_SECONDS, 0.0))
    assert send_all(scheduler) == [], "the page has all of the lookahead"

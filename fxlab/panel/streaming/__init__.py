"""The streaming of audio, curves, views, values and states to the pages.

The entry point is `audio_sender.py`: the `Worker` in `fxlab.panel.rendering` starts each render in its `AudioSender`,
which renders the chunk that the `ChunkScheduler` chooses, and sends it with the `Outbox`.

- `chunk_scheduler.py`   decides which chunk of the render or of the input is sent next
- `remaining_chunks.py`  the chunks of one sound that are still to be sent, in the order of playback
- `lookahead.py`         the part of a long sound that is sent
- `audio_request.py`     a page's request for more audio
- `continued_playback.py`  the playback of a continued render in a page
- `outbox.py`            builds and sends the messages with audio, curves, views, values and states
- `flow_control.py`      the number of bytes that may be in flight
- `encoding.py`          audio as int16
- `overview.py`          the minimum and maximum of each part of a long sound
- `unfinished_overviews.py`  the overviews that are computed step by step, and then sent
"""

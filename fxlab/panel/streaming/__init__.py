"""The streaming of audio and other messages to the pages.

The entry point is `audio_sender.py`: the `Worker` in `fxlab.panel.rendering` starts each render in its `AudioSender`,
which takes the next chunk from a `SendQueue`, renders it, and sends it with the `Outbox`.

- `send_queue.py`, `send_order.py`  the sounds to send, and the order of the chunks of one sound
- `outbox.py`                       builds and sends all messages to the pages
- `flow_control.py`                 the number of bytes that may be in flight
- `encoding.py`                     audio as int16
- `overview.py`                     the minimum and maximum of each part of a long sound
"""

"""A proxy between a page and its server that limits the bit rate and adds a delay in both directions."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable
from types import TracebackType
from typing import Self

SEGMENT = 4096  # bytes that are forwarded together
BUFFER = 65_536  # bytes that are queued before the sender has to wait, as in a router


class Direction:
    """One direction of a link, shared by all its connections."""

    def __init__(self) -> None:
        self.rate: float | None = None
        """Bytes a second; `None` for no limit."""
        self.delay = 0.0
        """Seconds."""
        self.carried = 0
        """Bytes so far."""
        self._busy_until = 0.0

    async def carry(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        """Forward bytes from `source` to `target`, delayed and in order, until `source` ends."""
        queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        delivering = asyncio.create_task(self._deliver(queue, target))
        try:
            while data := await source.read(SEGMENT):
                now = time.monotonic()
                self.carried += len(data)
                if self.rate is None:
                    queue.put_nowait((now, data))
                    continue
                self._busy_until = max(now, self._busy_until) + len(data) / self.rate
                queue.put_nowait((self._busy_until + self.delay, data))
                await asyncio.sleep(max(0.0, self._busy_until - now - BUFFER / self.rate))
        except ConnectionError:
            pass
        queue.put_nowait((time.monotonic() + self.delay, b""))
        await delivering

    async def _deliver(self, queue: asyncio.Queue[tuple[float, bytes]], target: asyncio.StreamWriter) -> None:
        try:
            while True:
                due, data = await queue.get()
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                if not data:
                    break
                target.write(data)
                await target.drain()
        except ConnectionError:
            pass
        target.close()


class SlowLink:
    """A proxy on a port of its own that forwards to another port; use it in a `with` statement.

    It forwards at full speed until `set_limits` is called.
    """

    def __init__(self, port: int) -> None:
        self._target = port
        self.up, self.down = Direction(), Direction()
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="slow-link", daemon=True)
        self._thread.start()
        assert self._ready.wait(60), "the proxy did not open its port within 60 s"

    @property
    def url(self) -> str:
        """The address at which a page reaches the server through this link."""
        return f"http://127.0.0.1:{self.port}"

    def set_limits(self, rate: float, delay: float) -> None:
        """Forward at most `rate` bytes a second from now on, with a delay of `delay` seconds, in each direction."""
        for direction in (self.up, self.down):
            direction.rate, direction.delay = rate, delay

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._accept, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.close()

    async def _accept(self, page: asyncio.StreamReader, to_page: asyncio.StreamWriter) -> None:
        server, to_server = await asyncio.open_connection("127.0.0.1", self._target)
        transfers: list[Awaitable[None]] = [self.up.carry(page, to_server), self.down.carry(server, to_page)]
        try:
            await asyncio.gather(*transfers, return_exceptions=True)
        except asyncio.CancelledError:  # the link is closed
            return

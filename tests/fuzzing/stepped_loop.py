"""An event loop that runs when it is told to, on a clock that is set by hand, and a transport of it."""

from __future__ import annotations

import asyncio
from collections import deque


class SteppedLoop(asyncio.AbstractEventLoop):
    """As much of an event loop as a protocol needs; threads' work is done at once."""

    def __init__(self):
        self.now = 0.0
        self._ready = deque()

    def time(self):
        return self.now

    def get_debug(self):
        return False

    def call_soon(self, callback, *args, context=None):
        self._ready.append((callback, args))

    call_soon_threadsafe = call_soon

    def create_future(self):
        return asyncio.Future(loop=self)

    def run_in_executor(self, executor, function, *args):
        future = self.create_future()
        try:
            future.set_result(function(*args))
        except Exception as error:  # noqa: BLE001 - as an executor does
            future.set_exception(error)
        return future

    def call_exception_handler(self, context):
        raise AssertionError(context)

    def run(self):
        """Call everything that is due, and what that makes due."""
        while self._ready:
            callback, args = self._ready.popleft()
            callback(*args)


class _Socket:
    def setsockopt(self, *option):
        """Nothing is to be set."""


class Transport(asyncio.Transport):
    """Collects what a protocol writes; reading is `deliver`ed."""

    def __init__(self, loop, protocol):
        super().__init__({"socket": _Socket(), "peername": ("127.0.0.1", 1)})
        self.written = bytearray()
        self.half_closed = self.gone = self.paused = False
        self._loop = loop
        self._protocol = protocol

    def deliver(self, data):
        """Have the protocol read, in as many steps as its buffer wants; give up once it has closed."""
        while data and not self.gone:
            self._loop.run()
            if self.paused:
                raise AssertionError("reading is paused, and nothing is under way that could go on")
            buffer = self._protocol.get_buffer(-1)
            size = min(len(buffer), len(data))
            buffer[:size] = data[:size]
            self._protocol.buffer_updated(size)
            data = data[size:]
        self._loop.run()

    def write(self, data):
        assert not self.half_closed, "written after the end"
        self.written += data

    def write_eof(self):
        self.half_closed = True

    def can_write_eof(self):
        return True

    def is_closing(self):
        return self.gone

    def is_reading(self):
        return not self.paused

    def pause_reading(self):
        self.paused = True

    def resume_reading(self):
        self.paused = False

    def get_write_buffer_size(self):
        return 0

    def abort(self):
        self.lose()

    def close(self):
        self.lose()

    def lose(self):
        """End the connection as its peer's closing does."""
        if not self.gone:
            self.gone = True
            self._loop.call_soon(self._protocol.connection_lost, None)

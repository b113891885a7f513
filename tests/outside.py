"""The world outside that notifications go to: real HTTP and SMTP servers on this machine, good and bad."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Webhook:
    """An HTTP server that keeps what is posted to it; a context manager.

    `behavior` is an HTTP status, a URL to redirect to, "hang" (never answers) or "drip" (a byte a second).
    """

    def __init__(self, behavior=200, port=0):
        self.behavior = behavior
        self.posted: list[dict] = []
        self.requests = 0
        self._over = threading.Event()
        webhook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                webhook.requests += 1
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                webhook._answer(self, body)

            do_GET = do_POST  # noqa: N815 - as the standard library names it

            def log_message(self, *_):
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port

    def _answer(self, handler, body):
        if self.behavior == "hang":
            self._over.wait(60)
        elif self.behavior == "drip":
            with contextlib.suppress(OSError):
                handler.wfile.write(b"HTTP/1.0 200 OK\r\nX-Slow: ")
                while not self._over.wait(1):
                    handler.wfile.write(b"x")
        elif isinstance(self.behavior, str):
            handler.send_response(307)
            handler.send_header("Location", self.behavior)
            handler.end_headers()
        else:
            if self.behavior < 300:
                self.posted.append(json.loads(body))
            handler.send_response(self.behavior)
            handler.end_headers()

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._server.shutdown()
        self._server.server_close()

    def url(self, path="/hook", host="127.0.0.1", query=""):
        """Return the URL that Apprise takes for this server."""
        return f"json://{host}:{self.port}{path}{query}"

    def until_posted(self, count, seconds=30):
        """Wait until so many messages have come; return them."""
        deadline = time.monotonic() + seconds
        while len(self.posted) < count:
            assert time.monotonic() < deadline, self.posted
            time.sleep(0.05)
        return self.posted


@contextlib.contextmanager
def mail_server():
    """Run a real SMTP server; yields (port, envelopes)."""
    from aiosmtpd.controller import Controller
    from aiosmtpd.handlers import Message

    letters = []

    class Keep(Message):
        def handle_message(self, message):
            letters.append(message)

    server = Controller(Keep(), hostname="127.0.0.1", port=free_port())
    server.start()
    try:
        yield server.port, letters
    finally:
        server.stop()


def free_port() -> int:
    """Return a port that nobody listens on just now."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]

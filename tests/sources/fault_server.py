"""A server on this machine that fails in the ways in which publishers' servers fail."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[["Handler"], None]
SETTLED = "Tue, 05 Nov 2024 10:00:00 GMT"


class Handler(BaseHTTPRequestHandler):
    """Answers each request with the next answer of its path; the last one stays."""

    protocol_version = "HTTP/1.1"
    server: FaultServer

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers)))
        answers = self.server.answers[self.path]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        self.close_connection = True
        answer(self)

    def start(self, code: int, length: int | None, headers: dict[str, str]) -> None:
        self.send_response(code)
        if length is not None:
            self.send_header("Content-Length", str(length))
        for name, value in {k.replace("_", "-"): v for k, v in headers.items()}.items():
            self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()

    def write(self, data: bytes) -> None:
        self.wfile.write(data)
        self.wfile.flush()

    def log_message(self, *words: Any) -> None:
        pass


class FaultServer(ThreadingHTTPServer):
    """Holds the answers per path, and what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: dict[str, list[Answer]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.over = threading.Event()

    def at(self, path: str, *answers: Answer) -> str:
        """Give a path its answers; return its address."""
        self.answers[path] = list(answers)
        return f"http://127.0.0.1:{self.server_port}{path}"

    def ranges(self) -> list[str | None]:
        """Return the Range header of each request, None where it had none."""
        return [headers.get("Range") for _, headers in self.asked]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that went away."""


@contextmanager
def serving() -> Iterator[FaultServer]:
    """Run a server for a test."""
    with FaultServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            server.shutdown()
            thread.join()


def whole(body: bytes, code: int = 200, **headers: str) -> Answer:
    """Send a body, with its length."""

    def answer(to: Handler) -> None:
        to.start(code, len(body), {"Content-Type": "text/csv", **headers})
        to.write(body)

    return answer


def unmeasured(body: bytes, **headers: str) -> Answer:
    """Send a body without saying how long it is."""

    def answer(to: Handler) -> None:
        to.start(200, None, headers)
        to.write(body)

    return answer


def cut(body: bytes, at: int, **headers: str) -> Answer:
    """State the whole length, send a part, and hang up."""

    def answer(to: Handler) -> None:
        to.start(200, len(body), headers)
        to.write(body[:at])

    return answer


def stalling(body: bytes, at: int | None, **headers: str) -> Answer:
    """Send a part and then nothing; or not even a status line."""

    def answer(to: Handler) -> None:
        if at is not None:
            to.start(200, len(body), headers)
            to.write(body[:at])
        to.server.over.wait(30)

    return answer


def dripping(body: bytes, step: int, pause: float) -> Answer:
    """Send a body bit by bit."""

    def answer(to: Handler) -> None:
        to.start(200, len(body), {})
        for at in range(0, len(body), step):
            to.write(body[at : at + step])
            to.server.over.wait(pause)

    return answer


def status(code: int, **headers: str) -> Answer:
    """Answer with a status and a few words."""
    return whole(b"no" if code not in (202, 204, 304) else b"", code, **headers)


def redirect(location: str) -> Answer:
    """Send on to another address."""
    return whole(b"", 302, Location=location)


def ranged(body: bytes, etag: str, until: int | None = None, **headers: str) -> Answer:
    """Answer as a good server does, parts included; ``until`` hangs up after so many bytes."""

    def answer(to: Handler) -> None:
        told = {"ETag": etag, "Accept-Ranges": "bytes", **headers}
        wanted = re.fullmatch(r"bytes=(\d+)-", to.headers.get("Range", ""))
        start, code = 0, 200
        if wanted and to.headers.get("If-Range") in (etag, headers.get("Last_Modified")):
            start, code = int(wanted[1]), 206
            told["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
        to.start(code, len(body) - start, told)
        to.write(body[start:until])

    return answer


def raw(data: bytes) -> Answer:
    """Send bytes that are no answer at all."""
    return lambda to: to.write(data)

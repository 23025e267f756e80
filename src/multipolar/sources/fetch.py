"""Downloading: from the dataset's own hosts only, whole or not at all, resumed where it broke off.

The bytes go to a hidden file in the dataset's directory; only a file that arrived whole and agrees
with every hash that its server states is handed on.
"""

from __future__ import annotations

import errno
import os
import re
import socket
import ssl
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from .. import __version__
from ..errors import BadInput, MultipolarError, SourceUnavailable
from .addresses import allowed, is_here, redirected, shown
from .files import RawFile, fits
from .partial import Partial
from .source import MIB, Source

if TYPE_CHECKING:
    import httpx

Say = Callable[[str], None]

CONNECT = 15.0
STALL = 30.0
"""Seconds without a byte; ``MULTIPOLAR_TIMEOUT`` sets another number."""
LONGEST = 7200.0
"""Seconds that a download may take in all."""
TRIES = 3
PAUSES = (0.5, 1.0)
LONGEST_WAIT = 20.0
"""Seconds for which a server's wish to be asked later is heeded; beyond it the pull gives up."""
GAIN = MIB
"""A try that brought so much more of the file than any before it does not count as one."""
REDIRECTS = 5
EVERY = 0.5
LATER = "Pull again later, or name a file that you have with --from."
KEPT = "Pull again later: it goes on with what has arrived."
NO_PROGRAM = "Download it in a browser and name the file with --from."
_PASSING = (408, 425, 429)
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_PACKED = ("", "identity", "gzip", "x-gzip")


class _Broken(Exception):
    """A try that failed and may succeed when made again."""

    def __init__(self, problem: str, *, cost: int = 1, wait: float = 0.0) -> None:
        super().__init__(problem)
        self.cost, self.wait = cost, wait


def fetch(source: Source, address: str, directory: Path, say: Say) -> Path:
    """Download a file of a dataset into its directory and return where it lies.

    Parameters
    ----------
    source : Source
        Its hosts may be asked, and its limit on the size holds.
    address : str
        An https address of one of these hosts, or one of a server on this machine.
    directory : Path
        The dataset's directory; the caller holds the right to write it.
    say : function
        Told how far it is, at most twice a second.

    Raises
    ------
    BadInput
        The address is refused.
    SourceUnavailable
        The file could not be had whole: one line with what was asked, what came, what to do.
    """
    url = allowed(source, address)
    partial = Partial(directory, address)
    end = time.monotonic() + LONGEST
    best, used = partial.size, 0
    with _client(source, url) as client:
        while True:
            try:
                typed = _attempt(client, source, url, partial, end, say)
                break
            except _Broken as problem:
                used = 0 if partial.size >= best + GAIN else used
                best = max(best, partial.size)
                used += problem.cost
                wait = max(problem.wait, PAUSES[min(used, len(PAUSES)) - 1])
                if used >= TRIES or wait > LONGEST_WAIT or time.monotonic() + wait > end:
                    hint = KEPT if partial.headers() else LATER
                    raise _unavailable(source, url, str(problem), hint) from None
                say(f"{source.name}: {problem}; trying again…")
                time.sleep(wait)
    _check(source, url, partial, typed)
    return partial.path


def _unavailable(source: Source, url: httpx.URL, problem: str, hint: str) -> SourceUnavailable:
    return SourceUnavailable(f"{source.name}: {shown(url)} {problem}.", hint=hint)


def _stall() -> float:
    """Return after how many seconds without a byte a try is given up."""
    said = os.environ.get("MULTIPOLAR_TIMEOUT", "")
    try:
        seconds = float(said) if said else STALL
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= LONGEST:
        raise BadInput(
            f"MULTIPOLAR_TIMEOUT is {said!r}.", hint="Set it to a number of seconds, as in 120."
        )
    return seconds


def _client(source: Source, url: httpx.URL) -> httpx.Client:
    import httpx

    stall = _stall()
    try:
        return httpx.Client(
            timeout=httpx.Timeout(stall, connect=CONNECT),
            headers={
                "User-Agent": f"multipolar/{__version__}",
                "Accept": "*/*",
                "Accept-Encoding": "identity",
            },
            trust_env=not is_here(url),
        )
    except (OSError, ValueError, ImportError, httpx.InvalidURL) as error:
        raise _unavailable(
            source,
            url,
            f"cannot be asked: {_said(error)}",
            "Look at the environment's settings for proxies and certificates.",
        ) from None


def _attempt(
    client: httpx.Client, source: Source, url: httpx.URL, partial: Partial, end: float, say: Say
) -> str:
    """Ask once, follow redirects that the rule allows, take what comes; return its media type."""
    import httpx

    headers = partial.headers()
    try:
        for _ in range(REDIRECTS + 1):
            with client.stream("GET", url, headers=headers) as response:
                if response.has_redirect_location:
                    url = redirected(source, url, response.headers["location"])
                    continue
                _check_status(source, url, response, asked_part=bool(headers))
                _receive(source, url, response, partial, end, say)
                return str(response.headers.get("content-type", ""))
    except httpx.TimeoutException as error:
        if isinstance(error, httpx.ConnectTimeout):
            raise _Broken(f"did not answer within {CONNECT:g} seconds", cost=2) from None
        # Two stalls are a minute of waiting; a third would bring nothing.
        raise _Broken(f"sent nothing for {_stall():g} seconds", cost=2) from None
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, UnicodeError) as error:
        if isinstance(error, httpx.ConnectError) and (problem := _unreachable(error)):
            raise _unavailable(source, url, *problem) from None
        what = "cannot be reached" if isinstance(error, httpx.ConnectError) else "broke off"
        raise _Broken(f"{what}: {_said(error)}") from None
    raise _unavailable(source, url, f"leads on more than {REDIRECTS} times", NO_PROGRAM)


def _unreachable(error: BaseException | None) -> tuple[str, str] | None:
    """Return problem and advice where another try would fail in the same way."""
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return f"cannot be trusted: {_said(error)}", "Look at the clock and the certificates."
        if isinstance(error, socket.gaierror):
            return f"cannot be found: {_said(error)}", "Is there a connection to the network?"
        error = error.__cause__ or error.__context__
    return None


def _said(error: BaseException) -> str:
    """Return what an error says, without numbers of the system and without a stop."""
    line = (str(error).splitlines() or [""])[0]
    return (
        re.sub(r"^(\[[^]]*\] *)+| \(_ssl\.c:\d+\)$", "", line).rstrip(".") or type(error).__name__
    )


def _check_status(
    source: Source, url: httpx.URL, response: httpx.Response, *, asked_part: bool
) -> None:
    """Let an answer pass that brings the file; raise for every other."""
    status = response.status_code
    if status == 200 or (status == 206 and asked_part):
        packed = response.headers.get("content-encoding", "").strip().lower()
        if packed not in _PACKED:
            raise _unavailable(source, url, f"sends the file packed as {packed!r}", NO_PROGRAM)
        return
    answer = f"answered {status}{_phrase(status)}"
    if status == 416 and asked_part:
        raise _Broken(answer)
    if status in _PASSING or status >= 500:
        wait = _wait(response.headers.get("retry-after", ""))
        if wait > LONGEST_WAIT:
            answer += f" and wants to be asked again in {wait:,.0f} seconds"
        raise _Broken(answer, wait=wait)
    if status in (404, 410):
        hint = f"The publisher's page is {source.page}; name a file that you have with --from."
        raise _unavailable(source, url, answer, hint)
    if status < 300:
        answer += " and did not hand the file to a program"
    raise _unavailable(source, url, answer, NO_PROGRAM)


def _phrase(status: int) -> str:
    try:
        return f" ({HTTPStatus(status).phrase})"
    except ValueError:
        return ""


def _wait(text: str) -> float:
    """Return for how many seconds a server asks to be left alone."""
    if text.strip().isdigit():
        return float(text)
    try:
        return max(0.0, (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return 0.0


def _receive(
    source: Source,
    url: httpx.URL,
    response: httpx.Response,
    partial: Partial,
    end: float,
    say: Say,
) -> None:
    """Write what an answer brings behind what is there, or in its place."""
    length = response.headers.get("content-length", "")
    size = int(length) if length.isdigit() else None
    start: int | None = 0
    try:
        if response.status_code == 206:
            start = partial.resume(response.headers)
            if start is None:
                partial.discard()
                raise _Broken("sent another part than it was asked for")
        else:
            partial.begin(response.headers, size)
        _limit(source, url, partial, partial.total or 0)
        with open(partial.path, "r+b") as handle:
            handle.seek(start or 0)
            handle.truncate()
            told = time.monotonic()
            for piece in response.iter_raw():
                handle.write(piece)
                now = time.monotonic()
                _limit(source, url, partial, handle.tell())
                if now > end:
                    raise _unavailable(source, url, f"took over {LONGEST / 3600:g} hours", LATER)
                if now - told >= EVERY:
                    told = now
                    say(_progress(source, handle.tell(), partial.total))
    except OSError as error:
        if not isinstance(error, MultipolarError) and error.errno in _FULL:
            partial.discard()
        raise
    if partial.total is not None and partial.size != partial.total:
        raise _Broken(f"sent {partial.size:,} of {partial.total:,} bytes")


def _progress(source: Source, got: int, total: int | None) -> str:
    of = f" of {total / 1e6:,.0f}" if total else ""
    return f"{source.name}: {got / 1e6:,.0f}{of} MB"


def _limit(source: Source, url: httpx.URL, partial: Partial, size: int) -> None:
    if size > source.most_bytes:
        partial.discard()
        most = f"{source.most_bytes / MIB:,.0f} MiB"
        hint = f"The publisher's page is {source.page}."
        raise _unavailable(source, url, f"sends more than {most}, the dataset's limit", hint)


def _check(source: Source, url: httpx.URL, partial: Partial, typed: str) -> None:
    """Raise SourceUnavailable where what arrived is not the file that was asked for."""
    if not partial.size:
        partial.discard()
        answer = "answered with an empty file and did not hand the file to a program"
        raise _unavailable(source, url, answer, NO_PROGRAM)
    if faulty := partial.faulty_hash():
        partial.discard()
        problem = f"sent a file that does not have the hash that its server states ({faulty})"
        raise _unavailable(source, url, problem, "Nothing was pulled. Pull again.")
    raw = RawFile(Path(url.path).name, shown(url), source.most_bytes, path=partial.path)
    if _is_strange_page(source, raw, typed):
        partial.discard()
        raise _unavailable(source, url, "sent a web page, not the data", NO_PROGRAM)


def _is_strange_page(source: Source, raw: RawFile, typed: str) -> bool:
    """Say whether this is a web page that the dataset is not read from."""
    if raw.compressed or raw.magic.startswith(b"PK"):
        return False
    page = raw.is_page() or typed.lower().startswith(("text/html", "application/xhtml"))
    return page and not any(fits(kind, raw) for kind in source.kinds)

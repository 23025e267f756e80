"""A download on its way: the bytes that have arrived, and beside them what the server said of them.

The next try, or the next pull after a kill, goes on from there, but only where the server can say
that the file is still the same: by its ETag, or by the time of its last change.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

NAME = ".download-"
"""How the names of downloads begin; no reader looks at them."""

_KEYS = {"address", "etag", "last_modified", "length", "hashes"}
_WHOLE = ("Digest", "Repr-Digest", "X-Goog-Hash")
"""Headers with hashes of the whole file, as ``algorithm=value``."""
_MESSAGE = ("Content-Digest",)
"""Headers with hashes of what one answer carries, which may be a part of the file."""
_ALGORITHMS = {
    "md5": "md5",
    "sha": "sha1",
    "sha1": "sha1",
    "sha-256": "sha256",
    "sha256": "sha256",
    "sha-512": "sha512",
    "sha512": "sha512",
}
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)\Z")


class Partial:
    """What has arrived of one address.

    Attributes
    ----------
    path : Path
        The bytes so far.
    """

    def __init__(self, directory: Path, address: str) -> None:
        digest = hashlib.sha256(address.encode()).hexdigest()
        self.address = address
        self.path = directory / f"{NAME}{digest[:16]}"
        self._sidecar = Path(f"{self.path}.json")
        self._told = self._read()

    def _read(self) -> dict[str, Any]:
        try:
            told = json.loads(self._sidecar.read_bytes())
        except (FileNotFoundError, ValueError):
            return {}
        whole = isinstance(told, dict) and told.keys() == _KEYS
        return told if whole and told["address"] == self.address else {}

    @property
    def size(self) -> int:
        """Return how many bytes have arrived."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    @property
    def total(self) -> int | None:
        """Return the length of the whole file, as far as the server said it."""
        total = self._told.get("length")
        return total if isinstance(total, int) else None

    @property
    def _start(self) -> int:
        """Return where to go on; a file that is whole asks for its last byte, to see it unchanged."""
        size = self.size
        return size - 1 if size and size == self.total else size

    def headers(self) -> dict[str, str]:
        """Return the headers that ask for the rest; none where the whole file has to be asked for."""
        known = self._told.get("etag") or self._told.get("last_modified")
        start = self._start
        if not known or not start or (self.total is not None and start > self.total):
            return {}
        return {"Range": f"bytes={start}-", "If-Range": str(known)}

    def begin(self, headers: Mapping[str, str], length: int | None) -> None:
        """Start the file over: empty it, then note what the server says of the new one.

        In this order, so that after a kill no bytes of an old file stand beside a new one's ETag.
        """
        with open(self.path, "wb"):
            pass
        etag = headers.get("etag", "")
        self._told = {
            "address": self.address,
            "etag": "" if etag.startswith("W/") or not etag.isascii() else etag,
            "last_modified": _settled(headers),
            "length": length,
            "hashes": list(_stated(headers, whole=True)),
        }
        self._sidecar.write_text(json.dumps(self._told) + "\n", encoding="utf-8")

    def resume(self, headers: Mapping[str, str]) -> int | None:
        """Return where the part that a server sends begins; None where it does not fit."""
        found = _RANGE.match(headers.get("content-range", "").strip())
        etag = headers.get("etag", "")
        if found is None or int(found[1]) != self._start:
            return None
        if etag and self._told["etag"] and etag != self._told["etag"]:
            return None
        if found[3] != "*":
            if self.total not in (None, int(found[3])):
                return None
            self._told["length"] = int(found[3])
        self._told["hashes"] += _stated(headers, whole=False)
        return int(found[1])

    def faulty_hash(self) -> str:
        """Return the hash that the server states and the file does not have; empty where none."""
        for name, stated in self._told.get("hashes", ()):
            with open(self.path, "rb") as handle:
                digest = hashlib.file_digest(handle, name).digest()
            plain = base64.b64encode(digest).decode().rstrip("=")
            if stated.rstrip("=") != plain and stated.lower() != digest.hex():
                return f"{name} {stated}"
        return ""

    def discard(self) -> None:
        """Remove what has arrived."""
        for path in (self._sidecar, self.path):
            with contextlib.suppress(OSError):
                os.unlink(path)
        self._told = {}


def _settled(headers: Mapping[str, str]) -> str:
    """Return the time of the last change, unless the file may change again in that very second."""
    changed, now = headers.get("last-modified", ""), headers.get("date", "")
    try:
        settled = parsedate_to_datetime(changed) < parsedate_to_datetime(now)
    except (TypeError, ValueError):
        return ""
    return changed if settled else ""


def _stated(headers: Mapping[str, str], *, whole: bool) -> Iterator[tuple[str, str]]:
    """Yield the hashes that an answer states of the file, which is all that it carries or is not."""
    for header in _WHOLE + (_MESSAGE if whole else ()):
        for item in headers.get(header, "").split(","):
            name, _, value = item.split(";")[0].strip().partition("=")
            if name.lower() in _ALGORITHMS:
                yield _ALGORITHMS[name.lower()], value.strip().strip(":")
    for name in ("sha1", "sha256", "sha512", "md5"):
        if value := headers.get(f"X-Checksum-{name}", "").strip():
            yield name, value
    if whole and (value := headers.get("Content-MD5", "").strip()):
        yield "md5", value

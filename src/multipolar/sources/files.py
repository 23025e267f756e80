"""Files as published: found, hashed, unpacked within limits, and recognised by what they hold.

Nothing is ever unpacked to disk: a compressed file or an archive member is read into memory up to the
dataset's limit. A member whose name leads out of its folder is refused, and so is one that unpacks to
far more than any table would.
"""

from __future__ import annotations

import bz2
import hashlib
import io
import lzma
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote, urlsplit

from ..errors import BadInput, BadSource, MultipolarError
from .source import FileKind, Files, Source, bad

MOST_RATIO = 250
"""An unpacked file is at most so many times larger than the packed one (tables reach about 40)."""
FREE = 256 << 20
"""Below this size the ratio does not matter."""
MOST_MEMBERS = 2_000
MOST_TOGETHER = 2
"""The members of an archive are together at most so many times the limit on one file."""
CHUNK = 1 << 22
HEAD = 1 << 16
Stamp = tuple[int, int, int]


_ZIP_FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
)


def stamp_of(path: Path) -> Stamp:
    """Return size, time of change and inode of a file."""
    try:
        found = path.stat()
    except OSError:
        return (-1, 0, 0)
    return (found.st_size, found.st_mtime_ns, found.st_ino)


class RawFile:
    """One file as published; read when needed.

    Attributes
    ----------
    name : str
        Its name without directory and without the ending of a compression.
    origin : str
        Path or address, for provenance; for a member ``archive.zip!member``.
    seen : tuple
        Its stamp when it was found, before anything of it was read.
    """

    def __init__(
        self, name: str, origin: str, limit: int, path: Path | None = None, packed: bytes = b""
    ) -> None:
        self.origin, self.limit = origin, limit
        self._path, self._packed = path, packed
        self.seen = self.stamp
        self.magic = packed[:8] if path is None else _first(path, 8)
        self.name = name
        for ending in (".gz", ".bz2", ".xz"):
            if self.compressed and name.lower().endswith(ending):
                self.name = name[: -len(ending)]

    @property
    def compressed(self) -> str:
        """Return ``gz``, ``bz2``, ``xz`` or nothing."""
        for kind, magic in (("gz", b"\x1f\x8b"), ("bz2", b"BZh"), ("xz", b"\xfd7zXZ\x00")):
            if self.magic.startswith(magic):
                return kind
        return ""

    @cached_property
    def sha256(self) -> str:
        """Return the hash of the file as published."""
        if self._path is None:
            return hashlib.sha256(self._packed).hexdigest()
        try:
            with open(self._path, "rb") as handle:
                return hashlib.file_digest(handle, "sha256").hexdigest()
        except OSError as error:
            raise bad(self.origin, f"cannot be read: {error.strerror}") from None

    @property
    def size(self) -> int:
        """Return the length of the file as published."""
        if self._path is None:
            return len(self._packed)
        try:
            return self._path.stat().st_size
        except OSError as error:
            raise bad(self.origin, f"cannot be read: {error.strerror}") from None

    @property
    def stamp(self) -> Stamp:
        """Return what tells whether the file changes while it is read."""
        return stamp_of(self._path) if self._path is not None else (0, 0, 0)

    @cached_property
    def content(self) -> bytes:
        """Return the bytes, unpacked; at most the limit."""
        if self.compressed:
            return _unpack(self._raw(), self.compressed, self.limit, self.origin)
        if self.size > self.limit:
            raise bad(self.origin, f"is larger than {self.limit >> 20:,} MiB, the dataset's limit")
        return self._raw()

    def _raw(self) -> bytes:
        if self._path is None:
            return self._packed
        try:
            return self._path.read_bytes()
        except OSError as error:
            raise bad(self.origin, f"cannot be read: {error.strerror}") from None

    @property
    def where(self) -> Path | bytes:
        """Return the path of a plain file, or the bytes of one that had to be unpacked."""
        if self._path is not None and not self.compressed:
            if self.size > self.limit:
                raise bad(
                    self.origin, f"is larger than {self.limit >> 20:,} MiB, the dataset's limit"
                )
            return self._path
        return self.content

    @cached_property
    def head(self) -> bytes:
        """Return the first 64 KiB, unpacked."""
        if "content" in self.__dict__:
            return self.content[:HEAD]
        if not self.compressed:
            return self._packed[:HEAD] if self._path is None else _first(self._path, HEAD)
        packed = self._packed[:HEAD] if self._path is None else _first(self._path, HEAD)
        try:
            start = bytes(_decoder(self.compressed)().decompress(packed, HEAD))
        except (OSError, lzma.LZMAError, EOFError, ValueError, _zlib_error()) as error:
            raise bad(self.origin, f"is not a {self.compressed} file: {error}") from None
        return start or self.content[:HEAD]

    def header(self, separator: str = ",") -> list[str]:
        """Return the first line of a CSV file as cells, whatever its line ends and encoding."""
        line = self.head.removeprefix(b"\xef\xbb\xbf").replace(b"\r", b"\n").split(b"\n", 1)[0]
        cells = line.decode("latin-1").split(separator)
        return [cell.strip().strip('"') for cell in cells]

    def is_page(self) -> bool:
        """Say whether this is a web page."""
        start = self.head.lstrip(b"\xef\xbb\xbf \t\r\n")[:400].lower()
        return (
            start.startswith((b"<!doctype html", b"<html", b"<head", b"<!--")) or b"<html" in start
        )

    def is_workbook(self) -> bool:
        """Say whether this is an xlsx file."""
        return self.magic.startswith(b"PK") and b"[Content_Types].xml" in self.content

    def is_r_data(self) -> bool:
        """Say whether this is a file saved by R with ``save``."""
        return self.head.startswith((b"RDX2\n", b"RDX3\n"))

    def is_stata(self) -> bool:
        """Say whether this is a Stata file."""
        return self.head.startswith(b"<stata_dta>") or self.head[:1] in (b"\x71", b"\x72", b"\x73")


def find_files(source: Source, origins: Sequence[Path], fetched: Sequence[str] = ()) -> Files:
    """Sort files, folders and archives into the kinds of a dataset.

    ``fetched`` names the addresses from which downloaded files came, in the same order.

    Raises
    ------
    BadInput
        A path does not exist.
    BadSource
        A file is of no known kind, a required kind is missing, or two files are of a kind of which
        there can be one.
    """
    found: dict[str, list[RawFile]] = {}
    strangers: list[RawFile] = []
    for number, path in enumerate(origins):
        _check_path(path)
        named = path.is_file()
        name, origin = path.name, str(path)
        if number < len(fetched):
            origin = fetched[number]
            name = unquote(urlsplit(origin).path.rpartition("/")[2]) or urlsplit(origin).netloc
        for raw in _members(path, name, origin, source.most_bytes):
            kind = next((k for k in source.kinds if fits(k, raw)), None)
            if kind is not None:
                found.setdefault(kind.name, []).append(raw)
            elif named:
                strangers.append(raw)
    if strangers and not (found and all("!" in raw.origin for raw in strangers)):
        raise _stranger(source, strangers[0])
    for kind in source.kinds:
        here = found.get(kind.name, [])
        if len(here) > 1 and not kind.many:
            names = " and ".join(raw.name for raw in here[:2])
            raise BadSource(
                f"{source.name}: {names} are both {kind.what}.",
                hint="Name one of them with --from.",
            )
        here.sort(key=lambda raw: raw.name)
    missing = [k for k in source.kinds if k.required and k.name not in found]
    if missing or not found:
        wanted = missing or list(source.kinds)
        raise BadSource(
            f"{source.name}: {' and '.join(k.what for k in wanted)} not found in "
            f"{', '.join(fetched or map(str, origins))}."
        )
    return Files(source.name, found)


def _check_path(path: Path) -> None:
    """Raise BadInput where there is nothing to read, or something that has no end."""
    try:
        if not path.exists():
            raise BadInput(f"there is no file {str(path)!r}.")
        if path.is_dir():
            os.listdir(path)
        elif not path.is_file():
            raise BadInput(f"{str(path)!r} is neither a file nor a folder.")
    except OSError as error:
        raise BadInput(f"{str(path)!r} cannot be read: {error.strerror}.") from None


def fits(kind: FileKind, raw: RawFile) -> bool:
    """Say whether a file is of a kind; one on which the question itself breaks is not."""
    try:
        return kind.fits(raw)
    except (MultipolarError, MemoryError):
        raise
    except Exception:
        return False


def _stranger(source: Source, raw: RawFile) -> BadSource:
    known = "; or ".join(kind.what for kind in source.kinds)
    if raw.is_page():
        problem = "is a web page, not the data"
    elif not raw.head.strip():
        problem = "is empty"
    else:
        problem = f"is no file that {source.name} knows (it begins {raw.head[:40]!r})"
    return bad(raw.origin, problem, hint=f"Expected: {known}.")


def _members(path: Path, name: str, origin: str, limit: int) -> Iterator[RawFile]:
    if path.is_dir():
        for inner in sorted(path.iterdir()):
            if inner.is_file() and not inner.name.startswith("."):
                yield from _members(inner, inner.name, str(inner), limit)
        return
    raw = RawFile(name, origin, limit, path=path)
    if raw.magic.startswith(b"PK\x03\x04") and not _is_workbook(path):
        yield from _zipped(path, origin, limit)
    else:
        yield raw


def _is_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return "[Content_Types].xml" in archive.namelist()
    except _ZIP_FAULTS:
        return False


def _zipped(path: Path, origin: str, limit: int) -> Iterator[RawFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
            if len(infos) > MOST_MEMBERS:
                raise bad(origin, f"holds {len(infos):,} files, more than {MOST_MEMBERS:,}")
            total = 0
            for info in infos:
                parts = info.filename.replace("\\", "/").split("/")
                if ".." in parts or info.filename.startswith(("/", "\\")) or ":" in parts[0]:
                    raise bad(
                        origin, f"holds a file that leads out of its folder: {info.filename!r}"
                    )
                if parts[-1].startswith(".") or parts[0] == "__MACOSX":
                    continue
                packed = _member(archive, info, limit, origin)
                total += len(packed)
                if total > MOST_TOGETHER * limit:
                    raise _bomb(origin, MOST_TOGETHER * limit)
                yield RawFile(parts[-1], f"{origin}!{info.filename}", limit, packed=packed)
    except _ZIP_FAULTS as error:
        if isinstance(error, BadSource):
            raise
        raise bad(origin, f"is not a whole zip archive: {error}") from None


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limit: int, origin: str) -> bytes:
    packed = max(info.compress_size, 1)
    if info.file_size > limit or info.file_size > max(FREE, MOST_RATIO * packed):
        raise _bomb(f"{origin}!{info.filename}", limit)
    parts, total = [], 0
    with archive.open(info) as handle:
        while piece := handle.read(CHUNK):
            total += len(piece)
            if total > limit or total > max(FREE, MOST_RATIO * packed):
                raise _bomb(f"{origin}!{info.filename}", limit)
            parts.append(piece)
    return b"".join(parts)


def _bomb(origin: str, limit: int) -> BadSource:
    return bad(
        origin,
        f"unpacks to more than a table would (over {limit >> 20:,} MiB, or {MOST_RATIO} times its size)",
    )


def _unpack(packed: bytes, kind: str, limit: int, origin: str) -> bytes:
    """Return the bytes of a gz, bz2 or xz file, which may hold several streams."""
    most = min(limit, max(FREE, MOST_RATIO * len(packed)))
    make = _decoder(kind)
    out = io.BytesIO()
    total = 0
    rest: Any = memoryview(packed)
    try:
        while len(rest):
            decoder = make()
            feed: Any = rest
            while not decoder.eof:
                piece = decoder.decompress(feed, CHUNK)
                total += len(piece)
                if total > most:
                    raise _bomb(origin, limit)
                out.write(piece)
                feed = _pending(decoder, kind)
                if not piece and not len(feed) and not decoder.eof:
                    raise bad(origin, f"is cut off: the {kind} data end early")
            rest = decoder.unused_data
            if not bytes(rest[:8]).strip(b"\0"):
                break
    except (OSError, lzma.LZMAError, EOFError, ValueError, _zlib_error()) as error:
        raise bad(origin, f"is damaged: {error}") from None
    return out.getvalue()


def _decoder(kind: str) -> Callable[[], Any]:
    if kind == "gz":
        from isal import isal_zlib

        return lambda: isal_zlib.decompressobj(31)
    return bz2.BZ2Decompressor if kind == "bz2" else lzma.LZMADecompressor


def _pending(decoder: Any, kind: str) -> bytes:
    return decoder.unconsumed_tail if kind == "gz" else b""


def _zlib_error() -> type[Exception]:
    from isal import isal_zlib

    return cast("type[Exception]", isal_zlib.error)


def _first(path: Path, n: int) -> bytes:
    try:
        with open(path, "rb") as handle:
            return handle.read(n)
    except OSError as error:
        raise bad(os.fspath(path), f"cannot be read: {error.strerror}") from None

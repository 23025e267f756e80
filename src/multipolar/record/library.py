"""Datasets that were pulled: their editions on disk, read without waking a data-frame library.

A store keeps each dataset in ``STORE/datasets/NAME/VERSION/``: a manifest and one Parquet file per
table. ``NAME/current.json`` names the version in force and is replaced in one step, so that a reader
sees either the old edition or the new one. A file whose bytes are not those of the manifest is named
in `Library.damaged` and its dataset is left out; the rest works.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

SCHEMA = 1
"""Version of the store's form; a store of a later form is left alone and named."""
PULLED = ".pulled"
"""A file that says that a dataset was pulled once, so that a pointer that is gone is missed."""
PREFERRED = ("unga", "unsc", "unvotes", "vetoes")
"""Which dataset speaks for a body's votes where several hold them."""


@dataclass(frozen=True, slots=True)
class Part:
    """One table of an edition."""

    table: str
    path: Path
    rows: int
    sha256: str
    bytes: int


@dataclass(frozen=True)
class Edition:
    """A dataset as it was pulled: its manifest and where its tables lie."""

    directory: Path
    manifest: Mapping[str, Any]

    @property
    def dataset(self) -> str:
        """Return the dataset's name."""
        return str(self.manifest["dataset"])

    @property
    def edition(self) -> str:
        """Return the edition, as the publisher names it or as its last day."""
        return str(self.manifest["edition"])

    @property
    def version(self) -> str:
        """Return the directory's name: edition and the first digits of the hash."""
        return self.directory.name

    @property
    def source_id(self) -> str:
        """Return the id that the rows of this edition carry."""
        return f"{self.dataset}@{self.edition}"

    @cached_property
    def parts(self) -> dict[str, Part]:
        """Return the tables."""
        return {
            name: Part(
                name,
                self.directory / f"{name}.parquet",
                int(told["rows"]),
                str(told["sha256"]),
                int(told["bytes"]),
            )
            for name, told in self.manifest["tables"].items()
        }

    def source_row(self) -> dict[str, Any]:
        """Return the edition as a row of the table of sources."""
        told = self.manifest
        return {
            "source_id": self.source_id,
            "publisher": told["publisher"],
            "title": f"{told['title']}, edition {self.edition}",
            "url": told["url"],
            "licence": told["licence"],
            "retrieved": str(told["retrieved"])[:10],
        }


class Library:
    """The pulled datasets of a store.

    Attributes
    ----------
    editions : dict of str to Edition
        The edition in force of each dataset.
    damaged : dict of str to str
        Datasets that are left out, with the file and what is wrong with it.
    """

    def __init__(self, store: Path | None) -> None:
        self.root = store / "datasets" if store is not None else None
        self.editions: dict[str, Edition] = {}
        self.damaged: dict[str, str] = {}
        self._verified: set[Path] = set()
        for directory in self._directories():
            try:
                found = current(directory)
                if found is None:
                    continue
                for part in found.parts.values():
                    check_size(part)
                self.editions[directory.name] = found
            except Damaged as problem:
                self.damaged[directory.name] = str(problem)

    def _directories(self) -> Iterator[Path]:
        if self.root is None:
            return
        try:
            found = sorted(p for p in self.root.iterdir() if p.is_dir())
        except FileNotFoundError:
            return
        except OSError as error:
            self.damaged["*"] = f"{self.root}: {error.strerror}"
            return
        yield from found

    def holders(self, table: str) -> list[Edition]:
        """Return the editions that hold a table, each file checked against its hash once."""
        out = []
        for name in list(self.editions):
            edition = self.editions[name]
            part = edition.parts.get(table)
            if part is None:
                continue
            try:
                self._verify(part)
            except Damaged as problem:
                self.damaged[name] = str(problem)
                del self.editions[name]
                continue
            out.append(edition)
        return out

    def _verify(self, part: Part) -> None:
        if part.path not in self._verified:
            check_part(part)
            self._verified.add(part.path)

    def scan(self, table: str, dataset: str | None = None) -> dict[str, pl.LazyFrame]:
        """Return a table lazily, by dataset; all its datasets or the one named."""
        import polars as pl

        return {
            e.dataset: pl.scan_parquet(e.parts[table].path)
            for e in self.holders(table)
            if dataset in (None, e.dataset)
        }

    def sources(self) -> list[dict[str, Any]]:
        """Return a row for the table of sources per edition."""
        return [edition.source_row() for edition in self.editions.values()]


class Damaged(Exception):
    """A file of the store that is not what its manifest says."""


def current(directory: Path) -> Edition | None:
    """Return the edition in force of a dataset's directory; None where none was ever finished."""
    pointer = directory / "current.json"
    try:
        told = json.loads(pointer.read_bytes())
        version, digest = str(told["version"]), told.get("manifest")
    except FileNotFoundError as error:
        if (directory / PULLED).exists():
            raise Damaged(f"{pointer} cannot be read: {_why(error)}") from None
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Damaged(f"{pointer} cannot be read: {_why(error)}") from None
    return load_edition(directory / version, digest)


def load_edition(directory: Path, digest: str | None = None) -> Edition:
    """Return the edition of one version's directory.

    Raises
    ------
    Damaged
        Its manifest is not whole, or does not have the hash that the pointer to it holds.
    """
    path = directory / "manifest.json"
    try:
        content = path.read_bytes()
        if digest is not None and hashlib.sha256(content).hexdigest() != digest:
            raise Damaged(f"{path} does not have the hash that current.json holds")
        manifest = json.loads(content)
        if manifest["schema"] > SCHEMA:
            raise Damaged(f"{path} was written by a later version of multipolar")
        edition = Edition(directory, manifest)
        for name in ("dataset", "edition", "publisher", "title", "url", "retrieved", "loader"):
            manifest[name]
        _ = edition.parts
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Damaged(f"{path} cannot be read: {_why(error)}") from None
    return edition


def check_size(part: Part) -> None:
    """Raise Damaged where a file is missing or has another length than its manifest says."""
    try:
        found = part.path.stat().st_size
    except OSError as error:
        raise Damaged(f"{part.path} cannot be read: {_why(error)}") from None
    if found != part.bytes:
        raise Damaged(f"{part.path} has {found:,} bytes, its manifest says {part.bytes:,}")


def check_part(part: Part) -> None:
    """Raise Damaged where a file's bytes are not those of its manifest."""
    check_size(part)
    try:
        found = file_hash(part.path)
    except OSError as error:
        raise Damaged(f"{part.path} cannot be read: {_why(error)}") from None
    if found != part.sha256:
        raise Damaged(f"{part.path} does not have the hash of its manifest")


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file in hex."""
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _why(error: BaseException) -> str:
    if isinstance(error, OSError):
        return error.strerror or str(error)
    if isinstance(error, KeyError):
        return f"{error.args[0]!r} is missing"
    return "it is not JSON of the expected form"

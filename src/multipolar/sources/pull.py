"""Bring a dataset into the store: find, recognise, parse, check, write aside, verify, switch over."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import __version__
from ..errors import BadInput, BadSource, MultipolarError
from ..record.library import SCHEMA, Damaged, Edition, check_part, file_hash
from . import load_source
from .editions import in_force, prune, remove, write_edition, writing
from .files import RawFile, Stamp, find_files, stamp_of
from .partial import NAME as DOWNLOAD
from .source import Files, Parsed, Source
from .states import States

if TYPE_CHECKING:
    import polars as pl

    from ..record.store import Record

Say = Callable[[str], None]
SHOWN = 5


def pull(
    record: Record,
    store: Path,
    name: str,
    origins: Sequence[str] = (),
    *,
    sha256: str = "",
    say: Say = lambda text: None,
) -> dict[str, Any]:
    """Bring a dataset into a store and return what was read, kept, dropped and doubted.

    Parameters
    ----------
    record : Record
        Its registry resolves the labels; its table of datasets gives title and licence.
    store : Path
        The store; made if it does not exist.
    name : str
        Dataset.
    origins : sequence of str
        Files, folders, archives or addresses; without any, the publisher's own address.
    sha256 : str
        Hash that the one file must have.
    say : function
        Told what is going on.

    Raises
    ------
    BadInput
        No such dataset or file, or an address that is not the publisher's.
    BadSource, SourceUnavailable
        The file is not what the loader knows, or could not be fetched whole.
    StoreBusy, StoreFault
        Another process pulls the same dataset, or the store cannot be written.
    """
    with ThreadPoolExecutor(1) as aside:
        early = {o: aside.submit(_hashed, Path(o)) for o in origins if os.path.isfile(o)}
        source = load_source(name)
        with writing(store, source.name) as directory:
            prune(directory)
            with _obtained(source, directory, origins, say) as (paths, files):
                if sha256:
                    _check_hash(source, paths, files, sha256)
                old = in_force(directory)
                if old is not None and _same(old, _digest(_hashes(files, early)), source):
                    say(f"{source.name}: unchanged since {str(old.manifest['pulled'])[:10]}.")
                    return summary(old, unchanged=True)
                say(f"{source.name}: reading…")
                hashing = aside.submit(_hashes, files, early)
                parsed, tables = read(source, files, record)
                hashes = hashing.result()
                _check_unchanged(files)
                manifest = _manifest(source, record, files, hashes, _digest(hashes), parsed, tables)
                manifest["notes"] += _shrunk(old, tables)
                say(f"{source.name}: writing {sum(map(len, tables.values())):,} rows…")
                edition = write_edition(directory, manifest, tables)
            prune(directory)
            return summary(edition, unchanged=False)


def read(source: Source, files: Files, record: Record) -> tuple[Parsed, dict[str, pl.DataFrame]]:
    """Parse files, apply the corrections, and check the result; nothing is written.

    Raises
    ------
    BadSource
        A label is not known, a row is unaccounted for, a value does not fit its table, or the file
        changed while it was read.
    """
    from .conform import conform
    from .corrections import correct

    states = States(record.names, record.rows("states"), source.name)
    try:
        parsed = source.parse(files, states)
        _check_unchanged(files)
        if states.unknown:
            raise _unknown_labels(source, states)
        parsed.check_sum(source.name)
        if not parsed.rows_kept:
            raise BadSource(f"{source.name}: the file holds no row that could be kept.")
        codes = set(states.rows)
        tables = correct(source.name, parsed)
        return parsed, {n: conform(source.name, n, f, codes) for n, f in tables.items()}
    except Exception as error:
        _check_unchanged(files)
        if isinstance(error, (MultipolarError, MemoryError)):
            raise
        if states.unknown:
            raise _unknown_labels(source, states) from None
        raise _unforeseen(source, error) from error


def _shrunk(old: Edition | None, tables: Mapping[str, pl.DataFrame]) -> list[str]:
    """Say where a new edition holds clearly fewer rows than the one it replaces."""
    if old is None:
        return []
    return [
        f"the edition before ({old.edition}) held {part.rows:,} rows of {name}, this one "
        f"{len(tables.get(name, ())):,}"
        for name, part in old.parts.items()
        if len(tables.get(name, ())) < 0.9 * part.rows
    ]


def _check_unchanged(files: Files) -> None:
    for raw in (raw for kind in files.by_kind.values() for raw in kind):
        if raw.stamp != raw.seen:
            raise BadSource(
                f"{raw.origin}: the file changed while it was read.", hint="Pull again."
            )


def _unforeseen(source: Source, error: Exception) -> BadSource:
    """Return the error for a file that broke a loader in a way that it does not know."""
    said = (str(error).splitlines() or [""])[0]
    return BadSource(
        f"{source.name}: the file cannot be read ({type(error).__name__}: {said[:200]}).",
        hint="If it is as published, please report this.",
    )


def summary(edition: Edition, *, unchanged: bool) -> dict[str, Any]:
    """Return what a pull prints."""
    told = edition.manifest
    return {
        "dataset": edition.dataset,
        "edition": edition.edition,
        "sha256": told["sha256"],
        "rows_read": told["rows_read"],
        "rows_kept": told["rows_kept"],
        "dropped": told["dropped"],
        "tables": {name: part.rows for name, part in edition.parts.items()},
        "from": told["from"],
        "until": told["until"],
        "notes": told["notes"],
        "corrections": told["corrections"],
        "unchanged": unchanged,
        "store": str(edition.directory),
    }


@contextmanager
def _obtained(
    source: Source, directory: Path, origins: Sequence[str], say: Say
) -> Iterator[tuple[Sequence[Path], Files]]:
    """Yield the files of a pull; what was downloaded for it is removed once it is in the store.

    It also goes where it cannot be read, so that the next pull asks for it anew; it stays, and the
    next pull goes on with it, where the pull was interrupted or the store could not be written.
    """
    addresses = [o for o in origins if "://" in o]
    if addresses and len(addresses) < len(origins):
        raise BadInput("--from takes files or addresses, not both at once.")
    wanted = addresses or [kind.url for kind in source.kinds if kind.url]
    if origins and not addresses:
        wanted, paths = [], [Path(o) for o in origins]
    elif wanted:
        from .fetch import fetch

        paths = [fetch(source, address, directory, say) for address in wanted]
    else:
        raise BadInput(
            f"{source.name} has no address from which a program can download it.",
            hint=f"Get it at {source.page} and name the file with --from.",
        )
    try:
        yield paths, find_files(source, paths, wanted)
    except BadSource:
        if wanted:
            remove(directory, DOWNLOAD)
        raise
    remove(directory, DOWNLOAD)


def _hashed(path: Path) -> tuple[Stamp, str]:
    """Return the hash of a file and its stamp before it was read.

    This begins before anything else is loaded, so that a large file costs no time of its own.
    """
    stamp = stamp_of(path)
    return stamp, file_hash(path)


def _hashes(
    files: Files, early: Mapping[str, Future[tuple[Stamp, str]]]
) -> list[tuple[RawFile, str]]:
    """Return the hash of every file; one made early counts if the file is still the same."""
    out = []
    for raw in (raw for kind in files.by_kind.values() for raw in kind):
        future = early.get(raw.origin)
        known = future.result() if future is not None and future.exception() is None else None
        out.append((raw, known[1] if known and known[0] == raw.seen else raw.sha256))
    return out


def _digest(hashes: Sequence[tuple[RawFile, str]]) -> str:
    """Return the hash of the one file, or of the sorted list of hashes of several."""
    if len(hashes) == 1:
        return hashes[0][1]
    return hashlib.sha256("\n".join(sorted(digest for _, digest in hashes)).encode()).hexdigest()


def _check_hash(source: Source, paths: Sequence[Path], files: Files, wanted: str) -> None:
    """Raise where the one file, or the one archive it came in, has another hash."""
    hashes = [(raw.origin, digest) for raw, digest in _hashes(files, {})]
    if len(paths) == 1 and paths[0].is_file():
        origin = hashes[0][0].split("!")[0]
        hashes = [(origin, file_hash(paths[0])), *(hashes if len(hashes) == 1 else ())]
    elif len(hashes) != 1:
        raise BadInput("--sha256 speaks of one file; several were given.")
    if wanted.strip().lower() not in [digest for _, digest in hashes]:
        raise BadSource(
            f"{source.name}: {hashes[0][0]} has the hash {hashes[0][1]}, not {wanted}.",
            hint="Nothing was pulled.",
        )


def _same(old: Edition, digest: str, source: Source) -> bool:
    """Say whether the store holds these very files, read by this loader, undamaged."""
    told = old.manifest
    if told["sha256"] != digest or told["loader"] != source.version:
        return False
    if told["multipolar"] != __version__ or told["corrections_sha256"] != _corrections_hash():
        return False
    try:
        for part in old.parts.values():
            check_part(part)
    except Damaged:
        return False
    return True


def _corrections_hash() -> str:
    from .corrections import PATH
    from .states import LABELS

    lists = [PATH, *sorted(LABELS.glob("*.csv"))]
    return hashlib.sha256(b"".join(path.read_bytes() for path in lists)).hexdigest()


def _unknown_labels(source: Source, states: States) -> BadSource:
    found = sorted(states.unknown, key=lambda k: (-states.unknown[k], k))
    shown = ", ".join(f"{label!r} ({scheme})" for scheme, label in found[:SHOWN])
    more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return BadSource(
        f"{source.name}: no state is known by the label {shown}{more}.",
        hint="Nothing was pulled; a new label belongs into the reviewed list (sources/labels).",
    )


def _manifest(
    source: Source,
    record: Record,
    files: Files,
    hashes: Sequence[tuple[RawFile, str]],
    digest: str,
    parsed: Parsed,
    tables: Mapping[str, pl.DataFrame],
) -> dict[str, Any]:
    from .corrections import applied

    told = record.keyed("datasets")[source.name]
    now = datetime.now(UTC).replace(microsecond=0).isoformat()
    return {
        "schema": SCHEMA,
        "dataset": source.name,
        "edition": parsed.edition,
        "title": told["title_en"],
        "title_zh": told["title_zh"],
        "publisher": told["publisher"],
        "url": source.page,
        "licence": told["licence"],
        "cite": source.cite,
        "loader": source.version,
        "multipolar": __version__,
        "corrections_sha256": _corrections_hash(),
        "sha256": digest,
        "pulled": now,
        "retrieved": now,
        "files": [
            {"name": raw.name, "origin": raw.origin, "sha256": found, "bytes": raw.size}
            for raw, found in hashes
        ],
        "rows_read": parsed.rows_read,
        "rows_kept": parsed.rows_kept,
        "dropped": [{"reason": r, "n": n} for r, n in parsed.dropped.items() if n],
        "notes": list(parsed.notes),
        "corrections": applied(source.name, parsed),
        "from": parsed.first.isoformat() if parsed.first else None,
        "until": parsed.last.isoformat() if parsed.last else None,
        "tables": {},
    }

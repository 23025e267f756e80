"""Editions of a dataset in a store: written aside, read back, put in force, and removed when old.

At every moment the store holds either the old edition or the new one. A pull that fails leaves
nothing; one that is killed leaves at most a folder that no reader looks at, and the next pull of the
dataset removes it. The edition before stays for `data diff`, and so does each that was in force a
minute ago, for those who are reading it.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import CannotWrite, MultipolarError, StoreBusy, StoreFault
from ..output import write_new
from ..record.library import PULLED, Damaged, Edition, check_part, current, file_hash, load_edition

if TYPE_CHECKING:
    import polars as pl

GRACE = 60.0
"""Seconds for which an edition that was replaced stays for those who have just opened it."""


@contextmanager
def writing(store: Path, name: str) -> Iterator[Path]:
    """Hold the right to write one dataset; yields its directory.

    The lock goes with the process, also when it is killed. Readers need none.
    """
    import filelock

    directory = store / "datasets" / name
    try:
        directory.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(directory / ".lock", timeout=0)
        lock.acquire()
    except filelock.Timeout:
        raise StoreBusy(
            f"another process is pulling {name} into {store}.", hint="Wait for it, then pull again."
        ) from None
    except OSError as error:
        raise _cannot_write(store, error) from None
    try:
        for begins in (".new-", ".gone-", ".multipolar-"):
            remove(directory, begins)
        yield directory
    except MultipolarError:
        raise
    except OSError as error:
        raise _cannot_write(store, error) from None
    finally:
        lock.release()


def _cannot_write(store: Path, error: OSError) -> StoreFault:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    reason = "the disk is full" if full else (error.strerror or str(error))
    return StoreFault(
        f"the store {store} cannot be written: {reason}.", hint="Nothing was changed."
    )


def remove(directory: Path, begins: str) -> None:
    """Remove what a pull that was killed left behind."""
    for left in directory.glob(f"{begins}*"):
        shutil.rmtree(left) if left.is_dir() else left.unlink()


def write_edition(
    directory: Path, manifest: dict[str, Any], tables: Mapping[str, pl.DataFrame]
) -> Edition:
    """Write an edition aside, read it back, and switch over to it."""
    aside = directory / f".new-{secrets.token_hex(4)}"
    place = aside
    try:
        aside.mkdir()
        for name, frame in tables.items():
            path = aside / f"{name}.parquet"
            _write_table(frame, path)
            manifest["tables"][name] = {
                "rows": frame.height,
                "bytes": path.stat().st_size,
                "sha256": file_hash(path),
            }
        told = (json.dumps(manifest, ensure_ascii=False, indent=1) + "\n").encode()
        (aside / "manifest.json").write_bytes(told)
        _sync(aside / "manifest.json")
        _sync(aside)
        _read_back(aside, tables)
        place = _free_place(directory, manifest)
        os.rename(aside, place)
        _sync(directory)
        _switch(directory, place.name, hashlib.sha256(told).hexdigest())
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        if _pointer(directory).get("version") != place.name:
            shutil.rmtree(place, ignore_errors=True)
        raise
    return load_edition(place)


def _write_table(frame: pl.DataFrame, path: Path) -> None:
    import polars as pl

    try:
        frame.write_parquet(path, compression="zstd", statistics=True, row_group_size=1 << 17)
    except pl.exceptions.PolarsError as error:
        number = re.search(r"\(os error (\d+)\)", str(error))
        if number is None:
            raise StoreFault(f"{path} cannot be written: {str(error).splitlines()[0]}.") from None
        raise OSError(int(number[1]), os.strerror(int(number[1])), str(path)) from None
    _sync(path)


def _free_place(directory: Path, manifest: Mapping[str, Any]) -> Path:
    version = f"{_slug(manifest['edition'])}-{manifest['sha256'][:12]}-{manifest['loader']}"
    place = directory / version
    number = 1
    while place.exists():
        number += 1
        place = directory / f"{version}.{number}"
    return place


def _switch(directory: Path, version: str, digest: str) -> None:
    """Put an edition in force: from here on readers see it, and before they saw the old one."""
    now = time.time()
    told = _pointer(directory)
    replaced = {v: t for v, t in told.get("replaced", {}).items() if now - t < GRACE}
    if "version" in told:
        replaced[told["version"]] = now
    old = in_force(directory)
    pointer = {
        "version": version,
        "manifest": digest,
        "before": old.version if old is not None else None,
        "replaced": replaced,
    }
    try:
        write_new(
            str(directory / "current.json"), (json.dumps(pointer) + "\n").encode(), force=True
        )
    except CannotWrite as error:
        raise StoreFault(error.message, hint="Nothing was changed.") from None
    with contextlib.suppress(OSError):
        (directory / PULLED).touch()
        _sync(directory)


def _pointer(directory: Path) -> dict[str, Any]:
    """Return what ``current.json`` holds; nothing where it is not there or not whole."""
    try:
        told = json.loads((directory / "current.json").read_bytes())
        whole = isinstance(told["version"], str) and isinstance(told.get("replaced", {}), dict)
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return told if whole else {}


def in_force(directory: Path) -> Edition | None:
    """Return the edition in force; None where there is none, or none that can be read."""
    try:
        return current(directory)
    except Damaged:
        return None


def _read_back(aside: Path, tables: Mapping[str, pl.DataFrame]) -> None:
    """Read what was written and compare it with what should be there."""
    import polars as pl

    for name, frame in tables.items():
        try:
            part = load_edition(aside).parts[name]
            check_part(part)
            found = pl.scan_parquet(part.path).select(pl.len()).collect().item()
        except (Damaged, pl.exceptions.PolarsError) as problem:
            raise StoreFault(f"what was written does not read back: {problem}.") from None
        if found != frame.height:
            raise StoreFault(f"{part.path} holds {found:,} rows, {frame.height:,} were written.")


def prune(directory: Path) -> None:
    """Remove folders that are neither in force, nor the edition before, nor just replaced.

    Where nothing says what is in force, everything stays. A folder goes in one step.
    """
    told = _pointer(directory)
    if not told:
        return
    now = time.time()
    recent = [v for v, t in told.get("replaced", {}).items() if now - t < GRACE]
    keep = {told["version"], told.get("before"), *recent}
    with contextlib.suppress(OSError):
        for path in directory.iterdir():
            if path.is_dir() and path.name not in keep and not path.name.startswith("."):
                gone = directory / f".gone-{secrets.token_hex(4)}"
                os.rename(path, gone)
                shutil.rmtree(gone, ignore_errors=True)


def _slug(text: str) -> str:
    return "".join(c if c.isalnum() or c in "-._" else "-" for c in text)[:60].lstrip(".")


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""Reports for every member of the United Nations, over several processes."""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from .errors import CannotWrite
from .output import check_new, write_new
from .record.store import Record

_SUFFIX = {"html": "html", "json": "json", "md": "md"}
_SHOW_AFTER_S = 2.0


def write_all(
    directory: Path,
    store: str | None,
    as_of: date | None,
    lang: str,
    format_: str,
    jobs: int | None,
    force: bool,
) -> None:
    """Write ``CODE.html`` (or json, md) for each UN member of the day into a directory.

    Raises
    ------
    CannotWrite
        The directory cannot be made, or holds one of the files already and ``force`` is not given;
        then nothing is written.
    """
    from . import api
    from .findings.view import check_day

    record = api.open(store)
    day = as_of or record.date
    check_day(record, day)
    codes = _members(record, day)
    paths = {code: str(directory / f"{code}.{_SUFFIX[format_]}") for code in codes}
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotWrite(f"{directory} cannot be made: {error.strerror}.") from None
    for path in paths.values():
        check_new(path, force=force)
    method = _method(record)
    if method == "fork":
        _warm(record, day, lang, format_, codes[0])
    work = [(code, paths[code], lang, format_, day) for code in codes]
    jobs = min(jobs or os.cpu_count() or 1, len(work))
    started = time.monotonic()
    done = 0
    for _ in _map(work, jobs, store, method):
        done += 1
        if time.monotonic() - started > _SHOW_AFTER_S and (done % 20 == 0 or done == len(work)):
            sys.stderr.write(f"multipolar: {done} of {len(work)} reports\n")
    print(f"{directory}: {done} reports")


def _members(record: Record, day: date) -> list[str]:
    from .rules.bodies import members_of

    roll = members_of(record, "un", day)
    return sorted(roll.members.ids) if roll.members else []


_RECORD: Record | None = None


def _warm(record: Record, day: date, lang: str, format_: str, code: str) -> None:
    """Load, index and compile once, so that forked workers share it."""
    global _RECORD
    _RECORD = record
    _make(code, lang, format_, day)


def _method(record: Record) -> str:
    """Return how workers start: forked, but anew where pulled datasets are read.

    The library that reads them runs threads, and a forked child of a process with threads can stand
    still for ever.
    """
    can_fork = "fork" in multiprocessing.get_all_start_methods()
    return "fork" if can_fork and not record.library.editions else "spawn"


def _map(
    work: list[tuple[str, str, str, str, date]], jobs: int, store: str | None, method: str
) -> Iterator[str]:
    if jobs == 1:
        _start(store)
        yield from map(_one, work)
        return
    context = multiprocessing.get_context(method)
    with ProcessPoolExecutor(jobs, context, _start, (store,)) as pool:
        try:
            with _without_interrupt():
                made = pool.map(_one, work, chunksize=4)
            yield from made
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


@contextmanager
def _without_interrupt() -> Iterator[None]:
    """Put Ctrl-C off while workers are started; they inherit that, and never see it.

    One that arrived within a fork would leave a child that is neither at work nor at its end.
    """
    import signal

    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _start(store: str | None) -> None:
    """Prepare a worker; Ctrl-C is handled by the parent."""
    import signal

    global _RECORD
    if multiprocessing.parent_process() is not None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    if _RECORD is None:
        from . import api

        _RECORD = api.open(store)


def _one(item: tuple[str, str, str, str, date]) -> str:
    code, path, lang, format_, day = item
    write_new(path, _make(code, lang, format_, day), force=True)
    return code


def _make(code: str, lang: str, format_: str, day: date) -> bytes:
    from . import api

    assert _RECORD is not None
    made = api.report(_RECORD, code, as_of=day, lang=lang)
    if format_ == "html":
        return made.html.encode()
    if format_ == "md":
        return made.markdown.encode()
    return (json.dumps(made.to_dict(), ensure_ascii=False, indent=2) + "\n").encode()

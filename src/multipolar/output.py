"""Files written whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
import tempfile

from .errors import CannotWrite


class OutputClosed(BaseException):
    """The reader of standard output went away; not an Exception, so that no library hides it."""


def write_standard(data: bytes) -> None:
    """Write to standard output, all of it.

    Where Python runs unbuffered, one write to a pipe may take only a part.

    Raises
    ------
    OutputClosed
        The reader has closed it.
    """
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[sys.stdout.buffer.write(rest) :]
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise OutputClosed from None


def check_new(path: str, *, force: bool) -> None:
    """Raise CannotWrite where a file would be overwritten or its directory does not exist."""
    if not path:
        raise CannotWrite("-o names no file.", hint="Name one, as in -o report.html.")
    if os.path.isdir(path):
        raise CannotWrite(f"{path} is a directory.", hint="Name a file.")
    if os.path.lexists(path) and not force and not _special(path):
        raise CannotWrite(f"{path} exists.", hint="Use --force to replace it.")
    parent = os.path.dirname(os.path.abspath(path))
    if not os.path.isdir(parent):
        raise CannotWrite(f"{path}: there is no directory {parent}.", hint="Make it first.")


def write_new(path: str, data: bytes, *, force: bool = False) -> None:
    """Write a file beside its place and rename it there; on any failure nothing is left behind.

    A device or pipe (``/dev/stdout``) is written to directly.
    """
    check_new(path, force=force)
    try:
        if _special(path):
            with open(path, "wb") as handle:
                handle.write(data)
            return
        _replace(path, data)
    except OSError as error:
        reason = (
            "the disk is full" if error.errno == errno.ENOSPC else (error.strerror or str(error))
        )
        raise CannotWrite(f"{path} cannot be written: {reason}.") from None


def _replace(path: str, data: bytes) -> None:
    parent = os.path.dirname(os.path.abspath(path))
    descriptor, aside = tempfile.mkstemp(prefix=".multipolar-", dir=parent)
    try:
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(data)
            handle.flush()
            os.fsync(handle.fileno())
        os.chmod(aside, 0o666 & ~_umask())
        os.replace(aside, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(aside)
        raise


def _special(path: str) -> bool:
    try:
        return not stat.S_ISREG(os.stat(path).st_mode)
    except OSError:
        return False


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask

"""What a source module says of its publisher, and what its parser hands back.

A module of this room describes one dataset: where it lives, how it may be used and cited, what its
files look like, what is known to be wrong with it, and how to read it. It knows its publisher's form
and nothing else; finding files, downloading, checking and writing are done elsewhere for all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from ..errors import BadSource

if TYPE_CHECKING:
    import polars as pl

    from .files import RawFile
    from .states import States

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class FileKind:
    """One kind of file that a publisher offers.

    Attributes
    ----------
    name : str
        What the loader calls it.
    what : str
        How to describe it to somebody who has the wrong file: its form and a telling column.
    fits : function of RawFile to bool
        Whether a file is of this kind, from its name and its first bytes; never from its name alone.
    url : str
        Where it can be downloaded directly; empty where the publisher has no stable address.
    required : bool
        Whether the dataset cannot be read without it.
    many : bool
        Whether there may be several (one per year, one per congress).
    """

    name: str
    what: str
    fits: Callable[[RawFile], bool]
    url: str = ""
    required: bool = True
    many: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """A dataset of a publisher.

    Attributes
    ----------
    name : str
        Name on the command line.
    version : int
        Version of the loader; a higher one makes a pull read the same file again.
    page : str
        The publisher's page; the address that is cited.
    hosts : tuple of str
        Hosts from which it may be downloaded, redirects included.
    cite : str
        How the publisher asks to be cited.
    kinds : tuple of FileKind
        Its files.
    covers : str
        What it covers.
    defects : tuple of str
        What is known to be wrong with it, and what the loader does about it.
    parse : function
        Reads the files into tables.
    most_bytes : int
        Limit on one file, as downloaded and as unpacked.
    """

    name: str
    version: int
    page: str
    hosts: tuple[str, ...]
    cite: str
    kinds: tuple[FileKind, ...]
    covers: str
    defects: tuple[str, ...]
    parse: Callable[[Files, States], Parsed]
    most_bytes: int = 512 * MIB


@dataclass(frozen=True, slots=True)
class Files:
    """The files of one pull, sorted by kind."""

    dataset: str
    by_kind: Mapping[str, Sequence[RawFile]]

    def one(self, kind: str) -> RawFile:
        """Return the file of a kind; the caller knows that it is there."""
        return self.by_kind[kind][0]

    def maybe(self, kind: str) -> RawFile | None:
        """Return the file of a kind, or None."""
        return next(iter(self.by_kind.get(kind, ())), None)

    def all(self, kind: str) -> Sequence[RawFile]:
        """Return the files of a kind, in the order of their names."""
        return self.by_kind.get(kind, ())


@dataclass
class Parsed:
    """What a parser read.

    Attributes
    ----------
    edition : str
        What the publisher calls this edition, or the last day it covers, in ISO form.
    tables : dict of str to frame
        Rows in the columns of `record.tables` and `record.bulk`; columns left out are empty.
    rows_read, rows_kept : int
        Rows of the publisher's files, and those that stand in the tables. ``rows_read`` is
        ``rows_kept`` plus all that is in ``dropped``; a parser that cannot say so is wrong.
    dropped : dict of str to int
        Rows left out, by reason.
    notes : list of str
        Doubts a user should see: totals that do not add up, labels read by a rule.
    first, last : date or None
        First and last day covered.
    """

    edition: str
    tables: dict[str, pl.DataFrame]
    rows_read: int
    rows_kept: int
    dropped: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    first: date | None = None
    last: date | None = None

    def check_sum(self, dataset: str) -> None:
        """Raise BadSource where rows were lost without a reason."""
        lost = self.rows_read - self.rows_kept - sum(self.dropped.values())
        if lost:
            raise BadSource(
                f"{dataset}: {lost:,} of {self.rows_read:,} rows are unaccounted for.",
                hint="This is a fault of the loader; please report it.",
            )


def bad(file: str, problem: str, *, row: int | None = None, hint: str = "") -> BadSource:
    """Return the error for a file that is not what the loader knows."""
    at = f"{file}, row {row}" if row is not None else file
    return BadSource(f"{at}: {problem}.", hint=hint)

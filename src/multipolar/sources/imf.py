"""Votes in the Board of Governors of the International Monetary Fund, as its page of quotas lists them.

The page has a table per letter and a table of totals. A row names the member, its quota and votes, and
its governors; the governors are passed over. A plain CSV of the same page is read too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain

import polars as pl

from .files import RawFile
from .formats.office import page_text, read_page_tables
from .formats.text import read_rows
from .source import MIB, FileKind, Files, Parsed, Source, bad
from .states import States

COMPARED = "the same list as CSV, only compared with the page"
_PERCENT = "Percent of Total"
_HEADS = ["Member", "Millions of SDRs", _PERCENT, "Governor Alternate", "Number", _PERCENT]
_GROUPS = ["", "QUOTA", "", "VOTES"]
_TOTALS = "TOTALS"
_CSV = ("member", "quota_sdr_million", "quota_percent", "votes", "votes_percent")
_UPDATED = re.compile(r"Last Updated:\s*([A-Z][a-z]+ \d{1,2}, \d{4})")
_DAY = re.compile(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)")
_MARKS = re.compile(r"[\s\d,*]+$")
_VOTES = re.compile(r"\d{1,3}(,\d{3})*|\d+")


@dataclass(frozen=True)
class Listing:
    """Members and votes as one file prints them.

    Attributes
    ----------
    day : date
        The day that the file gives for itself.
    votes : dict of str to int
        Votes by member, the marks of notes taken off.
    total : int or None
        The file's own sum.
    """

    day: date
    votes: dict[str, int]
    total: int | None


def parse(files: Files, states: States) -> Parsed:
    """Read one edition of the list: one row per member."""
    page, plain = files.maybe("page"), files.maybe("table")
    listing = _from_page(page) if page is not None else _from_csv(files.one("table"))
    notes, dropped = list(_about_total(listing)), Counter[str]()
    if page is not None and plain is not None:
        other = _from_csv(plain)
        notes.append(_compared(listing, other, page, plain))
        dropped[COMPARED] = len(other.votes)
    total = listing.total if listing.total is not None else sum(listing.votes.values())
    rows = [
        {"state_id": state, "weight": float(votes), "total": float(total)}
        for member, votes in listing.votes.items()
        if (state := states.find(member, listing.day)) is not None
    ]
    dropped["label not known"] = len(listing.votes) - len(rows)
    schema = {"state_id": pl.String, "weight": pl.Float64, "total": pl.Float64}
    edition = listing.day.isoformat()
    words = {"body_id": "imf", "edition": edition, "weight_name": "votes", "basis": "as_listed"}
    frame = pl.DataFrame(rows, schema=schema).with_columns(
        *(pl.lit(word).alias(name) for name, word in words.items()),
        pl.lit(listing.day).alias("start"),
        pl.lit(None, dtype=pl.Date).alias("end"),
    )
    return Parsed(
        edition=edition,
        tables={"weights": frame},
        rows_read=len(listing.votes) + dropped[COMPARED],
        rows_kept=frame.height,
        dropped={reason: n for reason, n in dropped.items() if n},
        notes=notes,
        first=listing.day,
        last=listing.day,
    )


def _about_total(listing: Listing) -> Iterable[str]:
    summed = sum(listing.votes.values())
    if listing.total is not None and summed != listing.total:
        yield (
            f"the votes of the {len(listing.votes)} members add up to {summed:,}, the total printed is "
            f"{listing.total:,}"
        )


def _compared(listing: Listing, other: Listing, page: RawFile, plain: RawFile) -> str:
    """Return how the CSV differs from the page; two editions at once are refused."""
    if listing.day != other.day:
        raise bad(
            plain.name,
            f"is of {other.day}, {page.name} of {listing.day}",
            hint="Name one of them with --from.",
        )
    names = sorted(set(listing.votes) | set(other.votes))
    differ = [name for name in names if listing.votes.get(name) != other.votes.get(name)]
    said = f": {', '.join(differ[:8])}" if differ else ""
    return f"the CSV differs from the page in {len(differ)} of {len(names)} members{said}"


# --- the two forms ------------------------------------------------------------------------------


def _from_page(raw: RawFile) -> Listing:
    """Read the page: rows of six cells, and after the heading TOTALS one row without a member."""
    votes: dict[str, int] = {}
    total: int | None = None
    ended = False
    for number, row in enumerate(chain.from_iterable(read_page_tables(raw)), start=1):
        plain = [_MARKS.sub("", cell) for cell in row]
        if len(row) == 1 and row[0].startswith(_TOTALS):
            ended = True
        elif plain in (_HEADS, _GROUPS) or not any(row):
            continue
        elif len(row) != len(_HEADS) or not row[4] or plain[0] == _HEADS[0]:
            raise bad(raw.name, f"row {number} of the tables has an unknown form: {row[:1]}")
        elif ended:
            total = _number(raw, row[4], number)
        else:
            _add(raw, votes, row[0], row[4], number)
    if not votes:
        raise bad(raw.name, "holds no member with votes")
    if total is None:
        raise bad(raw.name, f"has no row after {_TOTALS!r}: the page is cut off")
    found = _UPDATED.search(page_text(raw))
    if found is None:
        raise bad(raw.name, "does not say when it was last updated")
    return Listing(_date(raw, found.group(1), "%B %d, %Y"), votes, total)


def _from_csv(raw: RawFile) -> Listing:
    """Read the CSV, which is of the day in its name and prints no total."""
    found = set(_DAY.findall(raw.name))
    if len(found) != 1:
        raise bad(
            raw.name,
            "the file's name does not give its one day, and nothing inside does",
            hint="Name it as imf_members_quotas_YYYY-MM-DD.csv.",
        )
    votes: dict[str, int] = {}
    for line in read_rows(raw, _CSV).iter_rows(named=True):
        _add(raw, votes, line["member"], line["votes"], line["_row"])
    return Listing(_date(raw, found.pop(), "%Y-%m-%d"), votes, None)


def _add(raw: RawFile, votes: dict[str, int], printed: str, number: str, row: int) -> None:
    """Add a member, the marks of notes taken off its name."""
    member = _MARKS.sub("", printed).strip()
    if not member:
        raise bad(raw.name, f"votes {number!r} without a member", row=row)
    if member in votes:
        raise bad(raw.name, f"{member!r} stands twice", row=row)
    votes[member] = _number(raw, number, row)


def _number(raw: RawFile, text: str, row: int) -> int:
    if not _VOTES.fullmatch(text):
        raise bad(raw.name, f"{text!r} is not a number of votes", row=row)
    return int(text.replace(",", ""))


def _date(raw: RawFile, text: str, form: str) -> date:
    try:
        return datetime.strptime(text, form).date()
    except ValueError:
        raise bad(raw.name, f"{text!r} is not a date") from None


def _is_page(raw: RawFile) -> bool:
    """Say whether this is the page of quotas; the page of directors has no column of quotas."""
    return raw.is_page() and b"Millions of SDRs" in b" ".join(raw.content.split())


SOURCE = Source(
    name="imf",
    version=1,
    page="https://www.imf.org/en/About/executive-board/members-quotas",
    hosts=("www.imf.org", "imf.org"),
    cite="International Monetary Fund, IMF Members' Quotas and Voting Power, and IMF Board of Governors.",
    kinds=(
        FileKind(
            "page",
            "the web page of members' quotas and votes, with a column Millions of SDRs",
            _is_page,
            url="https://www.imf.org/en/About/executive-board/members-quotas",
            required=False,
        ),
        FileKind(
            "table",
            "a CSV file with the columns member, quota_sdr_million, votes",
            lambda raw: set(_CSV) <= set(raw.header()),
            required=False,
        ),
    ),
    covers="Votes of every member on the day on which the page was last updated.",
    defects=(
        "Numbers of notes are glued to names and headings; the loader takes them off.",
        "The page says when it was last updated, not from when to when its votes hold.",
        "Governors are passed over: no name of a person is read into the store.",
        "Percentages do not add up to 100 on the page; shares follow from the votes.",
    ),
    parse=parse,
    most_bytes=32 * MIB,
)

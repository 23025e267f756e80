"""The forms in which parties to a treaty are published: conversions to CSV, and the depositary's own."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from .files import RawFile
from .formats.text import read_rows
from .source import bad

AGREEMENT_COLUMNS = ("Code", "Name", "Signature", "Ratification", "Kind", "Date-Of-Effect")
JOINED = "Ratification-Acceptance-Accession-Approval-Succession"
CONVENTION_COLUMNS = ("Code", "Name", "Signature", JOINED, "Kind")
_PARTICIPANTS = ("Participant", "Signature")
KINDS = {
    "": "Ratification",
    "A": "Acceptance",
    "a": "Accession",
    "AA": "Approval",
    "d": "Succession",
}
"""The depositary's letter after a date, and the act."""
_MEANS = {f"{act}({letter})" if letter else act for letter, act in KINDS.items()}
_ROWS = "Treaty/Participants/Table/TGroup/Tbody/Rows/Row"
_ACT = re.compile(r"(\[)?\s*(\d{1,2} [A-Z][a-z]{2} \d{4})(?: (AA|A|a|d))?\s*(\])?")
_NOTES = re.compile(r"<superscript>.*?</superscript>|[\d,\s]+$", re.DOTALL)


@dataclass(frozen=True)
class Treaty:
    """A treaty of this dataset, and when it binds whoever joins.

    Attributes
    ----------
    body_id, label : str
        Our id and its name.
    name : pattern
        What the name of a file of its participants holds.
    in_force : date
        Day on which it entered into force.
    after : int
        Days from the deposit of an instrument until it binds a party that joins later.
    """

    body_id: str
    label: str
    name: re.Pattern[str]
    in_force: date
    after: int

    def binds(self, joined: date) -> date:
        """Return the day from which a party that deposited its instrument is bound."""
        return max(self.in_force, joined + timedelta(days=self.after))


AGREEMENT = Treaty(
    "paris-agreement",
    "Paris Agreement",
    re.compile(r"(?<![a-z0-9])(27|xxvii)-7-d(?![a-z0-9])"),
    date(2016, 11, 4),
    30,
)
"""Article 21: the thirtieth day after the deposit."""
CONVENTION = Treaty(
    "unfccc",
    "United Nations Framework Convention on Climate Change",
    re.compile(r"(?<![a-z0-9])(27|xxvii)-7(?!-?[a-z0-9])"),
    date(1994, 3, 21),
    90,
)
"""Article 23: the ninetieth day after the deposit."""


@dataclass(frozen=True)
class Party:
    """A row of a table of parties; empty days are None."""

    label: str
    scheme: str
    signed: date | None
    joined: date | None
    means: str
    bound: date | None
    bracketed: bool = False


def checked(raw: RawFile, parties: Iterable[Party]) -> list[Party]:
    """Return a list of parties in which each stands once and has done something."""
    found: dict[str, Party] = {}
    for party in parties:
        if party.label in found:
            raise bad(raw.name, f"{party.label!r} stands twice")
        if party.signed is None and party.joined is None:
            raise bad(raw.name, f"{party.label!r} has neither signed nor joined")
        if party.means and party.means not in KINDS.values():
            raise bad(raw.name, f"{party.label!r}: {party.means!r} is no way of joining")
        if bool(party.means) != bool(party.joined):
            raise bad(
                raw.name, f"{party.label!r} has a kind without a date of joining, or the reverse"
            )
        found[party.label] = party
    if not found:
        raise bad(raw.name, "holds no party")
    return list(found.values())


def from_agreement(raw: RawFile) -> Iterable[Party]:
    """Read the CSV of the Agreement, which gives the day from which each party is bound."""
    frame = read_rows(raw, AGREEMENT_COLUMNS, passed_over=("Emissions", "Percentage", "Year"))
    for line in frame.iter_rows(named=True):
        signed, joined, bound = (
            _day(raw, line[name], line["_row"])
            for name in ("Signature", "Ratification", "Date-Of-Effect")
        )
        yield Party(line["Code"], "iso3", signed, joined, line["Kind"], bound)


def from_convention(raw: RawFile) -> Iterable[Party]:
    """Read the CSV of the Convention."""
    for line in read_rows(raw, CONVENTION_COLUMNS).iter_rows(named=True):
        signed, joined = (_day(raw, line[name], line["_row"]) for name in ("Signature", JOINED))
        bound = _bound(CONVENTION, joined, line["Kind"])
        yield Party(line["Code"], "iso3", signed, joined, line["Kind"], bound)


def from_participants(raw: RawFile, treaty: Treaty) -> Iterable[Party]:
    """Read a table of participants as copied from the depositary's page."""
    head = _third(raw)
    for line in read_rows(raw, (*_PARTICIPANTS, head)).iter_rows(named=True):
        yield _party(raw, treaty, line["Participant"], line["Signature"], line[head], line["_row"])


def from_xml(raw: RawFile) -> Iterable[Party]:
    """Read the depositary's record: three entries a row, marks of notes in the first."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)
    try:
        root = etree.fromstring(raw.content, parser)
    except etree.XMLSyntaxError as error:
        raise bad(raw.name, f"is not whole XML: {error}") from None
    for number, row in enumerate(root.iterfind(_ROWS), start=1):
        cells = ["".join(entry.itertext()) for entry in row.iterfind("Entry")]
        if len(cells) != 3:
            raise bad(raw.name, f"row {number} has {len(cells)} entries, 3 expected")
        yield _party(raw, AGREEMENT, cells[0], cells[1], cells[2], number)


def _party(raw: RawFile, treaty: Treaty, name: str, signed: str, joined: str, row: int) -> Party:
    """Return a participant as the depositary prints it: '22 Apr 2016', '[20 Jan 2021 A]'."""
    label = _NOTES.sub("", name).strip()
    if not label:
        raise bad(raw.name, "a participant without a name", row=row)
    day, letter, early = _act(raw, signed, row)
    if letter:
        raise bad(raw.name, f"{signed!r} is not a date of signature", row=row)
    entered, letter, late = _act(raw, joined, row)
    means = KINDS[letter] if entered else ""
    bound = _bound(treaty, entered, means)
    return Party(label, "name", day, entered, means, bound, early or late)


def _act(raw: RawFile, text: str, row: int) -> tuple[date | None, str, bool]:
    """Return the day of an act, the letter after it, and whether it stands in brackets."""
    folded = " ".join(text.split())
    if not folded:
        return None, "", False
    match = _ACT.fullmatch(folded)
    if match is None or bool(match[1]) != bool(match[4]):
        raise bad(raw.name, f"{folded!r} is not a date (22 Apr 2016) and a letter", row=row)
    try:
        day = datetime.strptime(match[2], "%d %b %Y").date()
    except ValueError:
        raise bad(raw.name, f"{folded!r} is not a date", row=row) from None
    return day, match[3] or "", bool(match[1])


def _bound(treaty: Treaty, joined: date | None, means: str) -> date | None:
    """Return the day from which a party is bound; for a successor no table gives it."""
    return treaty.binds(joined) if joined and means != KINDS["d"] else None


def _day(raw: RawFile, text: str, row: int) -> date | None:
    if not text:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise bad(raw.name, f"{text!r} is not a date (YYYY-MM-DD)", row=row) from None


def _third(raw: RawFile) -> str:
    """Return the head of the column of acts: 'Ratification, Acceptance(A), Accession(a)'."""
    cells = _header(raw)
    return cells[2] if len(cells) == 3 else ""


def _header(raw: RawFile) -> list[str]:
    """Return the cells of the first line, quoted commas kept."""
    line = raw.head.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0]
    return next(csv.reader([line.decode("utf-8", "replace").rstrip("\r")]), [])


def is_participants(raw: RawFile) -> bool:
    """Say whether this lists participants of a treaty of this dataset; only its name says which."""
    cells = _header(raw)
    return (
        tuple(cells[:2]) == _PARTICIPANTS
        and {part.strip() for part in _third(raw).split(",")} <= _MEANS
        and any(treaty.name.search(raw.name.lower()) for treaty in (AGREEMENT, CONVENTION))
    )


def is_xml(raw: RawFile) -> bool:
    """Say whether this is the depositary's record of the Agreement."""
    if not raw.head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<?xml"):
        return False
    return b"<Participants" in raw.content and b"Paris Agreement" in raw.content

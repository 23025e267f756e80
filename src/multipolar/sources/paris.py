"""Parties to the Paris Agreement and to the Convention: when each signed, joined, and is bound.

The depositary's record of the Agreement is an XML file of the United Nations Treaty Collection. Two
CSV conversions, of the Agreement and of the Convention, are kept by Open Climate Data, and tables of
participants of single treaties are in circulation as copied from the depositary's pages.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import polars as pl

from . import paris_forms as forms
from .files import RawFile
from .source import MIB, FileKind, Files, Parsed, Source, bad
from .states import States


def parse(files: Files, states: States) -> Parsed:
    """Read the tables of parties; a signatory that has not joined is a signatory, not a member."""
    lists = _lists(files)
    rows, notes, n = [], [], 0
    acts: list[date] = []
    for treaty, parties in lists.items():
        days = [day for p in parties for day in (p.signed, p.joined) if day is not None]
        acts += days
        n += len(parties)
        for party in parties:
            # A list of parties names them as they are on its own day.
            state = states.find(party.label, max(days), party.scheme)
            if state is not None:
                rows.append(_row(treaty, party, state))
        if bracketed := [party.label for party in parties if party.bracketed]:
            notes.append(
                f"{treaty.label}: the depositary prints a date in brackets for {', '.join(bracketed)}; "
                "its notes tell why, and withdrawals stand in the table of exits"
            )
    last = max(acts, default=None)
    return Parsed(
        edition=last.isoformat() if last else "",
        tables={"memberships": pl.DataFrame(rows, schema=_SCHEMA)},
        rows_read=n,
        rows_kept=len(rows),
        dropped={"label not known": n - len(rows)} if n > len(rows) else {},
        notes=notes,
        first=min(acts, default=None),
        last=last,
    )


_SCHEMA = {
    **dict.fromkeys(("body_id", "state_id", "status"), pl.String),
    "start": pl.Date,
    **dict.fromkeys(("start_precision", "body_label"), pl.String),
    **dict.fromkeys(("signed", "ratified"), pl.Date),
    "means": pl.String,
}


def _row(treaty: forms.Treaty, party: forms.Party, state: str) -> dict[str, object]:
    """Return a row of `memberships`; a successor is bound from a day that the tables do not give."""
    start = party.bound if party.joined else party.signed
    return {
        "body_id": treaty.body_id,
        "state_id": state,
        "status": "member" if party.joined else "signatory",
        "start": start,
        "start_precision": "day" if start else None,
        "body_label": treaty.label,
        "signed": party.signed,
        "ratified": party.joined,
        "means": party.means or None,
    }


def _lists(files: Files) -> dict[forms.Treaty, list[forms.Party]]:
    """Return the parties by treaty; two files on one treaty are refused."""
    read: dict[forms.Treaty, list[forms.Party]] = {}
    names: dict[forms.Treaty, str] = {}

    def add(treaty: forms.Treaty, raw: RawFile, parties: Iterable[forms.Party]) -> None:
        if treaty in names:
            raise bad(
                raw.name,
                f"and {names[treaty]} are both of {treaty.label}",
                hint="Name one of them with --from.",
            )
        names[treaty] = raw.name
        read[treaty] = forms.checked(raw, parties)

    for raw in files.all("depositary"):
        add(forms.AGREEMENT, raw, forms.from_xml(raw))
    for raw in files.all("participants"):
        treaty = next(
            t for t in (forms.AGREEMENT, forms.CONVENTION) if t.name.search(raw.name.lower())
        )
        add(treaty, raw, forms.from_participants(raw, treaty))
    for raw in files.all("agreement"):
        add(forms.AGREEMENT, raw, forms.from_agreement(raw))
    for raw in files.all("convention"):
        add(forms.CONVENTION, raw, forms.from_convention(raw))
    return read


SOURCE = Source(
    name="paris",
    version=1,
    page="https://treaties.un.org/Pages/ViewDetails.aspx?src=TREATY&mtdsg_no=XXVII-7-d&chapter=27&clang=_en",
    hosts=("treaties.un.org", "raw.githubusercontent.com"),
    cite="United Nations Treaty Collection, chapter XXVII, 7.d, Paris Agreement, status of ratification.",
    kinds=(
        FileKind(
            "agreement",
            "a CSV table with the columns Code, Signature, Ratification, Date-Of-Effect",
            lambda raw: set(forms.AGREEMENT_COLUMNS) <= set(raw.header()),
            required=False,
        ),
        FileKind(
            "convention",
            f"a CSV table with the columns Code, Signature, {forms.JOINED}",
            lambda raw: set(forms.CONVENTION_COLUMNS) <= set(raw.header()),
            required=False,
        ),
        FileKind(
            "depositary",
            "the depositary's XML record of the Paris Agreement",
            forms.is_xml,
            url="https://treaties.un.org/doc/Publication/MTDSG/Volume%20II/Chapter%20XXVII/xxvii-7-d.en.xml",
            required=False,
        ),
        FileKind(
            "participants",
            "a CSV table with the columns Participant, Signature (27-7.csv or 27-7-d.csv)",
            forms.is_participants,
            required=False,
            many=True,
        ),
    ),
    covers="Signature, ratification and entry into force for each party to the Paris Agreement, from "
    "22 April 2016, and to the Framework Convention on Climate Change, from 4 June 1992.",
    defects=(
        "No table has a column for withdrawals: exits stand in the almanac.",
        "Whoever left and came back has only the later date of joining.",
        "Only the CSV of the Agreement says from when a party is bound; elsewhere it follows from the text.",
        "The day from which a successor is bound is empty: no table gives it.",
        "Parties are named as on the list's own day: a state that continues another has its date.",
        "The depositary prints some dates in brackets; they are read and noted.",
    ),
    parse=parse,
    most_bytes=32 * MIB,
)

"""Trade agreements and what happened to them (DESTA): agreements, accessions, protocols, withdrawals.

The list has one row per entry, with the ISO numbers of the states it names in the columns c1, c2… and
their part in it in mc1, mc2…. It is published as delimited text (comma or semicolon) and as a workbook
with the list on a later sheet. The form by pairs of states is read where the list is not given.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from typing import Any

import polars as pl

from .codes import BEFORE, meanings
from .desta_forms import NOTHING, Entry, from_list, from_pairs, is_list, is_pairs
from .files import RawFile
from .source import MIB, FileKind, Files, Parsed, Source, bad
from .states import States

ENTRIES = {
    "base_treaty": "base_treaty",
    "accession": "accession",
    "negotiation": "negotiation",
    "protocol or amendment": "protocol",
    "protocol": "protocol",
    "amendment": "protocol",
    "withdrawal": "withdrawal",
    "consolidated": "consolidated",
}
"""The publisher's word and ours."""
KINDS = ("1", "2", "3", "4", "5", "6", "7")


def parse(files: Files, states: States) -> Parsed:
    """Read the entries and whom each names; of both forms the list."""
    listed, pairs = files.maybe("list"), files.all("pairs")
    raw = listed if listed is not None else pairs[0]
    if listed is not None:
        entries, notes = from_list(listed)
        rows = len(entries)
        notes += [f"{other.name} is the form by pairs and was passed over." for other in pairs]
    else:
        entries, rows = from_pairs(pairs)
        notes = ["Read from the form by pairs, which does not say who joins or leaves."]
    years = [int(e.cells["year"]) for e in entries if e.cells["year"] not in NOTHING]
    if not years:
        raise bad(raw.name, "no entry has a year")
    members = _members(entries, states, max(years), notes)
    return Parsed(
        edition=_edition(raw, max(years)),
        tables={"agreements": _agreements(raw, entries), "agreement_members": members},
        rows_read=rows,
        rows_kept=rows,
        notes=notes,
        first=date(min(years), 1, 1),
        last=date(max(years), 12, 31),
    )


def _agreements(raw: RawFile, entries: list[Entry]) -> pl.DataFrame:
    rows = []
    for entry in entries:
        cells = entry.cells
        if cells["entry_type"] not in ENTRIES:
            raise bad(raw.name, f"{cells['entry_type']!r} is no known kind of entry", row=entry.row)
        kind = cells.get("typememb", "")
        if kind not in (*KINDS, ""):
            raise bad(raw.name, f"typememb is {kind!r}, not 1 to 7", row=entry.row)
        rows.append(
            {
                "agreement_id": _id(entry),
                "base_id": cells["base_treaty"],
                "title_en": " ".join(cells["name"].split()),
                "entry": ENTRIES[cells["entry_type"]],
                "year": _year(raw, entry, "year"),
                "in_force_year": _year(raw, entry, "entryforceyear"),
                "kind": kind or None,
                "members_n": len({code for code, _ in entry.members}),
            }
        )
    frame = pl.DataFrame(rows, infer_schema_length=None)
    twice = frame.filter(pl.col("agreement_id").is_duplicated())
    if twice.height:
        raise bad(
            raw.name, f"number {twice['agreement_id'][0].removeprefix('desta-')!r} stands twice"
        )
    return frame


def _members(entries: list[Entry], states: States, undated: int, notes: list[str]) -> pl.DataFrame:
    """Return whom the entries name; an entry without a year is read as of the last year of the list."""
    rows: list[dict[str, Any]] = []
    again: Counter[str] = Counter()
    for entry in entries:
        text = entry.cells["year"]
        year = int(text) if text not in NOTHING else undated
        seen: set[str] = set()
        for code, part in entry.members:
            if code in seen:
                again[entry.cells["number"]] += 1
                continue
            seen.add(code)
            rows.append(
                {
                    "agreement_id": _id(entry),
                    "member_label": code,
                    "role": _role(entry, part),
                    "role_label": part or None,
                    "code": int(code),
                    "year": year,
                }
            )
    frame = pl.DataFrame(
        rows,
        infer_schema_length=None,
        schema_overrides={"role": pl.String, "role_label": pl.String},
    )
    read = meanings(states, frame.select("code", "year").unique().iter_rows(), "m49")
    frame = frame.join(read, on=["code", "year"], how="left", maintain_order="left")
    if again:
        notes.append(f"Entries that name a member twice (once here): {', '.join(sorted(again))}.")
    undated_n = sum(entry.cells["year"] in NOTHING for entry in entries)
    if undated_n:
        notes.append(f"{undated_n:,} entries have no year; their members are read as of {undated}.")
    if early := frame.filter(how=BEFORE).height:
        notes.append(
            f"{early:,} members are named before the state began: territories, or states to be."
        )
    outside = frame.filter(pl.col("state").is_null())
    if outside.height:
        codes = ", ".join(sorted(set(outside["member_label"].to_list())))
        notes.append(
            f"Members that the registry does not have: {outside.height:,} (numbers {codes})."
        )
    return frame.select(
        "agreement_id", pl.col("state").alias("state_id"), "member_label", "role", "role_label"
    )


def _role(entry: Entry, part: str) -> str | None:
    """Return what an entry says of a member.

    In a withdrawal 1 marks who leaves and 2 who stays; in an accession 1 marks who joins. Where an
    agreement of a group with a third party (3) takes in new members of the group, these are marked 2.
    """
    kind = entry.cells["entry_type"]
    if kind == "withdrawal":
        return {"1": "leaves", "2": "stays"}.get(part)
    if kind != "accession":
        return "party"
    parts = {p for _, p in entry.members}
    joins = "1" if "1" in parts else "2" if "3" in parts else ""
    return None if not part else "joins" if part == joins else "party"


def _id(entry: Entry) -> str:
    return f"desta-{entry.cells['number']}"


def _year(raw: RawFile, entry: Entry, name: str) -> int | None:
    text = entry.cells[name]
    if text in NOTHING:
        return None
    if not re.fullmatch(r"(19|20)\d\d", text):
        raise bad(raw.name, f"{name} is {text!r}, not a year", row=entry.row)
    return int(text)


def _edition(raw: RawFile, last: int) -> str:
    """Return the version in the file's name, as the publisher writes it, or the last day covered."""
    found = re.search(r"_(\d\d)_(\d\d)(?!\d)", raw.name)
    return f"{int(found[1])}.{int(found[2])}" if found else f"{last}-12-31"


SOURCE = Source(
    name="desta",
    version=1,
    page="https://www.designoftradeagreements.org/downloads/",
    hosts=("www.designoftradeagreements.org", "designoftradeagreements.org"),
    cite=(
        "Dür, Baccini and Elsig. 2014. The Design of International Trade Agreements: Introducing a New "
        "Dataset. The Review of International Organizations 9(3): 353-375."
    ),
    kinds=(
        FileKind(
            "list",
            "the list of treaties, with the columns number, base_treaty, name, entry_type, c1, c2 and so on",
            is_list,
            url=(
                "https://www.designoftradeagreements.org/media/filer_public/5e/11/"
                "5e11943b-8871-4e8b-bcb2-8188aa83969c/desta_list_of_treaties_02_03.csv"
            ),
            required=False,
        ),
        FileKind(
            "pairs",
            "the same by pairs, with the columns iso1, iso2, number, base_treaty, name, entry_type",
            is_pairs,
            required=False,
            many=True,
        ),
    ),
    covers="Trade agreements, accessions, protocols and withdrawals since 1948, with the states they name.",
    defects=(
        (
            "A withdrawal lists all members before it, those who leave (part 1) and those who stay (part 2); the "
            "column `role` tells them apart. One member of the SADC list has no part and no role."
        ),
        "Negotiations have no year; their members are read as of the last year of the list.",
        (
            "States are named by numbers of today: Czechoslovakia stands as 203, Yugoslavia as 688, the Soviet "
            "Union as 643; they are read with the year of the entry."
        ),
        (
            "The agreement of Finland with the German Democratic Republic (446) names 276, the number of the "
            "Federal Republic; it is kept as printed."
        ),
        (
            "Territories stand under their own numbers; the Netherlands Antilles (530) are not in the registry "
            "and stay without a state."
        ),
        "Entry 856 names Belize twice; entry 243 codes the part of a 22nd member that it does not name.",
        "The form by pairs does not say who joins or leaves; it is read only where the list is not given.",
    ),
    parse=parse,
    most_bytes=128 * MIB,
)

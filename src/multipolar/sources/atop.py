"""Alliance obligations (ATOP): what each state of a pair owed the other, year by year.

Directed: a row says what ``state_a`` is obliged to towards ``state_b``. Only pairs with an alliance in
force are listed, so that a missing row within the years covered means none on record.
"""

from __future__ import annotations

import re
from datetime import date

import polars as pl

from .codes import BEFORE, drop_reasons, meanings
from .files import RawFile
from .formats.numbers import check_once, check_range, columns, read_numbers
from .source import MIB, FileKind, Files, Parsed, Source
from .states import States

OBLIGATIONS = {
    "defense": "defense",
    "offense": "offense",
    "neutral": "neutrality",
    "nonagg": "nonaggression",
    "consul": "consultation",
}
"""The publisher's word and ours."""
PACKAGED = ("ccode1", "ccode2", "year", *(f"atop_{name}" for name in OBLIGATIONS))
PUBLISHED = ("statea", "stateb", "year", *OBLIGATIONS)
PASSED_OVER = (
    *(
        "ddyad",
        "atopally",
        "shareob",
        "transyr",
        "bilatno",
        "multino",
        "number",
        "asymm",
        "version",
    ),
    *(f"atopid{n}" for n in range(1, 41)),
)
WITHOUT_PACTS = re.compile(r"NNA|[_ -]nna\b")
"""How the publisher's files without nonaggression pacts are named."""
MERGED = (
    "repeats a pair of states under a second COW code; its obligations are joined to the other row"
)
SAME = "both codes mean the same state"


def _is_dyads(raw: RawFile) -> bool:
    names = set(columns(raw))
    return set(PACKAGED) <= names or set(PUBLISHED) <= names


def parse(files: Files, states: States) -> Parsed:
    """Read the dyad-years; of several files the one with the nonaggression pacts."""
    raw, frame, notes = _chosen(files)
    year = pl.col("year")
    pairs = pl.concat([frame.select("a", "year"), frame.select(a="b", year="year")]).unique()
    read = meanings(states, pairs.iter_rows()).select("code", "year", "state", "how")
    frame = frame.join(
        read.rename({"code": "a", "state": "state_a", "how": "how_a"}), on=["a", "year"]
    )
    frame = frame.join(
        read.rename({"code": "b", "state": "state_b", "how": "how_b"}), on=["b", "year"]
    )
    total = frame.height
    nowhere = pl.col("state_a").is_null() | pl.col("state_b").is_null()
    dropped = drop_reasons(frame.filter(nowhere), ("how_a", "how_b"), ("a", "b"))
    frame = frame.filter(~nowhere)
    same = frame.filter(pl.col("state_a") == pl.col("state_b")).height
    frame = frame.filter(pl.col("state_a") != pl.col("state_b"))
    if early := frame.filter((pl.col("how_a") == BEFORE) | (pl.col("how_b") == BEFORE)).height:
        notes.append(f"{early:,} rows speak of a year before one of the two states began.")
    table, merged = _joined(frame)
    dropped |= {SAME: same, MERGED: merged}
    years = table.select(year.min().alias("first"), year.max().alias("last")).row(0)
    return Parsed(
        edition=_edition(raw, years[1]),
        tables={"alliances": table},
        rows_read=total,
        rows_kept=table.height,
        dropped={reason: n for reason, n in dropped.items() if n},
        notes=notes,
        first=date(years[0], 1, 1),
        last=date(years[1], 12, 31),
    )


def _chosen(files: Files) -> tuple[RawFile, pl.DataFrame, list[str]]:
    """Return the file to read with its rows, the fullest of those given, and what to say of it."""
    found = [(raw, _read(raw)) for raw in files.all("dyads")]
    whole = [(raw, frame) for raw, frame in found if not WITHOUT_PACTS.search(raw.name)] or found
    raw, frame = max(whole, key=lambda pair: pair[1].height)
    others = [f"{r.name} ({f.height:,} rows)" for r, f in found if r is not raw]
    notes = (
        [f"{raw.name} was read ({frame.height:,} rows), not {', '.join(others)}."] if others else []
    )
    if WITHOUT_PACTS.search(raw.name):
        notes.append(f"{raw.name} is named like the form that leaves out nonaggression pacts.")
    return raw, frame, notes


def _read(raw: RawFile) -> pl.DataFrame:
    """Return codes, year and obligations (0 or 1) under the publisher's words."""
    form = PACKAGED if set(PACKAGED) <= set(columns(raw)) else PUBLISHED
    frame = read_numbers(raw, form, passed_over=PASSED_OVER)
    check_range(raw, frame, "year", 1800, 2100)
    for name in form[3:]:
        check_range(raw, frame, name, 0, 1)
    check_once(raw, frame, form[:3])
    return frame.rename(dict(zip(form, ("a", "b", "year", *OBLIGATIONS), strict=True)))


def _joined(frame: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Return the table, with the rows of a pair that has two codes in a year made one, and how many."""
    key = ["state_a", "state_b", "year"]
    said = [
        pl.when(pl.col(word) == 1).then(pl.lit("yes")).otherwise(pl.lit("no")).alias(ours)
        for word, ours in OBLIGATIONS.items()
    ]
    twice = frame.select(key).is_duplicated()
    alone, several = frame.filter(~twice), frame.filter(twice)
    joined = several.group_by(key, maintain_order=True).agg(pl.col(*OBLIGATIONS).max())
    wanted = [*key, *OBLIGATIONS]
    table = pl.concat([alone.select(wanted), joined.select(wanted)]).sort(key)
    return table.select(*key, *said), several.height - joined.height


def _edition(raw: RawFile, last: int) -> str:
    """Return the version in the file's name, as the publisher writes it, or the last day covered."""
    version = re.search(r"atop[ _-]?(\d+)[._](\d+)", raw.name, re.IGNORECASE)
    return f"{version[1]}.{version[2]}" if version else f"{last}-12-31"


SOURCE = Source(
    name="atop",
    version=1,
    page="http://www.atopdata.org/data.html",
    hosts=("www.atopdata.org", "atopdata.org"),
    cite=(
        "Leeds, Ritter, Mitchell and Long. 2002. Alliance Treaty Obligations and Provisions, 1815-1944. "
        "International Interactions 28: 237-260."
    ),
    kinds=(
        FileKind(
            "dyads",
            "directed dyad-years of alliances, with the columns stateA, stateB, year, defense (or "
            "ccode1, ccode2, year, atop_defense)",
            _is_dyads,
            url="https://www.atopdata.org/uploads/6/9/1/3/69134503/atop_5.1__.csv_.zip",
            many=True,
        ),
    ),
    covers="Obligations of allied states towards each other by year, 1815-2018.",
    defects=(
        "Only pairs with an alliance are listed: within the years covered a missing row is no alliance.",
        "A year is not divided: a pair that was allied on any day of it has a row.",
        "Some rows name an alliance without any of the five obligations; they are kept with five times no.",
        (
            "In 1990 Germany stands under two codes (260, 255); the rows are joined, an obligation of either "
            "being one of the state."
        ),
        "One pair of Czechoslovakia goes on into 1993, after its end; its rows are left out.",
        (
            "States of the nineteenth century that the registry does not have (the German and Italian states, "
            "Austria-Hungary, Korea before 1905) are left out and counted."
        ),
        (
            "The publisher's second set of files (NNA) leaves out nonaggression pacts; where both are given "
            "the full one is read."
        ),
    ),
    parse=parse,
    most_bytes=256 * MIB,
)

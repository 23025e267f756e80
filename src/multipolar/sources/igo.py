"""Memberships of intergovernmental organisations (Correlates of War, version 3): spells and candidates.

The publisher offers the same data in two forms, and either is enough: a row per state and year with a
column per organisation, and a row per organisation and year with a column per state. Codes: 0 not a
member, 1 full, 2 associate, 3 observer, -9 missing, -1 outside the system (in the first form the
organisation does not exist in the year, in the second the state does not). A change from 1 to 0 may be
an exit, a merger of organisations or another way of coding: such changes go into a table of candidates
of their own and are never exits.
"""

from __future__ import annotations

import csv
from datetime import date
from functools import cache
from pathlib import Path

import polars as pl

from .codes import BEFORE, drop_reasons, meanings, ranked
from .igo_forms import (
    Bodies,
    about_bodies,
    compared,
    from_igo_year,
    from_state_year,
    is_igo_year,
    is_state_year,
    read_igo_year,
    version_of,
)
from .source import MIB, FileKind, Files, Parsed, Source
from .spells import Grid, candidates, spells
from .states import States

LIST = Path(__file__).parent / "igo_bodies.csv"
COMPARED = "the same memberships by organisation and year: only compared, and read for names"
SECOND = "repeats a state and year under a second COW code"


def parse(files: Files, states: States) -> Parsed:
    """Read the memberships from whichever form is there; of both, the states' form."""
    by_body = files.maybe("igo_year")
    if by_body is None:
        raw = files.one("state_year")
        grid = from_state_year(raw)
        out = Parsed(version_of(raw), {}, len(grid.years), len(grid.years))
        return _filled(out, grid, Bodies({}, ""), states, counted=True)
    frame = read_igo_year(by_body)
    bodies = about_bodies(by_body, frame)
    other, strays = from_igo_year(by_body, frame, states)
    by_state = files.maybe("state_year")
    if by_state is None:
        out = Parsed(bodies.version, {}, frame.height, frame.height)
        if strays:
            said = f"{strays:,} codes of states in years without a record of them were passed over."
            out.notes.append(said)
        return _filled(out, other, bodies, states, counted=False)
    grid = from_state_year(by_state)
    out = Parsed(bodies.version, {}, len(grid.years) + frame.height, len(grid.years))
    out.dropped[COMPARED] = frame.height
    out.notes.append(compared(grid, other))
    return _filled(out, grid, bodies, states, counted=True)


def _filled(out: Parsed, grid: Grid, bodies: Bodies, states: States, *, counted: bool) -> Parsed:
    """Return what was read, with the two tables of a grid of COW codes.

    ``counted``: whether the records are rows of the file, so that those left out are dropped rows.
    """
    read = meanings(states, zip(grid.bearers.tolist(), grid.years.tolist(), strict=True))
    lost = read.filter(pl.col("state").is_null())
    for reason, n in drop_reasons(lost, ("how",), ("code",)).items():
        _left_out(out, reason, n, counted)
    if early := read.filter(how=BEFORE).height:
        said = f"{early:,} state-years lie before the state began; they stand under its code."
        out.notes.append(said)
    placed, again = _placed(grid, read)
    if again:
        _left_out(out, SECOND, again, counted)
    ids = _body_ids(grid.bodies, bodies)
    out.tables["memberships"] = _memberships(spells(placed), ids, states)
    found = candidates(grid).join(
        read.select(bearer="code", last_seen="year", state_id="state"), on=["bearer", "last_seen"]
    )
    kept = found.filter(pl.col("state_id").is_not_null())
    if kept.height < found.height:
        out.notes.append(
            f"{found.height - kept.height:,} of {found.height:,} changes from member to none concern "
            "polities that the registry does not have."
        )
    out.tables["exit_candidates"] = (
        kept.join(ids, on="body")
        .select("body_id", "body_label", "state_id", "last_seen", "first_absent")
        .sort("body_id", "state_id", "last_seen")
    )
    out.first, out.last = date(int(grid.years.min()), 1, 1), date(int(grid.years.max()), 12, 31)
    out.edition = out.edition or out.last.isoformat()
    return out


def _placed(grid: Grid, read: pl.DataFrame) -> tuple[Grid, int]:
    """Return a grid of codes as one of states, and how many records fall on a state that has one.

    Of two codes of a state in a year the state's own is kept.
    """
    import numpy as np

    ranks = read["rank"].fill_null(-1).to_numpy()
    order = np.lexsort((~read["own"].to_numpy(), grid.years, ranks))
    order = order[ranks[order] >= 0]
    who, when = ranks[order], grid.years[order]
    again = np.zeros(len(order), dtype=bool)
    again[1:] = (who[1:] == who[:-1]) & (when[1:] == when[:-1])
    order = order[~again]
    placed = Grid(ranks[order], grid.years[order], grid.values[order], grid.bodies)
    return placed, int(again.sum())


def _left_out(out: Parsed, reason: str, n: int, counted: bool) -> None:
    """Count state-years left out: as dropped rows, or as a note where they are no rows of the file."""
    if counted:
        out.dropped[reason] = n
        out.rows_kept -= n
    else:
        out.notes.append(f"{n:,} state-years left out: {reason}.")


def _memberships(found: pl.DataFrame, ids: pl.DataFrame, states: States) -> pl.DataFrame:
    """Return spells in the columns of `memberships`."""
    names = pl.Series(ranked(states), dtype=pl.String)
    end = pl.when(~pl.col("open")).then(pl.date(pl.col("last") + 1, 1, 1))
    return (
        found.with_columns(names.gather(found["bearer"]).alias("state_id"))
        .join(ids, on="body")
        .select(
            "body_id",
            "state_id",
            "status",
            pl.date(pl.col("first"), 1, 1).alias("start"),
            pl.lit("year").alias("start_precision"),
            end.alias("end"),
            pl.when(~pl.col("open")).then(pl.lit("year")).alias("end_precision"),
            "body_label",
            "note",
        )
        .sort("body_id", "state_id", "start", "status")
    )


def _body_ids(printed: tuple[str, ...], bodies: Bodies) -> pl.DataFrame:
    """Return id and label of the bodies of a grid: ours where it clearly is the same."""
    ours = _our_bodies()
    low = [name.lower() for name in printed]
    return pl.DataFrame(
        {
            "body": range(len(low)),
            "body_id": [ours.get(name, f"cow-{name}") for name in low],
            "body_label": [
                bodies.names.get(name, shown) for name, shown in zip(low, printed, strict=True)
            ],
        },
        schema={"body": pl.Int64, "body_id": pl.String, "body_label": pl.String},
    )


@cache
def _our_bodies() -> dict[str, str]:
    """Return our id by the publisher's, in lower case, from the reviewed list."""
    with open(LIST, encoding="utf-8", newline="") as handle:
        return {row["ioname"].lower(): row["body_id"] for row in csv.DictReader(handle)}


SOURCE = Source(
    name="igo",
    version=1,
    page="https://correlatesofwar.org/data-sets/IGOs/",
    hosts=("correlatesofwar.org", "www.correlatesofwar.org"),
    cite=(
        "Pevehouse, Nordstrom, McManus and Jamison. 2020. Tracking Organizations in the World: The "
        "Correlates of War IGO Version 3.0 datasets. Journal of Peace Research 57(3): 492-503; Wallace and "
        "Singer. 1970. International Governmental Organization in the Global System, 1815-1964. "
        "International Organization 24(2): 239-287."
    ),
    kinds=(
        FileKind(
            "state_year",
            "memberships by state and year, with the columns ccode, year, state and one per organisation",
            is_state_year,
            url="https://correlatesofwar.org/wp-content/uploads/state_year_formatv3.zip",
            required=False,
        ),
        FileKind(
            "igo_year",
            "memberships by organisation and year, with the columns ioname, orgname, year and one per state",
            is_igo_year,
            url="https://correlatesofwar.org/wp-content/uploads/igo_year_formatv3.zip",
            required=False,
        ),
    ),
    covers="Standing of states in 534 intergovernmental organisations by year, 1816-2014.",
    defects=(
        (
            "A change from member to none may be an exit, a merger of organisations or another way of coding; "
            "such changes are candidates, never exits."
        ),
        (
            "The rows are yearly, but the research behind them is not before 1965: changes gather at years "
            "ending in 0 and 5, and the publisher grades these dates in a column of their own."
        ),
        (
            "Dates are years: a spell begins on 1 January of the first year seen and ends on 1 January of the "
            "first year without; a spell in force in the last year covered is open."
        ),
        (
            "A missing code (-9), a gap in a state's records, or a body without records ends a spell at the last "
            "year seen; the note of the spell says so."
        ),
        (
            "In the states' form -1 means that the organisation does not exist, in the organisations' form that "
            "the state does not (blank in the R package igoR)."
        ),
        (
            "The two forms differ in some thousand cells, most in eighteen organisations; the note of the pull "
            "counts them."
        ),
        (
            "A state of the registry that follows another under one code (Russian Federation after the Soviet "
            "Union) begins spells of its own."
        ),
        "Some organisations include their forerunners under one name (the Pan American Union in the OAS).",
    ),
    parse=parse,
    most_bytes=256 * MIB,
)

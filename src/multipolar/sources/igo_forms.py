"""The two published forms of the memberships of organisations, read into the same grid of codes."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl

from ..errors import AmbiguousName, UnknownName
from .files import RawFile
from .formats.numbers import check_once, check_range, columns, printed, read_numbers
from .source import bad
from .spells import MISSING, NO_RECORD, Grid
from .states import States

LIST = Path(__file__).parent / "igo_columns.csv"
STATE_YEAR = ("ccode", "year", "state")
IGO_YEAR = ("ioname", "orgname", "year")
ABOUT_BODY = (
    *("sdate", "deaddate", "dead", "integrated", "replaced", "longorgname", "ionum", "igocode"),
    *("version", "accuracyofpre1965membershipdates", "sourcesandnotes", "imputed"),
    *("political", "social", "economic"),
)
CODES = (MISSING, NO_RECORD, 0, 1, 2, 3)


@dataclass(frozen=True, slots=True)
class Bodies:
    """What the organisations' form says of them: names by id (lower case), and the data's version."""

    names: dict[str, str]
    version: str


def is_state_year(raw: RawFile) -> bool:
    """Say whether a file has a row per state and year and a column per organisation."""
    names = columns(raw)
    return set(STATE_YEAR) <= set(names) and len(names) > len(STATE_YEAR)


def is_igo_year(raw: RawFile) -> bool:
    """Say whether a file has a row per organisation and year and a column per state."""
    names = columns(raw)
    return {"ioname", "year"} <= set(names) and bool(_state_columns(names))


def _state_columns(names: Iterable[str]) -> list[str]:
    return [name for name in names if name not in IGO_YEAR and name not in ABOUT_BODY]


def from_state_year(raw: RawFile) -> Grid:
    """Return the states' form as a grid of COW codes."""
    names = columns(raw)
    bodies = [name for name in names if name not in STATE_YEAR]
    frame = read_numbers(raw, ("ccode", "year", *bodies), passed_over=("state",))
    _check_codes(raw, frame, bodies)
    check_range(raw, frame, "year", 1800, 2100)
    check_once(raw, frame, ("ccode", "year"))
    frame = frame.sort("ccode", "year")
    shown = dict(zip(names, printed(raw), strict=True))
    values = frame.select(pl.col(bodies).cast(pl.Int8)).to_numpy()
    return Grid(
        frame["ccode"].to_numpy(), frame["year"].to_numpy(), values, tuple(shown[b] for b in bodies)
    )


def read_igo_year(raw: RawFile) -> pl.DataFrame:
    """Return the organisations' form as printed, checked."""
    states = _state_columns(columns(raw))
    frame = read_numbers(
        raw,
        ("year",),
        (*states, "version"),
        ("ioname", "orgname"),
        optional=("version", "orgname"),
        passed_over=ABOUT_BODY,
    )
    if frame["ioname"].null_count():
        row = frame.filter(pl.col("ioname").is_null())["_row"][0]
        raise bad(raw.name, "ioname is empty", row=row)
    _check_codes(raw, frame, states)
    check_range(raw, frame, "year", 1800, 2100)
    places = frame.with_columns(pl.col("ioname").str.to_lowercase().rank("dense").alias("ioname"))
    check_once(raw, places, ("ioname", "year"))
    return frame


def _check_codes(raw: RawFile, frame: pl.DataFrame, names: list[str]) -> None:
    """Raise BadSource at the first cell that is no code of standing; an empty one is no record."""
    legal = pl.all_horizontal(
        pl.col(n).is_null() | pl.col(n).cast(pl.Float64).is_in([float(c) for c in CODES])
        for n in names
    )
    wrong = frame.filter(~legal)
    if wrong.height:
        row = wrong.row(0, named=True)
        name = next(n for n in names if row[n] is not None and row[n] not in CODES)
        raise bad(raw.name, f"{name} is {row[name]}, not a code of standing", row=row["_row"])


def from_igo_year(raw: RawFile, frame: pl.DataFrame, states: States) -> tuple[Grid, int]:
    """Return the organisations' form as a grid of COW codes, and how many stray cells it leaves out.

    The form has no rows of states: a state is there in a year if it has a code in at least half of the
    organisations that have any. Codes of other state-years are strays.
    """
    import numpy as np

    names = _state_columns(columns(raw))
    codes = {name: _column_code(name, states) for name in names}
    known = {name: code for name, code in codes.items() if code is not None}
    numbers = np.array(sorted(set(known.values())))
    ids = frame["ioname"].str.to_lowercase()
    bodies = sorted(set(ids.to_list()))
    years = np.array(sorted(set(frame["year"].to_list())))
    cube = np.full((len(numbers), len(years), len(bodies)), NO_RECORD, dtype=np.int8)
    at_year = np.searchsorted(years, frame["year"].to_numpy())
    at_body = np.searchsorted(np.array(bodies), ids.to_numpy().astype(str))
    for name, code in known.items():
        values = frame[name].fill_null(NO_RECORD).to_numpy().astype(np.int8)
        cube[np.searchsorted(numbers, code), at_year, at_body] = values
    coded = cube >= 0
    seen = 2 * coded.sum(axis=2) >= np.maximum(coded.any(axis=0).sum(axis=1), 1)
    number, year = np.nonzero(seen)
    shown = dict(zip(ids.to_list(), frame["ioname"].to_list(), strict=True))
    grid = Grid(numbers[number], years[year], cube[seen], tuple(shown[b] for b in bodies))
    return grid, int(coded[~seen].sum())


@cache
def _column_codes() -> dict[str, int]:
    """Return the COW code of the columns whose name the registry does not read as the publisher does."""
    with open(LIST, encoding="utf-8", newline="") as handle:
        return {row["column"]: int(row["cow"]) for row in csv.DictReader(handle)}


def _column_code(name: str, states: States) -> int | None:
    """Return the COW code of a column headed by a state; one not known is recorded, and stops the pull."""
    if name in _column_codes():
        return _column_codes()[name]
    try:
        code = states.rows[states.names.state(name)]["cow"]
    except (UnknownName, AmbiguousName):
        code = None
    if code is None:
        states.unknown["name", name] += 1
        return None
    return int(code)


def about_bodies(raw: RawFile, frame: pl.DataFrame) -> Bodies:
    """Return the organisations' names and the version of the data."""
    names: dict[str, str] = {}
    if "orgname" in frame.columns:
        first = frame.filter(pl.col("orgname").is_not_null()).unique("ioname", keep="first")
        names = {i.lower(): n.strip() for i, n in first.select("ioname", "orgname").iter_rows()}
    version = frame["version"].max() if "version" in frame.columns else None
    return Bodies(names, f"{float(version):.1f}" if version is not None else version_of(raw))  # type: ignore[arg-type]


def version_of(raw: RawFile | None) -> str:
    """Return the version in the file's name, as the publisher writes it; nothing where there is none."""
    found = re.search(r"format_?v?(\d+(?:\.\d+)?)", raw.name, re.IGNORECASE) if raw else None
    return f"{float(found[1]):.1f}" if found else ""


def compared(ours: Grid, other: Grid) -> str:
    """Return how many cells differ between the forms, for state-years and bodies that both have."""
    import numpy as np

    places = {name.lower(): n for n, name in enumerate(other.bodies)}
    mine = [n for n, name in enumerate(ours.bodies) if name.lower() in places]
    theirs = [places[ours.bodies[n].lower()] for n in mine]
    at = {
        pair: n
        for n, pair in enumerate(zip(other.bearers.tolist(), other.years.tolist(), strict=True))
    }
    rows = [
        at.get(pair, -1) for pair in zip(ours.bearers.tolist(), ours.years.tolist(), strict=True)
    ]
    found = np.array(rows)
    a = ours.values[found >= 0][:, mine]
    b = other.values[found[found >= 0]][:, theirs]
    said_a, said_b = a != NO_RECORD, b != NO_RECORD
    differ = int((said_a & said_b & (a != b)).sum())
    single = int((said_a != said_b).sum())
    return (
        f"The two forms differ in {differ:,} of {int((said_a & said_b).sum()):,} cells that both have, and "
        f"{single:,} cells stand in one only; the states' form is followed."
    )

"""Which state a numeric code means in a year.

Rows of the field's data sets name states by the numbers of the Correlates of War project or of ISO and
the UN, and speak of a whole year. The state is the one that bore the number on 1 July; else on 31
December (it began in the second half) or on 1 January (it ended in the first); else the one whose seat
it shares on 1 July. A number that one state only bears, and that stands in a year before that state
began, is read as the same land: the territory or the earlier state that became it. What is read
otherwise stands on the reviewed list (``labels/cow.csv``, ``labels/desta.csv``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import polars as pl

from .states import States

BEFORE = "before"
"""How a code was read: as the land of a state that began later."""
OUTSIDE, ERROR = "outside_registry", "error_in_source"
UNKNOWN = "unknown"

_SCHEMA = {
    "code": pl.Int64,
    "year": pl.Int64,
    "state": pl.String,
    "how": pl.String,
    "own": pl.Boolean,
    "rank": pl.Int64,
}


def meanings(states: States, pairs: Iterable[tuple[int, int]], scheme: str = "cow") -> pl.DataFrame:
    """Return what codes mean in years.

    Parameters
    ----------
    states : States
        Resolver of the dataset; codes that nobody knows are recorded there.
    pairs : iterable of (int, int)
        Code and year, each pair once.
    scheme : str
        ``cow`` or ``m49``.

    Returns
    -------
    frame
        ``code``, ``year``, ``state`` (null: none of the registry), ``how`` (the kind of a listed
        label, `BEFORE`, `UNKNOWN`, or empty), ``own``: whether the code is the state's own in the
        registry, and ``rank``: the place of the state in `ranked`.
    """
    places = {state: n for n, state in enumerate(ranked(states))}
    bearers: dict[int, list[str]] = {}
    for state, row in states.rows.items():
        if row[scheme] is not None:
            bearers.setdefault(int(row[scheme]), []).append(state)
    rows = []
    for code, year in sorted(set(pairs)):
        found, how = _meaning(states, code, year, scheme, bearers.get(code, []))
        rows.append(
            (code, year, found, how, found in bearers.get(code, ()), places.get(found or ""))
        )
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


def ranked(states: States) -> list[str]:
    """Return the codes of all states in their order."""
    return sorted(states.rows)


def _meaning(
    states: States, code: int, year: int, scheme: str, bearers: list[str]
) -> tuple[str | None, str]:
    label, day = str(code), date(year, 7, 1)
    listed = states.listed(label, day, scheme)
    if listed is not None:
        return listed.state_id or None, listed.kind
    for on in (day, date(year, 12, 31), date(year, 1, 1)):
        alive = [s for s in bearers if _exists(states.rows[s], on)]
        if len(alive) == 1:
            return alive[0], ""
    if len(bearers) == 1:
        held = states.holder(bearers[0], day)
        if held is not None:
            return held, ""
        start = states.rows[bearers[0]]["start"]
        if start is not None and day < start:
            return bearers[0], BEFORE
    found = states.find(label, day, scheme)
    return found, "" if found is not None else UNKNOWN


def _exists(row: Mapping[str, Any], day: date) -> bool:
    return (row["start"] is None or row["start"] <= day) and (
        row["end"] is None or day < row["end"]
    )


def drop_reasons(
    frame: pl.DataFrame, hows: Iterable[str], codes: Iterable[str], name: str = "COW"
) -> dict[str, int]:
    """Return, by reason, how many rows name no state of the registry.

    Parameters
    ----------
    frame : frame
        The rows in question.
    hows : iterable of str
        Its columns that say how a code was read; the first that names no state decides.
    codes : iterable of str
        The columns with the codes, in the same order.
    name : str
        What the codes are called.
    """
    said = {
        OUTSIDE: "polity that the registry does not have",
        ERROR: "state after its end, an error of the source",
        UNKNOWN: "code that is not known",
    }
    met = list(zip(hows, codes, strict=True))
    out: dict[str, int] = {}
    left = frame
    for kind, words in said.items():
        here = pl.any_horizontal(pl.col(how) == kind for how, _ in met)
        hit = left.filter(here)
        if hit.height:
            numbers = {n for how, code in met for n in hit.filter(pl.col(how) == kind)[code]}
            out[f"{words} ({name} {', '.join(map(str, sorted(numbers)))})"] = hit.height
        left = left.filter(~here)
    return out

"""The record as one state on one day sees it: who existed, who sat where, what had happened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any

from ..errors import OutOfCoverage
from ..record import estimates, tables
from ..record.dates import last_day
from ..record.load import Row, row_key
from ..record.store import FIRST_DAY, Record
from ..rules.bodies import members_of
from .finding import Finding, RowRef, RowSet
from .phrases import phrases

MEMBER_STATUS = frozenset({"member", "permanent", "elected"})
WEIGHT_MEMBERS = ("votes", "share", "population", "seat")


class View:
    """A record, a state and a day; everything later than the day is out of sight.

    Parameters
    ----------
    record : Record
        What is known.
    state : str
        State code.
    as_of : date
        The day.

    Raises
    ------
    OutOfCoverage
        The day lies before the record begins or after both the record and today, or the state did
        not exist on it.
    """

    def __init__(self, record: Record, state: str, as_of: date) -> None:
        self.record = record
        self.state = state
        self.as_of = as_of
        self.info = record.keyed("states")[state]
        self.memo: dict[str, Any] = {}
        check_day(record, as_of)
        check_existence(record, state, as_of)

    # --- time -------------------------------------------------------------------------------

    def past(self, row: Row, column: str = "date") -> bool:
        """Say whether a dated row lies on or before the day, as far as its precision tells."""
        day = row[column]
        return day is not None and (
            day <= self.as_of or self.as_of >= last_day(day, row.get("date_precision"))
        )

    def now(self, row: Row) -> bool:
        """Say whether the day falls into a row's half-open interval."""
        start, end = row["start"], row["end"]
        return (start is None or start <= self.as_of) and (end is None or self.as_of < end)

    # --- who --------------------------------------------------------------------------------

    @cached_property
    def lineage(self) -> tuple[str, ...]:
        """Return the state and those whose seat it continues, the state first."""
        codes, row = [self.state], self.info
        while row["continues"]:
            codes.append(row["continues"])
            row = self.record.keyed("states")[row["continues"]]
        return tuple(codes)

    @cached_property
    def un_members(self) -> frozenset[str]:
        """Return the members of the United Nations on the day."""
        members = members_of(self.record, "un", self.as_of).members
        return frozenset(members.ids if members else ())

    def own(self, table: str) -> list[Row]:
        """Return the rows of a table that concern the state."""
        return list(self.record.where(table, "state_id", self.state))

    def of_lineage(self, table: str) -> list[Row]:
        """Return the rows of a table that concern the state or a seat it continues."""
        return [row for code in self.lineage for row in self.record.where(table, "state_id", code)]

    @cached_property
    def seats(self) -> dict[str, list[tuple[str, Row]]]:
        """Return the bodies in which the state is a member on the day, with the rows that say so.

        Membership rows and weight tables both count; a seat left (exit in effect and not undone)
        does not.
        """
        found: dict[str, list[tuple[str, Row]]] = {}
        for row in self.own("memberships"):
            if row["status"] in MEMBER_STATUS and self.now(row):
                found.setdefault(row["body_id"], []).append(("memberships", row))
        for row in self.own("weights"):
            if self.now(row):
                found.setdefault(row["body_id"], []).append(("weights", row))
        if self.state in self.un_members:
            for body in ("un", "unga"):
                found.setdefault(body, []).append(("states", self.info))
        for body in self.left:
            found.pop(body, None)
        return found

    @cached_property
    def left(self) -> dict[str, Row]:
        """Return the bodies that the state has left by the day, with the step that took effect."""
        out: dict[str, Row] = {}
        for body, steps in self.steps.items():
            gone = None
            for step in steps:
                if step["action"] in ("effective", "expel") and self.past(step):
                    gone = step
                elif step["action"] == "rejoin" and self.past(step):
                    gone = None
            if gone is not None:
                out[body] = gone
        return out

    @cached_property
    def steps(self) -> dict[str, list[Row]]:
        """Return the state's exit steps known on the day, by body, in order of time."""
        out: dict[str, list[Row]] = {}
        for row in sorted(self.own("exits"), key=lambda r: (r["date"], r["exit_id"])):
            if self.past(row) or (row["status"] == "scheduled" and self._known(row)):
                out.setdefault(row["body_id"], []).append(row)
        return out

    def _known(self, row: Row) -> bool:
        """Say whether a scheduled step was known on the day: its notice lies before it."""
        return any(
            other["date"] <= self.as_of
            for other in self.record.where("exits", "body_id", row["body_id"])
            if other["state_id"] == row["state_id"]
            and other["action"] in ("announce", "notify")
            and other["date"] <= row["date"]
            and (row["date"] - other["date"]).days < 1200
        )

    # --- coverage ---------------------------------------------------------------------------

    def coverage(self, table: str, body: str) -> str:
        """Return how complete a table is for a body on the day: complete, partial or none."""
        rows = [r for r in self.record.where("coverage", "table", table) if self.now(r)]
        exact = [r for r in rows if r["body_id"] == body] or [
            r for r in rows if r["body_id"] == "*"
        ]
        if exact:
            return str(exact[0]["coverage"])
        spoken = [
            r
            for r in self.record.where("coverage", "table", table)
            if r["body_id"] in (body, "*") and r["start"] <= self.as_of
        ]
        return "partial" if spoken else "none"

    def _source_of(self, chosen: RowSet) -> str:
        if chosen.dataset == estimates.DATASET:
            return self.record.estimates.source_id
        return self.record.library.editions[chosen.dataset].source_id

    # --- making findings ----------------------------------------------------------------------

    def say(self, key: str, **terms: Any) -> dict[str, str]:
        """Return a sentence in every language."""
        return phrases(key, self.record.names, terms)

    def finding(
        self,
        facet: str,
        body: str,
        measure: str,
        value: float | int | str | None,
        unit: str,
        rows: Iterable[tuple[str, Mapping[str, Any]]],
        sentences: Mapping[str, str],
        *,
        coverage: str,
        direction: str = "context",
        method: str = "",
        n: int | None = None,
        interval: tuple[float, float, float] | None = None,
        sets: Sequence[RowSet] = (),
    ) -> Finding:
        """Build a finding of this state and day; its sources are those of its rows and sets."""
        used = list(rows)
        pulled = (self._source_of(chosen) for chosen in sets)
        lo, hi, level = interval if interval else (None, None, None)
        return Finding(
            state=self.state,
            facet=facet,
            body=body,
            measure=measure,
            as_of=self.as_of.isoformat(),
            value=value,
            unit=unit,
            coverage=coverage,
            method=method or measure,
            sources=tuple(dict.fromkeys([*sources_of(row for _, row in used), *pulled])),
            rows=tuple(refs(used)),
            sets=tuple(sets),
            sentences=sentences,
            lo=lo,
            hi=hi,
            level=level,
            n=n,
            direction=direction,
        )


def partial(day: date, precision: str | None) -> str:
    """Return a date as ISO text, cut to what is known of it."""
    return day.isoformat()[: {"year": 4, "month": 7}.get(precision or "day", 10)]


def refs(rows: Iterable[tuple[str, Mapping[str, Any]]]) -> list[RowRef]:
    """Return references to rows, in their order, each once."""
    seen = dict.fromkeys(
        (name, row_key(tables.BY_NAME[name], row), _dataset(row)) for name, row in rows
    )
    return [RowRef(*one) for one in seen]


def _dataset(row: Mapping[str, Any]) -> str:
    """Return the dataset that a row was pulled with, nothing for the almanac's."""
    first = next(iter(row.get("source_id") or ()), "")
    return str(first).partition("@")[0] if "@" in first else ""


def sources_of(rows: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the source ids of rows, in their order, each once."""
    return tuple(dict.fromkeys(s for row in rows for s in row.get("source_id") or ()))


def tagged(table: str, rows: Sequence[Row]) -> list[tuple[str, Row]]:
    """Pair rows with the name of their table."""
    return [(table, row) for row in rows]


def check_day(record: Record, as_of: date) -> None:
    """Raise OutOfCoverage for a day of which the record cannot speak."""
    if as_of < FIRST_DAY:
        raise OutOfCoverage(
            f"{as_of} is before the record begins ({FIRST_DAY}, the UN Charter in force).",
            hint=f"Use a day from {FIRST_DAY} on.",
        )
    latest = max(record.date, date.today())
    if as_of > latest:
        raise OutOfCoverage(
            f"{as_of} is after the record ends ({record.date}).",
            hint=f"Use a day up to {latest}.",
        )


def check_existence(record: Record, state: str, as_of: date) -> None:
    """Raise OutOfCoverage where the state did not exist on the day; name who did."""
    row = record.keyed("states")[state]
    name = record.names.name(state, "en")
    if row["end"] is not None and as_of >= row["end"]:
        heirs = [r["state_id"] for r in record.rows("states") if r["continues"] == state]
        heirs += [r["state_id"] for r in record.rows("states") if state in (r["succeeds"] or ())]
        raise OutOfCoverage(
            f"{name} ({state}) does not exist on {as_of}: it ended on {row['end']}.",
            hint=_nearest(heirs) + f"Use --as-of with a day before {row['end']}.",
            candidates=heirs,
        )
    if row["start"] is not None and as_of < row["start"]:
        before = [row["continues"]] if row["continues"] else list(row["succeeds"] or ())
        raise OutOfCoverage(
            f"{name} ({state}) does not exist on {as_of}: it begins on {row['start']}.",
            hint=_nearest(before) + f"Use --as-of with a day from {row['start']} on.",
            candidates=before,
        )


def _nearest(codes: Sequence[str]) -> str:
    return f"Nearest: {', '.join(codes[:5])}. " if codes else ""

"""Each body's own rules and members, read from a record.

Members come from the table of weights, the list of memberships and, for the United Nations, the
days of admission; where none of them names a member, from the number of members; where not even
that is known, there is no answer but a reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, Protocol

from ..errors import BadInput, BadTable
from ..record.dates import last_day
from .algebra import Reason, Rule
from .members import Members
from .parsing import parse

Row = Mapping[str, Any]
MEMBER = ("member", "elected", "permanent")
UNITED_NATIONS = "un"
# Organs in which every member of another body has a seat.
PLENARY = {
    "unga": "un",
    "eu-council": "eu",
    "iaea-gc": "iaea",
    "icc-asp": "icc",
    "paris-cma": "paris-agreement",
}
# A share is a vote in another unit; a seat has no weight.
_WEIGHTS = {"votes": "votes", "share": "votes", "population": "population"}
# Printed shares are rounded: a table that lacks less than this share of its total lacks nobody.
_ROUNDING = Fraction(1, 1000)
# What a step on record does to the number of members.
_CHANGES = {"effective": -1, "expel": -1, "rejoin": 1}
_NOT_KNOWN = Reason(
    "the record does not hold the members of this body on this day",
    "现有记录未载明该机构当日的成员",
)


class Rows(Protocol):
    """What is read here from a record."""

    def rows(self, name: str, /) -> Sequence[Row]:
        """Return the rows of a table."""


@dataclass(frozen=True, slots=True)
class BodyRule:
    """One kind of decision of a body.

    Attributes
    ----------
    rule : Rule or None
        None for conditions that no vote decides (``form`` automatic or clause), and where the
        record cannot express the rule.
    row : mapping
        The row of ``decision_rules``: labels, article, remark, source.
    """

    body_id: str
    decision: str
    rule: Rule | None
    form: str
    row: Row

    def text(self, column: str, lang: str) -> str:
        """Return ``label``, ``article`` or ``remark`` in a language; empty where there is none."""
        return self.row[f"{column}_{lang}"] or ""


@dataclass(frozen=True, slots=True)
class Roll:
    """The members of a body on a day, or why they are not known."""

    members: Members | None
    why: Reason | None
    sources: tuple[str, ...] = ()
    edition: date | None = None
    ranked: bool = False
    """Whether the weights are those of the largest members, so that no other has more."""


def rules_of(record: Rows, body_id: str, as_of: date) -> tuple[BodyRule, ...]:
    """Return the rules of a body in force on a day, its states as they sat on that day.

    Of two readings of one decision the one that began later holds.

    Raises
    ------
    BadTable
        A rule in the record cannot be read.
    """
    held = seats(record, as_of)
    found = []
    for row in _in_force(record, body_id, as_of):
        text = row["rule"]
        for state, holder in held.items():
            text = text.replace(f'"{state}"', f'"{holder}"') if text else text
        found.append(BodyRule(body_id, row["decision"], _parsed(text, row), row["form"], row))
    return tuple(found)


def _in_force(record: Rows, body_id: str, as_of: date) -> list[Row]:
    """Return one row per decision of a body."""
    newest: dict[str, Row] = {}
    for row in record.rows("decision_rules"):
        start, end = row.get("start") or date.min, row.get("end") or date.max
        if row["body_id"] != body_id or not start <= as_of < end:
            continue
        known = newest.get(row["decision"])
        if known is None or (known.get("start") or date.min) <= start:
            newest[row["decision"]] = row
    return list(newest.values())


def _parsed(text: str | None, row: Mapping[str, Any]) -> Rule | None:
    try:
        return parse(text) if text else None
    except BadInput as error:
        which = f"{row['body_id']}: {row['decision']}"
        raise BadTable("decision_rules.csv", None, "rule", f"{which}: {error}") from None


def rule_of(record: Rows, body_id: str, decision: str, as_of: date) -> BodyRule:
    """Return one rule of a body.

    Raises
    ------
    BadInput
        The body has no such decision on that day; the candidates are those it has.
    """
    rules = {rule.decision: rule for rule in rules_of(record, body_id, as_of)}
    if decision not in rules:
        raise BadInput(
            f"{body_id} has no decision {decision!r} on {as_of}.", candidates=tuple(rules)
        )
    return rules[decision]


def members_of(record: Rows, body_id: str, as_of: date) -> Roll:
    """Return who may vote in a body on a day, with the weights that were in force.

    A table of weights that adds up to its total names all members. Else the members of the list of
    memberships are added, and the number of those that are still missing follows from the seats of
    the table or the size of the body; where neither is known, ``unnamed`` is None.

    The size of a body is known for the day of its count. It is taken to hold from then on, less
    the exits and with the returns that the record holds since; before that day it is not known. A
    number of seats that a text fixes stays, whoever leaves. A body of which only the size is known
    has members without names.
    """
    whole = PLENARY.get(body_id, body_id)
    found = _newest(record, body_id, as_of)
    listed, unnamed, more = _listed(record, whole, as_of)
    if found.ids and found.open_seats == 0 and _adds_up(found.weights, found.totals):
        return Roll(found.members(found.ids, 0), None, found.sources, found.start)
    ids = tuple(sorted({*found.ids, *listed}))
    if not ids:
        return _nameless(record, whole, as_of)
    sources = (*found.sources, *more)
    if found.open_seats:
        unnamed = max(found.open_seats - (len(ids) - len(found.ids)), 0)
    else:
        if not listed:
            unnamed = _missing(record, whole, len(ids), as_of)
        size = _size(record, whole, as_of) if unnamed else None
        sources += size.sources if size else ()
    return Roll(
        found.members(ids, unnamed), None, tuple(dict.fromkeys(sources)), found.start, found.ranked
    )


def _nameless(record: Rows, body_id: str, as_of: date) -> Roll:
    """Return as many members without a name as the body had, or why their number is not known."""
    size = _size(record, body_id, as_of)
    if size is None or size.n < 1:
        return Roll(None, _NOT_KNOWN)
    return Roll(Members((), {}, {}, size.n), None, size.sources)


def seats(record: Rows, as_of: date) -> dict[str, str]:
    """Return, for states that continue another, the state that held the UN seat on that day."""
    rows = {row["state_id"]: row for row in record.rows("states")}
    held = {}
    for state in rows:
        holder = state
        while (before := rows[holder]["continues"]) and as_of < (
            rows[before]["un_ended"] or rows[before]["end"] or date.min
        ):
            holder = before
        if holder != state:
            held[state] = holder
    return held


@dataclass(frozen=True, slots=True)
class _Tables:
    """What the newest tables of weights in force say.

    ``open_seats`` are those that a table of seats counts and does not name.
    """

    weights: dict[str, dict[str, Fraction]]
    totals: dict[str, Fraction]
    ids: tuple[str, ...]
    open_seats: int
    sources: tuple[str, ...]
    start: date | None
    ranked: bool

    def members(self, ids: tuple[str, ...], unnamed: int | None) -> Members:
        """Return these members with the weights of the tables."""
        return Members(ids, self.weights, self.totals, unnamed)


def _newest(record: Rows, body_id: str, as_of: date) -> _Tables:
    newest: dict[str, list[Row]] = {}
    for row in record.rows("weights"):
        if row["body_id"] != body_id or not _active(row, as_of):
            continue
        name = _WEIGHTS.get(row["weight_name"], "seat")
        rows = newest.setdefault(name, [])
        if rows and _edition(rows[0]) != _edition(row):
            if _edition(rows[0]) > _edition(row):
                continue
            rows.clear()
        rows.append(row)
    totals = {
        name: Fraction(rows[0]["total"])
        for name, rows in newest.items()
        if rows[0]["total"] is not None
    }
    seated = newest.get("seat", [])
    used = [row for rows in newest.values() for row in rows]
    return _Tables(
        weights={
            name: {row["state_id"]: Fraction(row["weight"]) for row in rows}
            for name, rows in newest.items()
            if name != "seat"
        },
        totals={name: total for name, total in totals.items() if name != "seat"},
        ids=tuple(sorted({row["state_id"] for row in used})),
        open_seats=max(int(totals.get("seat", 0)) - len(seated), 0),
        sources=tuple(dict.fromkeys(source for row in used for source in row["source_id"])),
        start=max((row["start"] for row in used), default=None),
        ranked=bool(used) and all(row.get("basis") == "largest" for row in used),
    )


def _edition(row: Row) -> tuple[date, str]:
    return row["start"], row["edition"]


def _adds_up(weights: Mapping[str, Mapping[str, Fraction]], totals: Mapping[str, Fraction]) -> bool:
    """Return whether each table of weights names every member."""
    return all(
        name in totals and sum(table.values()) >= totals[name] * (1 - _ROUNDING)
        for name, table in weights.items()
    )


def _listed(
    record: Rows, body_id: str, as_of: date
) -> tuple[list[str], int | None, tuple[str, ...]]:
    """Return the members that lists name, how many are missing, and the sources."""
    if body_id == UNITED_NATIONS:
        held = seats(record, as_of)
        rows = [row for row in record.rows("states") if row["un_admitted"]]
        # A seat without an admission of its own: two members that merged for a time.
        unions = [
            row
            for row in record.rows("states")
            if row["un_ended"] and not row["un_admitted"]
            if row["start"] and row["start"] <= as_of < row["un_ended"]
        ]
        merged = {state for row in unions for state in row["succeeds"] or ()}
        ids = [
            row["state_id"]
            for row in rows
            if row["un_admitted"] <= as_of
            and not (row["un_ended"] and row["un_ended"] <= as_of)
            and row["state_id"] not in held
            and row["state_id"] not in merged
        ]
        ids += [row["state_id"] for row in unions]
        return ids, 0, tuple(rows[0]["source_id"][:1]) if rows else ()
    spells = [row for row in record.rows("memberships") if row["body_id"] == body_id]
    now = _present(spells, as_of)
    told = [row for row in spells if row["state_id"] in now and _active(row, as_of)]
    sources = tuple(dict.fromkeys(s for row in told for s in row["source_id"]))
    return now, _missing(record, body_id, len(now), as_of, spells), sources


def _present(spells: Sequence[Row], as_of: date) -> list[str]:
    active = [row for row in spells if _active(row, as_of)]
    away = {row["state_id"] for row in active if row["status"] == "suspended"}
    here = {row["state_id"] for row in active if row["status"] in MEMBER}
    return sorted(here - away)


def _missing(
    record: Rows, body_id: str, found: int, as_of: date, spells: Sequence[Row] = ()
) -> int | None:
    """Return how many members are not named, or None where that is not known.

    A list is whole where the coverage table says so, or where it held as many members as the body
    had on the day on which they were counted.
    """
    if spells and _covered(record, body_id, as_of):
        return 0
    body = _body(record, body_id)
    if body is None or not body["members_n"]:
        return None
    counted = _day(body["members_as_of"], last=True) or as_of
    if spells and len(_present(spells, counted)) >= body["members_n"]:
        return 0
    size = _size(record, body_id, as_of)
    return None if size is None else max(size.n - found, 0) or None


def _body(record: Rows, body_id: str) -> Row | None:
    return next((row for row in record.rows("bodies") if row["body_id"] == body_id), None)


@dataclass(frozen=True, slots=True)
class _Size:
    """How many members a body has on a day, and the sources of the count and of later steps."""

    n: int
    sources: tuple[str, ...]


def _size(record: Rows, body_id: str, as_of: date) -> _Size | None:
    """Return how many members a body has on a day, or None where that is not known."""
    body = _body(record, body_id)
    if body is None or not body["members_n"]:
        return None
    if as_of < (_day(body["members_as_of"]) or as_of):
        return None
    counted = _day(body["members_as_of"], last=True) or as_of
    since = [
        row
        for row in record.rows("exits")
        if body.get("members_basis") != "text" and row["body_id"] == body_id
        if row["action"] in _CHANGES and counted < row["date"]
        if last_day(row["date"], row["date_precision"]) <= as_of
    ]
    n = int(body["members_n"]) + sum(_CHANGES[row["action"]] for row in since)
    used = (body, *since)
    return _Size(n, tuple(dict.fromkeys(s for row in used for s in row.get("source_id") or ())))


def _covered(record: Rows, body_id: str, as_of: date) -> bool:
    return any(
        row["table"] == "memberships"
        and row["body_id"] == body_id
        and row["coverage"] == "complete"
        and row["start"] <= as_of <= row["end"]
        for row in record.rows("coverage")
    )


def _active(row: Row, as_of: date) -> bool:
    start = row["start"] or _day(row["as_of"])
    return (start is None or start <= as_of) and (row["end"] is None or as_of < row["end"])


def _day(partial: str | None, last: bool = False) -> date | None:
    """Return the first or the last day that a partial date can mean."""
    if not partial:
        return None
    day = date.fromisoformat((partial + "-01-01")[:10])
    return last_day(day, {4: "year", 7: "month"}.get(len(partial))) if last else day
